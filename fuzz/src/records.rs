//! Plausible records with hostile parts, drawn from bytes.
//!
//! Every personal value of the records holds a [mark](MARKS), and so do many of the values put in their place. The record's key, which a report
//! may show, never gets one, unless the whole My Number is put there: that must not be shown either.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what is fixed here is right, or every run says so"
)]

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use pmh_core::rules;
use serde_json::{Map, Value, json};

use crate::case::{Case, HEADER, PROFILES};

/// A record of each layout; the first ones of [`PROFILES`] read them, in the order of [`KEYS`]. Synthetic.
static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let lines = include_str!("records.ndjson").lines();
    lines.map(|line| serde_json::from_str(line).expect("a record")).collect()
});

/// Where the layouts have the record's key, and where the My Number.
const KEYS: [(&str, &str); 5] = [
    ("/key", "/myNumber"),
    ("/宛名番号", "/個人番号"),
    ("/宛名番号", "/個人番号"),
    ("/ATENA_NO", "/KOJIN_NO"),
    ("/宛名番号", "/個人番号"),
];

/// What no report may show, in kanji, kana and digits.
const MARKS: [&str; 4] = ["龘驫", "ヱヰヱ", "ｴｲｴ", "80917263"];

/// Texts that systems write, and texts at the edges of what can be read.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "", " ", "　", "0", "1", "2", "3", "4", "9", "15", "16", "21", "52", "54", "80", "10", "23", "kekkaku", "kosei", "ikusei", "seishin", "yoiku", "shoman", "nanbyo", "local",
    "龘驫", "龘 驫", "龘驫　龘驫　龘驫", "ヱヰヱ", "ｴｲｴ", "ゑゐゑ龘驫", "80917263", "８０９１７２６３", "80917263円", "80,917,263", "-80917263",
    "昭和64年1月8日", "令和元年5月1日", "平成31年5月1日", "R8.13.1", "明治5年12月2日", "4250101", "9999-12-31", "9999-12-32", "2026-02-29", "20261122",
    "1868-01-25", "０００１－０１－０１", "10,000", "5千円", "99999999999999999999", "-0", "1.5", "東京都", "東京", "沖縄県", "か\u{3099}龘驫",
    "龘\u{E0100}驫", "\u{E000}龘驫", "\u{F0000}", "\u{FFFD}", "龘驫\n\u{7F}\u{85}", "\u{200B}\u{202E}龘驫", "～〜−－‐ー｡｢龘驫",
];

/// Pieces that break JSON or its text.
#[rustfmt::skip]
const PIECES: [&[u8]; 24] = [
    b"\"", b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\ud800", b"\\u0000", b"\n", b"\r\n", b"\xff", b"\xe3\x81", b"null", b"-", b"1e400",
    b"\xef\xbb\xbf", b"\0", b"[[[[[[[[", b"{\"a\":{\"a\":", b" ", b",{}", b"\"\":1,",
];

/// The profiles with every rule off that may be off: then the fixed rules alone keep the API's schema.
static LENIENT: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let lenient = |profile: &&[u8]| {
        let mut profile: Value = serde_json::from_slice(profile).expect("a profile");
        let off = rules::all()
            .filter(|entry| !entry.rule.fixed)
            .map(|entry| (entry.rule.code.to_owned(), json!("off")));
        profile["rules"] = Value::Object(off.collect::<Map<_, _>>());
        serde_json::to_vec(&profile).expect("a profile")
    };
    PROFILES.iter().map(lenient).collect()
});

/// No report shows a record's value.
pub(crate) fn hides_values(report: &[u8]) {
    assert_eq!(shown(report), None, "the report shows a record's value");
}

/// The mark that a text shows, if it shows one.
fn shown(report: &[u8]) -> Option<&'static str> {
    let report = String::from_utf8_lossy(report);
    MARKS.into_iter().find(|mark| report.contains(mark))
}

/// The records that these bytes draw.
pub(crate) fn case(bytes: &[u8]) -> Case {
    // a source that runs out of bytes gives zeros for good, never an error
    draw(&mut Unstructured::new(bytes)).unwrap_or_else(|_| Case::of_input(&[0; HEADER]))
}

fn draw(source: &mut Unstructured<'_>) -> Result<Case> {
    let layout = source.choose_index(KEYS.len())?;
    let [options, high, low] = source.arbitrary()?;
    // records alone: what is no payload mode
    let header = [u8::try_from(layout).unwrap_or_default(), options & !1, high, low];
    let mut case = Case::of_input(&header);
    if source.ratio(1, 4)? {
        case.profile = LENIENT.get(layout).cloned().unwrap_or_default();
    }
    let lines = source.arbitrary()?;
    let twins = source.ratio(1, 6)?;
    for number in 0..source.int_in_range(1..=4)? {
        let separator: &[u8] = match (lines, number) {
            (true, 0) => b"",
            (true, _) => b"\n",
            (false, 0) => b"[",
            (false, _) => b",",
        };
        case.input.extend_from_slice(separator);
        let mut record = record(source, layout)?;
        if twins {
            put_my_number_in_key(&mut record, layout);
        }
        serde_json::to_writer(&mut case.input, &record).expect("JSON");
    }
    case.input.extend_from_slice(if lines { b"\n" } else { b"]" });
    // where the field of the My Number itself is damaged, nobody can say of a key that it is one
    let pieces = if twins { 0 } else { source.int_in_range(0..=6_u8)?.saturating_sub(4) };
    for _ in 0..pieces {
        let place = source.choose_index(case.input.len() + 1)?;
        let piece = *source.choose(&PIECES)?;
        drop(case.input.splice(place..place, piece.iter().copied()));
    }
    if source.ratio(1, 32)? {
        case.input.truncate(source.choose_index(case.input.len() + 1)?);
    }
    Ok(case)
}

