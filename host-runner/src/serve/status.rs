//! What the service tells of itself: numbers, times and exit codes.

use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use pmh_core::rules;
use serde::Serialize;

use crate::{
    atomic_file::AtomicFile,
    failure::{Exit, Failure, Result},
    time::written,
};

/// The state of the service, shared with those who tell of it.
#[derive(Debug)]
pub(super) struct Status(Mutex<Facts>);

/// Everything that is told.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    /// The time of telling.
    #[serde(serialize_with = "time")]
    pub(super) at: Option<DateTime<Utc>>,
    /// The program's version.
    version: &'static str,
    /// Whether the last run ended with exit code 0, or there was none yet.
    pub(super) healthy: bool,
    /// Whether a run is under way.
    pub(super) running: bool,
    #[serde(serialize_with = "time")]
    pub(super) since: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) last_begun: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) last_ended: Option<DateTime<Utc>>,
    #[serde(serialize_with = "time")]
    pub(super) last_accepted: Option<DateTime<Utc>>,
    pub(super) last_exit: Option<u8>,
    #[serde(serialize_with = "time")]
    pub(super) next: Option<DateTime<Utc>>,
    /// Runs since the start, by exit code.
    pub(super) runs: BTreeMap<u8, u64>,
    /// The next time that was told to people.
    #[serde(skip)]
    told: Option<DateTime<Utc>>,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn time<S: serde::Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    time.map(written).serialize(serializer)
}

impl Status {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(Facts {
            at: None,
            version: env!("CARGO_PKG_VERSION"),
            healthy: true,
            running: false,
            since: Some(now),
            last_begun: None,
            last_ended: None,
            last_accepted: None,
            last_exit: None,
            next: None,
            runs: BTreeMap::new(),
            told: None,
        }))
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_next(&self, next: Option<DateTime<Utc>>) {
        self.facts().next = next;
    }

    /// Whether this time wasn't told before.
    pub(super) fn is_news(&self, next: DateTime<Utc>) -> bool {
        self.facts().told.replace(next) != Some(next)
    }

    pub(super) fn begin(&self, now: DateTime<Utc>) {
        let mut facts = self.facts();
        (facts.running, facts.last_begun) = (true, Some(now));
    }

    pub(super) fn end(&self, now: DateTime<Utc>, exit: Exit) {
        let mut facts = self.facts();
        (facts.running, facts.last_ended, facts.last_exit) = (false, Some(now), Some(exit as u8));
        facts.healthy = exit == Exit::Done;
        if facts.healthy {
            facts.last_accepted = Some(now);
        }
        let count = facts.runs.entry(exit as u8).or_default();
        *count = count.saturating_add(1);
    }

    /// Everything as of now.
    pub(super) fn now(&self) -> Facts {
        Facts { at: Some(Utc::now()), ..self.facts().clone() }
    }

    /// Writes everything into the heartbeat file.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec(&self.now()).map_err(Failure::internal)?;
        let mut file = AtomicFile::create(path)?;
        file.write_all(&json).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        file.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_run_is_unhealthy_until_one_succeeds() {
        let status = Status::new(Utc::now());
        assert!(status.now().healthy);
        status.begin(Utc::now());
        assert!(status.now().running);
        status.end(Utc::now(), Exit::Unavailable);
        let facts = status.now();
        assert!(!facts.healthy && !facts.running && facts.last_accepted.is_none());
        status.end(Utc::now(), Exit::Done);
        let facts = status.now();
        assert!(facts.healthy && facts.last_accepted.is_some());
        assert_eq!(facts.runs, BTreeMap::from([(0, 1), (5, 1)]));
    }
}
