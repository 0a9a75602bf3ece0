//! What the service tells of itself: numbers, times and exit codes.
//!
//! It is healthy if the last run was accepted, the last acceptance isn't too old, no run hangs and the service itself goes on.
//! What would look well and be wrong: a service that has just started and knows nothing of the failed night; an
//! acceptance from the future; a loop that hangs behind a listener that answers.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use pmh_core::rules;
use serde::{Deserialize, Serialize};

use super::{child::Ended, look::Look};
use crate::{
    atomic_file::AtomicFile,
    config::Config,
    failure::{Failure, Result},
    ledger::State,
    time::written,
};

/// How long the main loop may take for a turn. It looks at the clock four times a minute.
const STALLED: Duration = Duration::from_mins(2);

/// How long the ledger may be unreadable.
const BLIND: Duration = Duration::from_mins(5);

/// How much longer than `serve.max_run` a run may take to be ended.
const OVERDUE: Duration = Duration::from_mins(1);

/// The state of the service, shared with those who tell of it.
#[derive(Debug)]
pub(super) struct Status(Mutex<Known>);

#[derive(Debug)]
struct Known {
    facts: Facts,
    /// The next time that was told to people.
    told: Option<DateTime<Utc>>,
    running: Option<Instant>,
    turned: Instant,
    look: Look,
    /// A run of the service failed, and nothing was accepted since.
    failed: bool,
    max_age: TimeDelta,
    max_run: Duration,
}

/// Everything that is told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    /// The time of telling.
    #[serde(serialize_with = "time")]
    pub(super) at: Option<DateTime<Utc>>,
    /// The program's version.
    pub(super) version: &'static str,
    pub(super) site: Option<String>,
    pub(super) healthy: bool,
    /// Why it isn't healthy.
    pub(super) problems: Vec<&'static str>,
    /// Whether a run is under way.
    pub(super) running: bool,
    #[serde(serialize_with = "time")]
    pub(super) since: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) last_begun: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) last_ended: Option<DateTime<Utc>>,
    /// As the ledger has it.
    pub(super) last_outcome: Option<&'static str>,
    #[serde(serialize_with = "time")]
    pub(super) last_accepted: Option<DateTime<Utc>>,
    /// Of the service's last run; none for one that was killed.
    pub(super) last_exit: Option<u8>,
    /// The last slot that was given up.
    #[serde(serialize_with = "time")]
    pub(super) last_missed: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) next: Option<DateTime<Utc>>,
    /// Runs since the start, by exit code.
    pub(super) runs: BTreeMap<String, u64>,
    /// Every slot up to this time has come to its end.
    #[serde(serialize_with = "time")]
    pub(super) settled: Option<DateTime<Utc>>,
    /// The last day of which was told that nothing was accepted in time.
    pub(super) alarmed: Option<NaiveDate>,
}

/// What the next service takes over from the heartbeat of this one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Kept {
    pub(super) settled: Option<DateTime<Utc>>,
    pub(super) alarmed: Option<NaiveDate>,
}

impl Kept {
    /// Reads a heartbeat; nothing from one that isn't there or is damaged.
    pub(super) fn read(path: &Path) -> Self {
        fs::read(path).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default()
    }
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn time<S: serde::Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(written).serialize(serializer)
}

impl Status {
    pub(super) fn new(now: DateTime<Utc>, config: &Config, alarmed: Option<NaiveDate>) -> Self {
        let facts = Facts {
            at: None,
            version: env!("CARGO_PKG_VERSION"),
            site: config.site.clone(),
            healthy: true,
            problems: Vec::new(),
            running: false,
            since: Some(now),
            last_begun: None,
            last_ended: None,
            last_outcome: None,
            last_accepted: None,
            last_exit: None,
            last_missed: None,
            next: None,
            runs: BTreeMap::new(),
            settled: None,
            alarmed,
        };
        let status = Self(Mutex::new(Known {
            facts,
            told: None,
            running: None,
            turned: Instant::now(),
            look: Look::default(),
            failed: false,
            max_age: TimeDelta::MAX,
            max_run: Duration::MAX,
        }));
        status.configure(config);
        status
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what a configuration says.
    pub(super) fn configure(&self, config: &Config) {
        let mut known = self.known();
        known.facts.site.clone_from(&config.site);
        known.max_age = TimeDelta::from_std(config.serve.max_age).unwrap_or(TimeDelta::MAX);
        known.max_run = config.serve.max_run;
    }

    /// The main loop has come round.
    pub(super) fn turn(&self, look: &Look, settled: DateTime<Utc>) {
        let mut known = self.known();
        known.turned = Instant::now();
        known.facts.settled = Some(settled);
        known.failed &= known.look.accepted == look.accepted;
        known.look.clone_from(look);
    }

    pub(super) fn set_next(&self, next: Option<DateTime<Utc>>) {
        self.known().facts.next = next;
    }

    /// Whether this time wasn't told before.
    pub(super) fn is_news(&self, next: DateTime<Utc>) -> bool {
        self.known().told.replace(next) != Some(next)
    }

    pub(super) fn missed(&self, slot: DateTime<Utc>) {
        self.known().facts.last_missed = Some(slot);
    }

    pub(super) fn alarmed(&self) -> Option<NaiveDate> {
        self.known().facts.alarmed
    }

    pub(super) fn alarm(&self, day: NaiveDate) {
        self.known().facts.alarmed = Some(day);
    }

    pub(super) fn begin(&self) {
        let mut known = self.known();
        known.running = Some(Instant::now());
        known.facts.next = None;
    }

    pub(super) fn end(&self, ended: &Ended, look: &Look) {
        let mut known = self.known();
        known.running = None;
        known.look.clone_from(look);
        let (exit, name) = match ended {
            Ended::Exit(code) => (Some(*code), code.to_string()),
            Ended::Killed(_) => (None, "killed".to_owned()),
        };
        known.facts.last_exit = exit;
        known.failed = exit != Some(0);
        let count = known.facts.runs.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    /// Everything as of now.
    pub(super) fn now(&self) -> Facts {
        self.known().tell(Utc::now())
    }

    /// Writes everything into the heartbeat file.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec(&self.now()).map_err(Failure::internal)?;
        let mut file = AtomicFile::create(path)?;
        file.write_all(&json).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        file.commit()
    }
}

impl Known {
    fn tell(&self, now: DateTime<Utc>) -> Facts {
        let mut facts = self.facts.clone();
        facts.at = Some(now);
        facts.running = self.running.is_some();
        facts.last_accepted = self.look.accepted.map(|(_, time)| time);
        if let Some((begun, ended, state)) = self.look.last {
            (facts.last_begun, facts.last_ended, facts.last_outcome) =
                (Some(begun), ended, Some(state.name()));
        }
        facts.problems = self.problems(now);
        facts.healthy = facts.problems.is_empty();
        facts
    }

