//! Half-width (半角) and full-width (全角) forms of letters, digits, signs and the space.
//!
//! Not NFKC: that would also turn ㈱ into (株), ① into 1 and compatibility ideographs into other characters, and it makes full-width
//! letters half-width where PMH asks for full-width.

use bumpalo::{Bump, collections::String};

use super::kana;

/// The half-width form of a character, itself where there is none. Kana stay as they are.
///
/// ```
/// assert_eq!(pmh_core::convert::width::half('Ａ'), 'A');
/// ```
#[must_use]
pub fn half(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        '\u{FFE5}' => '¥',
        _ => c,
    }
}

/// The full-width form of a letter, digit, sign or space, itself where there is none.
///
/// ```
/// assert_eq!(pmh_core::convert::width::full('-'), '－');
/// ```
#[must_use]
pub fn full(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c),
        ' ' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' => '\u{3000}',
        '¥' => '\u{FFE5}',
        _ => c,
    }
}

/// Letters, digits, signs and spaces half-width.
pub(crate) fn to_half<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    map(bump, text, half)
}

/// Letters, digits, signs, spaces and kana full-width.
pub(crate) fn to_full<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    map(bump, kana::half_to_full(bump, text), full)
}

fn map<'r>(bump: &'r Bump, text: &'r str, convert: fn(char) -> char) -> &'r str {
    if text.chars().all(|c| convert(c) == c) {
        return text;
    }
    let mut out = String::with_capacity_in(text.len() + 16, bump);
    out.extend(text.chars().map(convert));
    out.into_bump_str()
}
