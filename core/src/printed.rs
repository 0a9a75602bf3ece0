//! What certificates print, read back and compared with the payload's fields.
//!
//! What can't be read is left alone: it counts as the same, and nothing is guessed.

mod address;

use bumpalo::Bump;
use chrono::NaiveDate;

pub(crate) use self::address::same_address;
use crate::{
    bytes::{self, cut},
    convert::{
        date::{self, DateError, Notation},
        is_space, kana, number, width,
    },
    payload::{SECTORS, Value},
    record::Record,
};

/// The same number, whatever its width, spaces and hyphens.
#[inline(never)]
pub(crate) fn same_number(printed: &str, field: &str) -> bool {
    if bytes::same(printed.as_bytes(), field.as_bytes()) {
        return true;
    }
    let digits = |text: &str| -> String {
        let joins = |c: &char| is_space(*c) || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−');
        text.chars().map(width::half).filter(|c| !joins(c)).collect()
    };
    digits(printed) == digits(field)
}

/// The same name, whatever its width and the signs between its parts.
#[inline(never)]
pub(crate) fn same_name(printed: &str, family: &str, given: &str) -> bool {
    if is_spaced(printed, family, given) {
        return true;
    }
    let bump = Bump::new();
    let [printed, family, given] =
        [printed, family, given].map(|text| letters(kana::half_to_full(&bump, text)));
    printed.eq(family.chain(given))
}

/// Both parts with a full-width space between, as most certificates print them.
#[inline(never)]
fn is_spaced(printed: &str, family: &str, given: &str) -> bool {
    let behind = printed.strip_prefix(family).and_then(|rest| rest.strip_prefix('\u{3000}'));
    behind == Some(given)
}

/// The letters of a name; a part that is a hyphen alone stands for none.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let sign = |c: char| {
        c.is_whitespace()
            || matches!(c, '-' | '.' | ',' | '・' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
    };
    name.chars().map(width::half).filter(move |c| !sign(*c))
}

/// The same reading, whatever its width, small kana and the signs between its parts. One that holds anything but kana is left alone.
#[inline(never)]
pub(crate) fn same_kana(printed: &str, family: &str, given: &str) -> bool {
    if is_spaced(printed, family, given) {
        return true;
    }
    let bump = Bump::new();
    let read = |text| reading(kana::katakana(&bump, text));
    let field = read(family).zip(read(given)).map(|(family, given)| family + &given);
    read(printed).zip(field).is_none_or(|(printed, field)| printed.is_empty() || printed == field)
}

/// The kana of a text in full-width katakana, small ones as large ones; `None` if there is anything else.
#[inline(never)]
fn reading(text: &str) -> Option<String> {
    let sign = |c: &char| matches!(c, '\u{3000}' | '・' | 'ー' | '－' | '‐' | '−' | '．');
    let large = |c| match c {
        'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ッ' | 'ャ' | 'ュ' | 'ョ' | 'ヮ' => {
            char::from_u32(u32::from(c).saturating_add(1))
        }
        'ヵ' => Some('カ'),
        'ヶ' => Some('ケ'),
        'ア'..='ヺ' => Some(c),
        _ => None,
    };
    text.chars().filter(|c| !sign(c)).map(large).collect()
}

/// Both ends of a period as certificates print it, if they can be read.
#[inline(never)]
pub(crate) fn period(text: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let sign = |sign| move || cut::<3>(text, sign);
    let halves = cut::<6>(text, "から")
        .or_else(sign("～"))
        .or_else(sign("〜"))
        .or_else(|| text.split_once('~'))
        .or_else(sign("至"));
    let (start, end) = halves.unwrap_or_else(|| {
        if bytes::find(text.as_bytes(), "まで".as_bytes()).is_some() { ("", text) } else { ("", "") }
    });
    (day(start), day(end))
}

/// A date in any notation, with or without the words for the ends of a period.
#[inline(never)]
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim().trim_start_matches(['自', '至']);
    let text = text.strip_suffix("から").or_else(|| text.strip_suffix("まで")).unwrap_or(text);
    match date::read(text.trim(), &Notation::ALL) {
        Ok(date) | Err(DateError::EraEnded(date)) => Some(date),
        Err(_) => None,
    }
}

/// A birth date, with or without 生 and an age in brackets.
#[inline(never)]
pub(crate) fn birthday(text: &str) -> Option<NaiveDate> {
    let text = text.split(['(', '（']).next()?.trim();
    let text = text.strip_suffix("生まれ").or_else(|| text.strip_suffix('生')).unwrap_or(text);
    day(text)
}

/// The same copayment limit as one of the payload's sectors, for a day or a month if that is printed or `of_caption`.
#[inline(never)]
pub(crate) fn same_limit(text: &str, of_caption: Option<&'static str>, record: &Record<'_>) -> bool {
    let Some((yen, period)) = limit(text) else { return true };
    let period = period.or(of_caption);
    SECTORS.iter().any(|(_, ratio)| {
        let amount = record.value(ratio.saturating_add(1));
        let field = record.value(ratio.saturating_add(2)).text();
        // what can't be used has a finding of its own
        amount == Value::Bad
            || amount == Value::Int(yen) && (period.is_none() || field.is_none() || field == period)
    })
}

/// What is printed around an amount, and `perDayOrMonth`'s code for it; a word comes before what it begins with.
const AROUND: &[(&str, u8)] = &[
    ("月額", 2),
    ("1月", 2),
    ("1か月", 2),
    ("1ヶ月", 2),
    ("1ヵ月", 2),
    ("1カ月", 2),
    ("毎月", 2),
    ("月", 2),
    ("日額", 1),
    ("1日", 1),
    ("毎日", 1),
    ("日", 1),
    ("につき", 0),
    ("当たり", 0),
    ("あたり", 0),
    ("自己負担", 0),
    ("負担", 0),
    ("上限額", 0),
    ("上限", 0),
    ("まで", 0),
];

/// Yen, and `perDayOrMonth`'s code if a day or a month is printed with it; `None` unless every word of the text is understood.
#[inline(never)]
fn limit(text: &str) -> Option<(i64, Option<&'static str>)> {
    let folded: String = text
        .chars()
        .map(width::half)
        .filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | ':' | '/' | '¥'))
        .collect();
    let (rest, before) = words(&folded);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    let (digits, behind) = rest.split_at_checked(end)?;
    let yen = number::integer(digits)?;
    let (rest, after) = words(behind.strip_prefix('円').unwrap_or(behind));
    // 1 and 2 are bits
    let period = match before | after {
        0 => None,
        1 => Some("1"),
        2 => Some("2"),
        _ => return None,
    };
    rest.is_empty().then_some((yen, period))
}

/// What follows the words of [`AROUND`], and their codes.
#[inline(never)]
fn words(mut rest: &str) -> (&str, u8) {
    let mut codes = 0;
    while let Some((behind, code)) =
        AROUND.iter().find_map(|(word, code)| Some((rest.strip_prefix(word)?, *code)))
    {
        codes |= code;
        rest = behind;
    }
    (rest, codes)
}
