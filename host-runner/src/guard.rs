//! Decides, before anything is sent, whether the payload may be taken for "all records" of today.
//!
//! PMH keeping yesterday's data is safer than PMH losing one person. Pure: it reads counts, times and settings, nothing else,
//! and tells nothing but counts and percentages.
//!
//! How this could end with success and harm somebody: as many other people in place of those who are missing; a tenth lost
//! night after night; a reference of another endpoint; a reference that somebody deleted; a small town in which every lapse
//! stops the run, so that `--pass` becomes a habit.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pmh_core::rules::{self, Rule};

use crate::{
    failure::{Failure, Words},
    ledger::Changes,
    report::Summary,
    time::in_japan,
    usage::Usage,
};

mod usage;

/// The guards that a person may pass once, with `--pass CODE`. Nothing lets an incomplete or unconfirmed input through.
pub static PASSABLE: [&Rule; 18] = [
    &rules::TOO_MANY_REJECTED,
    &rules::NOTHING_TO_SEND,
    &rules::SHRUNK,
    &rules::OTHER_DAY,
    &rules::INPUT_OLD,
    &rules::TOO_MANY_GONE,
    &rules::TOO_MANY_ADDED,
    &rules::TOO_MANY_CHANGED,
    &rules::GONE_OVER_DAYS,
    &rules::NOT_COMPARABLE,
    &rules::OTHER_PAYER,
    &rules::OTHER_CITY,
    &rules::ABSENT_PLACES,
    &rules::FILL_DROPPED,
    &rules::ENTRIES_VANISHED,
    &rules::LEDGER_ELSEWHERE,
    &rules::SPOOL_ELSEWHERE,
    &rules::KEY_ELSEWHERE,
];

/// The guards against loss: if a person passes one, the losses until then are confirmed.
static AGAINST_LOSS: [&Rule; 4] =
    [&rules::NOTHING_TO_SEND, &rules::SHRUNK, &rules::TOO_MANY_GONE, &rules::GONE_OVER_DAYS];

/// How far back losses are added up.
pub const WINDOW: TimeDelta = TimeDelta::days(7);

/// `[guard]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardConfig {
    /// Rejected records that don't stop a run.
    pub max_rejected: u64,
    /// How much smaller than the last accepted run a set may be.
    pub max_shrink_percent: u64,
    /// How many recipients of the last accepted run may be missing.
    pub max_gone_percent: u64,
    /// How many recipients may have gone missing over seven days.
    pub max_gone_percent_7d: u64,
    /// How many recipients may be new.
    pub max_added_percent: u64,
    /// How many recipients may have other contents.
    pub max_changed_percent: u64,
    /// Records that may be missing, new or changed whatever the percentage, unless they are more than half of all.
    pub tolerance: u64,
    /// Whether an empty set may be sent.
    pub allow_empty: bool,
    /// How old the input may be; any age unless set.
    pub max_input_age: Option<Duration>,
    /// The payer's numbers, or their beginnings, that records may bear; any if empty.
    pub registration_numbers: Vec<String>,
    /// The municipalities that recipients live in; any if empty.
    pub cities: Vec<String>,
    /// How many recipients may live elsewhere.
    pub max_other_cities_percent: u64,
    /// How many percent fewer values a place may have, by the last accepted run's share; it only warns unless set.
    pub max_fill_drop_percent: Option<u64>,
    /// What places do that no record has.
    pub absent_places: Reaction,
    /// What entries of value tables do that are hardly used any more.
    pub vanished_entries: Reaction,
}

/// What a guard does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Reaction {
    /// It warns.
    #[default]
    Warn,
    /// It stops the run.
    Stop,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            max_rejected: 0,
            max_shrink_percent: 10,
            max_gone_percent: 10,
            max_gone_percent_7d: 20,
            max_added_percent: 20,
            max_changed_percent: 50,
            tolerance: 5,
            allow_empty: false,
            max_input_age: None,
            registration_numbers: Vec::new(),
            cities: Vec::new(),
            max_other_cities_percent: 10,
            max_fill_drop_percent: None,
            absent_places: Reaction::Warn,
            vanished_entries: Reaction::Warn,
        }
    }
}

/// What the guards look at.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The counts of the set.
    pub summary: &'a Summary,
    /// The processing date.
    pub as_of: &'a str,
    /// Today in Japan.
    pub today: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
    /// When the input was last changed, if that is known.
    pub input_changed: Option<DateTime<Utc>>,
    /// What is wrong with the input as a whole.
    pub input_faults: &'a [Failure],
    /// Hash of the profile.
    pub profile: &'a str,
    /// Hash of the module.
    pub module: &'a str,
    /// The last run that PMH accepted.
    pub last: Option<&'a LastAccepted>,
    /// The accepted runs of the last seven days and the one before them, the oldest first.
    pub nights: &'a [Night],
    /// The set against the last accepted one.
    pub comparison: &'a Comparison,
    /// Records that seem to be another municipality's.
    pub outside: Outside,
    /// How often the parts of the profile were used in the last accepted run.
    pub usage: Option<&'a Usage>,
}

