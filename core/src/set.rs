//! The whole set: which certificates were there already.
//!
//! At most 24 bytes a record. The set is split into many small tables that grow by a quarter at a time, so that growing never needs
//! two large tables at once. It holds hashes, never a number.

/// One shard's growth: a quarter more once nine in ten places are taken.
const SHARDS: usize = 256;
const SMALLEST: usize = 8;

/// The certificates that were accepted so far.
#[derive(Debug, Default)]
pub(crate) struct SeenSet {
    shards: Vec<Shard>,
}

#[derive(Debug, Default)]
struct Shard {
    /// 0 stands for a free place.
    places: Vec<u64>,
    taken: usize,
}

impl SeenSet {
    /// Adds a certificate; false where it was there already.
    pub(crate) fn insert(&mut self, parts: &[&str]) -> bool {
        let hash = hash(parts);
        if self.shards.is_empty() {
            self.shards.resize_with(SHARDS, Shard::default);
        }
        let shard = usize::try_from(hash & 0xFF).unwrap_or_default();
        self.shards.get_mut(shard).is_some_and(|shard| shard.insert(hash))
    }

    /// Bytes that the set takes up.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.places.capacity() * size_of::<u64>()).sum()
    }
}

impl Shard {
    fn insert(&mut self, hash: u64) -> bool {
        if (self.taken + 1) * 10 > self.places.len() * 9 {
            self.grow();
        }
        let placed = place(&mut self.places, hash);
        self.taken += usize::from(placed);
        placed
    }

    fn grow(&mut self) {
        let length = (self.places.len() + self.places.len() / 4).max(SMALLEST);
        let mut places = vec![0; length];
        for hash in self.places.iter().copied().filter(|hash| *hash != 0) {
            place(&mut places, hash);
        }
        self.places = places;
    }
}

/// Puts a hash into the first free place from its own on; false where it is there already.
fn place(places: &mut [u64], hash: u64) -> bool {
    let length = places.len() as u64;
    let own = usize::try_from((u128::from(hash) * u128::from(length)) >> 64).unwrap_or_default();
    let (before, after) = places.split_at_mut(own);
    for place in after.iter_mut().chain(before) {
        if *place == hash {
            return false;
        }
        if *place == 0 {
            *place = hash;
            return true;
        }
    }
    false
}

/// A 64-bit hash of several texts, the same on every host: FNV-1a with a final mix, never 0.
fn hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.bytes().chain([0xFF])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (hash ^ (hash >> 32)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_there_and_nothing_else() {
        let mut set = SeenSet::default();
        let key = |n: u32| n.to_string();
        assert!((0..50_000).all(|n| set.insert(&[&key(n), "x"])));
        assert!((0..50_000).all(|n| !set.insert(&[&key(n), "x"])));
        assert!(set.insert(&["1", "y"]) && set.insert(&["1x"]));
    }

    #[test]
    fn takes_at_most_24_bytes_a_record() {
        let mut set = SeenSet::default();
        for n in 0..300_000u32 {
            set.insert(&[&n.to_string()]);
            let fixed = SHARDS * (SMALLEST * size_of::<u64>());
            assert!(set.bytes() <= fixed + 24 * n as usize, "{} bytes for {n} records", set.bytes());
        }
    }
}
