//! UTF-8 checked without SIMD, for WebAssembly 1.0.
//!
//! The standard library checks byte by byte, with a jump for each, which took a tenth of the module's time on Japanese records. This looks
//! at eight bytes at a time: eight characters of one byte, or two of three. A crate of its own, so that `pmh-core` needs no `unsafe`.

use core::str::Utf8Error;

/// Bytes as text.
///
/// # Errors
///
/// The bytes are not UTF-8; the standard library's error tells from where on.
///
/// ```
/// assert_eq!(pmh_utf8::from_utf8("育成医療".as_bytes()), Ok("育成医療"));
/// assert_eq!(pmh_utf8::from_utf8(b"\xE8\x82\xB2\x88").unwrap_err().valid_up_to(), 3);
/// ```
pub fn from_utf8(bytes: &[u8]) -> Result<&str, Utf8Error> {
    if is_utf8(bytes) {
        #[expect(unsafe_code, reason = "the standard library would check again")]
        // SAFETY: the bytes are UTF-8.
        Ok(unsafe { str::from_utf8_unchecked(bytes) })
    } else {
        core::str::from_utf8(bytes)
    }
}

/// Two characters of three bytes each: what is fixed in their bytes, and where.
const FIXED: u64 = 0x8080_E080_80E0;
const WHERE: u64 = 0xC0C0_F0C0_C0F0;
/// The highest bit of each byte.
const HIGH: u64 = (u64::MAX / 0xFF) << 7;
/// First bytes, by their lowest four bits, behind which the others are free: behind 0xE0 they could be overlong, behind 0xED half a surrogate pair.
const FREE: u32 = !(1 << 0x0 | 1 << 0xD);

fn is_utf8(mut bytes: &[u8]) -> bool {
    loop {
        while let Some((word, behind)) = bytes.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*word);
            if word & WHERE == FIXED && (FREE >> (word & 0xF) & FREE >> (word >> 24 & 0xF)) & 1 == 1 {
                bytes = bytes.get(6..).unwrap_or_default();
                continue;
            }
            let beyond_ascii = word & HIGH;
            if beyond_ascii == 0 {
                bytes = behind;
                continue;
            }
            let ascii = beyond_ascii.trailing_zeros() / 8;
            if ascii == 0 {
                break;
            }
            bytes = bytes.get(ascii as usize..).unwrap_or_default();
        }
        // Unicode's table 3-7, row by row
        bytes = match bytes {
            [] => return true,
            [0x00..=0x7F, rest @ ..]
            | [0xC2..=0xDF, 0x80..=0xBF, rest @ ..]
            | [0xE0, 0xA0..=0xBF, 0x80..=0xBF, rest @ ..]
            | [0xE1..=0xEC | 0xEE..=0xEF, 0x80..=0xBF, 0x80..=0xBF, rest @ ..]
            | [0xED, 0x80..=0x9F, 0x80..=0xBF, rest @ ..]
            | [0xF0, 0x90..=0xBF, 0x80..=0xBF, 0x80..=0xBF, rest @ ..]
            | [0xF1..=0xF3, 0x80..=0xBF, 0x80..=0xBF, 0x80..=0xBF, rest @ ..]
            | [0xF4, 0x80..=0x8F, 0x80..=0xBF, 0x80..=0xBF, rest @ ..] => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agrees(bytes: &[u8]) {
        assert_eq!(from_utf8(bytes), core::str::from_utf8(bytes), "{bytes:X?}");
    }

    /// Bytes on both sides of every border in Unicode's table 3-7.
    const BORDERS: [u8; 30] = [
        0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x91, 0x9F, 0xA0, 0xA1, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xDF,
        0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFE, 0xFF,
    ];

    #[test]
    fn the_standard_library_says_the_same_of_up_to_three_bytes_among_others() {
        for word in 0..1 << 24 {
            let [one, two, three, _] = u32::to_le_bytes(word);
            // all of two bytes and a third, and of three those that begin a character of three
            if BORDERS.contains(&three) || one >> 4 == 0xE && (0x70..=0xC8).contains(&three) {
                agrees(&[one, two, three, b'a', b'b', b'c', b'd', b'e', b'f']);
                agrees(&[0xE8, 0x82, 0xB2, one, two, three, b'"', b':']);
            }
        }
    }

    #[test]
    fn the_standard_library_says_the_same_of_four_bytes_at_the_borders() {
        let around = "育成1é\u{10FFFF}医療受給者証 abc".as_bytes();
        for one in BORDERS {
            for two in BORDERS {
                for three in BORDERS {
                    for four in BORDERS {
                        agrees(&[one, two, three, four]);
                        agrees(&[around, &[one, two, three, four], around].concat());
                    }
                }
            }
        }
    }

    #[test]
    fn every_character_is_text_wherever_it_stands() {
        let mut text = String::new();
        for (n, c) in ('\0'..=char::MAX).enumerate() {
            text.push(c);
            if n % 7 == 0 {
                text.push_str("育成医療");
            }
            if text.len() > 100 {
                assert_eq!(from_utf8(text.as_bytes()), Ok(text.as_str()));
                (0..text.len()).for_each(|end| agrees(&text.as_bytes()[..end]));
                text.clear();
            }
        }
    }
}