/// The last accepted run as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAccepted {
    /// The run.
    pub run: i64,
    /// Records that were sent.
    pub records: u64,
    /// Hash of the profile.
    pub profile: String,
    /// Hash of the module.
    pub module: String,
}

/// An accepted run of the last days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    records: u64,
    gone: Option<u64>,
    confirmed: bool,
}

impl Night {
    /// A run with its records, the recipients that were gone if that is known, and the codes of the guards that were passed.
    #[must_use]
    pub fn new(records: u64, gone: Option<u64>, passed: &str) -> Self {
        let confirmed =
            passed.split_whitespace().any(|code| AGAINST_LOSS.iter().any(|rule| rule.code == code));
        Self { records, gone, confirmed }
    }
}

/// The set against the last accepted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// There is no earlier set; the words say why.
    None(Words),
    /// There is one, but its hashes can't be used; the words say why.
    Impossible(Words),
    /// The differences, and the recipients of the earlier set.
    Known {
        /// The differences.
        changes: Changes,
        /// The recipients of the earlier set.
        before: u64,
    },
}

/// Records that seem to be another municipality's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outside {
    /// By the payer's number.
    pub numbers: u64,
    /// By the address.
    pub cities: u64,
}

/// What the guards say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Every reason not to send.
    pub stops: Vec<Failure>,
    /// Reasons that a person passed for this once.
    pub passed: Vec<Failure>,
    /// What is worth knowing and stops nothing.
    pub warnings: Vec<Failure>,
}

/// Judges a set; `pass` names the guards that are passed this once.
#[must_use]
pub fn judge(situation: &Situation<'_>, config: &GuardConfig, pass: &[&'static Rule]) -> Verdict {
    let (columns, warned) = usage::judge(situation, config);
    let mut verdict = Verdict { warnings: warnings(situation), ..Verdict::default() };
    verdict.warnings.extend(warned);
    for stop in stops(situation, config).into_iter().chain(columns) {
        if pass.contains(&stop.rule) {
            verdict.passed.push(stop);
        } else {
            verdict.stops.push(stop);
        }
    }
    verdict
}

fn stops(situation: &Situation<'_>, config: &GuardConfig) -> Vec<Failure> {
    let summary = situation.summary;
    let mut stops = situation.input_faults.to_vec();
    if !summary.complete {
        stops.push(Failure::new(&rules::INPUT_INCOMPLETE, summary.read));
    }
    if summary.rejected > config.max_rejected {
        stops.push(Failure::new(&rules::TOO_MANY_REJECTED, summary.rejected));
    }
    if summary.accepted == 0 && !config.allow_empty {
        stops.push(Failure::new(&rules::NOTHING_TO_SEND, summary.read));
    }
    stops.extend(losses(situation, config));
    stops.extend(differences(situation, config));
    if situation.outside.numbers > 0 {
        stops.push(Failure::new(&rules::OTHER_PAYER, situation.outside.numbers));
    }
    let elsewhere = Share { count: situation.outside.cities, of: summary.accepted };
    stops.extend(elsewhere.over(
        &rules::OTHER_CITY,
        ("guard.max_other_cities_percent", config.max_other_cities_percent),
        config.tolerance,
    ));
    if situation.as_of != situation.today {
        stops.push(Failure::new(&rules::OTHER_DAY, situation.as_of));
    }
    stops.extend(situation.input_changed.and_then(|changed| too_old(changed, situation.now, config)));
    stops
}

/// An input that was last changed too long ago.
pub(crate) fn too_old(changed: DateTime<Utc>, now: DateTime<Utc>, config: &GuardConfig) -> Option<Failure> {
    let most = TimeDelta::from_std(config.max_input_age?).unwrap_or(TimeDelta::MAX);
    let when = in_japan(changed).format("%Y-%m-%d %H:%M");
    let words = Words::new(format!("{when} (Japan)"), format!("{when}(日本時間)"));
    (now - changed > most).then(|| Failure::new(&rules::INPUT_OLD, words))
}

/// Some of all.
#[derive(Clone, Copy)]
struct Share {
    count: u64,
    of: u64,
}

impl Share {
    /// Whether it is over a percentage and over the tolerance, which is never more than half of all. 0 percent is none at
    /// all.
    fn exceeds(self, percent: u64, tolerance: u64) -> bool {
        let tolerance = if percent == 0 { 0 } else { tolerance };
        let [count, of, percent] = [self.count, self.of, percent].map(u128::from);
        count * 100 > of * percent && (self.count > tolerance || count * 2 > of)
    }

