//! The guards against columns that suddenly change: against the counts of the last accepted run.
//!
//! How this could end with success and harm somebody: a renamed column, whose item then is empty for everyone; one constant in place of a
//! code; a loss that is explained away by fewer records; a warning for each lapse in a town with nine recipients, so that the one that counts is not read.

use std::collections::BTreeMap;

use pmh_core::rules::{self, Rule};

use super::{GuardConfig, Reaction, Share, Situation};
use crate::{
    failure::{Failure, Words},
    usage::{Place, Usage},
};

/// From how many percent fewer values on there is a warning.
const DROP_WARNED: u64 = 50;
/// The same for an entry of a value table.
const ENTRY_LOST: u64 = 90;
/// So many records that all had a value and now have none are no chance, however small the set is.
const FEW: u64 = 3;
/// Places that a message names.
const NAMED: usize = 3;

/// What the counts say: reasons to stop if the configuration asks for it, and warnings.
pub(super) fn judge(situation: &Situation<'_>, config: &GuardConfig) -> (Vec<Failure>, Vec<Failure>) {
    let (mut stops, mut warnings) = (Vec::new(), Vec::new());
    let mut tell = |failure: Option<Failure>, reaction| match reaction {
        Reaction::Stop => stops.extend(failure),
        Reaction::Warn => warnings.extend(failure),
    };
    let (now, before) = (situation.summary.usage.as_ref(), situation.usage);
    if let Some(now) = now {
        tell(absent(now, before), config.absent_places);
    }
    match (now, before) {
        (Some(now), Some(before)) => {
            let stop = config.max_fill_drop_percent.and_then(|percent| dropped(now, before, percent, config));
            let reaction = if stop.is_some() { Reaction::Stop } else { Reaction::Warn };
            tell(stop.or_else(|| dropped(now, before, DROP_WARNED, config)), reaction);
            tell(vanished(now, before, config), config.vanished_entries);
        }
        _ if situation.last.is_some() => {
            let (en, ja) = ("the last accepted run has none", "前回の受付時の記録がありません");
            let (en, ja) = if now.is_some() {
                (en, ja)
            } else {
                ("the module gives none", "モジュールが集計していません")
            };
            tell(Some(Failure::new(&rules::NO_COUNTS, Words::new(en, ja))), Reaction::Warn);
        }
        _ => {}
    }
    (stops, warnings)
}

/// Places that no record has, but for those that no record of the last accepted run had either.
fn absent(now: &Usage, before: Option<&Usage>) -> Option<Failure> {
    let known = |place: &Place| {
        let before = before.and_then(|before| find(before, place));
        before.is_some_and(|before| before.asked > 0 && before.present == 0)
    };
    let new = now.places.iter().filter(|place| place.absent && !known(place));
    named(&rules::ABSENT_PLACES, new.map(|place| format!("{} ({})", place.source, place.profile)))
}

fn find<'a>(usage: &'a Usage, place: &Place) -> Option<&'a Place> {
    usage.places.iter().find(|other| other.profile == place.profile && other.source == place.source)
}

/// What is missing of what the last run's share would give.
struct Loss {
    expected: u64,
    now: u64,
}

impl Loss {
    /// Of so many looks now, if it was so many of so many before.
    fn new(before: (u64, u64), now: (u64, u64)) -> Self {
        let [had, of, looks] = [before.0, before.1, now.1].map(u128::from);
        let expected = (had * looks).checked_div(of).unwrap_or_default();
        Self { expected: u64::try_from(expected).unwrap_or(u64::MAX), now: now.0 }
    }

    fn exceeds(&self, percent: u64) -> bool {
        self.lost().exceeds(percent, 0)
    }

    fn lost(&self) -> Share {
        Share { count: self.expected.saturating_sub(self.now), of: self.expected }
    }
}

/// Places that far fewer records have a value at.
fn dropped(now: &Usage, before: &Usage, percent: u64, config: &GuardConfig) -> Option<Failure> {
    let lost = now.places.iter().filter_map(|place| {
        let last = find(before, place)?;
        let loss = Loss::new((last.filled, last.asked), (place.filled, place.asked));
        let all = place.filled == 0 && last.filled == last.asked && last.filled.min(loss.expected) >= FEW;
        let many = last.filled.min(loss.lost().count) > config.tolerance;
        let share = |place: &Place| u128::from(place.filled) * 100 / u128::from(place.asked.max(1));
        (loss.exceeds(percent) && (all || many))
            .then(|| format!("{} ({}): {}% → {}%", place.source, place.profile, share(last), share(place)))
    });
    named(&rules::FILL_DROPPED, lost)
}

/// Entries of value tables that are hardly used any more: another one has taken their place.
fn vanished(now: &Usage, before: &Usage, config: &GuardConfig) -> Option<Failure> {
    let totals = |usage: &Usage| {
        let mut totals = BTreeMap::<String, u64>::new();
        for entry in &usage.entries {
            let total = totals.entry(table(&entry.profile).to_owned()).or_default();
            *total = total.saturating_add(entry.used);
        }
        totals
    };
    let (totals_before, totals_now) = (totals(before), totals(now));
    let lost = before.entries.iter().filter_map(|last| {
        let total =
            |totals: &BTreeMap<String, u64>| totals.get(table(&last.profile)).copied().unwrap_or_default();
        // an entry that the profile has no longer is no loss of the records
        let entry = now.entries.iter().find(|entry| entry.profile == last.profile)?;
        let loss = Loss::new((last.used, total(&totals_before)), (entry.used, total(&totals_now)));
        let many = last.used.min(loss.lost().count) > config.tolerance;
        (many && loss.exceeds(ENTRY_LOST))
            .then(|| format!("{}: {} → {}", entry.profile, last.used, entry.used))
    });
    named(&rules::ENTRIES_VANISHED, lost)
}

/// The expression whose table an entry belongs to.
fn table(entry: &str) -> &str {
    let parent = entry.rsplit_once('/').map_or(entry, |(parent, _)| parent);
    parent.strip_suffix("/map").unwrap_or(parent)
}

/// A failure that names the first few, if there are any.
fn named(rule: &'static Rule, all: impl Iterator<Item = String>) -> Option<Failure> {
    let all: Vec<String> = all.collect();
    let first = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = all.len().saturating_sub(NAMED);
    let words = if more > 0 {
        Words::new(format!("{first} and {more} more"), format!("{first} ほか{more}件"))
    } else {
        Words::from(first)
    };
    (!all.is_empty()).then(|| Failure::new(rule, words))
}

#[cfg(test)]
mod tests;
