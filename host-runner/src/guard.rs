//! Decides, before anything is sent, whether the payload may be taken for "all records" of today.
//!
//! PMH keeping yesterday's data is safer than PMH losing one person. Pure: it reads counts, hashes, times and settings,
//! nothing else.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use pmh_core::rules::{self, Rule};

use crate::{
    failure::{Failure, Words},
    report::Summary,
};

/// The guards that a person may pass once, with `--pass CODE`. Nothing lets an incomplete input through.
pub static PASSABLE: [&Rule; 8] = [
    &rules::TOO_MANY_REJECTED,
    &rules::NOTHING_TO_SEND,
    &rules::SHRUNK,
    &rules::OTHER_DAY,
    &rules::INPUT_OLD,
    &rules::LEDGER_ELSEWHERE,
    &rules::SPOOL_ELSEWHERE,
    &rules::KEY_ELSEWHERE,
];

/// `[guard]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuardConfig {
    /// Rejected records that don't stop a send.
    pub max_rejected: u64,
    /// How much smaller than the last accepted run a set may be.
    pub max_shrink_percent: u64,
    /// Whether an empty set may be sent.
    pub allow_empty: bool,
    /// How old the input may be; any age unless set.
    pub max_input_age: Option<Duration>,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self { max_rejected: 0, max_shrink_percent: 10, allow_empty: false, max_input_age: None }
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
    /// When the input was last changed, where that is known.
    pub input_changed: Option<DateTime<Utc>>,
    /// Hash of the profile.
    pub profile: &'a str,
    /// Hash of the module.
    pub module: &'a str,
    /// The last run that PMH accepted.
    pub last: Option<&'a LastAccepted>,
}

/// What the ledger knows of the last run that PMH accepted.
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

/// What the guards say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Every reason not to send; empty where there is none.
    pub stops: Vec<Failure>,
    /// Reasons that a person passed for this once.
    pub passed: Vec<Failure>,
    /// What is worth knowing and stops nothing.
    pub warnings: Vec<Failure>,
}

/// Judges a set; `pass` names the guards that are passed this once.
#[must_use]
pub fn judge(situation: &Situation<'_>, config: &GuardConfig, pass: &[&'static Rule]) -> Verdict {
    let mut verdict = Verdict { warnings: changed(situation).into_iter().collect(), ..Verdict::default() };
    for stop in stops(situation, config) {
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
    let mut stops = Vec::new();
    if !summary.complete {
        stops.push(Failure::new(&rules::INPUT_INCOMPLETE, summary.read));
    }
    if summary.rejected > config.max_rejected {
        stops.push(Failure::new(&rules::TOO_MANY_REJECTED, summary.rejected));
    }
    if summary.accepted == 0 && !config.allow_empty {
        stops.push(Failure::new(&rules::NOTHING_TO_SEND, summary.read));
    }
    stops.extend(shrunk(situation, config));
    if situation.as_of != situation.today {
        stops.push(Failure::new(&rules::OTHER_DAY, situation.as_of));
    }
    if let (Some(changed), Some(age)) = (situation.input_changed, config.max_input_age)
        && situation.now - changed > TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX)
    {
        stops.push(Failure::new(&rules::INPUT_OLD, changed.to_rfc3339_opts(SecondsFormat::Secs, true)));
    }
    stops
}

