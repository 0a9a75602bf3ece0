//! Dates as Japanese systems write them, and eras (元号).
//!
//! Arithmetic is chrono's; only notations and eras are read here. Nothing is guessed: a text is in one of the notations asked
//! for, or it is refused.

use chrono::{Datelike, NaiveDate};

use super::{is_space, width};
use crate::bytes::cut;

/// A way to write a date.
///
/// ```
/// use pmh_core::convert::date::Notation;
/// assert_eq!(Notation::ALL.map(Notation::name), ["gregorian", "era", "eraNumber"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `2013-01-01`, `2013/1/1`, `20130101`, `2013年1月1日`.
    Gregorian,
    /// `平成25年1月1日`, `H25.1.1`, `平25.1.1`, `H250101`.
    Era,
    /// `4250101`: the era's digit, then yymmdd.
    EraNumber,
}

impl Notation {
    /// Every notation.
    pub const ALL: [Self; 3] = [Self::Gregorian, Self::Era, Self::EraNumber];

    /// The name in profiles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gregorian => "gregorian",
            Self::Era => "era",
            Self::EraNumber => "eraNumber",
        }
    }
}

/// An era (元号).
///
/// ```
/// use pmh_core::{NaiveDate, convert::date::Era};
/// let day = NaiveDate::from_ymd_opt(2019, 4, 30).unwrap();
/// assert_eq!(Era::of(day).map(Era::name), Some("平成"));
/// assert_eq!(Era::of(day.succ_opt().unwrap()), Some(Era::Reiwa));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// 明治, from 1868-01-25.
    Meiji,
    /// 大正, from 1912-07-30.
    Taisho,
    /// 昭和, from 1926-12-25.
    Showa,
    /// 平成, from 1989-01-08.
    Heisei,
    /// 令和, from 2019-05-01.
    Reiwa,
}

impl Era {
    const ALL: [Self; 5] = [Self::Meiji, Self::Taisho, Self::Showa, Self::Heisei, Self::Reiwa];

    /// Name, one-character name, letter, squared name, first day as year, month, day.
    const fn facts(self) -> (&'static str, char, char, char, (i32, u32, u32)) {
        match self {
            Self::Meiji => ("明治", '明', 'M', '㍾', (1868, 1, 25)),
            Self::Taisho => ("大正", '大', 'T', '㍽', (1912, 7, 30)),
            Self::Showa => ("昭和", '昭', 'S', '㍼', (1926, 12, 25)),
            Self::Heisei => ("平成", '平', 'H', '㍻', (1989, 1, 8)),
            Self::Reiwa => ("令和", '令', 'R', '㋿', (2019, 5, 1)),
        }
    }

    /// The era's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.facts().0
    }

    /// The era that a day belongs to; `None` before 明治.
    #[must_use]
    pub fn of(date: NaiveDate) -> Option<Self> {
        let day = (date.year(), date.month(), date.day());
        Self::ALL.into_iter().rev().find(|era| era.facts().4 <= day)
    }

    /// The era that followed.
    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().skip_while(|era| *era != self).nth(1)
    }

    /// Whether the era changed in the course of this day, so that both have it: 大正 and 昭和 began so, 平成 and 令和 at midnight.
    pub(crate) fn changed_on(date: NaiveDate) -> bool {
        let day = (date.year(), date.month(), date.day());
        [Self::Taisho, Self::Showa].into_iter().any(|era| era.facts().4 == day)
    }

    fn year_of(self, date: NaiveDate) -> i32 {
        date.year() - self.facts().4.0 + 1
    }
}

/// Why a text is not a date.
///
/// ```
/// use pmh_core::convert::date::{DateError, Era, Notation, read};
/// assert_eq!(read("昭和100年5月1日", &[Notation::Era]), Err(DateError::OutsideEra(Era::Reiwa)));
/// assert_eq!(read("2026-02-29", &[Notation::Gregorian]), Err(DateError::NoSuchDay));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not in one of the notations.
    #[error("not in one of the notations")]
    Notation,
    /// No such day in the calendar.
    #[error("no such day in the calendar")]
    NoSuchDay,
    /// The era does not have the day, which falls in this one.
    #[error("the era does not have the day, which falls in {}", .0.name())]
    OutsideEra(Era),
    /// The era had ended: counted on, the text means this day, in the era that followed.
    ///
    /// Dates far ahead were written so before the era changed: 平成32年3月31日 is 令和2年3月31日.
    #[error("the era had ended before the day")]
    EraEnded(NaiveDate),
    /// Before 1873-01-01, when another calendar was used.
    #[error("before 1873-01-01")]
    Before1873,
}

