//! How often the places and value tables of a profile were used: the module's counts, as they are compared from run to run.
//!
//! Counts and pointers only, never a value of a record.

use serde::{Deserialize, Serialize};

/// Bytes of the counts of a run that the ledger keeps at most: those of a profile of any reasonable size.
const MAX_KEPT: usize = 1 << 20;

/// The counts of a run, as `wasm/ABI.md` describes them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// The places of the record that the profile reads.
    pub places: Vec<Place>,
    /// The entries of its value tables.
    pub entries: Vec<Entry>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// JSON Pointer into the profile.
    pub profile: String,
    /// JSON Pointer into the record.
    pub source: String,
    /// How often it was looked at.
    pub asked: u64,
    /// How often its key was there.
    pub present: u64,
    /// How often it had a value.
    pub filled: u64,
    /// Whether the report tells that no record has it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

/// An entry of a value table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// JSON Pointer into the profile.
    pub profile: String,
    /// How often it was used.
    pub used: u64,
}

impl Usage {
    /// The counts as the ledger keeps them, without what was not used; none if they are too many.
    #[must_use]
    pub fn kept(&self) -> Option<String> {
        let kept = Self {
            places: self.places.iter().filter(|place| place.asked > 0).cloned().collect(),
            entries: self.entries.iter().filter(|entry| entry.used > 0).cloned().collect(),
        };
        serde_json::to_string(&kept).ok().filter(|text| text.len() <= MAX_KEPT)
    }

    /// Reads what [`Usage::kept`] gave.
    #[must_use]
    pub fn read(kept: &str) -> Option<Self> {
        serde_json::from_str(kept).ok()
    }
}
