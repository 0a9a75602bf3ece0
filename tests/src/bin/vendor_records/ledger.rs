//! The ledger of recipients of 自立支援医療 (受給者台帳) of one municipality, without anything wrong in it yet.

use crate::{
    days::{Day, day},
    numbers,
    people::{self, Name},
    places::{Address, Institution, Municipality},
    random::Random,
};

/// 処理日: the day for which the fates are right.
pub(crate) const AS_OF: Day = day(2026, 11, 22);

/// Records drawn at random; renewals, second schemes and days of note come on top.
const DRAWN: usize = 150;

/// 制度
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// 更生医療
    Kosei,
    /// 育成医療
    Ikusei,
    /// 精神通院医療
    Seishin,
    /// A code of some other system that no profile knows.
    Unknown,
}

impl Scheme {
    /// 法別番号
    pub(crate) fn law(self) -> &'static str {
        match self {
            Self::Kosei => "15",
            Self::Ikusei => "16",
            Self::Seishin => "21",
            Self::Unknown => "99",
        }
    }
}

/// 所得区分
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Income {
    /// 生活保護
    PublicAssistance,
    /// 低所得1
    Low1,
    /// 低所得2
    Low2,
    /// 中間所得層1
    Middle1,
    /// 中間所得層2
    Middle2,
    /// 一定所得以上
    High,
}

/// 自己負担上限月額
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// None of its own: 医療保険の限度額 holds.
    None,
    Yen(u32),
    /// As somebody typed it.
    Typed(&'static str),
}

/// 保護者
#[derive(Clone)]
pub(crate) struct Guardian {
    pub(crate) name: String,
    pub(crate) mother: bool,
}

/// What must become of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    /// Its validity ended before [`AS_OF`].
    Excluded,
    Rejected(&'static str),
}

/// One certificate.
#[derive(Clone)]
pub(crate) struct Entry {
    /// 宛名番号: a person's, so two certificates may share it
    pub(crate) key: String,
    pub(crate) my_number: Option<String>,
    pub(crate) name: Name,
    pub(crate) birth: Option<Day>,
    pub(crate) address: Address,
    pub(crate) scheme: Scheme,
    /// 公費負担者番号
    pub(crate) registration: String,
    /// 受給者番号
    pub(crate) certification: String,
    pub(crate) income: Income,
    /// 重度かつ継続
    pub(crate) severe: bool,
    pub(crate) limit: Limit,
    pub(crate) start: Day,
    pub(crate) end: Option<Day>,
    /// 交付年月日
    pub(crate) issued: Day,
    pub(crate) institutions: Vec<Institution>,
    /// 公費負担の対象となる障害
    pub(crate) condition: &'static str,
    /// 医療の具体的方針
    pub(crate) plan: &'static str,
    /// 特定疾病療養受療証
    pub(crate) specific_disease: bool,
    pub(crate) guardian: Option<Guardian>,
    pub(crate) fate: Fate,
    pub(crate) warning: Option<&'static str>,
    /// Already there for a purpose of its own: not to be spoilt.
    pub(crate) of_note: bool,
}

impl Entry {
    /// 20,000 yen a month is a transitional measure, so far until 2027-03-31: why a record that runs past it is warned of.
    pub(crate) fn transitional(&self) -> Option<&'static str> {
        let runs_past = self.end.is_some_and(|end| day(2027, 3, 31) < end);
        let is_judged = self.fate != Fate::Excluded && self.scheme != Scheme::Unknown;
        (is_judged && runs_past && matches!(self.limit, Limit::Yen(20_000))).then_some("transitional-amount")
    }
}

/// 障害, 方針 and whether the person has a 特定疾病療養受療証.
type Treatment = (&'static str, &'static str, bool);

const KOSEI_TREATMENTS: [Treatment; 6] = [
    ("じん臓機能障害", "人工透析療法を週３回行う。", true),
    ("心臓機能障害", "ペースメーカ植込術後の経過観察を行う。", false),
    ("肢体不自由", "人工股関節置換術及び術後の機能訓練を行う。", false),
    ("免疫機能障害", "抗ＨＩＶ療法を継続する。", true),
    ("肝臓機能障害", "肝臓移植後の抗免疫療法を継続する。", false),
    ("聴覚障害", "人工内耳埋込術後の調整を行う。", false),
];

const IKUSEI_TREATMENTS: [Treatment; 4] = [
    ("肢体不自由", "装具療法継続し、外来で経過観察中である。", false),
    ("音声・言語・そしゃく機能障害", "口唇口蓋裂に対する歯科矯正治療を行う。", false),
    ("心臓機能障害", "心室中隔欠損閉鎖術を行う。", false),
    ("視覚障害", "斜視手術を行い、術後の視能訓練を継続する。", false),
];

