//! Conversions of text: pure functions from text to text, date or number.
//!
//! Results that differ from their input are built in the record's arena, so a run allocates nothing a record once it is
//! warm. No function here reports a value in its error.

pub mod check_digit;
pub mod date;
pub mod kana;
pub mod name;
pub mod number;
pub mod width;

/// True for the half-width and the full-width space.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{3000}')
}

/// The full-width space in UTF-8.
const WIDE: [u8; 3] = [0xE3, 0x80, 0x80];

/// True where there is nothing but spaces.
#[inline]
pub(crate) fn is_blank(text: &str) -> bool {
    (text.is_empty() || begins_with_space(text.as_bytes())) && text.chars().all(is_space)
}

/// A text without the spaces around it.
#[inline]
pub(crate) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let ends = bytes.last() == Some(&b' ') || bytes.last_chunk() == Some(&WIDE);
    if ends || begins_with_space(bytes) { text.trim_matches(is_space) } else { text }
}

/// [`is_space`] of the first character of UTF-8.
#[inline]
fn begins_with_space(bytes: &[u8]) -> bool {
    bytes.first() == Some(&b' ') || bytes.first_chunk() == Some(&WIDE)
}
