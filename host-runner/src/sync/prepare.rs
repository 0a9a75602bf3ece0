//! From the records to a set that may be sent: transform, guard, write down the intent.

use std::{fs, io::Write, num::NonZeroUsize, path::PathBuf, time::UNIX_EPOCH};

use chrono::{DateTime, Utc};
use pmh_core::rules::{self, Rule};
use sha2::{Digest, Sha256};

use super::{Account, Set, Sync};
use crate::{
    changes::{Hashes, Key},
    config::Config,
    failure::{Exit, Failure, Result, Words},
    fault,
    guard::{LastAccepted, Situation, Verdict, judge},
    human::{Human, Stream},
    input::{self, Input},
    ledger::{Changes, Intent, Ledger, State},
    module::{Mode, Module, Options, Stage, Status},
    output::Sink,
    report::{Report, Summary, View},
    run::{Ended, Job},
    spool::Draft,
    text,
    ui::Form,
};

/// One preparation.
pub(super) struct Preparation<'a> {
    pub(super) sync: &'a Sync<'a>,
    pub(super) as_of: &'a str,
    pub(super) today: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// How a preparation ended.
pub(super) enum Prepared {
    /// It may be sent.
    Ready(Set),
    /// It may not; everything was said.
    Ended(Exit),
}

/// What the records were made into.
pub(super) struct Transformed {
    pub(super) ended: Ended,
    pub(super) profile: String,
    pub(super) input_changed: Option<DateTime<Utc>>,
    source: String,
}

