//! What goes wrong in ledgers, one thing a record, and what must become of it.

use crate::{
    days::day,
    ledger::{Entry, Fate, Limit, Scheme},
    numbers,
    people::Name,
};

/// One thing that is wrong or odd.
pub(crate) struct Fault {
    because: &'static str,
    outcome: Outcome,
    /// The scheme whose record shows it; `None`: any.
    scheme: Option<Scheme>,
    spoil: fn(&mut Entry),
}

enum Outcome {
    Rejected,
    Warned,
    /// Odd, but right: the record is sent without a finding.
    Fine,
    /// Wrong, but over: a record that isn't sent isn't judged.
    StaysExcluded,
    /// The entry stays as it is; the copy after it, an older row with another limit, is rejected.
    CopyRejected,
}

const fn rejected(because: &'static str, spoil: fn(&mut Entry)) -> Fault {
    Fault { because, outcome: Outcome::Rejected, scheme: None, spoil }
}

const fn warned(because: &'static str, scheme: Option<Scheme>, spoil: fn(&mut Entry)) -> Fault {
    Fault { because, outcome: Outcome::Warned, scheme, spoil }
}

const fn excluded(because: &'static str, spoil: fn(&mut Entry)) -> Fault {
    Fault { because, outcome: Outcome::StaysExcluded, scheme: None, spoil }
}

/// What every vendor's file has.
pub(crate) const COMMON: &[Fault] = &[
    rejected("my-number-check-digit", |entry| {
        entry.my_number = entry.my_number.as_deref().map(numbers::spoiled);
    }),
    rejected("registration-number-check-digit", |entry| {
        entry.registration = numbers::spoiled(&entry.registration);
    }),
    rejected("certification-number-check-digit", |entry| {
        entry.certification = numbers::spoiled(&entry.certification);
    }),
    rejected("private-use-character", |entry| {
        entry.name = Name::new(("渡\u{E000}", "ワタナベ"), ("学", "マナブ"));
    }),
    rejected("replacement-character", |entry| {
        entry.name = Name::new(("吉\u{FFFD}", "ヨシダ"), ("誠", "マコト"));
    }),
    Fault {
        because: "no-such-day",
        outcome: Outcome::Rejected,
        scheme: Some(Scheme::Ikusei),
        spoil: |entry| entry.birth = Some(day(2024, 2, 30)),
    },
    Fault {
        because: "era-had-ended",
        outcome: Outcome::Rejected,
        scheme: Some(Scheme::Seishin),
        spoil: |entry| {
            let mut birth = day(1989, 1, 8);
            birth.in_ended_era = true;
            entry.birth = Some(birth);
        },
    },
    rejected("end-before-start", |entry| {
        // in the future, or the record would be excluded
        entry.start = day(2027, 10, 1);
        entry.end = Some(day(2027, 9, 30));
    }),
    rejected("amount-not-a-number", |entry| entry.limit = Limit::Typed("5千円")),
    rejected("missing-my-number", |entry| entry.my_number = None),
    rejected("missing-birth-date", |entry| entry.birth = None),
    rejected("missing-end-date", |entry| entry.end = None),
    rejected("unknown-scheme", |entry| entry.scheme = Scheme::Unknown),
    Fault {
        because: "scheme-number-mismatch",
        outcome: Outcome::Rejected,
        scheme: Some(Scheme::Seishin),
        spoil: |entry| {
            // 21 typed as 15: right in itself, wrong for 精神通院医療
            let agency = &entry.registration[2..7];
            entry.registration = numbers::verified(&format!("15{agency}"));
        },
    },
    rejected("half-width-in-name", |entry| {
        entry.name = Name::new(("NGUYEN", "グエン"), ("VAN　ANH", "ヴァン　アン"));
    }),
    rejected("kana-not-katakana", |entry| entry.name.family_kana = "山田".into()),
    rejected("unknown-prefecture", |entry| entry.address.prefecture = "東京".into()),
    Fault { because: "duplicate-certificate", outcome: Outcome::CopyRejected, scheme: None, spoil: |_| {} },
    warned("adult-in-ikusei", Some(Scheme::Ikusei), |entry| entry.birth = Some(day(1991, 6, 14))),
    warned("seishin-over-a-year", Some(Scheme::Seishin), |entry| {
        entry.start = day(2026, 4, 1);
        entry.end = Some(day(2028, 3, 31));
    }),
    warned("seishin-over-a-year", Some(Scheme::Seishin), |entry| {
        entry.start = day(2026, 4, 1);
        entry.end = Some(day(2027, 4, 1));
    }),
    warned("unusual-amount", None, |entry| entry.limit = Limit::Yen(3_000)),
    warned("prefecture-mismatch", Some(Scheme::Kosei), |entry| {
        entry.address.prefecture = "群馬県".into();
        entry.address.city = "桐沢市".into();
        entry.address.section = "本町6丁目".into();
    }),
    excluded("my-number-check-digit", |entry| {
        entry.my_number = entry.my_number.as_deref().map(numbers::spoiled);
    }),
    excluded("private-use-character", |entry| {
        entry.name = Name::new(("邊\u{E001}", "ナベヤマ"), ("昭", "アキラ"));
    }),
    excluded("missing-birth-date", |entry| entry.birth = None),
];

