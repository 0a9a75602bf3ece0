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

/// True where there is nothing but spaces.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}
