//! Masters that a site supplies: the payer numbers (公費負担者番号) that are assigned, and when each of them is valid.

use chrono::{Datelike, NaiveDate};

use crate::{
    convert::date::{self, Notation},
    json::Json,
    packed::Packed,
    rules::Text,
};

/// An end of a period that is open.
const OPEN: &str = "..";
/// Bits of a day.
const DAY: u32 = 18;
/// The last day that fits, in the year 2587; an end after it is open.
const LAST_DAY: u64 = (1 << DAY) - 1;
/// Days of the common era before the first one, in the year 1870.
const BEFORE: i32 = 683_000;

/// The payer numbers that a master has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PayerNumbers {
    /// The first two digits (法別番号) that it speaks of, a bit each.
    prefixes: u128,
    /// A number, and the first and the last day of a period in which it is valid. A number may have several.
    valid: Packed,
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
    /// What is wrong with it.
    #[inline(never)]
    pub(crate) fn read(json: &Json) -> Result<Self, Text> {
        let form = Text {
            en: "write `{\"prefixes\": [\"80\"], \"valid\": [\"80130010\", \"80130028 2020-04-01/..\"]}`",
            ja: "`{\"prefixes\": [\"80\"], \"valid\": [\"80130010\", \"80130028 2020-04-01/..\"]}` の形で書いてください",
        };
        let Json::Object(members) = json else { return Err(form) };
        let (mut wanted, mut known, mut keys) = (None, 0, Vec::new());
        for (member, json) in members {
            let Json::Array(items) = json else { return Err(form) };
            match member.as_str() {
                "prefixes" if wanted.is_none() => {
                    let mut prefixes = 0;
                    for item in items {
                        prefixes |= bit(digits(text(item), 2).ok_or(form)?);
                    }
                    wanted = Some(prefixes);
                }
                "valid" if keys.is_empty() => {
                    for item in items {
                        let (number, from, to) = period(text(item)).ok_or(form)?;
                        known |= bit(prefix(number));
                        keys.push(number << (2 * DAY) | from << DAY | to);
                    }
                }
                _ => return Err(form),
            }
        }
        let prefixes = wanted.unwrap_or(known);
        if prefixes & known != prefixes || prefixes == 0 {
            return Err(Text {
                en: "it has no number, or none that begins with one of the prefixes; was it cut off?",
                ja: "番号が1件もないか、対象の法別番号で始まる番号がありません。マスターが途中で切れていませんか",
            });
        }
        Ok(Self { prefixes, valid: Packed::of(keys) })
    }

    /// What it says of a number of eight digits on a day.
    #[inline(never)]
    pub(crate) fn standing(&self, number: &str, day: NaiveDate) -> Standing {
        let Some(number) = digits(number, 8).filter(|number| self.prefixes & bit(prefix(*number)) != 0)
        else {
            return Standing::Fine;
        };
        let day = packed(day);
        let mut standing = Standing::Unknown;
        for key in self.valid.from(number << (2 * DAY)) {
            if key >> (2 * DAY) != number {
                break;
            }
            if (key >> DAY & LAST_DAY..=key & LAST_DAY).contains(&day) {
                return Standing::Fine;
            }
            standing = Standing::NotValid;
        }
        standing
    }
}

fn text(json: &Json) -> &str {
    if let Json::String(text) = json { text } else { "" }
}

/// A number of so many digits.
fn digits(text: &str, count: usize) -> Option<u64> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.bytes().fold(0, |number, digit| number * 10 + u64::from(digit & 0xF)))
}

fn prefix(number: u64) -> u64 {
    number / 1_000_000
}

fn bit(prefix: u64) -> u128 {
    1 << (prefix & 127)
}

fn packed(day: NaiveDate) -> u64 {
    u64::try_from(day.num_days_from_ce().saturating_sub(BEFORE)).unwrap_or_default().min(LAST_DAY)
}

/// A number and its period: `80130028 2020-04-01/2024-03-31`.
fn period(text: &str) -> Option<(u64, u64, u64)> {
    let (number, period) = text.split_once(' ').unwrap_or((text, "../.."));
    let number = digits(number, 8)?;
    let (from, to) = period.split_once('/')?;
    let day = |text: &str, open| {
        if text == OPEN { Some(open) } else { date::read(text, &[Notation::Gregorian]).ok().map(packed) }
    };
    Some((number, day(from, 0)?, day(to, LAST_DAY)?))
}
