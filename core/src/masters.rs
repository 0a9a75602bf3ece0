//! Masters that a site supplies: the payer numbers (公費負担者番号) that are assigned, and when each of them is valid.

use chrono::NaiveDate;

use crate::{
    convert::date::{self, Notation},
    json::Json,
    rules::Text,
};

/// An end of a period that is open.
const OPEN: &str = "..";

/// The payer numbers that a master has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerNumbers {
    /// The first two digits (法別番号) that it speaks of; sorted.
    prefixes: Vec<u8>,
    /// A number, and the first and the last day of a period in which it is valid; sorted. A number may have several.
    valid: Vec<(u32, NaiveDate, NaiveDate)>,
}

/// What a master says of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is valid, or the master doesn't speak of such numbers.
    Fine,
    Unknown,
    /// It is known, but not valid on that day.
    NotValid,
}

impl PayerNumbers {
    /// Reads `{"prefixes": ["80"], "valid": ["80130010", "80130028 2020-04-01/.."]}`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and the place.
    pub(crate) fn read(json: &Json) -> Result<Self, (String, Text)> {
        let wrong = |at: &str, en, ja| Err((at.to_owned(), Text { en, ja }));
        let (mut prefixes, mut valid) = (None, None);
        let Json::Object(members) = json else {
            return wrong("payerNumbers", "expected: an object", "オブジェクトを書いてください");
        };
        for (member, json) in members {
            let (place, Json::Array(items)) = (
                match member.as_str() {
                    "prefixes" => &mut prefixes,
                    "valid" => &mut valid,
                    _ => return wrong(member, "not known here", "ここでは使えません"),
                },
                json,
            ) else {
                return wrong(member, "expected: a list", "配列を書いてください");
            };
            if place.replace(items).is_some() {
                return wrong(member, "it occurs twice", "2回書かれています");
            }
        }
        let mut numbers = Self { prefixes: Vec::new(), valid: Vec::new() };
        for (index, item) in valid.into_iter().flatten().enumerate() {
            let Some(entry) = text(item).and_then(period) else {
                return wrong(
                    &format!("valid/{index}"),
                    "expected: 8 digits, or 8 digits and `2020-04-01/..`",
                    "数字8桁、または数字8桁と `2020-04-01/..` を書いてください",
                );
            };
            numbers.valid.push(entry);
        }
        if numbers.valid.is_empty() {
            return wrong("valid", "it has no number, as if no payer existed", "番号が1件もありません");
        }
        numbers.valid.sort_unstable();
        let mut known: Vec<u8> = numbers.valid.iter().map(|(number, ..)| prefix(*number)).collect();
        known.dedup();
        let Some(prefixes) = prefixes else { return Ok(Self { prefixes: known, ..numbers }) };
        for item in prefixes {
            let Some(prefix) = text(item).filter(|text| text.len() == 2).and_then(digits) else {
                return wrong("prefixes", "expected: texts of two digits", "数字2桁の文字列を書いてください");
            };
            let prefix = u8::try_from(prefix).unwrap_or_default();
            if known.binary_search(&prefix).is_err() {
                return wrong(
                    &format!("prefixes: {prefix:02}"),
                    "no number begins with it; is the master complete?",
                    "この法別番号の番号が1件もありません。マスターが途中で切れていませんか",
                );
            }
            numbers.prefixes.push(prefix);
        }
        numbers.prefixes.sort_unstable();
        Ok(numbers)
    }

    /// What it says of a number of eight digits on a day.
    pub(crate) fn standing(&self, number: &str, day: NaiveDate) -> Standing {
        let Some(number) = digits(number) else { return Standing::Fine };
        if self.prefixes.binary_search(&prefix(number)).is_err() {
            return Standing::Fine;
        }
        let begin = self.valid.partition_point(|(known, ..)| *known < number);
        let mut periods = self.valid.iter().skip(begin).take_while(|(known, ..)| *known == number).peekable();
        if periods.peek().is_none() {
            return Standing::Unknown;
        }
        if periods.any(|(_, from, to)| (*from..=*to).contains(&day)) {
            Standing::Fine
        } else {
            Standing::NotValid
        }
    }
}

fn text(json: &Json) -> Option<&str> {
    if let Json::String(text) = json { Some(text) } else { None }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn prefix(number: u32) -> u8 {
    u8::try_from(number / 1_000_000).unwrap_or_default()
}

/// A number and its period: `80130028 2020-04-01/2024-03-31`.
fn period(text: &str) -> Option<(u32, NaiveDate, NaiveDate)> {
    let (number, period) = text.split_once(' ').unwrap_or((text, "../.."));
    let number = digits(number).filter(|_| number.len() == 8)?;
    let (from, to) = period.split_once('/')?;
    let day = |text: &str, open| {
        if text == OPEN {
            return Some(open);
        }
        let day = date::read(text, &[Notation::Gregorian]).ok()?;
        (day.to_string() == text).then_some(day)
    };
    Some((number, day(from, NaiveDate::MIN)?, day(to, NaiveDate::MAX)?))
}
