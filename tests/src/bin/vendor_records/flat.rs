//! Vendor "flat-romaji": one flat record a line, fields of fixed width, as a COBOL-era system exports them.

use serde::Serialize;

use crate::{
    days::Day,
    kana,
    ledger::{Entry, Income, Limit, Scheme},
};

/// The keys in the file are the fields' names in capitals.
#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Record {
    /// 宛名番号
    atena_no: String,
    /// 個人番号
    kojin_no: String,
    shimei_kanji: String,
    shimei_kana: String,
    /// 生年月日
    seinen_ymd: String,
    jusho_ken: String,
    jusho_shi: String,
    jusho_machi: String,
    jusho_banchi: String,
    /// 方書
    jusho_katagaki: String,
    /// 制度区分
    seido_kbn: &'static str,
    /// 公費負担者番号
    kohi_futansha_no: String,
    /// 受給者番号
    jukyusha_no: String,
    /// 所得区分
    shotoku_kbn: &'static str,
    /// 重度かつ継続
    judo_kbn: &'static str,
    /// 自己負担上限月額
    jogen_gaku: String,
    /// 有効期間
    kaishi_ymd: String,
    shuryo_ymd: String,
    /// 交付年月日
    kofu_ymd: String,
    iryokikan_mei: String,
    yakkyoku_mei: String,
    /// 訪問看護
    hokan_mei: String,
    shogai_mei: String,
    chiryo_hoshin: String,
    /// 特定疾病療養受療証
    tokutei_kbn: &'static str,
    hogosha_mei: String,
    /// 続柄
    hogosha_zokugara: &'static str,
}

/// A field of full-width characters.
fn wide(text: &str, width: usize) -> String {
    format!("{text:　<width$}")
}

/// A field of half-width characters.
fn narrow(text: &str, width: usize) -> String {
    format!("{text:<width$}")
}

/// Old records have the era's number; those entered by hand later, letters or Western years.
fn date(day: Option<Day>, number: usize) -> String {
    let written = day.map_or_else(String::new, |day| match number % 10 {
        3 => day.era_letter(),
        6 => day.era_letter_padded(),
        8 if !day.in_ended_era => day.compact(),
        _ => day.era_number(),
    });
    narrow(&written, 9)
}

fn record(number: usize, entry: &Entry) -> Record {
    let institution = |kind| {
        let found = entry.institutions.iter().find(|institution| institution.kind == kind);
        wide(found.map_or("", |institution| institution.name), 25)
    };
    let my_number = entry.my_number.as_deref().unwrap_or_default();
    Record {
        atena_no: entry.key.clone(),
        kojin_no: narrow(my_number, 12),
        shimei_kanji: wide(&entry.name.whole(), 20),
        shimei_kana: narrow(&kana::halfwidth(&entry.name.whole_kana()), 30),
        seinen_ymd: date(entry.birth, number),
        jusho_ken: wide(&entry.address.prefecture, 4),
        jusho_shi: wide(&entry.address.city, 12),
        jusho_machi: wide(&entry.address.section, 16),
        jusho_banchi: narrow(&entry.address.house_number, 16),
        jusho_katagaki: narrow(&kana::halfwidth(&entry.address.detail), 24),
        seido_kbn: match entry.scheme {
            Scheme::Kosei => "1",
            Scheme::Ikusei => "2",
            Scheme::Seishin => "3",
            Scheme::Unknown => "9",
        },
        kohi_futansha_no: narrow(&entry.registration, 8),
        jukyusha_no: narrow(&entry.certification, 10),
        shotoku_kbn: match entry.income {
            Income::PublicAssistance => "01",
            Income::Low1 => "02",
            Income::Low2 => "03",
            Income::Middle1 => "04",
            Income::Middle2 => "05",
            Income::High => "06",
        },
        judo_kbn: if entry.severe { "1" } else { "0" },
        jogen_gaku: match entry.limit {
            Limit::None => narrow("", 7),
            Limit::Yen(yen) => format!("{yen:07}"),
            Limit::Typed(text) => narrow(text, 7),
        },
        kaishi_ymd: date(Some(entry.start), 0),
        shuryo_ymd: date(entry.end, 0),
        kofu_ymd: entry.issued.era_number(),
        iryokikan_mei: institution("病院・診療所"),
        yakkyoku_mei: institution("薬局"),
        hokan_mei: institution("訪問看護"),
        shogai_mei: wide(entry.condition, 20),
        chiryo_hoshin: wide(entry.plan, 30),
        tokutei_kbn: if entry.specific_disease { "1" } else { "0" },
        hogosha_mei: wide(entry.guardian.as_ref().map_or("", |guardian| &guardian.name), 20),
        hogosha_zokugara: match &entry.guardian {
            None => "  ",
            Some(guardian) if guardian.mother => "02",
            Some(_) => "01",
        },
    }
}

/// The file: NDJSON in UTF-8.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        serde_json::to_writer(&mut bytes, &record(number, entry)).unwrap();
        bytes.push(b'\n');
    }
    bytes
}
