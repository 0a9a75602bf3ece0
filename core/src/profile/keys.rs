//! Finds a record's key among those that a profile reads of an object, by one look at its bytes.

use super::plan::Child;
use crate::bytes;

/// No position: not even the longest table has it. In a register, which an `Option` of a position isn't on every host.
pub(crate) const NONE: usize = usize::MAX;

/// A table of positions by the hash of their keys.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Position + 1; 0 stands for a free place. As long as a power of two, and at most a quarter full, so that the first place is mostly the one.
    places: Vec<u8>,
}

impl Keys {
    /// The table of at most 128 keys; nothing is found where there are more.
    pub(crate) fn of(children: &[Child]) -> Self {
        let mut keys = Self { places: vec![0; (children.len() * 4).next_power_of_two()] };
        for (child, position) in children.iter().zip(1..=128) {
            let mut place = first_place(&child.token);
            while keys.position(place) != NONE {
                place = place.wrapping_add(1);
            }
            let mask = keys.places.len().wrapping_sub(1);
            if let Some(free) = keys.places.get_mut(place & mask) {
                *free = position;
            }
        }
        keys
    }

    /// The position of a key; [`NONE`] where it is none of them.
    pub(crate) fn find(&self, children: &[Child], key: &str) -> usize {
        let first = first_place(key);
        let position = self.position(first);
        match children.get(position) {
            Some(child) if !bytes::same(child.token.as_bytes(), key.as_bytes()) => {
                self.find_behind(first, children, key)
            }
            _ => position,
        }
    }

    /// The position of a key that isn't the one at its first place. Apart, so that what is done mostly keeps its registers.
    #[inline(never)]
    fn find_behind(&self, first: usize, children: &[Child], key: &str) -> usize {
        let behind = (1..self.places.len()).map(|step| self.position(first.wrapping_add(step)));
        let is_it = |position: &usize| children.get(*position).is_none_or(|child| child.token == key);
        behind.into_iter().find(is_it).unwrap_or(NONE)
    }

    /// The position that stands at a place; [`NONE`] where it is free.
    #[inline]
    fn position(&self, place: usize) -> usize {
        let place = place & self.places.len().wrapping_sub(1);
        self.places.get(place).map_or(NONE, |position| usize::from(*position).wrapping_sub(1))
    }
}

/// The first place where a key may stand, counted round and round; the others follow. Of the key's length, its first and its last bytes.
#[inline]
fn first_place(key: &str) -> usize {
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
    let hash = (ends ^ key.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // a table is far shorter than 2^32
    usize::try_from(hash >> 32).unwrap_or_default()
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
