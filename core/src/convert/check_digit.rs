//! The two check digits of the domain: My Number's (検査用数字) and the payer and recipient numbers' (検証番号).

/// The check digit of a My Number's first eleven digits, most significant first.
///
/// Source: 総務省令第85号 第5条. `None` unless there are eleven ASCII digits.
///
/// ```
/// assert_eq!(pmh_core::convert::check_digit::my_number("12345678901"), Some(8));
/// ```
#[must_use]
pub fn my_number(first_eleven: &str) -> Option<u8> {
    if first_eleven.len() != 11 {
        return None;
    }
    let weights = [2u32, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];
    let sum = first_eleven.bytes().rev().zip(weights).try_fold(0, |sum, (byte, weight)| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        Some(sum + u32::from(digit) * weight)
    })?;
    match sum % 11 {
        0 | 1 => Some(0),
        rest => u8::try_from(11 - rest).ok(),
    }
}

/// The check digit (検証番号) of a payer or recipient number's digits before it.
///
/// Source: 厚生労働省 設定要領: weights 2, 1, 2, 1 … from the right, two-digit products count as the sum of their digits.
/// `None` unless there are ASCII digits alone, and at least one.
///
/// ```
/// assert_eq!(pmh_core::convert::check_digit::number("5401602"), Some(7));
/// assert_eq!(pmh_core::convert::check_digit::number("8813445"), Some(7));
/// ```
#[must_use]
pub fn number(digits: &str) -> Option<u8> {
    if digits.is_empty() {
        return None;
    }
    let sum =
        digits.bytes().rev().zip([2u64, 1].into_iter().cycle()).try_fold(0, |sum, (byte, weight)| {
            let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
            let product = u64::from(digit) * weight;
            Some(sum + product / 10 + product % 10)
        })?;
    u8::try_from((10 - sum % 10) % 10).ok()
}

/// True where the last digit is [`my_number`]'s of the others.
///
/// ```
/// use pmh_core::convert::check_digit::my_number_holds;
/// assert!(my_number_holds("123456789018") && !my_number_holds("123456789010"));
/// ```
#[must_use]
#[inline(never)]
pub fn my_number_holds(digits: &str) -> bool {
    split_last(digits).is_some_and(|(first, last)| my_number(first) == Some(last))
}

/// True where the last digit is [`number`]'s of the others.
///
/// ```
/// use pmh_core::convert::check_digit::number_holds;
/// assert!(number_holds("54016027") && !number_holds("88134458"));
/// ```
#[must_use]
#[inline(never)]
pub fn number_holds(digits: &str) -> bool {
    split_last(digits).is_some_and(|(first, last)| number(first) == Some(last))
}

fn split_last(digits: &str) -> Option<(&str, u8)> {
    let (first, last) = digits.split_at_checked(digits.len().checked_sub(1)?)?;
    Some((first, last.bytes().next()?.checked_sub(b'0')?))
}
