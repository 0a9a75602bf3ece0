//! Vendor "nested-japanese": one JSON array of nested records with Japanese keys, as a newer system exports them.

use serde::Serialize;

use crate::{
    days::Day,
    kana,
    ledger::{Entry, Guardian, Income, Limit, Scheme},
    places::{Address, Institution},
};

#[derive(Serialize)]
pub(crate) struct Record<'entry> {
    #[serde(rename = "宛名番号")]
    key: &'entry str,
    #[serde(rename = "個人番号", skip_serializing_if = "Option::is_none")]
    my_number: Option<&'entry str>,
    #[serde(rename = "制度")]
    scheme: SchemePart,
    #[serde(rename = "受診者")]
    patient: Patient<'entry>,
    #[serde(rename = "保護者", skip_serializing_if = "Option::is_none")]
    guardian: Option<GuardianPart<'entry>>,
    #[serde(rename = "公費負担者番号")]
    registration: &'entry str,
    #[serde(rename = "受給者番号")]
    certification: &'entry str,
    #[serde(rename = "負担")]
    copayment: Copayment,
    #[serde(rename = "有効期間")]
    validity: Validity,
    #[serde(rename = "交付年月日")]
    issued: String,
    #[serde(rename = "医療機関")]
    institutions: Vec<InstitutionPart<'entry>>,
    #[serde(rename = "障害名")]
    condition: Option<&'entry str>,
    #[serde(rename = "医療の具体的方針")]
    plan: Option<&'entry str>,
    #[serde(rename = "特定疾病療養受療証")]
    specific_disease: &'static str,
}

#[derive(Serialize)]
struct SchemePart {
    #[serde(rename = "コード")]
    code: &'static str,
    #[serde(rename = "名称")]
    name: &'static str,
}

#[derive(Serialize)]
struct Patient<'entry> {
    #[serde(rename = "氏名")]
    name: String,
    #[serde(rename = "氏名カナ")]
    kana: String,
    #[serde(rename = "生年月日")]
    birth: Option<String>,
    /// As the system before this one had it: filled where the newer field isn't.
    #[serde(rename = "生年月日_旧", skip_serializing_if = "Option::is_none")]
    birth_before: Option<String>,
    #[serde(rename = "住所")]
    address: AddressPart<'entry>,
}

#[derive(Serialize)]
struct AddressPart<'entry> {
    #[serde(rename = "都道府県")]
    prefecture: &'entry str,
    #[serde(rename = "市区町村")]
    city: &'entry str,
    #[serde(rename = "町字")]
    section: String,
    #[serde(rename = "番地")]
    house_number: String,
    #[serde(rename = "方書")]
    detail: Option<String>,
}

#[derive(Serialize)]
struct GuardianPart<'entry> {
    #[serde(rename = "氏名")]
    name: &'entry str,
    #[serde(rename = "続柄")]
    relation: &'static str,
    #[serde(rename = "住所")]
    address: &'static str,
}

#[derive(Serialize)]
struct Copayment {
    #[serde(rename = "上限月額")]
    limit: Option<Amount>,
    #[serde(rename = "所得区分")]
    income: &'static str,
    #[serde(rename = "重度かつ継続")]
    severe: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Amount {
    Number(u32),
    Text(String),
}

#[derive(Serialize)]
struct Validity {
    #[serde(rename = "開始")]
    start: String,
    #[serde(rename = "終了")]
    end: String,
}

#[derive(Serialize)]
struct InstitutionPart<'entry> {
    #[serde(rename = "種別")]
    kind: &'entry str,
    #[serde(rename = "名称")]
    name: &'entry str,
    #[serde(rename = "所在地")]
    address: &'entry str,
}