/// What CP932 can't carry.
pub(crate) const UNICODE_ONLY: &[Fault] = &[
    warned("variation-selector", None, |entry| {
        entry.name = Name::new(("辻\u{E0100}", "ツジ"), ("直美", "ナオミ"));
    }),
    warned("variation-selector", None, |entry| {
        entry.name = Name::new(("葛\u{E0101}西", "カサイ"), ("大輔", "ダイスケ"));
    }),
];

fn one_part_name(entry: &mut Entry) {
    entry.name = Name::new(("ＳＵＨＡＲＴＯＮＯ", "スハルトノ"), ("", ""));
}

/// A name of one part where the profile splits one field and says nothing of such names.
pub(crate) const NAME_NOT_SPLIT: &[Fault] = &[rejected("name-not-split", one_part_name)];

/// A name of one part where the profile has a constant for the part that isn't there.
pub(crate) const ONE_PART_NAME_ACCEPTED: &[Fault] =
    &[Fault { because: "one-part-name", outcome: Outcome::Fine, scheme: None, spoil: one_part_name }];

/// A name of one part where 名 is a column of its own and stays empty.
pub(crate) const GIVEN_NAME_MISSING: &[Fault] = &[rejected("missing-given-name", one_part_name)];

/// Spreads the faults over the ledger: each spoils the next record that fits, a few records after the one before.
pub(crate) fn spread(entries: &mut Vec<Entry>, faults: &[&[Fault]]) {
    let stride = 5;
    let mut at = stride;
    for fault in faults.iter().copied().flatten() {
        let count = entries.len();
        let fits = |index: &usize| fault.fits(&entries[*index]);
        let index = (at..count).chain(0..at).find(fits).unwrap();
        let entry = &mut entries[index];
        entry.of_note = true;
        (fault.spoil)(entry);
        match fault.outcome {
            Outcome::Rejected => entry.fate = Fate::Rejected(fault.because),
            Outcome::Warned => entry.warning = Some(fault.because),
            Outcome::Fine | Outcome::StaysExcluded => {}
            Outcome::CopyRejected => {
                let limit = if matches!(entry.limit, Limit::Yen(0)) { 5_000 } else { 0 };
                let fate = Fate::Rejected(fault.because);
                let copy = Entry { fate, limit: Limit::Yen(limit), ..entry.clone() };
                entries.insert(index + 1, copy);
            }
        }
        at = (index + stride) % entries.len();
    }
}

impl Fault {
    fn fits(&self, entry: &Entry) -> bool {
        let fate =
            if matches!(self.outcome, Outcome::StaysExcluded) { Fate::Excluded } else { Fate::Accepted };
        !entry.of_note && entry.fate == fate && self.scheme.is_none_or(|scheme| scheme == entry.scheme)
    }
}
