//! Addresses as certificates print them, compared with the payload's parts up to the house number (番地).

use bumpalo::Bump;

use crate::{
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
pub(crate) fn same_address(printed: &str, record: &Record<'_>) -> bool {
    if PARTS.into_iter().any(|part| record.value(part as usize) == Value::Bad) {
        return true;
    }
    let [prefecture, city, section, house, detail] = PARTS.map(|part| record.text(part).unwrap_or_default());
    let as_it_is = [prefecture, city, section, house]
        .into_iter()
        .try_fold(printed, |rest, part| rest.strip_prefix(part))
        .is_some_and(|rest| rest.is_empty() || rest == detail);
    if as_it_is {
        return true;
    }
    let bump = Bump::new();
    let folded = |parts: &[&str]| fold(kana::half_to_full(&bump, &parts.join(" ")));
    let printed = folded(&[printed]);
    let printed = printed
        .strip_prefix('〒')
        .map_or(printed.as_str(), |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-'));
    let printed = printed.strip_prefix(folded(&[prefecture]).as_str()).unwrap_or(printed);
    if !printed.contains(['都', '道', '府', '県', '市', '区', '町', '村']) {
        return true;
    }
    [&[city, section, house, detail][..], &[section, house, detail]].into_iter().any(|parts| {
        let whole = folded(parts);
        let to_house = folded(parts.split_last().map_or(parts, |(_, before)| before));
        agrees(without_district(printed), without_district(&to_house), &whole)
    })
}

/// Whether one begins with the other: the printed one may end anywhere but inside a number, the fields' only if no number follows but the detail's.
fn agrees(printed: &str, to_house: &str, whole: &str) -> bool {
    if to_house.is_empty() || printed.is_empty() {
        return false;
    }
    if let Some(rest) = printed.strip_prefix(to_house) {
        return !rest.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            || whole.ends_with(rest.trim_start_matches('-'));
    }
    to_house.strip_prefix(printed).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Without the 郡, which is often left out. Cities that have it in their name (郡山市) lose it on both sides.
fn without_district(address: &str) -> &str {
    let near = address.char_indices().take(8).find(|(_, c)| *c == '郡');
    near.and_then(|(at, c)| address.get(at.saturating_add(c.len_utf8())..)).unwrap_or(address)
}

/// Half-width without spaces and hyphens but for one between numbers, which 丁目, 番地, 号 and the like become too; kanji numerals as digits; without 字.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().map(width::half).filter(|c| !is_selector(*c)).peekable();
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
            '丁' | '目' | '番' | '地' | '号' | '室' | 'の' | 'ノ' | 'ー' | '、' | ',' | '.'
                if behind_digit =>
            {
                gap = true;
            }
            c if c.is_whitespace() || is_hyphen(c) => gap |= behind_digit,
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
fn push(out: &mut String, digit: char, gap: &mut bool) {
    if core::mem::take(gap) && out.ends_with(|last: char| last.is_ascii_digit()) {
        out.push('-');
    }
    out.push(digit);
}

fn kanji_digit(c: char) -> Option<char> {
    let at = "〇一二三四五六七八九".chars().position(|known| known == c)?;
    u32::try_from(at).ok().and_then(|digit| char::from_digit(digit, 10))
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | '─')
}

/// A variation selector.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}
