//! Sorted lists of keys of 64 bits, for documents that may have tens of thousands of entries.

use std::collections::BinaryHeap;

/// Keys in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Packed(Vec<u64>);

impl Packed {
    /// Sorts keys. By a heap: the standard library's quicker sort would be ten times as many bytes of the module.
    #[inline(never)]
    pub(crate) fn of(keys: Vec<u64>) -> Self {
        Self(BinaryHeap::from(keys).into_sorted_vec())
    }

    /// The keys from this one on.
    #[inline(never)]
    pub(crate) fn from(&self, key: u64) -> &[u64] {
        let begin = self.0.partition_point(|known| *known < key);
        self.0.get(begin..).unwrap_or_default()
    }
}
