//! Whole numbers as ledgers write them, and yen as certificates print them.

use super::{trim, width};

/// Reads `10000`, `10,000`, `１００００`, `10000円`; nothing else, so `5千円` is refused.
///
/// Commas must stand between groups of three digits. `None` where it isn't a whole number of at most 18 digits.
///
/// ```
/// use pmh_core::convert::number::integer;
/// assert_eq!(integer("１０，０００円"), Some(10_000));
/// assert_eq!(integer("5千円"), None);
/// assert_eq!(integer("1,00"), None);
/// ```
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    let text = trim(text);
    let text = text.strip_suffix('円').unwrap_or(text);
    let text = text.strip_prefix(['¥', '￥', '\\']).unwrap_or(text);
    let (negative, text) = match text.strip_prefix(['-', '－', '−', '△', '▲']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value = 0i64;
    let (mut digits, mut group, mut commas) = (0, 0, false);
    for c in text.chars().map(width::half) {
        if c == ',' {
            if (commas && group != 3) || (!commas && !(1..=3).contains(&group)) {
                return None;
            }
            (commas, group) = (true, 0);
            continue;
        }
        if digits == 18 {
            return None;
        }
        value = value * 10 + i64::from(c.to_digit(10)?);
        digits += 1;
        group += 1;
    }
    if digits == 0 || (commas && group != 3) {
        return None;
    }
    Some(if negative { -value } else { value })
}

/// Prints with a comma before each group of three digits.
pub(crate) fn write_with_commas(out: &mut bumpalo::collections::String<'_>, value: i64) {
    if value < 0 {
        out.push('-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs());
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().abs_diff(index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
}
