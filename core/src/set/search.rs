//! The other record of a finding across the set: the one that it was compared with.
//!
//! The set has no room for positions, so naming that record takes a second run over the same input. The first run notes the certificates that something was
//! found about; the second run, told of them, notes which accepted record is the first to clash with each. What it names was read in the second run
//! itself: if the input has changed meanwhile, nothing is named that isn't there.

use core::fmt;

use super::{Certificate, SHARDS, Seen};
use crate::finding::Other;

/// How many certificates one run searches for.
const MOST: usize = 1_000;

/// A record, as findings name it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Index in the input, from 0.
    pub(crate) record: u64,
    /// The record's key, unless it is personal data.
    pub(crate) key: Option<&'a str>,
}

/// What two certificates clash in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clash {
    Certificate,
    Days,
    Name,
    Birth,
    Person,
}

/// The certificates that a second run over the same input names the other record of; [`crate::Session::finish_first`] has an example.
#[derive(Default)]
pub struct Search {
    sought: Vec<Sought>,
    /// One bit for each shard that a sought certificate's person or numbers are in. There are none in the first run.
    shards: Vec<u64>,
    /// The keys of the records that were met, one behind another.
    keys: String,
}

#[derive(Clone, Copy)]
struct Sought {
    certificate: Certificate,
    /// The first record that clashes with it, for each [`Clash`].
    others: [Option<Met>; 5],
}

/// The record that a certificate was met in.
#[derive(Clone, Copy)]
struct Met {
    record: u64,
    /// Where [`Search::keys`] has its key; nowhere if it has none.
    key: (usize, usize),
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("sought", &self.sought.len()).finish_non_exhaustive()
    }
}

impl Search {
    /// True if a second run would have nothing to name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sought.is_empty()
    }

    /// What a second run begins with; after a second run it is nothing.
    #[inline(never)]
    pub(crate) fn after_first(mut self) -> Self {
        if self.is_empty() || !self.shards.is_empty() {
            return Self::default();
        }
        self.shards = vec![0; SHARDS / 64];
        for sought in &self.sought {
            for shard in sought.certificate.shards() {
                if let Some(word) = self.shards.get_mut(usize::from(shard / 64)) {
                    *word |= 1 << (shard % 64);
                }
            }
        }
        self
    }

    /// Whether a certificate can be of a person, or have the numbers, of one that is sought.
    pub(super) fn concerns(&self, certificate: &Certificate) -> bool {
        !self.shards.is_empty() && self.has_shard_of(certificate)
    }

    #[inline(never)]
    fn has_shard_of(&self, certificate: &Certificate) -> bool {
        let has = |shard: u16| {
            self.shards.get(usize::from(shard / 64)).is_some_and(|word| word >> (shard % 64) & 1 != 0)
        };
        certificate.shards().into_iter().any(has)
    }

    /// Notes a certificate that is remembered from now on, where it clashes with one that is sought.
    #[cold]
    #[inline(never)]
    pub(super) fn meet(&mut self, met: &Certificate, place: Place<'_>) {
        let key = place.key.unwrap_or_default();
        let begin = self.keys.len();
        let record = Met { record: place.record, key: (begin, begin.saturating_add(key.len())) };
        let mut is_kept = false;
        for Sought { certificate, others } in &mut self.sought {
            let Seen { duplicate, overlap, other_name, other_birth, other_person, .. } =
                certificate.against(met);
            let clashes = [duplicate, overlap, other_name, other_birth, other_person];
            for (other, clash) in others.iter_mut().zip(clashes) {
                if clash && other.is_none() {
                    *other = Some(record);
                    is_kept = true;
                }
            }
        }
        if is_kept {
            self.keys.push_str(key);
        }
    }

    /// The other record of a finding: in the first run it is to be searched for.
    #[cold]
    #[inline(never)]
    pub(super) fn other(&mut self, certificate: &Certificate, clash: Clash) -> Other {
        let known = self.sought.iter().find(|sought| sought.certificate == *certificate);
        let met = known.and_then(|sought| *sought.others.get(clash as usize)?);
        if known.is_none() && self.shards.is_empty() && self.sought.len() < MOST {
            self.sought.push(Sought { certificate: *certificate, others: [None; 5] });
        }
        let Some(Met { record, key: (begin, end) }) = met else { return Other::Unknown };
        let key = self.keys.get(begin..end).filter(|key| !key.is_empty());
        Other::Known { record, record_key: key.map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `wasm/ABI.md` says of a second run's memory: the keys have at most 64 characters.
    #[test]
    fn a_search_takes_at_most_a_mebibyte_and_a_half() {
        let one = size_of::<Sought>() + 5 * 64 * 4;
        assert!(MOST * one + SHARDS / 8 <= 3 << 19, "{one} bytes per certificate");
    }

    #[test]
    fn nothing_of_a_certificate_is_printed() {
        assert_eq!(format!("{:?}", Search::default()), "Search { sought: 0, .. }");
    }
}