    fn problems(&self, now: DateTime<Utc>) -> Vec<&'static str> {
        let ended = |(_, ended, state): &(_, Option<DateTime<Utc>>, State)| {
            ended.is_some() && *state != State::Accepted
        };
        let failed = self.failed || self.look.last.as_ref().is_some_and(ended);
        // a clock that was wrong may have left an acceptance of the future
        let accepted =
            self.look.accepted.map(|(_, time)| time).filter(|time| *time <= now + TimeDelta::hours(1));
        let old = accepted.max(self.facts.since).is_some_and(|time| now - time > self.max_age);
        let limit = self.max_run.saturating_add(OVERDUE);
        let hangs = self.running.is_some_and(|since| since.elapsed() > limit);
        let blind = self.look.read.is_some_and(|read| read.elapsed() > BLIND);
        [
            (failed, "lastRunFailed"),
            (old, "notAccepted"),
            (hangs, "runHangs"),
            (blind, "ledgerUnreadable"),
            (self.turned.elapsed() > STALLED, "stalled"),
        ]
        .into_iter()
        .filter_map(|(is, name)| is.then_some(name))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let text = "profile = \"p\"\n[input]\npath = \"i\"\n[endpoint]\nurl = \"http://127.0.0.1/x\"\ntoken_file = \"t\"\n";
        let config = Config::parse(text, Path::new("")).unwrap();
        Status::new(Utc::now(), &config, None).0.into_inner().unwrap()
    }

    fn hours_ago(hours: i64) -> DateTime<Utc> {
        Utc::now() - TimeDelta::hours(hours)
    }

    #[test]
    fn the_age_counts_from_the_last_acceptance_or_the_start() {
        let mut known = known();
        assert!(known.problems(Utc::now()).is_empty());
        assert_eq!(known.problems(Utc::now() + TimeDelta::hours(27)), ["notAccepted"]);
        known.facts.since = Some(hours_ago(100));
        known.look.accepted = Some((1, hours_ago(25)));
        assert!(known.problems(Utc::now()).is_empty());
        known.look.accepted = Some((1, hours_ago(27)));
        assert_eq!(known.problems(Utc::now()), ["notAccepted"]);
        // an acceptance of the future is no acceptance
        known.look.accepted = Some((1, hours_ago(-24 * 365)));
        assert_eq!(known.problems(Utc::now()), ["notAccepted"]);
    }

    #[test]
    fn what_the_ledger_says_of_the_last_run_counts_after_a_restart() {
        let mut known = known();
        let at = hours_ago(1);
        for (state, fails) in [
            (State::Accepted, false),
            (State::Refused, true),
            (State::Unknown, true),
            (State::Stopped, true),
            (State::Failed, true),
        ] {
            known.look.last = Some((at, Some(at), state));
            assert_eq!(known.problems(Utc::now()).contains(&"lastRunFailed"), fails, "{state:?}");
        }
        known.look.last = Some((at, None, State::Sending));
        assert!(known.problems(Utc::now()).is_empty(), "it is under way");
    }

    #[test]
    fn a_loop_or_a_run_that_hangs_is_told() {
        let mut known = known();
        let long_ago = Instant::now().checked_sub(Duration::from_mins(3)).unwrap();
        known.turned = long_ago;
        assert_eq!(known.problems(Utc::now()), ["stalled"]);
        known.turned = Instant::now();
        known.running = Some(long_ago);
        assert!(known.problems(Utc::now()).is_empty());
        known.max_run = Duration::from_mins(1);
        assert_eq!(known.problems(Utc::now()), ["runHangs"]);
    }
}
