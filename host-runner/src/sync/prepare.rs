//! From the records to a set that may be sent: transform, guard, write down the intent.

use std::{io::Write, num::NonZeroUsize, path::Path, thread};

use chrono::{DateTime, Utc};
use pmh_core::rules::{self, Rule};
use sha2::{Digest, Sha256};

use super::{Account, Set, Sync, inspect::Inspection};
use crate::{
    acknowledged::Acknowledged,
    changes::{Hashes, Loaded},
    config::Config,
    documents::Documents,
    failure::{Exit, Failure, Result, Words},
    fault,
    guard::{Comparison, LastAccepted, Situation, Verdict, WINDOW, judge},
    human::{Human, Stream},
    input::{self, Input, Proof, Stamp, Watched},
    key::Key,
    ledger::{Changes, Intent, Ledger, State},
    module::{Mode, Module, Options, Stage, Status},
    output::Sink,
    report::{Report, View},
    run::{Ended, Job},
    spool::Draft,
    text,
    trust::{self, Role},
    ui::Form,
    usage::Usage,
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
    Ready(Box<Set>),
    /// It may not; everything was said.
    Ended(Exit),
}

/// What the records were made into.
pub(super) struct Transformed {
    pub(super) ended: Ended,
    pub(super) profile: String,
    input_changed: DateTime<Utc>,
    /// What is wrong with the input as a whole.
    input_faults: Vec<Failure>,
    /// What is worth knowing of the input and stops nothing.
    pub(super) input_notes: Vec<Failure>,
    source: String,
    acknowledged: Option<Acknowledged>,
}

/// What the guards say, and the differences from the last accepted set if they are known.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    changes: Option<Changes>,
}

