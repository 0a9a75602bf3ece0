//! Looks at eight bytes at a time, on hosts with and without wider registers.
//!
//! A word holds bytes in their order, the first in its lowest bits. Marks have the highest bit of each byte set that is meant.

const ONES: u64 = u64::MAX / 0xFF;
const HIGH: u64 = ONES << 7;

/// Marks bytes that equal this one.
#[inline]
pub(crate) fn equal(word: u64, byte: u8) -> u64 {
    let apart = word ^ (ONES * u64::from(byte));
    !(((apart & !HIGH) + !HIGH) | apart) & HIGH
}

/// Marks bytes below this one, which is at most 128; above the first of them others may be marked too.
#[inline]
pub(crate) fn below(word: u64, byte: u8) -> u64 {
    word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGH
}

/// Marks `[`, `\`, `]`, `{`, `|` and `}`: they are neighbours, but for a bit.
#[inline]
pub(crate) fn structure(word: u64) -> u64 {
    let low = (word | (ONES * 0x20)) & !HIGH;
    let at_least = |byte: u8| low + ONES * u64::from(0x80 - byte);
    at_least(b'{') & !at_least(b'~') & !word & HIGH
}

/// Marks bytes that have this bit set.
#[inline]
pub(crate) fn with_bit(word: u64, bit: u32) -> u64 {
    word << (7 - bit) & HIGH
}

/// How many bytes are marked.
#[inline]
pub(crate) fn count(marks: u64) -> usize {
    // the highest byte of the product is the sum of all bytes
    usize::try_from((marks >> 7).wrapping_mul(ONES) >> 56).unwrap_or_default()
}

/// Marks bytes that have an odd number of marked ones up to them, themselves included.
#[inline]
pub(crate) fn behind_odd(marks: u64) -> u64 {
    // each byte of the product is the sum of the bytes up to it
    (marks >> 7).wrapping_mul(ONES) << 7 & HIGH
}

/// Every byte marked.
pub(crate) const ALL: u64 = HIGH;

/// The position of the first marked byte; 8 where there is none.
#[inline]
pub(crate) fn first(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or_default()
}

/// The mark of the byte at a position below 8.
#[inline]
pub(crate) fn mark(position: usize) -> u64 {
    0x80 << (position * 8)
}

/// Whether both are the same. WebAssembly has no instruction for it, and its compilers' own goes byte by byte.
#[inline]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    // the last bytes may have been compared in part: that costs less than going through the rest of a word
    if let (Some(last), Some(other_last)) = (one.last_chunk::<8>(), other.last_chunk()) {
        let mut words = one.as_chunks::<8>().0.iter().zip(other.as_chunks().0);
        return last == other_last && words.all(|(a, b)| a == b);
    }
    match (one.first_chunk::<4>(), other.first_chunk(), one.last_chunk::<4>(), other.last_chunk()) {
        (Some(first), Some(other_first), Some(last), Some(other_last)) => {
            first == other_first && last == other_last
        }
        _ => one.iter().zip(other).all(|(a, b)| a == b),
    }
}

/// Where the text has this in it. Texts are so short here that a search would take longer to get going.
#[inline]
pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len().max(1)).position(|bytes| same(bytes, wanted))
}

/// What stands before and behind the first of some marks, whose UTF-8 has this many bytes. Knowing how many spares a call for each place.
#[inline]
pub(crate) fn cut<'t, const N: usize>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let mark: &[u8; N] = mark.as_bytes().as_array()?;
    let at = text.as_bytes().array_windows().position(|bytes| bytes == mark)?;
    Some((text.get(..at)?, text.get(at + N..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_what_is_equal() {
        let text: Vec<u8> = (0..40).collect();
        for length in 0..text.len() {
            let one = &text[..length];
            let copy: Box<[u8]> = one.into();
            assert!(same(one, &copy));
            assert!(!same(one, &text[..=length]));
            for changed in 0..length {
                let mut other = one.to_vec();
                other[changed] ^= 0x40;
                assert!(!same(one, &other), "{changed} of {length}");
            }
        }
    }

    /// Positions of the bytes that are meant, as marks.
    fn meant(bytes: [u8; 8], is_meant: impl Fn(u8) -> bool) -> u64 {
        (0..8).filter(|at| is_meant(bytes[*at])).map(mark).sum()
    }

    #[test]
    fn every_byte_that_is_meant_is_marked_and_no_other() {
        for byte in 0..=255u8 {
            for other in [b'a', b'"', b'\\', b'#', 0, 0x7F, 0xA2, 0xFF] {
                for places in 0..=255u8 {
                    let bytes: [u8; 8] =
                        core::array::from_fn(|at| if places >> at & 1 == 1 { byte } else { other });
                    let word = u64::from_le_bytes(bytes);
                    for wanted in [b'"', b'\\', 0, 0x7F, 0xE3] {
                        assert_eq!(equal(word, wanted), meant(bytes, |byte| byte == wanted), "{bytes:?}");
                    }
                    assert_eq!(structure(word), meant(bytes, |byte| b"[\\]{|}".contains(&byte)), "{bytes:?}");
                    let low = meant(bytes, |byte| byte < b' ');
                    assert_eq!(first(below(word, b' ')), first(low), "{bytes:?}");
                    assert_eq!(count(low), low.count_ones() as usize, "{bytes:?}");
                    let odd = (0..8).filter(|at| (low & ALL >> (56 - at * 8)).count_ones() % 2 == 1);
                    assert_eq!(behind_odd(low), odd.map(mark).sum::<u64>(), "{bytes:?}");
                    assert_eq!(with_bit(word, 1), meant(bytes, |byte| byte & 2 != 0), "{bytes:?}");
                }
            }
        }
    }
}
