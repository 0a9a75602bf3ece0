//! Addresses as certificates print them, compared with the payload's parts up to the house number (番地).

use bumpalo::Bump;

use crate::{
    bytes::cut,
    convert::{kana, width},
    payload::{Field, Value},
    record::Record,
};

/// The address's fields in their order.
const PARTS: [Field; 5] = [
    Field::AddressPref,
    Field::AddressCity,
    Field::AddressSection,
    Field::AddressHouseNumber,
    Field::AddressDetail,
];

/// The same address, as far as both have it. Width, spaces, hyphens, 丁目, 番地 and 号, 大字 and 字, kanji numerals, 都道府県 and 郡 don't count, and neither does what
/// follows the house number (方書). A text that names no place, such as 受診者に同じ, is left alone.
#[inline(never)]
pub(crate) fn same_address(printed: &str, record: &Record<'_>) -> bool {
    let mut rest = Some(printed);
    for part in PARTS {
        match record.value(part as usize) {
            // it has a finding of its own
            Value::Bad => return true,
            Value::Text(text) => rest = rest.and_then(|rest| rest.strip_prefix(text)),
            _ => {}
        }
    }
    if rest == Some("") {
        return true;
    }
    let [prefecture, city, section, house, detail] = PARTS.map(|part| record.text(part).unwrap_or_default());
    let printed = fold(&[printed]);
    let printed = printed.strip_prefix('〒').map_or(printed.as_str(), without_number);
    let printed = printed.strip_prefix(fold(&[prefecture]).as_str()).unwrap_or(printed);
    if !printed.chars().any(|c| is_in("都道府県市区町村", c)) {
        return true;
    }
    agrees(printed, &fold(&[city, section, house]), &fold(&[city, section, house, detail]))
        || agrees(printed, &fold(&[section, house]), &fold(&[section, house, detail]))
}

/// Without the digits and hyphens at the beginning.
fn without_number(text: &str) -> &str {
    text.trim_start_matches(is_of_number)
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || c == '-'
}

/// Whether one begins with the other: the printed one may end anywhere but inside a number, the fields' only if no number follows but the detail's.
#[inline(never)]
fn agrees(printed: &str, to_house: &str, whole: &str) -> bool {
    let (printed, to_house) = (without_district(printed), without_district(to_house));
    if to_house.is_empty() || printed.is_empty() {
        return false;
    }
    if let Some(rest) = printed.strip_prefix(to_house) {
        return !rest.starts_with(is_of_number) || whole.ends_with(rest.trim_start_matches('-'));
    }
    to_house.strip_prefix(printed).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Without the 郡, which is often left out. Cities that have it in their name (郡山市) lose it on both sides.
fn without_district(address: &str) -> &str {
    let near = cut::<3>(address, "郡").filter(|(before, _)| before.len() <= 24);
    near.map_or(address, |(_, behind)| behind)
}

/// Half-width without spaces and hyphens but for one between numbers, which 丁目, 番地, 号 and the like become too; kanji numerals as digits; without 字.
#[inline(never)]
fn fold(parts: &[&str]) -> String {
    let bump = Bump::new();
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
        text.push(' ');
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = kana::half_to_full(&bump, &text).chars().map(width::half).peekable();
    // something that parts numbers followed the last digit
    let mut gap = false;
    while let Some(c) = chars.next() {
        let behind_digit = out.ends_with(|last: char| last.is_ascii_digit());
        let digit = match c {
            '十' => {
                let ends = chars.peek().is_none_or(|next| kanji_digit(*next).is_none());
                match (behind_digit && !gap, ends) {
                    (true, true) => '0',
                    (true, false) => continue,
                    (false, ends) => {
                        push(&mut out, '1', &mut gap);
                        if !ends {
                            continue;
                        }
                        '0'
                    }
                }
            }
            c => kanji_digit(c).unwrap_or(c),
        };
        match digit {
            '0'..='9' => push(&mut out, digit, &mut gap),
            c if behind_digit && is_in("丁目番地号室のノー、,.", c) => gap = true,
            c if c.is_whitespace() || is_in("-‐‑–—―−─", c) => gap |= behind_digit,
            // variation selectors
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => {}
            '字' => {
                if out.ends_with('大') {
                    out.pop();
                }
            }
            c => {
                gap = false;
                out.push(match c {
                    'ヶ' => 'ケ',
                    'の' => 'ノ',
                    c => c,
                });
            }
        }
    }
    out
}

/// Adds a digit, with a hyphen before it if something parted it from the last one.
#[inline(never)]
fn push(out: &mut String, digit: char, gap: &mut bool) {
    if core::mem::take(gap) && out.ends_with(|last: char| last.is_ascii_digit()) {
        out.push('-');
    }
    out.push(digit);
}

#[inline(never)]
fn kanji_digit(c: char) -> Option<char> {
    let at = "〇一二三四五六七八九".chars().position(|known| known == c)?;
    u32::try_from(at).ok().and_then(|digit| char::from_digit(digit, 10))
}

#[inline(never)]
fn is_in(set: &str, c: char) -> bool {
    set.chars().any(|known| known == c)
}