    fn over(self, rule: &'static Rule, (key, percent): (&str, u64), tolerance: u64) -> Option<Failure> {
        let Self { count, of } = self;
        let words = Words::new(
            format!("{count} of {of} ({key} = {percent})"),
            format!("{of}件中{count}件。{key} = {percent}"),
        );
        self.exceeds(percent, tolerance).then(|| Failure::new(rule, words))
    }
}

/// What is lost tonight, or was lost little by little. One loss has one code: recipients whose absence the number of records
/// tells already are not told again.
fn losses(situation: &Situation<'_>, config: &GuardConfig) -> Option<Failure> {
    let (before, after) = (situation.last?.records, situation.summary.accepted);
    let fewer = before.saturating_sub(after);
    let percent = config.max_shrink_percent;
    let mut gone = fewer;
    let mut missing = None;
    if let Comparison::Known { changes, before } = situation.comparison {
        gone = changes.gone;
        missing = Some(Share { count: gone, of: *before });
    }
    if (Share { count: fewer, of: before }).exceeds(percent, config.tolerance) {
        let unexplained = missing.map(|share| Share { count: share.count.saturating_sub(fewer), ..share });
        if !unexplained.is_some_and(|share| share.exceeds(config.max_gone_percent, config.tolerance)) {
            let words = Words::new(
                format!("{before} → {after}, guard.max_shrink_percent = {percent}"),
                format!("{before}件 → {after}件。許容する減少は{percent}%まで"),
            );
            return Some(Failure::new(&rules::SHRUNK, words));
        }
    }
    let limit = ("guard.max_gone_percent", config.max_gone_percent);
    missing
        .and_then(|share| share.over(&rules::TOO_MANY_GONE, limit, config.tolerance))
        .or_else(|| over_days(situation.nights, gone, config))
}

/// The losses since a person last confirmed one, tonight's included.
fn over_days(nights: &[Night], tonight: u64, config: &GuardConfig) -> Option<Failure> {
    let begin = nights.iter().rposition(|night| night.confirmed).unwrap_or(0);
    let nights = nights.get(begin..).unwrap_or_default();
    let lost = |(before, night): (&Night, &Night)| {
        night.gone.unwrap_or_else(|| before.records.saturating_sub(night.records))
    };
    let earlier = nights.iter().zip(nights.iter().skip(1)).map(lost);
    let count = earlier.fold(tonight, u64::saturating_add);
    let of = nights.iter().map(|night| night.records).max()?;
    let limit = ("guard.max_gone_percent_7d", config.max_gone_percent_7d);
    (tonight > 0).then_some(Share { count, of })?.over(&rules::GONE_OVER_DAYS, limit, config.tolerance)
}

/// What is new or different, or why that isn't known.
fn differences(situation: &Situation<'_>, config: &GuardConfig) -> Vec<Failure> {
    match situation.comparison {
        // everybody is new after an empty set
        Comparison::None(_) | Comparison::Known { before: 0, .. } => Vec::new(),
        Comparison::Impossible(why) => vec![Failure::new(&rules::NOT_COMPARABLE, why.clone())],
        Comparison::Known { changes: Changes { added, changed, .. }, before } => [
            (added, &rules::TOO_MANY_ADDED, ("guard.max_added_percent", config.max_added_percent)),
            (changed, &rules::TOO_MANY_CHANGED, ("guard.max_changed_percent", config.max_changed_percent)),
        ]
        .into_iter()
        .filter_map(|(count, rule, limit)| {
            Share { count: *count, of: *before }.over(rule, limit, config.tolerance)
        })
        .collect(),
    }
}

fn warnings(situation: &Situation<'_>) -> Vec<Failure> {
    let nothing = match situation.comparison {
        Comparison::None(why) => Some(why.clone()),
        Comparison::Known { before: 0, .. } => {
            Some(Words::new("the last accepted set was empty", "前回の受付は0件でした"))
        }
        _ => None,
    };
    let nothing = nothing.map(|why| Failure::new(&rules::NO_REFERENCE, why));
    changed(situation).into_iter().chain(nothing).collect()
}

fn changed(situation: &Situation<'_>) -> Option<Failure> {
    let last = situation.last?;
    let words = match (last.profile != situation.profile, last.module != situation.module) {
        (true, true) => Words::new("profile and module", "プロファイルとモジュール"),
        (true, false) => Words::new("profile", "プロファイル"),
        (false, true) => Words::new("module", "モジュール"),
        (false, false) => return None,
    };
    Some(Failure::new(&rules::CHANGED, words))
}

#[cfg(test)]
mod tests;
