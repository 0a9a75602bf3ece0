//! Vendor "csv-shift-jis": a table in CP932 with CRLF, as it leaves a spreadsheet.

use encoding_rs::SHIFT_JIS;
use serde::Serialize;

use crate::{
    days::Day,
    kana,
    ledger::{Entry, Income, Limit, Scheme},
};

#[derive(Serialize)]
struct Row<'entry> {
    #[serde(rename = "宛名番号")]
    key: &'entry str,
    #[serde(rename = "個人番号")]
    my_number: Option<&'entry str>,
    #[serde(rename = "氏")]
    family: &'entry str,
    #[serde(rename = "名")]
    given: &'entry str,
    #[serde(rename = "氏カナ")]
    family_kana: String,
    #[serde(rename = "名カナ")]
    given_kana: String,
    #[serde(rename = "生年月日")]
    birth: String,
    #[serde(rename = "都道府県")]
    prefecture: &'entry str,
    #[serde(rename = "市区町村")]
    city: &'entry str,
    #[serde(rename = "町字")]
    section: &'entry str,
    #[serde(rename = "番地")]
    house_number: &'entry str,
    #[serde(rename = "方書")]
    detail: &'entry str,
    #[serde(rename = "制度")]
    scheme: &'static str,
    #[serde(rename = "公費負担者番号")]
    registration: &'entry str,
    /// A number to the spreadsheet: its leading zeros are gone.
    #[serde(rename = "受給者番号")]
    certification: &'entry str,
    #[serde(rename = "所得区分")]
    income: &'static str,
    #[serde(rename = "重度かつ継続")]
    severe: &'static str,
    #[serde(rename = "自己負担上限月額")]
    limit: String,
    #[serde(rename = "有効期間(自)")]
    start: String,
    #[serde(rename = "有効期間(至)")]
    end: String,
    #[serde(rename = "交付年月日")]
    issued: String,
    #[serde(rename = "指定病院・診療所")]
    hospital: String,
    #[serde(rename = "指定薬局")]
    pharmacy: String,
    #[serde(rename = "指定訪問看護")]
    visiting_nurse: String,
    #[serde(rename = "障害名")]
    condition: &'entry str,
    #[serde(rename = "医療の具体的方針")]
    plan: &'entry str,
    #[serde(rename = "特定疾病療養受療証")]
    specific_disease: &'static str,
    #[serde(rename = "保護者氏名")]
    guardian: &'entry str,
    #[serde(rename = "保護者続柄")]
    relation: &'static str,
    /// Free text that no profile reads.
    #[serde(rename = "備考")]
    remark: &'static str,
}

fn date(day: Option<Day>, number: usize) -> String {
    day.map_or_else(String::new, |day| match number % 4 {
        2 => day.era_kanji(),
        _ if day.in_ended_era => day.era_kanji(),
        _ => day.slash(),
    })
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::None => String::new(),
        Limit::Yen(yen) if yen < 1_000 => yen.to_string(),
        Limit::Yen(yen) => format!("{},{:03}", yen / 1_000, yen % 1_000),
        Limit::Typed(text) => text.into(),
    }
}

fn row(number: usize, entry: &Entry) -> Row<'_> {
    let institution = |kind| {
        let found = entry.institutions.iter().find(|institution| institution.kind == kind);
        found.map_or_else(String::new, |found| format!("{}\r\n{}", found.name, found.address))
    };
    let reading = |text: &str| if number % 6 == 4 { kana::halfwidth(text) } else { text.into() };
    Row {
        key: &entry.key,
        my_number: entry.my_number.as_deref(),
        family: &entry.name.family,
        given: &entry.name.given,
        family_kana: reading(&entry.name.family_kana),
        given_kana: reading(&entry.name.given_kana),
        birth: date(entry.birth, number),
        prefecture: &entry.address.prefecture,
        city: &entry.address.city,
        section: &entry.address.section,
        house_number: &entry.address.house_number,
        detail: &entry.address.detail,
        scheme: match entry.scheme {
            Scheme::Kosei => "更生医療",
            Scheme::Ikusei => "育成医療",
            Scheme::Seishin => "精神通院",
            Scheme::Unknown => "療養介護",
        },
        registration: &entry.registration,
        certification: entry.certification.trim_start_matches('0'),
        income: match entry.income {
            Income::PublicAssistance => "生保",
            Income::Low1 => "低1",
            Income::Low2 => "低2",
            Income::Middle1 => "中間1",
            Income::Middle2 => "中間2",
            Income::High => "一定以上",
        },
        severe: if entry.severe { "○" } else { "" },
        limit: limit(entry.limit),
        start: date(Some(entry.start), number / 3),
        end: date(entry.end, number / 3),
        issued: date(Some(entry.issued), number / 5),
        hospital: institution("病院・診療所"),
        pharmacy: institution("薬局"),
        visiting_nurse: institution("訪問看護"),
        condition: entry.condition,
        plan: entry.plan,
        specific_disease: if entry.specific_disease { "有" } else { "" },
        guardian: entry.guardian.as_ref().map_or("", |guardian| &guardian.name),
        relation: match &entry.guardian {
            None => "",
            Some(guardian) if guardian.mother => "母",
            Some(_) => "父",
        },
        remark: match number % 13 {
            1 => "転入, 前住所地で受給歴あり",
            5 => "電話連絡は\"午後\"を希望\r\n(2回不在)",
            9 => "更新案内済",
            _ => "",
        },
    }
}

/// CP932 with what the encoder rightly refuses: 外字 at their places of the user-defined area, and the first of a
/// letter's two bytes where the text has U+FFFD, because that is what a reader makes of a letter cut in two.
fn encode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut letter = [0; 4];
    for each in text.chars() {
        match each {
            '\u{E000}' => bytes.extend_from_slice(&[0xF0, 0x40]),
            '\u{E001}' => bytes.extend_from_slice(&[0xF0, 0x41]),
            '\u{FFFD}' => bytes.push(0x93),
            _ => {
                let (encoded, _, unmappable) = SHIFT_JIS.encode(each.encode_utf8(&mut letter));
                assert!(!unmappable, "not in CP932: {each}");
                bytes.extend_from_slice(&encoded);
            }
        }
    }
    bytes
}

/// The file: CSV in CP932 with a header row and CRLF.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for (number, entry) in entries.iter().enumerate() {
        writer.serialize(row(number, entry)).unwrap();
    }
    encode(&String::from_utf8(writer.into_inner().unwrap()).unwrap())
}
