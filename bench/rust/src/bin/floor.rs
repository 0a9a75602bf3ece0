//! The floor: what it takes at least to turn this one layout into a payload. `floor INPUT OUTPUT`.
//!
//! Hand-written for `tests/vendors/nested-japanese` as the reference workload writes it: `serde_json` into borrowed structs, output
//! written by hand. It checks nothing, knows no other notation and gives up on the first surprise. It gives the engine's bytes where nothing is wrong.

use std::{
    borrow::Cow,
    env,
    error::Error,
    fmt,
    fs::{self, File},
    io::Write,
    ops::Deref,
};

use serde::{
    Deserialize,
    de::{Deserializer as _, SeqAccess, Visitor},
};

/// How much is gathered before it is written.
const PIECE: usize = 256 * 1024;

/// Borrowed from the input unless it has escapes: serde does so for a `Cow` in a struct, but not for one in an `Option`.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(rename = "個人番号", borrow)]
    my_number: Text<'a>,
    #[serde(rename = "制度", borrow)]
    scheme: Scheme<'a>,
    #[serde(rename = "受診者", borrow)]
    patient: Patient<'a>,
    #[serde(rename = "保護者", borrow, default)]
    guardian: Option<Guardian<'a>>,
    #[serde(rename = "公費負担者番号", borrow)]
    payer: Text<'a>,
    #[serde(rename = "受給者番号", borrow)]
    recipient: Text<'a>,
    #[serde(rename = "負担", borrow)]
    copayment: Copayment<'a>,
    #[serde(rename = "有効期間", borrow)]
    validity: Validity<'a>,
    #[serde(rename = "交付年月日", borrow)]
    issued: Text<'a>,
    #[serde(rename = "医療機関", borrow)]
    institutions: Vec<Institution<'a>>,
    #[serde(rename = "障害名", borrow)]
    condition: Option<Text<'a>>,
    #[serde(rename = "医療の具体的方針", borrow)]
    plan: Option<Text<'a>>,
    #[serde(rename = "特定疾病療養受療証", borrow)]
    specific_disease: Text<'a>,
}

#[derive(Deserialize)]
struct Scheme<'a> {
    #[serde(rename = "コード", borrow)]
    code: Text<'a>,
}

#[derive(Deserialize)]
struct Patient<'a> {
    #[serde(rename = "氏名", borrow)]
    name: Text<'a>,
    #[serde(rename = "氏名カナ", borrow)]
    kana: Text<'a>,
    #[serde(rename = "生年月日", borrow)]
    birth: Text<'a>,
    #[serde(rename = "住所", borrow)]
    address: Address<'a>,
}

#[derive(Deserialize)]
struct Address<'a> {
    #[serde(rename = "都道府県", borrow)]
    prefecture: Text<'a>,
    #[serde(rename = "市区町村", borrow)]
    city: Text<'a>,
    #[serde(rename = "町字", borrow)]
    section: Text<'a>,
    #[serde(rename = "番地", borrow)]
    house_number: Text<'a>,
    #[serde(rename = "方書", borrow)]
    detail: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Guardian<'a> {
    #[serde(rename = "氏名", borrow)]
    name: Text<'a>,
    #[serde(rename = "続柄", borrow)]
    relation: Text<'a>,
    #[serde(rename = "住所", borrow)]
    address: Text<'a>,
}

#[derive(Deserialize)]
struct Copayment<'a> {
    #[serde(rename = "上限月額", borrow)]
    limit: Option<Text<'a>>,
    #[serde(rename = "所得区分", borrow)]
    income: Text<'a>,
    #[serde(rename = "重度かつ継続", borrow)]
    severe: Text<'a>,
}

#[derive(Deserialize)]
struct Validity<'a> {
    #[serde(rename = "開始", borrow)]
    start: Text<'a>,
    #[serde(rename = "終了", borrow)]
    end: Text<'a>,
}

#[derive(Deserialize)]
struct Institution<'a> {
    #[serde(rename = "種別", borrow)]
    kind: Text<'a>,
    #[serde(rename = "名称", borrow)]
    name: Text<'a>,
    #[serde(rename = "所在地", borrow)]
    address: Text<'a>,
}

/// Year, month and day of the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Date(u16, u16, u16);

const ERAS: [(&str, Date); 4] = [
    ("令和", Date(2019, 5, 1)),
    ("平成", Date(1989, 1, 8)),
    ("昭和", Date(1926, 12, 25)),
    ("大正", Date(1912, 7, 30)),
];