impl Preparation<'_> {
    /// Prepares a set; a run that fails leaves its code in the ledger.
    pub(super) fn prepare(&self, ledger: &mut Ledger, key: &Key, account: &mut Account) -> Result<Prepared> {
        let run = ledger.begin(self.now, self.as_of, self.today, self.sync.endpoint())?;
        account.run = Some(run);
        let site = self.sync.config.site.as_deref();
        tracing::info!(run, site, as_of = self.as_of, "begun");
        fault::point("begun");
        fault::take_memory();
        let prepared = self.make(run, ledger, key, account);
        if let Err(failure) = &prepared {
            tracing::error!(run, code = failure.rule.code, "failed");
            let state = if Exit::of(failure.rule) == Exit::Guard { State::Stopped } else { State::Failed };
            ledger.give_up(run, Utc::now(), state, &[failure.rule.code])?;
        }
        prepared
    }

    fn make(&self, run: i64, ledger: &mut Ledger, key: &Key, account: &mut Account) -> Result<Prepared> {
        let Sync { config, module, ui, .. } = self.sync;
        let mut draft = Draft::create(&config.ledger.spool_dir, self.as_of, &key.bodies())?;
        let transformed = self.transform(Some(key), |bytes| {
            fault::panic_with(bytes);
            draft.put(bytes)
        })?;
        fault::point("transformed");
        let Ended { status, summary } = &transformed.ended;
        account.summary.clone_from(summary);
        account.note(&transformed.input_notes, *ui);
        if *status != Status::Ok {
            ledger.give_up(run, Utc::now(), State::Failed, &[])?;
            drop(draft);
            account.print(*ui);
            return Ok(Prepared::Ended(Exit::Usage));
        }
        let counts = serde_json::to_string(summary).map_err(Failure::internal)?;
        ledger.found(run, &transformed.profile, module.hash(), &counts)?;
        if let Some(noted) = transformed.acknowledged.as_ref().and_then(|list| list.noted(summary, key)) {
            ledger.acknowledged(run, Utc::now(), &noted)?;
        }
        let spool = draft.commit()?;
        fault::point("spooled");
        let mut inspection = Inspection::new(Some(key), &config.guard);
        let most = config.endpoint.max_records_per_request;
        let parts = spool.parts(most, summary.accepted, &mut |element| {
            self.go_on()?;
            inspection.look(element)
        })?;
        let Judged { verdict, changes } = self.judge(&transformed, &inspection, Some(key), Some(ledger))?;
        let stops = codes(&verdict.stops);
        account.take(verdict, *ui);
        if !stops.is_empty() {
            tracing::warn!(run, codes = stops.join(" "), "stopped");
            if let Err(failure) = spool.remove() {
                ui.warn(&failure);
                account.warnings.push(failure);
            }
            ledger.give_up(run, Utc::now(), State::Stopped, &stops)?;
            account.print(*ui);
            return Ok(Prepared::Ended(Exit::Guard));
        }
        inspection.hashes.save(key, &self.sync.hashes(run))?;
        let (name, passed) = (spool.name(), account.passed_codes());
        let intent = Intent {
            source: &transformed.source,
            payload: spool.hash(),
            bytes: spool.length(),
            spool: &name,
            changes,
            passed,
        };
        if let Some(usage) = summary.usage.as_ref().and_then(Usage::kept) {
            ledger.counted(run, &usage)?;
        }
        ledger.intend(run, &intent, &parts)?;
        fault::point("intended");
        let set = Set { run, day: self.today.to_owned(), spool, summary: summary.clone() };
        Ok(Prepared::Ready(Box::new(set)))
    }

    /// Asks the guards. A dry run may have neither key nor ledger.
    pub(super) fn judge(
        &self,
        set: &Transformed,
        inspection: &Inspection<'_>,
        key: Option<&Key>,
        ledger: Option<&Ledger>,
    ) -> Result<Judged> {
        let Self { sync, as_of, today, now } = self;
        let (endpoint, site) = (sync.endpoint(), sync.config.site.as_deref());
        let last = ledger.map(|ledger| ledger.last_accepted(endpoint, site)).transpose()?.flatten();
        let usage = match (ledger, &last) {
            (Some(ledger), Some(last)) => ledger.usage(last.run)?,
            _ => None,
        };
        let since = now.checked_sub_signed(WINDOW).unwrap_or_default();
        let nights = ledger.map(|ledger| ledger.nights(endpoint, site, since)).transpose()?;
        let comparison = self.compare(key, &inspection.hashes, last.as_ref())?;
        let situation = Situation {
            summary: &set.ended.summary,
            as_of,
            today,
            now: *now,
            input_changed: Some(set.input_changed),
            input_faults: &set.input_faults,
            profile: &set.profile,
            module: sync.module.hash(),
            last: last.as_ref(),
            nights: nights.as_deref().unwrap_or_default(),
            comparison: &comparison,
            outside: inspection.outside,
            usage: usage.as_ref(),
        };
        let verdict = judge(&situation, &sync.config.guard, &sync.pass);
        let changes = if let Comparison::Known { changes, .. } = comparison { Some(changes) } else { None };
        Ok(Judged { verdict, changes })
    }

    /// Compares with the last accepted set. That its hashes are gone must not look like "nothing has changed".
    fn compare(&self, key: Option<&Key>, hashes: &Hashes, last: Option<&LastAccepted>) -> Result<Comparison> {
        let Some(last) = last else {
            let en = "no set has been accepted by this endpoint yet";
            return Ok(Comparison::None(Words::new(en, "この接続先での受付は初めてです")));
        };
        let path = self.sync.hashes(last.run);
        let impossible = |en: &str, ja: &str| {
            let path = path.display();
            Comparison::Impossible(Words::new(format!("{path} {en}"), format!("{path} {ja}")))
        };
        let Some(key) = key else {
            return Ok(impossible("has lost its key", "の鍵がありません"));
        };
        match Hashes::load(key, &path) {
            Ok(Loaded::Hashes(before)) => {
                let recipients = before.recipients();
                Ok(Comparison::Known { changes: hashes.clone().since(before), before: recipients })
            }
            Ok(Loaded::Missing) => Ok(impossible("does not exist", "がありません")),
            Ok(Loaded::OtherKey) => Ok(impossible("was made with another key", "は別の鍵によるものです")),
            Ok(Loaded::Outdated) => {
                let en = "an earlier version of pmh wrote the hashes of the last set";
                Ok(Comparison::None(Words::new(en, "前回のハッシュ値は旧バージョンのpmhのものです")))
            }
            Err(failure) if failure.rule == &rules::LEDGER_MISMATCH => {
                Ok(impossible("is damaged", "が壊れています"))
            }
            Err(failure) => Err(failure),
        }
    }

    /// Transforms everything.
    pub(super) fn transform(
        &self,
        key: Option<&Key>,
        mut payload: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Transformed> {
        let Sync { config, module, ui, report, .. } = self.sync;
        let path = input::resolve(&config.input.path)?;
        let stamp = self.settled(&path)?;
        if let Some(marker) = &config.input.ready {
            input::is_ready(marker, &stamp)?;
        }
        let proof = config.input.sha256.as_ref().map(|file| Proof::read(file, &path)).transpose()?;
        let watched = Watched::open(&path, stamp)?;
        let profile = read_profile(config)?;
        let documents = Documents::load(&config.documents)?;
        let acknowledged = Acknowledged::configured(config.acknowledged.as_deref(), key)?;
        let decisive =
            Decisive { profile: &profile, documents: &documents, acknowledged: acknowledged.as_ref() };
        let source = source((config, module, self.as_of), (&path, &stamp), &decisive);
        let progress = ui.progress(&text::READING);
        let mut input = Input::watched(&watched, &config.input.shape, &progress)?;
        let options = Options {
            mode: Mode::Records,
            as_of: self.as_of.to_owned(),
            lang: ui.lang,
            input: input.form(),
            payload: true,
            stage: Stage::Whole,
            usage: true,
            documents: documents.clone(),
            acknowledged: acknowledged.as_ref().map(Acknowledged::options).unwrap_or_default(),
        };
        let mut job = Job { module, profile: &profile, options, jobs: NonZeroUsize::MIN };
        let mut session = job.open()?;
        if session.output()?.status == Status::Options {
            // a module from before there were counts; that nothing can be compared is told as a warning
            job.options.usage = false;
            session = job.open()?;
        }
        let mut views = report.map(View::file).transpose()?.into_iter().collect::<Vec<_>>();
        if ui.form == Form::Human {
            views.push(View::Human(Human::new(*ui, Stream::Stdout).beside()));
        } else if session.output()?.status != Status::Ok {
            views.push(View::Ndjson(Sink::Stderr));
        }
        let report = Report::new(views).of_table(input.places(), ui.lang);
        let ended = job.run(&mut session, &mut input, report, |bytes| {
            self.go_on()?;
            payload(bytes)
        })?;
        progress.finish_and_clear();
        let input_notes = input.notes();
        let mut input_faults: Vec<Failure> = input.cut_off().into_iter().collect();
        // a profile with mistakes lets nothing be read
        if ended.status == Status::Ok {
            let confirmed =
                watched.finish().and_then(|hash| proof.map_or(Ok(()), |proof| proof.confirm(&hash)));
            input_faults.extend(confirmed.err());
        }
        let input_changed = stamp.modified();
        Ok(Transformed {
            ended,
            profile: documents.hash_with(&profile),
            input_changed,
            input_faults,
            input_notes,
            source,
            acknowledged,
        })
    }

    /// Waits until the input is no longer written to.
    fn settled(&self, path: &Path) -> Result<Stamp> {
        let Sync { config, ui, .. } = self.sync;
        let mut told = ui.quiet;
        input::settled(path, config.input.settle, |time| {
            self.go_on()?;
            if !told {
                ui.note(&text::SETTLING, path.display());
                told = true;
            }
            thread::sleep(time);
            Ok(())
        })
    }

    /// Fails if the run was asked to stop.
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

fn read_profile(config: &Config) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    trust::read(&config.profile, Role::Deciding, &rules::FILE_UNREADABLE)
}