/// Births on the first and last days of eras.
const BIRTHS_OF_NOTE: [Day; 6] = [
    day(1926, 12, 24),
    day(1926, 12, 25),
    day(1989, 1, 7),
    day(1989, 1, 8),
    day(2019, 4, 30),
    day(2019, 5, 1),
];

/// Periods at the edges of what is sent: first and last day, both included.
const PERIODS_OF_NOTE: [(Day, Day); 4] = [
    (day(2025, 11, 23), day(2026, 11, 22)),
    (day(2025, 11, 22), day(2026, 11, 21)),
    (day(2026, 11, 22), day(2027, 11, 21)),
    (day(2026, 11, 23), day(2027, 11, 22)),
];

/// The ledger of that municipality, in the order of 宛名番号.
pub(crate) fn build(municipality: &Municipality, seed: u64) -> Vec<Entry> {
    let mut clerk = Clerk::new(municipality, seed);
    let mut entries = Vec::new();
    for number in 0..DRAWN {
        entries.push(clerk.any_entry());
        match number {
            20 | 90 => {
                let first = clerk.current_seishin();
                let renewal = clerk.renewal(&first);
                entries.extend([first, renewal]);
            }
            40 => {
                let first = clerk.current_seishin();
                let second = clerk.second_scheme(&first);
                entries.extend([first, second]);
            }
            60 => entries.extend(BIRTHS_OF_NOTE.map(|birth| clerk.born_on(birth))),
            110 => entries.extend(PERIODS_OF_NOTE.map(|(start, end)| clerk.valid_in(start, end))),
            _ => {}
        }
    }
    for entry in &mut entries {
        entry.fate = if entry.end.is_some_and(|end| end < AS_OF) { Fate::Excluded } else { Fate::Accepted };
    }
    entries
}

/// Whoever writes the ledger.
pub(crate) struct Clerk<'place> {
    municipality: &'place Municipality,
    random: Random,
    last_key: u32,
}

impl<'place> Clerk<'place> {
    pub(crate) fn new(municipality: &'place Municipality, seed: u64) -> Self {
        Self { municipality, random: Random::new(seed), last_key: 12_000 }
    }

    /// A certificate that is sent on [`AS_OF`].
    pub(crate) fn valid_entry(&mut self) -> Entry {
        loop {
            let entry = self.any_entry();
            if entry.end.is_some_and(|end| end >= AS_OF) {
                return entry;
            }
        }
    }

    fn any_entry(&mut self) -> Entry {
        let scheme = match self.random.between(1, 100) {
            1..=26 => Scheme::Kosei,
            27..=42 => Scheme::Ikusei,
            _ => Scheme::Seishin,
        };
        self.entry(scheme)
    }

    fn entry(&mut self, scheme: Scheme) -> Entry {
        let random = &mut self.random;
        let start = match random.between(1, 100) {
            // long over, under way, and beginning after the processing date
            1..=12 => day(random.between(2024, 2025), random.between(1, 10), 1),
            13..=92 => day(2026, random.between(1, 11), 1),
            _ => day(2027, random.between(1, 3), 1),
        };
        let months = match scheme {
            Scheme::Seishin => 12,
            _ if start < day(2026, 6, 1) => 12,
            _ => *random.pick(&[6, 12]),
        };
        let birth_year = match scheme {
            Scheme::Ikusei => random.between(2012, 2023),
            Scheme::Kosei => random.between(1936, 2000),
            Scheme::Seishin | Scheme::Unknown => random.between(1945, 2010),
        };
        let birth = day(birth_year, random.between(1, 12), random.between(1, 28));
        let (condition, plan, specific_disease) = match scheme {
            Scheme::Kosei => *random.pick(&KOSEI_TREATMENTS),
            Scheme::Ikusei => *random.pick(&IKUSEI_TREATMENTS),
            Scheme::Seishin | Scheme::Unknown => ("", "", false),
        };
        let (income, severe, limit) = draw_limit(random, scheme);
        let name = people::draw(random, birth_year);
        let guardian = (scheme == Scheme::Ikusei).then(|| {
            let given = people::draw_adult_given(random);
            Guardian {
                name: format!("{}　{}", name.family, given.0),
                mother: given.1.ends_with(['コ', 'ミ', 'ヤ']),
            }
        });
        let institutions = self.draw_institutions(scheme);
        self.last_key += u32::from(self.random.between(1, 900));
        Entry {
            key: format!("{:010}", self.last_key),
            my_number: Some(numbers::my_number(&self.random.digits(11))),
            name,
            birth: Some(birth),
            address: self.municipality.draw_address(&mut self.random),
            scheme,
            registration: self.municipality.registration_number(scheme.law()),
            certification: self.certification_number(),
            income,
            severe,
            limit,
            start,
            end: Some(start.last_of_period(months)),
            issued: self.issued_before(start),
            institutions,
            condition,
            plan,
            specific_disease,
            guardian,
            fate: Fate::Accepted,
            warning: None,
            of_note: false,
        }
    }