impl Date {
    /// Reads `昭和49年10月17日`.
    fn read(text: &str) -> Option<Self> {
        let (era, rest) = text.split_at_checked(6)?;
        let (_, first) = ERAS.iter().find(|(name, _)| *name == era)?;
        let (year, rest) = rest.split_once('年')?;
        let (month, rest) = rest.split_once('月')?;
        let year = if year == "元" { 1 } else { year.parse().ok()? };
        Some(Self(first.0 + year - 1, month.parse().ok()?, rest.strip_suffix('日')?.parse().ok()?))
    }
}

/// Writes an element's bytes.
struct Writer(Vec<u8>);

impl Writer {
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Text inside quotation marks, written as it is where nothing must be escaped.
    fn text(&mut self, text: &str) {
        if text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            let escaped = serde_json::to_string(text).unwrap_or_default();
            self.raw(escaped.trim_matches('"'));
        } else {
            self.raw(text);
        }
    }

    fn member(&mut self, lead: &str, text: &str) {
        self.raw(lead);
        self.text(text);
    }

    fn number(&mut self, number: u16) {
        let digit = |place: u16| b'0' + u8::try_from(number / place % 10).unwrap_or(0);
        for place in [1000, 100, 10] {
            if number >= place {
                self.0.push(digit(place));
            }
        }
        self.0.push(digit(1));
    }

    fn two_digits(&mut self, number: u16) {
        if number < 10 {
            self.0.push(b'0');
        }
        self.number(number);
    }

    fn iso(&mut self, date: Date) {
        self.number(date.0);
        self.0.push(b'-');
        self.two_digits(date.1);
        self.0.push(b'-');
        self.two_digits(date.2);
    }

    fn era(&mut self, date: Date) {
        let Some((name, first)) = ERAS.iter().find(|(_, first)| date >= *first) else { return };
        self.raw(name);
        match date.0 - first.0 {
            0 => self.raw("元"),
            years => self.number(years + 1),
        }
        self.raw("年");
        self.number(date.1);
        self.raw("月");
        self.number(date.2);
        self.raw("日");
    }

    /// Half-width letters, digits and signs as full-width ones.
    fn fullwidth(&mut self, text: &str) {
        if !text.bytes().any(|byte| byte.is_ascii()) {
            return self.raw(text);
        }
        for letter in text.chars() {
            let wide = match letter {
                ' ' => '　',
                '!'..='~' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter),
                other => other,
            };
            self.raw(wide.encode_utf8(&mut [0; 4]));
        }
    }

    fn record(&mut self, record: &Record<'_>) -> Option<()> {
        let Record { patient, copayment, .. } = record;
        let address = &patient.address;
        let (family, given) = patient.name.split_once('　')?;
        let (family_kana, given_kana) = patient.kana.split_once('　')?;
        let birth = Date::read(&patient.birth)?;
        let (start, end) = (Date::read(&record.validity.start)?, Date::read(&record.validity.end)?);
        self.member("{\"myNumber\":\"", &record.my_number);
        self.member("\",\"lastName\":\"", family);
        self.member("\",\"firstName\":\"", given);
        self.member("\",\"lastNameKana\":\"", family_kana);
        self.member("\",\"firstNameKana\":\"", given_kana);
        self.member("\",\"addressPref\":\"", &address.prefecture);
        self.member("\",\"addressCity\":\"", &address.city);
        self.member("\",\"addressSection\":\"", &address.section);
        self.member("\",\"addressHouseNumber\":\"", &address.house_number);
        self.raw("\",\"addressDetail\":\"");
        self.fullwidth(address.detail.as_deref().unwrap_or_default());
        self.raw("\",\"birthDate\":\"");
        self.iso(birth);
        self.member("\",\"gender\":\"0\",\"medicalSubsidyRegistrationNumber\":\"", &record.payer);
        self.member("\",\"medicalSubsidyCertificationNumber\":\"", &record.recipient);
        if let Some(limit) = &copayment.limit {
            self.raw("\",\"copaymentLimit\":{\"common\":{\"burdenRatio\":null,\"amount\":");
            self.0.extend(limit.bytes().filter(u8::is_ascii_digit));
            self.raw(",\"perDayOrMonth\":\"2\",\"limitedNumberOfTimes\":null}");
        } else {
            self.raw("\",\"copaymentLimit\":{\"common\":{\"burdenRatio\":10,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null}");
        }
        self.raw(concat!(
            ",\"hospitalization\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null}",
            ",\"outpatient\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null}",
            ",\"pharmacy\":{\"burdenRatio\":null,\"amount\":null,\"perDayOrMonth\":null,\"limitedNumberOfTimes\":null}}",
            ",\"certificationStartDate\":\"",
        ));
        self.iso(start);
        self.raw("\",\"certificationEndDate\":\"");
        self.iso(end);
        self.raw("\",\"certificateAllItems\":");
        self.certificate(record, birth, start, end);
        self.raw("}");
        Some(())
    }

    fn certificate(&mut self, record: &Record<'_>, birth: Date, start: Date, end: Date) {
        let Record { patient, copayment, .. } = record;
        let address = &patient.address;
        self.raw("{\"受給者証名称\":\"自立支援医療受給者証（");
        self.raw(match &*record.scheme.code {
            "15" => "更生医療",
            "16" => "育成医療",
            _ => "精神通院医療",
        });
        self.member("）\",\"公費負担者番号\":\"", &record.payer);
        self.member("\",\"自立支援医療受給者番号\":\"", &record.recipient);
        self.member("\",\"受診者\":{\"氏名\":\"", &patient.name);
        self.raw("\",\"生年月日\":\"");
        self.era(birth);
        self.raw("\",\"住所\":\"");
        for part in [&address.prefecture, &address.city, &address.section, &address.house_number] {
            self.text(part);
        }
        if let Some(detail) = &address.detail {
            self.raw("　");
            self.fullwidth(detail);
        }
        self.raw("\"}");
        if let Some(guardian) = &record.guardian {
            self.member(",\"保護者\":{\"氏名\":\"", &guardian.name);
            self.member("\",\"受診者との続柄\":\"", &guardian.relation);
            self.member("\",\"住所\":\"", &guardian.address);
            self.raw("\"}");
        }
        self.raw(",\"指定医療機関名\":[");
        for (number, institution) in record.institutions.iter().enumerate() {
            self.member(if number == 0 { "{\"種別\":\"" } else { ",{\"種別\":\"" }, &institution.kind);
            self.member("\",\"名称\":\"", &institution.name);
            self.member("\",\"所在地\":\"", &institution.address);
            self.raw("\"}");
        }
        self.raw("],\"自己負担上限額\":{\"月額\":\"");
        match &copayment.limit {
            Some(limit) => self.member("", limit),
            None => self.raw("医療保険の自己負担限度額"),
        }
        self.member(
            if copayment.limit.is_some() { "円\",\"所得区分\":\"" } else { "\",\"所得区分\":\"" },
            &copayment.income,
        );
        self.member("\",\"重度かつ継続\":\"", &copayment.severe);
        self.raw("\"},\"有効期間\":\"");
        self.era(start);
        self.raw("から");
        self.era(end);
        self.member("まで\",\"交付年月日\":\"", &record.issued);
        self.raw("\"");
        if matches!(&*record.scheme.code, "15" | "16") {
            self.optional(",\"公費負担の対象となる障害\":", record.condition.as_deref());
            self.optional(",\"医療の具体的方針\":", record.plan.as_deref());
        }
        self.member(",\"特定疾病療養受給証\":\"", &record.specific_disease);
        self.raw("\"}");
    }

    fn optional(&mut self, caption: &str, text: Option<&str>) {
        self.raw(caption);
        match text {
            Some(text) => {
                self.member("\"", text);
                self.raw("\"");
            }
            None => self.raw("null"),
        }
    }
}

/// Writes each record of the array as it is read.
struct Records<'out> {
    writer: Writer,
    output: &'out mut File,
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut records: A) -> Result<(), A::Error> {
        let failed = |error: &dyn fmt::Display| serde::de::Error::custom(error);
        let mut separator = "[";
        while let Some(record) = records.next_element::<Record<'de>>()? {
            self.writer.raw(separator);
            separator = ",";
            self.writer.record(&record).ok_or_else(|| failed(&"a surprise"))?;
            if self.writer.0.len() >= PIECE {
                self.output.write_all(&self.writer.0).map_err(|error| failed(&error))?;
                self.writer.0.clear();
            }
        }
        self.writer.raw("]");
        self.output.write_all(&self.writer.0).map_err(|error| failed(&error))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, output] = &arguments[..] else { return Err("usage: floor INPUT OUTPUT".into()) };
    let input = fs::read(input)?;
    let records =
        Records { writer: Writer(Vec::with_capacity(2 * PIECE)), output: &mut File::create(output)? };
    let mut json = serde_json::Deserializer::from_slice(&input);
    json.deserialize_seq(records)?;
    json.end()?;
    Ok(())
}