/// The source of a set that would be made now.
pub(super) fn current_source(config: &Config, module: &Module, as_of: &str, key: &Key) -> Result<String> {
    let path = input::resolve(&config.input.path)?;
    let stamp = Stamp::of(&path)?;
    let profile = read_profile(config)?;
    let documents = Documents::load(&config.documents)?;
    let acknowledged = Acknowledged::configured(config.acknowledged.as_deref(), Some(key))?;
    let decisive = Decisive { profile: &profile, documents: &documents, acknowledged: acknowledged.as_ref() };
    Ok(source((config, module, as_of), (&path, &stamp), &decisive))
}

/// What decides, beside the records and the configuration, what is sent of them.
struct Decisive<'a> {
    profile: &'a [u8],
    documents: &'a Documents,
    acknowledged: Option<&'a Acknowledged>,
}

/// The hash of everything that decides what is sent: the same gives the same payload in the same requests. The input counts
/// by its place, identity, size and times of change.
fn source(
    (config, module, as_of): (&Config, &Module, &str),
    (path, stamp): (&Path, &Stamp),
    decisive: &Decisive<'_>,
) -> String {
    let Decisive { profile, documents, acknowledged } = decisive;
    let mut hasher = Sha256::new();
    let documents = documents.hash();
    let (profile, shape) = (hash(profile), format!("{:?}", config.input.shape));
    let parts = [
        path.as_os_str().as_encoded_bytes(),
        &stamp.bytes(),
        profile.as_bytes(),
        module.hash().as_bytes(),
        config.endpoint.url.as_str().as_bytes(),
        &config.endpoint.max_records_per_request.to_le_bytes(),
        shape.as_bytes(),
        as_of.as_bytes(),
    ];
    let acknowledged = acknowledged.map(|list| list.mark().as_bytes());
    for part in parts.into_iter().chain(documents.as_deref().map(str::as_bytes)).chain(acknowledged) {
        hasher.update((part.len() as u64).to_le_bytes());
        // writing into a hash can't fail
        let _ = hasher.write_all(part);
    }
    format!("{:x}", hasher.finalize())
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