    /// Mostly small, so that a spreadsheet loses their leading zeros.
    fn certification_number(&mut self) -> String {
        let zeros = usize::from(self.random.between(0, 2));
        let digits = self.random.digits(6 - zeros);
        numbers::verified(&format!("{}{digits}", "0".repeat(zeros)))
    }

    fn issued_before(&mut self, start: Day) -> Day {
        let issued_on = self.random.between(10, 25);
        match start.month {
            1 => day(start.year - 1, 12, issued_on),
            month => day(start.year, month - 1, issued_on),
        }
    }

    fn draw_institutions(&mut self, scheme: Scheme) -> Vec<Institution> {
        let seishin = scheme == Scheme::Seishin;
        let hospitals = if seishin { self.municipality.psychiatric } else { self.municipality.hospitals };
        let mut institutions = vec![self.random.pick(hospitals).clone()];
        if self.random.chance(80) {
            institutions.push(self.random.pick(self.municipality.pharmacies).clone());
        }
        if seishin && self.random.chance(25) {
            institutions.push(self.random.pick(self.municipality.visiting_nurses).clone());
        }
        institutions
    }

    fn valid_in(&mut self, start: Day, end: Day) -> Entry {
        let issued = self.issued_before(start);
        Entry { start, end: Some(end), issued, of_note: true, ..self.entry(Scheme::Seishin) }
    }

    fn current_seishin(&mut self) -> Entry {
        self.valid_in(day(2026, 2, 1), day(2027, 1, 31))
    }

    fn born_on(&mut self, birth: Day) -> Entry {
        let scheme = if birth.year > 2008 { Scheme::Ikusei } else { Scheme::Kosei };
        let start = day(2026, 10, 1);
        let entry = self.entry(scheme);
        let name = people::draw(&mut self.random, birth.year);
        Entry { name, birth: Some(birth), start, end: Some(start.last_of_period(12)), of_note: true, ..entry }
    }

    /// The same certificate's next year, decided three months ahead.
    fn renewal(&mut self, entry: &Entry) -> Entry {
        let start = entry.end.unwrap().next();
        let issued = day(2026, 11, self.random.between(2, 20));
        Entry { start, end: Some(start.last_of_period(12)), issued, ..entry.clone() }
    }

    /// The same person's certificate of 更生医療.
    fn second_scheme(&mut self, entry: &Entry) -> Entry {
        let Entry { key, my_number, name, birth, address, .. } = entry.clone();
        let start = day(2026, 7, 1);
        let end = Some(start.last_of_period(12));
        let other = self.entry(Scheme::Kosei);
        let issued = self.issued_before(start);
        Entry { key, my_number, name, birth, address, start, end, issued, of_note: true, ..other }
    }
}

fn draw_limit(random: &mut Random, scheme: Scheme) -> (Income, bool, Limit) {
    let severe = scheme != Scheme::Ikusei && random.chance(70);
    let transitional = scheme == Scheme::Ikusei;
    let income = *random.pick(&[
        Income::PublicAssistance,
        Income::Low1,
        Income::Low1,
        Income::Low2,
        Income::Middle1,
        Income::Middle1,
        Income::Middle2,
        Income::High,
    ]);
    match income {
        Income::PublicAssistance => (income, severe, Limit::Yen(0)),
        Income::Low1 => (income, severe, Limit::Yen(2_500)),
        Income::Low2 => (income, severe, Limit::Yen(5_000)),
        Income::Middle1 if severe || transitional => (income, severe, Limit::Yen(5_000)),
        Income::Middle2 if severe || transitional => (income, severe, Limit::Yen(10_000)),
        Income::Middle1 | Income::Middle2 => (income, severe, Limit::None),
        // who isn't 重度かつ継続 isn't covered
        Income::High if transitional => (Income::Low2, severe, Limit::Yen(5_000)),
        Income::High => (income, true, Limit::Yen(20_000)),
    }
}