fn shrunk(situation: &Situation<'_>, config: &GuardConfig) -> Option<Failure> {
    let (before, after) = (situation.last?.records, situation.summary.accepted);
    let percent = config.max_shrink_percent;
    let least = u128::from(before) * u128::from(100_u64.saturating_sub(percent));
    let words = format_args!("{before} → {after} (guard.max_shrink_percent = {percent})").to_string();
    (u128::from(after) * 100 < least).then(|| Failure::new(&rules::SHRUNK, words))
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
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T17:30:00Z";

    fn time(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn counts(accepted: u64, rejected: u64, complete: bool) -> Summary {
        Summary { read: accepted + rejected, accepted, rejected, complete, ..Summary::default() }
    }

    fn situation(summary: &Summary) -> Situation<'_> {
        Situation {
            summary,
            as_of: "2026-11-22",
            today: "2026-11-22",
            now: time(NOW),
            input_changed: Some(time(NOW)),
            profile: "p1",
            module: "m1",
            last: None,
        }
    }

    fn codes(failures: &[Failure]) -> Vec<&'static str> {
        failures.iter().map(|failure| failure.rule.code).collect()
    }

    fn stopped(accepted: u64, rejected: u64, complete: bool, config: GuardConfig) -> Vec<&'static str> {
        codes(&judge(&situation(&counts(accepted, rejected, complete)), &config, &[]).stops)
    }

    #[test]
    fn nothing_is_lost_by_default() {
        let config = GuardConfig::default();
        assert_eq!(stopped(3, 0, true, config), [""; 0]);
        assert_eq!(stopped(3, 1, true, config), ["PMH6101"]);
        assert_eq!(stopped(3, 0, false, config), ["PMH6102"]);
        assert_eq!(stopped(0, 0, true, config), ["PMH6103"]);
        assert_eq!(stopped(0, 2, false, config), ["PMH6102", "PMH6101", "PMH6103"]);
    }

    #[test]
    fn a_site_may_allow_more() {
        let config = GuardConfig { max_rejected: 2, allow_empty: true, ..GuardConfig::default() };
        assert_eq!(stopped(3, 2, true, config), [""; 0]);
        assert_eq!(stopped(3, 3, true, config), ["PMH6101"]);
        assert_eq!(stopped(0, 0, true, config), [""; 0]);
        assert_eq!(stopped(0, 0, false, config), ["PMH6102"]);
    }

    #[test]
    fn a_set_may_shrink_by_so_much_and_no_more() {
        let last = LastAccepted { run: 1, records: 1000, profile: "p1".into(), module: "m1".into() };
        for (accepted, percent, stops) in
            [(900, 10, false), (899, 10, true), (2000, 10, false), (999, 0, true), (0, 100, false)]
        {
            let summary = counts(accepted, 0, true);
            let situation = Situation { last: Some(&last), ..situation(&summary) };
            let config =
                GuardConfig { max_shrink_percent: percent, allow_empty: true, ..GuardConfig::default() };
            let expected = if stops { vec!["PMH6104"] } else { vec![] };
            assert_eq!(codes(&judge(&situation, &config, &[]).stops), expected, "{accepted} {percent}");
        }
    }

    #[test]
    fn another_day_and_an_old_input_stop() {
        let summary = counts(3, 0, true);
        let config = GuardConfig { max_input_age: Some(Duration::from_hours(20)), ..GuardConfig::default() };
        let other = Situation { as_of: "2026-11-23", ..situation(&summary) };
        assert_eq!(codes(&judge(&other, &config, &[]).stops), ["PMH6105"]);
        for (changed, expected) in [
            (Some("2026-11-20T21:30:00Z"), vec![]),
            (Some("2026-11-20T21:29:59Z"), vec!["PMH6107"]),
            (Some("2027-01-01T00:00:00Z"), vec![]),
            (None, vec![]),
        ] {
            let situation = Situation { input_changed: changed.map(time), ..situation(&summary) };
            assert_eq!(codes(&judge(&situation, &config, &[]).stops), expected, "{changed:?}");
            assert!(judge(&situation, &GuardConfig::default(), &[]).stops.is_empty());
        }
    }

    #[test]
    fn a_change_of_profile_or_module_is_told_and_stops_nothing() {
        let summary = counts(3, 0, true);
        let told = |profile: &str, module: &str| {
            let last = LastAccepted { run: 1, records: 3, profile: profile.into(), module: module.into() };
            let situation = Situation { last: Some(&last), ..situation(&summary) };
            let verdict = judge(&situation, &GuardConfig::default(), &[]);
            assert!(verdict.stops.is_empty());
            verdict.warnings.first().map(|warning| warning.message(rules::Lang::En))
        };
        assert_eq!(told("p1", "m1"), None);
        assert_eq!(told("p0", "m1").as_deref(), Some("changed since the last accepted run: profile"));
        assert!(told("p0", "m0").unwrap().ends_with("profile and module"));
    }

    #[test]
    fn only_what_is_named_is_passed() {
        let summary = counts(0, 2, false);
        let situation = Situation { as_of: "2026-01-01", ..situation(&summary) };
        let verdict = judge(&situation, &GuardConfig::default(), &[&rules::OTHER_DAY]);
        assert_eq!(codes(&verdict.passed), ["PMH6105"]);
        assert_eq!(codes(&verdict.stops), ["PMH6102", "PMH6101", "PMH6103"]);
        // an incomplete input is not "all records", whatever a person says
        let verdict = judge(&situation, &GuardConfig::default(), &PASSABLE);
        assert_eq!(codes(&verdict.stops), ["PMH6102"]);
    }
}
