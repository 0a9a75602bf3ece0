//! Finds a record's key among those that a profile reads of an object, by one look at its bytes.

use super::plan::Child;
use crate::bytes;

/// No position: not even the longest table has it. In a register, which an `Option` of a position isn't on every host.
pub(crate) const NONE: usize = usize::MAX;

/// A table of positions by the hash of their keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Position + 1; 0 stands for a free place. As long as a power of two, and at most half full.
    places: Vec<u8>,
}

impl Keys {
    /// The table of at most 128 keys; nothing is found where there are more.
    pub(crate) fn of(children: &[Child]) -> Self {
        let mut keys = Self { places: vec![0; (children.len() * 2).next_power_of_two()] };
        for (child, position) in children.iter().zip(1..=128) {
            let free = keys.way(&child.token).find(|place| keys.places.get(*place) == Some(&0));
            if let Some(place) = free.and_then(|free| keys.places.get_mut(free)) {
                *place = position;
            }
        }
        keys
    }

    /// The position of a key; [`NONE`] where it is none of them.
    pub(crate) fn find(&self, children: &[Child], key: &str) -> usize {
        for place in self.way(key) {
            let position = usize::from(self.places.get(place).copied().unwrap_or_default()).wrapping_sub(1);
            match children.get(position) {
                Some(child) if !bytes::same(child.token.as_bytes(), key.as_bytes()) => {}
                Some(_) => return position,
                None => break,
            }
        }
        NONE
    }

    /// The places where a key may stand, in their order.
    fn way(&self, key: &str) -> impl Iterator<Item = usize> + use<> {
        let length = self.places.len();
        // a table is far shorter than 2^32
        let first = usize::try_from(hash(key) >> 32).unwrap_or_default();
        (first..first.saturating_add(length)).map(move |place| place & length.wrapping_sub(1))
    }
}

/// Of a key's length, its first and its last bytes.
fn hash(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let ends = match (bytes.first_chunk(), bytes.last_chunk(), bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last), ..) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
        }
        (.., Some(first), Some(last)) => {
            u64::from(u32::from_le_bytes(*first)) ^ u64::from(u32::from_le_bytes(*last)) << 32
        }
        _ => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    (ends ^ key.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_key_and_no_other() {
        for count in [0, 1, 2, 31, 127, 128] {
            let children: Vec<Child> =
                (0..count).map(|n| Child { token: format!("項目{n}"), index: None, node: n }).collect();
            let keys = Keys::of(&children);
            for n in 0..count {
                assert_eq!(keys.find(&children, &format!("項目{n}")), n);
            }
            for other in ["", "項目", "項目128", "項目0 "] {
                assert_eq!(keys.find(&children, other), NONE, "{other} of {count}");
            }
        }
    }
}
