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

/// The position of the first marked byte.
#[inline]
pub(crate) fn first(marks: u64) -> usize {
    // at most 8
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or_default()
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
                for wanted in [b'"', b'\\', 0, 0x7F, 0xE3] {
                    let found = (byte == wanted).then_some(place);
                    assert_eq!(Some(first(equal(word, wanted))).filter(|_| equal(word, wanted) != 0), found);
                }
                let found = (byte < b' ').then_some(place);
                assert_eq!(Some(first(below(word, b' '))).filter(|_| below(word, b' ') != 0), found);
            }
        }
    }
}
