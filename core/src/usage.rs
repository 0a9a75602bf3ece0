//! Counts, over a run, how often each place of the profile was looked at and had a value, and how often each entry of a value table was used.
//!
//! A counter per place and entry, whatever the number of records; never a value of a record.

use serde::Serialize;

use crate::{
    extract::Slot,
    finding::{Detail, Finding},
    pointer,
    profile::plan::{PlaceId, Plan, Reference},
    rules::{self, Severity},
};

/// From how many looks on a place that no record has is worth a finding, if the records have all other places in common.
const LEAST_OF_LIKE: u64 = 10;
/// The same if some records leave places out, or the profile asks whether it is there: a rare place may be left out by all of a few.
const LEAST_OF_UNLIKE: u64 = 100;

/// How often the parts of a profile were used; only counts. Member `usage` of the options asks for it.
///
/// ```
/// use pmh_core::{Job, Output};
/// # fn main() -> Result<(), pmh_core::Invalid> {
/// let profile = include_bytes!("../examples/profile.json");
/// let mut session = Job::from_json(profile, br#"{"asOf": "2026-11-22", "usage": true}"#)?.session();
/// session.push(r#"[{"制度": "15"}]"#.as_bytes(), &mut Output::default());
/// let usage = session.finish(&mut Output::default()).usage.unwrap();
/// let place = usage.places.iter().find(|place| place.source == "/制度").unwrap();
/// assert_eq!((place.asked, place.present, place.filled), (1, 1, 1));
/// assert!(usage.entries.iter().any(|entry| entry.profile == "/scheme/map/15" && entry.used == 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// The places that the profile reads, in its order.
    pub places: Vec<PlaceUsage>,
    /// The entries of its value tables.
    pub entries: Vec<EntryUsage>,
}

/// A place of the record that the profile reads; [`Usage`] has an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceUsage {
    /// JSON Pointer into the profile.
    pub profile: String,
    /// JSON Pointer into the record, `…` for the index of a loop.
    pub source: String,
    /// How often it was looked at: not where a condition didn't hold or an alternative came first; in a loop once per element.
    pub asked: u64,
    /// How often its key was there.
    pub present: u64,
    /// How often it had a value.
    pub filled: u64,
    /// Whether the report tells that no record has it (`PMH2007`).
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub absent: bool,
}

/// An entry of a value table, or its `otherwise`; [`Usage`] has an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryUsage {
    /// JSON Pointer into the profile.
    pub profile: String,
    /// How often it was used.
    pub used: u64,
}

/// Counts while a run goes on. An empty one counts nothing.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// By place: looks, keys that were there, values.
    pub(crate) places: Vec<[u64; 3]>,
    /// By position in [`Plan::entries`].
    pub(crate) entries: Vec<u64>,
    /// Places that were told of.
    told: Vec<PlaceId>,
}

impl Tally {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            places: vec![[0; 3]; plan.places.len()],
            entries: vec![0; plan.entries.len()],
            told: Vec::new(),
        }
    }

    /// Counts a look at a place; true if there is a value.
    #[inline]
    pub(crate) fn look(&mut self, place: PlaceId, slot: Slot<'_>) -> bool {
        let filled = !slot.is_empty();
        if let Some([asked, present, full]) = self.places.get_mut(place) {
            *asked = asked.wrapping_add(1);
            *present = present.wrapping_add(u64::from(!matches!(slot, Slot::Missing)));
            *full = full.wrapping_add(u64::from(filled));
        }
        filled
    }

    pub(crate) fn enter(&mut self, entry: usize) {
        if let Some(used) = self.entries.get_mut(entry) {
            *used = used.wrapping_add(1);
        }
    }

    /// Every count, places first.
    pub(crate) fn counts(&mut self) -> impl Iterator<Item = &mut u64> {
        self.places.iter_mut().flatten().chain(&mut self.entries)
    }

    pub(crate) fn usage(&self, plan: &Plan) -> Usage {
        let place =
            |(id, (reference, [asked, present, filled])): (PlaceId, (&Reference, &[u64; 3]))| PlaceUsage {
                profile: reference.profile.clone(),
                source: shown(reference),
                asked: *asked,
                present: *present,
                filled: *filled,
                absent: self.told.contains(&id),
            };
        let entry = |(profile, used): (&String, &u64)| EntryUsage { profile: profile.clone(), used: *used };
        Usage {
            places: plan.places.iter().zip(&self.places).enumerate().map(place).collect(),
            entries: plan.entries.iter().zip(&self.entries).map(entry).collect(),
        }
    }

    /// Tells of each place of the record that no record had, once, where the profile first speaks of it.
    pub(crate) fn absent(&mut self, plan: &Plan, severity: Severity, mut tell: impl FnMut(&Finding)) {
        if severity == Severity::Off {
            return;
        }
        let all = || plan.places.iter().zip(&self.places);
        let is_like = all().all(|(_, [asked, present, _])| *present == 0 || present == asked);
        let mut told = Vec::new();
        for (id, (reference, [asked, present, _])) in all().enumerate() {
            let is_rare = reference.may_lack || !is_like;
            let least = if is_rare { LEAST_OF_UNLIKE } else { LEAST_OF_LIKE };
            // nothing is wrong with an alternative if another one of its kind is there, or with a place that is there elsewhere
            let is_found = |(other, [_, present, _]): (&Reference, &[u64; 3])| {
                let is_alternative = reference.choice > 0 && other.choice == reference.choice;
                *present > 0 && (is_alternative || other.node == reference.node)
            };
            if *present > 0
                || *asked < least
                || told.iter().any(|(_, node)| *node == reference.node)
                || all().any(is_found)
            {
                continue;
            }
            told.push((id, reference.node));
            tell(&Finding {
                severity,
                source: Some(shown(reference)),
                detail: Detail::Number(*asked),
                ..Finding::of_profile(&rules::ABSENT_PLACE, &reference.profile, Detail::Nothing)
            });
        }
        self.told = told.into_iter().map(|(id, _)| id).collect();
    }
}

/// A place's pointer: what a loop counts is any of its elements.
fn shown(reference: &Reference) -> String {
    reference.pointer.replace(pointer::INDEX, "…")
}