fn patient(number: usize, entry: &Entry) -> Patient<'_> {
    let whole_kana = entry.name.whole_kana();
    let birth = entry.birth.map(|birth| if number % 5 == 2 { birth.slash() } else { birth.era_kanji() });
    let unmoved = entry.birth.filter(|birth| number % 9 == 4 && !birth.in_ended_era);
    Patient {
        name: entry.name.whole(),
        kana: match number % 11 {
            3 => kana::hiragana(&whole_kana),
            5 => kana::decomposed(&whole_kana),
            8 => kana::halfwidth(&whole_kana),
            _ => whole_kana,
        },
        birth: match (unmoved, entry.birth) {
            (Some(_), _) => Some(String::new()),
            // 令和6年2月30日 and 昭和64年1月8日 are errors of the era's calendar: written in no other way
            (None, Some(day)) if day.in_ended_era || day.date > 29 => Some(day.era_kanji()),
            (None, _) => birth,
        },
        birth_before: unmoved.map(|birth| match number % 2 {
            0 => birth.era_one_kanji(),
            _ => birth.era_letter(),
        }),
        address: address(&entry.address),
    }
}

fn address(address: &Address) -> AddressPart<'_> {
    AddressPart {
        prefecture: &address.prefecture,
        city: &address.city,
        section: kana::fullwidth_ascii(&address.section),
        house_number: kana::fullwidth_ascii(&address.house_number),
        detail: Some(address.detail.clone()).filter(|detail| !detail.is_empty()),
    }
}

fn guardian(guardian: &Guardian) -> GuardianPart<'_> {
    GuardianPart {
        name: &guardian.name,
        relation: if guardian.mother { "母" } else { "父" },
        address: "受診者に同じ",
    }
}

fn with_comma(yen: u32) -> String {
    if yen < 1_000 { yen.to_string() } else { format!("{},{:03}", yen / 1_000, yen % 1_000) }
}

fn copayment(number: usize, entry: &Entry) -> Copayment {
    Copayment {
        limit: match entry.limit {
            Limit::None => None,
            Limit::Typed(text) => Some(Amount::Text(text.into())),
            Limit::Yen(yen) => Some(match number % 8 {
                1 => Amount::Number(yen),
                4 => Amount::Text(kana::fullwidth_ascii(&yen.to_string())),
                6 => Amount::Text(format!("{}円", with_comma(yen))),
                _ => Amount::Text(with_comma(yen)),
            }),
        },
        income: match entry.income {
            Income::PublicAssistance => "生活保護",
            Income::Low1 => "低所得１",
            Income::Low2 => "低所得２",
            Income::Middle1 => "中間所得層１",
            Income::Middle2 => "中間所得層２",
            Income::High => "一定所得以上",
        },
        severe: if entry.severe { "該当" } else { "非該当" },
    }
}

fn institution(institution: &Institution) -> InstitutionPart<'_> {
    InstitutionPart { kind: institution.kind, name: institution.name, address: institution.address }
}

/// The record; its number decides how its dates, kana and yen are written, 0 being the most common way of each.
pub(crate) fn record(number: usize, entry: &Entry) -> Record<'_> {
    Record {
        key: &entry.key,
        my_number: entry.my_number.as_deref(),
        scheme: SchemePart {
            code: entry.scheme.law(),
            name: match entry.scheme {
                Scheme::Kosei => "更生医療",
                Scheme::Ikusei => "育成医療",
                Scheme::Seishin => "精神通院医療",
                Scheme::Unknown => "その他",
            },
        },
        patient: patient(number, entry),
        guardian: entry.guardian.as_ref().map(guardian),
        registration: &entry.registration,
        certification: &entry.certification,
        copayment: copayment(number, entry),
        validity: Validity {
            start: entry.start.era_kanji(),
            end: entry.end.map(Day::era_kanji).unwrap_or_default(),
        },
        issued: entry.issued.era_kanji(),
        institutions: entry.institutions.iter().map(institution).collect(),
        condition: Some(entry.condition).filter(|condition| !condition.is_empty()),
        plan: Some(entry.plan).filter(|plan| !plan.is_empty()),
        specific_disease: if entry.specific_disease { "有" } else { "無" },
    }
}

/// The file: a JSON array in UTF-8, a record a line.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        bytes.extend_from_slice(if number == 0 { b"[\n" } else { b",\n" });
        serde_json::to_writer(&mut bytes, &record(number, entry)).unwrap();
    }
    bytes.extend_from_slice(b"\n]\n");
    bytes
}