/// Reads a date in one of the notations.
///
/// Full-width digits and letters count as half-width, spaces are passed over.
///
/// # Errors
///
/// [`DateError`] says what is wrong, never with the text.
///
/// ```
/// use pmh_core::convert::date::{Notation, read};
/// assert_eq!(read("令和元年５月１日", &[Notation::Era]).unwrap().to_string(), "2019-05-01");
/// ```
#[inline(never)]
pub fn read(text: &str, notations: &[Notation]) -> Result<NaiveDate, DateError> {
    // most dates have nothing to fold, and one that can be read as it is reads the same folded
    let date = in_notations(text, notations).or_else(|| folded(text, notations));
    let date = date.unwrap_or(Err(DateError::Notation))?;
    if date.year() < 1873 { Err(DateError::Before1873) } else { Ok(date) }
}

/// Reads a date with half-width, upper-case letters and digits, without spaces.
#[inline(never)]
fn folded(text: &str, notations: &[Notation]) -> Option<Result<NaiveDate, DateError>> {
    let mut buffer = [0u8; 64];
    in_notations(fold(text, &mut buffer)?, notations)
}

fn in_notations(text: &str, notations: &[Notation]) -> Option<Result<NaiveDate, DateError>> {
    notations.iter().find_map(|notation| match notation {
        Notation::Gregorian => gregorian(text),
        Notation::Era => era(text),
        Notation::EraNumber => era_number(text),
    })
}

/// Half-width, upper case, without spaces; `None` where it is too long to be a date.
fn fold<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b str> {
    let mut length = 0;
    for c in text.chars().filter(|c| !is_space(*c)).map(|c| width::half(c).to_ascii_uppercase()) {
        let end = length + c.len_utf8();
        c.encode_utf8(buffer.get_mut(length..end)?);
        length = end;
    }
    core::str::from_utf8(buffer.get(..length)?).ok()
}

fn gregorian(text: &str) -> Option<Result<NaiveDate, DateError>> {
    let (year, month, day) = if text.len() == 8 && digits(text) {
        (text.get(..4)?, text.get(4..6)?, text.get(6..)?)
    } else {
        parts(text)?
    };
    if year.len() != 4 {
        return None;
    }
    Some(calendar(year.parse().ok()?, number(month)?, number(day)?))
}

fn era(text: &str) -> Option<Result<NaiveDate, DateError>> {
    let mut rest = text.chars();
    let first = rest.next()?;
    let era = Era::ALL.into_iter().find(|era| {
        let (_, short, letter, square, _) = era.facts();
        first == short || first == letter || first == square
    })?;
    let rest = text.strip_prefix(era.name()).unwrap_or(rest.as_str());
    if rest.len() == 6 && digits(rest) {
        return compact(era, rest);
    }
    let (year, month, day) = parts(rest)?;
    let year = if year == "元" { 1 } else { era_year(year)? };
    Some(in_era(era, year, number(month)?, number(day)?))
}

fn era_number(text: &str) -> Option<Result<NaiveDate, DateError>> {
    if text.len() != 7 || !digits(text) {
        return None;
    }
    let era = match text.as_bytes().first()? {
        b'1' => Era::Meiji,
        b'2' => Era::Taisho,
        b'3' => Era::Showa,
        b'4' => Era::Heisei,
        b'5' => Era::Reiwa,
        _ => return None,
    };
    compact(era, text.get(1..)?)
}

/// yymmdd
fn compact(era: Era, text: &str) -> Option<Result<NaiveDate, DateError>> {
    Some(in_era(era, number(text.get(..2)?)?, number(text.get(2..4)?)?, number(text.get(4..)?)?))
}

