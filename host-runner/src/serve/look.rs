//! What the service sees of the ledger and of the files that a set is made from.
//!
//! Looking is done beside the main loop, with a limit of time: a file server that no longer answers must not keep the
//! service from telling the truth about itself.

use std::{
    env,
    fs::{self, Metadata},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use pmh_core::rules;
use tokio::{task::JoinHandle, time::timeout};

use super::plan::{Seen, Tried};
use crate::{
    config::{Config, TokenSource},
    failure::Result,
    input,
    ledger::{Ledger, Run, State},
    lock,
};

/// How long a look may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How many runs are looked at; what PMH accepted before them is asked for separately.
const RUNS: u32 = 100;

/// What was seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Look {
    pub(super) seen: Seen,
    /// How the last run stands; a try while another run held the lock is none.
    pub(super) last: Option<(DateTime<Utc>, Option<DateTime<Utc>>, State)>,
    /// The last acceptance: the run's number, and when.
    pub(super) accepted: Option<(i64, DateTime<Utc>)>,
    /// When the request began whose answer isn't known yet.
    pub(super) sending: Option<DateTime<Utc>>,
    /// The configuration's file, as a number that changes with it.
    pub(super) config: u64,
    /// When the ledger was read.
    pub(super) read: Option<Instant>,
}

/// Work beside the main loop, one at a time.
#[derive(Debug)]
pub(super) struct Aside<T>(Option<JoinHandle<T>>);

impl<T> Default for Aside<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Send + 'static> Aside<T> {
    /// Does the work, or waits for what was begun before; none if that takes too long.
    pub(super) async fn ask(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let pending = self.0.get_or_insert_with(|| tokio::task::spawn_blocking(work));
        let done = timeout(LIMIT, pending).await.ok()?;
        self.0 = None;
        done.ok()
    }
}

/// Looks again and again.
#[derive(Debug, Default)]
pub(super) struct Looker {
    ledger: Aside<Result<Look>>,
    files: Aside<Files>,
    known: Files,
}

/// The files that a set is made from.
#[derive(Debug, Clone, Copy, Default)]
struct Files {
    print: u64,
    config: u64,
    /// When one of them was last changed.
    changed: Option<DateTime<Utc>>,
}

impl Looker {
    /// Looks; what can't be seen in time stays as it was.
    pub(super) async fn look(&mut self, path: &Path, config: &Config, before: &Look) -> Result<Look> {
        let (files, file) = (config.clone(), path.to_owned());
        if let Some(files) = self.files.ask(move || Files::look(&file, &files)).await {
            self.known = files;
        }
        let config = config.clone();
        let changed = self.known.changed;
        let mut look = match self.ledger.ask(move || read(&config, changed)).await {
            Some(look) => look?,
            None => before.clone(),
        };
        look.seen.print = self.known.print;
        look.config = self.known.config;
        Ok(look)
    }
}

impl Files {
    fn look(path: &Path, config: &Config) -> Self {
        let token = match &config.endpoint.token {
            TokenSource::File(path) => Some(path.clone()),
            TokenSource::Credential(name) => {
                env::var_os("CREDENTIALS_DIRECTORY").map(|folder| PathBuf::from(folder).join(name))
            }
            TokenSource::Variable(_) => None,
        };
        let input = input::resolve(&config.input.path).ok();
        let own = Some(path.to_owned());
        let (mut all, mut changed) = (DefaultHasher::new(), None);
        for path in [&own, &Some(config.profile.clone()), &input, &token] {
            let metadata = path.as_ref().and_then(|path| fs::metadata(path).ok());
            path.hash(&mut all);
            stamp(metadata.as_ref()).hash(&mut all);
            changed = changed.max(metadata.as_ref().and_then(changed_at));
        }
        let mut alone = DefaultHasher::new();
        stamp(fs::metadata(path).ok().as_ref()).hash(&mut alone);
        Self { print: all.finish(), config: alone.finish(), changed }
    }
}

/// What changes when a file is written, or another takes its place.
fn stamp(metadata: Option<&Metadata>) -> Option<(u64, Option<DateTime<Utc>>, u64)> {
    let metadata = metadata?;
    #[cfg(unix)]
    let file = std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    let file = 0;
    Some((metadata.len(), changed_at(metadata), file))
}

fn changed_at(metadata: &Metadata) -> Option<DateTime<Utc>> {
    let written = metadata.modified().ok().map(DateTime::from);
    // a file that takes another's place may have been written long before
    #[cfg(unix)]
    let moved = {
        use std::os::unix::fs::MetadataExt;
        DateTime::from_timestamp(metadata.ctime(), u32::try_from(metadata.ctime_nsec()).unwrap_or(0))
    };
    #[cfg(not(unix))]
    let moved = None;
    written.max(moved)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

fn ended(run: &Run) -> Option<DateTime<Utc>> {
    run.ended_at.as_deref().and_then(time)
}

/// Reads the ledger.
fn read(config: &Config, changed: Option<DateTime<Utc>>) -> Result<Look> {
    let mut look = Look { read: Some(Instant::now()), ..Look::default() };
    let Some(ledger) = Ledger::read(&config.ledger.path)? else { return Ok(look) };
    let (endpoint, site) = (config.endpoint.url.as_str(), config.site.as_deref());
    let runs = ledger.runs(RUNS)?;
    // what another endpoint accepted says nothing of this one
    let is_own = |run: &&Run| run.endpoint == endpoint && (run.site.is_none() || run.site.as_deref() == site);
    let is_accepted = |run: &&Run| run.state == State::Accepted;
    let mut accepted: Vec<Run> = runs.iter().filter(is_own).filter(is_accepted).cloned().collect();
    if accepted.is_empty()
        && let Some(last) = ledger.last_accepted(endpoint, site)?
    {
        accepted.push(ledger.run(last.run)?);
    }
    look.accepted = accepted.first().and_then(|run| Some((run.id, ended(run)?)));
    look.seen.accepted = accepted.iter().find(|run| run.as_of == run.day).and_then(ended);
    let locked_out = |run: &&Run| run.codes.iter().any(|code| code == rules::RUN_UNDER_WAY.code);
    let Some(last) = runs.iter().find(|run| !locked_out(run)) else { return Ok(look) };
    let begun = time(&last.started_at).unwrap_or_default();
    let attempts = ledger.attempts(last.id)?;
    let answer = attempts.last();
    look.last = Some((begun, ended(last), last.state));
    if last.state == State::Sending {
        let open = answer.filter(|attempt| attempt.ended_at.is_none());
        look.sending = open.and_then(|attempt| time(&attempt.began_at));
    }
    let refused = last.state == State::Refused
        || answer.is_some_and(|attempt| attempt.outcome.as_deref() == Some("refused"));
    let same = changed.is_none_or(|changed| changed <= begun);
    look.seen.last = Some(Tried { begun, ended: ended(last), refused: refused && same });
    if last.ended_at.is_none() && !lock::is_held(&config.ledger.path) {
        look.seen.cut_off = Some(last.id);
    }
    Ok(look)
}