impl Preparation<'_> {
    /// Prepares a set; a run that fails leaves its code in the ledger.
    pub(super) fn prepare(&self, ledger: &mut Ledger, key: &Key, account: &mut Account) -> Result<Prepared> {
        let run = ledger.begin(self.now, self.as_of, self.today, self.sync.endpoint())?;
        let site = self.sync.config.site.as_deref();
        tracing::info!(run, site, as_of = self.as_of, "begun");
        fault::point("begun");
        fault::take_memory();
        let prepared = self.make(run, ledger, key, account);
        if let Err(failure) = &prepared {
            tracing::error!(run, code = failure.rule.code, "failed");
            let state = if failure.rule == &rules::INTERRUPTED { State::Stopped } else { State::Failed };
            ledger.give_up(run, Utc::now(), state, &[failure.rule.code])?;
        }
        prepared
    }

    fn make(&self, run: i64, ledger: &mut Ledger, key: &Key, account: &mut Account) -> Result<Prepared> {
        let Sync { config, module, ui, .. } = self.sync;
        let mut draft = Draft::create(&config.ledger.spool_dir, self.as_of, &key.bodies())?;
        let Transformed { ended: Ended { status, summary }, profile, input_changed, source } = self
            .transform(|bytes| {
                fault::panic_with(bytes);
                draft.put(bytes)
            })?;
        fault::point("transformed");
        account.summary.clone_from(&summary);
        account.run = Some(run);
        if status != Status::Ok {
            account.print(&[], None, *ui)?;
            ledger.give_up(run, Utc::now(), State::Failed, &[])?;
            return Ok(Prepared::Ended(Exit::Usage));
        }
        let counts = serde_json::to_string(&summary).map_err(Failure::internal)?;
        ledger.found(run, &profile, module.hash(), &counts)?;
        let last = ledger.last_accepted()?;
        let verdict = self.judge(&summary, &profile, input_changed, last.as_ref());
        let stops = codes(&verdict.stops);
        account.take(verdict, *ui);
        if !stops.is_empty() {
            tracing::warn!(run, codes = stops.join(" "), "stopped");
            account.print(&[], None, *ui)?;
            ledger.give_up(run, Utc::now(), State::Stopped, &stops)?;
            return Ok(Prepared::Ended(Exit::Guard));
        }
        let spool = draft.commit()?;
        fault::point("spooled");
        let mut hashes = Hashes::default();
        let most = config.endpoint.max_records_per_request;
        let parts = spool.parts(most, summary.accepted, &mut |element| {
            self.go_on()?;
            hashes.add(key, element)
        })?;
        hashes.save(key, &self.sync.hashes(run))?;
        let changes = self.changes(key, hashes, last.as_ref())?;
        let (name, passed) = (spool.name(), account.passed_codes());
        let intent = Intent {
            source: &source,
            payload: spool.hash(),
            bytes: spool.length(),
            spool: &name,
            changes,
            passed,
        };
        ledger.intend(run, &intent, &parts)?;
        fault::point("intended");
        Ok(Prepared::Ready(Set { run, day: self.today.to_owned(), spool, summary }))
    }

    pub(super) fn judge(
        &self,
        summary: &Summary,
        profile: &str,
        input_changed: Option<DateTime<Utc>>,
        last: Option<&LastAccepted>,
    ) -> Verdict {
        let Self { sync, as_of, today, now } = self;
        let module = sync.module.hash();
        let situation = Situation { summary, as_of, today, now: *now, input_changed, profile, module, last };
        judge(&situation, &sync.config.guard, &sync.pass)
    }

    /// Against the last accepted set, where its hashes are still there.
    fn changes(&self, key: &Key, hashes: Hashes, last: Option<&LastAccepted>) -> Result<Option<Changes>> {
        let Some(last) = last else { return Ok(None) };
        match Hashes::load(key, &self.sync.hashes(last.run)) {
            Ok(before) => Ok(before.map(|before| hashes.since(before))),
            Err(failure) if failure.rule == &rules::LEDGER_MISMATCH => {
                // only the comparison is lost
                self.sync.ui.note(&text::NO_CHANGES, failure.message(self.sync.ui.lang));
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Transforms everything.
    pub(super) fn transform(&self, mut payload: impl FnMut(&[u8]) -> Result<()>) -> Result<Transformed> {
        let Sync { config, module, ui, report, .. } = self.sync;
        let source = source(config, module, self.as_of)?;
        let (path, input_changed) = input_file(config)?;
        let profile = read_profile(config)?;
        let progress = ui.progress(&text::READING);
        let mut input = Input::open(&path, config.input.shape, &progress)?;
        let options = Options {
            mode: Mode::Records,
            as_of: self.as_of.to_owned(),
            lang: ui.lang,
            input: input.form(),
            payload: true,
            stage: Stage::Whole,
        };
        let job = Job { module, profile: &profile, options, jobs: NonZeroUsize::MIN };
        let mut session = job.open()?;
        let mut views = report.map(View::file).transpose()?.into_iter().collect::<Vec<_>>();
        if ui.form == Form::Human {
            views.push(View::Human(Human::new(*ui, Stream::Stdout)));
        } else if session.output()?.status != Status::Ok {
            views.push(View::Ndjson(Sink::Stderr));
        }
        let ended = job.run(&mut session, &mut input, Report::new(views), |bytes| {
            self.go_on()?;
            payload(bytes)
        })?;
        progress.finish_and_clear();
        Ok(Transformed { ended, profile: hash(&profile), input_changed, source })
    }

    /// Fails where somebody asked to stop.
    fn go_on(&self) -> Result<()> {
        let doing = || Words::new("preparing the set", "送信データの準備中");
        if self.sync.stop.asked() { Err(Failure::new(&rules::INTERRUPTED, doing())) } else { Ok(()) }
    }
}

fn codes(failures: &[Failure]) -> Vec<&'static str> {
    failures.iter().map(|failure| failure.rule.code).collect()
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

fn read_profile(config: &Config) -> Result<Vec<u8>> {
    let path = &config.profile;
    fs::read(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))
}

/// The input file and when it was last changed.
fn input_file(config: &Config) -> Result<(PathBuf, Option<DateTime<Utc>>)> {
    let path = input::resolve(&config.input.path)?;
    let changed = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok().map(DateTime::from);
    Ok((path, changed))
}

/// The hash of everything that decides what is sent: the same gives the same payload in the same requests. The input counts
/// by its place, size and time of change.
pub(super) fn source(config: &Config, module: &Module, as_of: &str) -> Result<String> {
    let (path, _) = input_file(config)?;
    let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, &path, &error);
    let metadata = fs::metadata(&path).map_err(unreadable)?;
    let changed = metadata.modified().map_err(unreadable)?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut hasher = Sha256::new();
    let (profile, shape) = (hash(&read_profile(config)?), format!("{:?}", config.input.shape));
    let parts = [
        path.as_os_str().as_encoded_bytes(),
        &metadata.len().to_le_bytes(),
        &changed.as_nanos().to_le_bytes(),
        profile.as_bytes(),
        module.hash().as_bytes(),
        config.endpoint.url.as_str().as_bytes(),
        &config.endpoint.max_records_per_request.to_le_bytes(),
        shape.as_bytes(),
        as_of.as_bytes(),
    ];
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        // writing into a hash can't fail
        let _ = hasher.write_all(part);
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// The guard that a code names, where a person may pass it.
///
/// # Errors
///
/// `PMH6308` for any other code.
pub fn passable(code: &str) -> Result<&'static Rule> {
    let known = crate::guard::PASSABLE;
    known.into_iter().find(|rule| rule.code.eq_ignore_ascii_case(code)).ok_or_else(|| {
        let codes: Vec<&str> = known.iter().map(|rule| rule.code).collect();
        let codes = codes.join(", ");
        let words = Words::new(
            format!("{code} cannot be passed; give one of {codes}"),
            format!("{code} は --pass に指定できません(指定できるもの: {codes})"),
        );
        Failure::new(&rules::USAGE, words)
    })
}