/// Year, month and day of `y-m-d` (or `/`, `.`) and `y年m月d日`.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    if let Some(text) = text.strip_suffix('日') {
        let (year, rest) = cut::<3>(text, "年")?;
        let (month, day) = cut::<3>(rest, "月")?;
        return Some((year, month, day));
    }
    let separator = text.bytes().find(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
    let mut parts = text.split(char::from(separator));
    let all = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then_some(all)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One to three digits: 昭和100年 is a year that its era did not reach, not an unknown notation.
fn era_year(text: &str) -> Option<u32> {
    (text.len() <= 3).then(|| whole(text))?
}

/// One or two digits.
fn number(text: &str) -> Option<u32> {
    (text.len() <= 2).then(|| whole(text))?
}

/// One digit or more, few enough for the number.
fn whole(text: &str) -> Option<u32> {
    let mut value = None;
    for byte in text.bytes() {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        value = Some(value.unwrap_or(0) * 10 + u32::from(digit));
    }
    value
}

fn calendar(year: i32, month: u32, day: u32) -> Result<NaiveDate, DateError> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or(DateError::NoSuchDay)
}

fn in_era(era: Era, year: u32, month: u32, day: u32) -> Result<NaiveDate, DateError> {
    let year = i32::try_from(year).ok().filter(|year| *year > 0).ok_or(DateError::NoSuchDay)?;
    let date = calendar(era.facts().4.0 + year - 1, month, day)?;
    match Era::of(date) {
        Some(right) if right == era => Ok(date),
        Some(right) if era.next() == Some(right) => Err(DateError::EraEnded(date)),
        Some(right) => Err(DateError::OutsideEra(right)),
        None => Err(DateError::Before1873),
    }
}

/// A way to print a date on a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateStyle {
    /// `2023-08-01`
    Iso,
    /// `令和5年8月1日`, first years as `元年`
    Era,
    /// `R5.8.1`
    EraShort,
    /// `2023年8月1日`
    Gregorian,
    /// `2023/08/01`
    Slash,
}

/// Prints a date.
pub(crate) fn write(out: &mut bumpalo::collections::String<'_>, date: NaiveDate, style: DateStyle) {
    match (style, Era::of(date)) {
        (DateStyle::Iso, _) => out.extend(iso(date).map(char::from)),
        (DateStyle::Slash, _) => {
            out.extend(iso(date).map(|byte| if byte == b'-' { '/' } else { char::from(byte) }));
        }
        (DateStyle::Era, Some(era)) => {
            out.push_str(era.name());
            match era.year_of(date) {
                1 => out.push('元'),
                year => out.push_str(itoa::Buffer::new().format(year)),
            }
            write_parts(out, date, ["年", "月", "日"]);
        }
        (DateStyle::EraShort, Some(era)) => {
            out.push(era.facts().2);
            out.push_str(itoa::Buffer::new().format(era.year_of(date)));
            write_parts(out, date, [".", ".", ""]);
        }
        (DateStyle::Gregorian | DateStyle::Era | DateStyle::EraShort, _) => {
            out.push_str(itoa::Buffer::new().format(date.year()));
            write_parts(out, date, ["年", "月", "日"]);
        }
    }
}

/// Month and day, with what stands before, between and behind them.
fn write_parts(out: &mut bumpalo::collections::String<'_>, date: NaiveDate, between: [&str; 3]) {
    let [before, middle, behind] = between;
    out.push_str(before);
    out.push_str(itoa::Buffer::new().format(date.month()));
    out.push_str(middle);
    out.push_str(itoa::Buffer::new().format(date.day()));
    out.push_str(behind);
}

/// `YYYY-MM-DD`; no notation reads a year of more than four digits.
pub(crate) fn iso(date: NaiveDate) -> [u8; 10] {
    let digit = |number: u32, place: u32| {
        u8::try_from(number / place % 10).map_or(b'0', |digit| b'0'.saturating_add(digit))
    };
    let (year, month, day) = (date.year().unsigned_abs(), date.month(), date.day());
    [
        digit(year, 1000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ]
}