/// A record with some of its parts changed.
fn record(source: &mut Unstructured<'_>, layout: usize) -> Result<Value> {
    let mut record = RECORDS.get(layout).cloned().unwrap_or_default();
    let (key, _) = KEYS.get(layout).copied().unwrap_or_default();
    for _ in 0..source.int_in_range(0..=5)? {
        let places = pointers(&record);
        let place = source.choose(&places)?.clone();
        let value = if place == key || place.is_empty() {
            match source.int_in_range(1..=3)? {
                1 => json!(source.arbitrary::<u16>()?),
                2 => Value::Null,
                _ => json!(*source.choose(&["\u{7}", "", "a\nb", " 7 ", "0123456789abcdef"])?),
            }
        } else {
            let others = record.clone();
            match record.pointer(&place) {
                Some(Value::String(text)) if source.arbitrary()? => json!(spliced(source, text)?),
                _ => value(source, &others, &places)?,
            }
        };
        // the root stays a record, but for once in a while
        if !place.is_empty() || source.ratio(1, 8)? {
            *record.pointer_mut(&place).expect("a place of the record") = value;
        }
    }
    Ok(record)
}

/// Makes the My Number, as it is written, the record's key as well.
fn put_my_number_in_key(record: &mut Value, layout: usize) {
    let (key, my_number) = KEYS.get(layout).copied().unwrap_or_default();
    let written = record.pointer(my_number).cloned().unwrap_or_default();
    // what has no digit at all is no number, in whatever field it stands
    let numeric =
        written.as_str().is_none_or(|text| text.chars().any(|c| matches!(c, '0'..='9' | '０'..='９')));
    if let (true, Some(place)) = (numeric, record.pointer_mut(key)) {
        *place = written;
    }
}

/// The text with another put into it.
fn spliced(source: &mut Unstructured<'_>, text: &str) -> Result<String> {
    let count = text.chars().count();
    let at = source.choose_index(count + 1)?;
    let skipped = source.choose_index(count - at + 1)?;
    let middle: String = if source.arbitrary()? {
        (*source.choose(TEXTS)?).to_owned()
    } else {
        source.arbitrary::<char>()?.into()
    };
    Ok(text.chars().take(at).chain(middle.chars()).chain(text.chars().skip(at + skipped)).collect())
}

/// Something else in a value's place.
fn value(source: &mut Unstructured<'_>, record: &Value, places: &[String]) -> Result<Value> {
    Ok(match source.int_in_range(0..=11)? {
        0 => Value::Null,
        1 => json!(source.arbitrary::<bool>()?),
        2 => json!(source.arbitrary::<i64>()?),
        3 => json!(80_917_263),
        4 => json!(1.5),
        5 => json!([]),
        6 => json!({}),
        7 => json!(["龘驫", null, { "名称": "龘驫" }]),
        8 => json!("龘".repeat(source.int_in_range(90..=410)?)),
        9 => record.pointer(source.choose(places)?).cloned().unwrap_or_default(),
        _ => json!(source.choose(TEXTS)?),
    })
}

/// JSON Pointers to everything in a value, what is inside before what holds it, itself last.
#[must_use]
pub fn pointers(value: &Value) -> Vec<String> {
    let inside = |token: String, value: &Value| {
        let token = token.replace('~', "~0").replace('/', "~1");
        pointers(value).into_iter().map(move |below| format!("/{token}{below}")).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = match value {
        Value::Object(members) => {
            members.iter().flat_map(|(key, member)| inside(key.clone(), member)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(index, item)| inside(index.to_string(), item)).collect()
        }
        _ => Vec::new(),
    };
    found.push(String::new());
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check;

    #[test]
    fn unchanged_records_are_accepted_by_their_profiles() {
        for (layout, record) in RECORDS.iter().take(KEYS.len()).enumerate() {
            let header = Case::header(u8::try_from(layout).unwrap(), false);
            let input = serde_json::to_vec(record).unwrap();
            let run = check::run(&Case::of_input(&[&header[..], &input].concat()));
            let (_, summary) = run.opened.unwrap();
            assert_eq!((summary.accepted, summary.rejected), (1, 0), "{:?}", summary.by_code);
            assert!(shown(&run.payload).is_some(), "the payload holds the marks that the report must not");
        }
    }

    #[test]
    fn a_mark_in_a_report_is_seen() {
        let header = Case::header(0, false);
        let run = check::run(&Case::of_input(&[&header[..], r#"{"key":"龘驫"}"#.as_bytes()].concat()));
        assert_eq!(shown(&run.report), Some("龘驫"));
    }

    #[test]
    fn bytes_draw_records_that_are_accepted_and_records_that_are_not() {
        let (mut accepted, mut rejected) = (0, 0);
        for seed in 0..200_u8 {
            let bytes: Vec<u8> = (0..120_u8).map(|at| at.wrapping_mul(seed).rotate_left(3) ^ seed).collect();
            let run = check::run(&case(&bytes));
            let (_, summary) = run.opened.unwrap();
            (accepted, rejected) = (accepted + summary.accepted, rejected + summary.rejected);
        }
        assert!(accepted > 20 && rejected > 20, "{accepted} accepted, {rejected} rejected");
    }
}
