//! Looks at eight bytes at a time, on hosts with and without wider registers.
//!
//! A word holds bytes in their order, the first in its lowest bits. Results have the highest bit of a byte set where it is
//! meant; above the first such byte there may be false ones.

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES << 7;

/// Marks bytes that equal this one.
#[inline]
pub(crate) fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// Marks bytes below this one, which is at most 128.
#[inline]
pub(crate) fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGH
}

/// Whether an odd number of bytes equals this one, which is at most 127.
#[inline]
pub(crate) fn are_odd(word: u64, byte: u8) -> bool {
    let apart = word ^ (ONES * u64::from(byte));
    let same = !(((apart & !HIGH) + !HIGH) | apart) & HIGH;
    // the highest byte of the product is the sum of all bytes
    (same >> 7).wrapping_mul(ONES) >> 56 & 1 != 0
}

/// Whether a byte is one of `[`, `\`, `]`, `{`, `|`, `}`: they are neighbours, but for a bit.
#[inline]
pub(crate) fn has_structure(word: u64) -> bool {
    let low = (word | (ONES * 0x20)) & !HIGH;
    let at_least = |byte: u8| low + ONES * u64::from(0x80 - byte);
    at_least(b'{') & !at_least(b'~') & !word & HIGH != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mark_is_the_first_byte_that_is_meant() {
        for place in 0..8 {
            for byte in 0..=255u8 {
                let mut bytes = [b'a'; 8];
                bytes[place] = byte;
                let word = u64::from_le_bytes(bytes);
                let first = |marks: u64| (marks != 0).then(|| marks.trailing_zeros() as usize / 8);
                for wanted in [b'"', b'\\', 0, 0x7F, 0xE3] {
                    assert_eq!(first(equal(word, wanted)), (byte == wanted).then_some(place));
                }
                assert_eq!(first(below(word, b' ')), (byte < b' ').then_some(place));
                assert_eq!(has_structure(word), b"[\\]{|}".contains(&byte), "{byte}");
            }
        }
    }

    #[test]
    fn quotation_marks_are_counted_among_their_neighbours() {
        for places in 0..=255u8 {
            for other in [b'!', b'#', 0, 0xA2, 0xFF] {
                let bytes: [u8; 8] =
                    core::array::from_fn(|at| if places >> at & 1 == 1 { b'"' } else { other });
                let word = u64::from_le_bytes(bytes);
                assert_eq!(are_odd(word, b'"'), places.count_ones() % 2 == 1, "{bytes:?}");
            }
        }
    }
}
