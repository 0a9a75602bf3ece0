//! `pmh acknowledge`: looks for the finding in the records, and writes the entry.
//!
//! How it could end well and do harm: it acknowledges what is not there, or more than was looked at; two commands at a time lose an entry; the file is
//! written in part, or becomes another user's. So the entry is tried on the records ahead of its writing, under a lock, and the file is replaced whole.

use std::{cell::RefCell, collections::BTreeSet, io::Write, num::NonZeroUsize, path::Path, rc::Rc};

use chrono::Utc;
use pmh_core::rules::{self, Rule};
use serde_json::{Value, json, value::RawValue};

use super::{Acknowledged, Entry, read, unusable};
use crate::{
    atomic_file::AtomicFile,
    config::Config,
    documents::Documents,
    escape::printable,
    failure::{Exit, Failure, Result, Words},
    human::{Human, Stream},
    input::{self, Input},
    key::Key,
    ledger::{Bound, Ledger},
    lock,
    module::{AcknowledgedOptions, Mode, Module, Options, Stage, Status},
    report::{Finding, Picked, Report, Summary, View},
    run::Job,
    text,
    trust::{self, Role},
    ui::Ui,
};

/// What a person wants to acknowledge.
pub(crate) struct Wish {
    pub(crate) code: String,
    pub(crate) wanted: Wanted,
    pub(crate) target: Option<String>,
    pub(crate) reason: String,
    pub(crate) by: String,
    pub(crate) until: String,
}

/// Whose finding it is.
pub(crate) enum Wanted {
    /// The record with this key.
    Record(String),
    /// Every record with this payer number, or with this recipient number of a payer.
    Number { number: String, payer: Option<String> },
}

/// Acknowledges a finding that the configured records have.
///
/// # Errors
///
/// `PMH6125` if no record has it, `PMH6126` if it can't be acknowledged; what reading, running and writing fail with.
pub(crate) fn acknowledge(
    config: &Config,
    module: &Module,
    wish: &Wish,
    as_of: &str,
    ui: Ui,
) -> Result<Exit> {
    let Some(path) = &config.acknowledged else {
        return Err(Failure::new(&rules::CONFIG_MISSING_KEY, "acknowledged"));
    };
    let rule = acknowledgeable(&wish.code)?;
    for state in trust::state_files(&config.ledger.path, &config.ledger.spool_dir) {
        trust::is_own(&state)?;
    }
    let _lock = lock::of_file(path)?;
    let Bound { mut ledger, key, .. } = Ledger::open_bound(config, &[])?;
    let before = if path.exists() { read(path)? } else { "[]".to_owned() };
    let attempt = Attempt { config, module, path, key: &key, rule, as_of, ui };
    let Some(entry) = attempt.entry(&before, wish)? else { return Ok(Exit::Usage) };
    let after = joined(&before, &entry, path)?;
    let Some((summary, _)) = attempt.run(&after, None)? else { return Ok(Exit::Usage) };
    let used = summary.acknowledged.and_then(|counts| counts.by_entry.last().copied());
    if used.unwrap_or_default() == 0 {
        return Err(attempt.nothing(wish));
    }
    let mut file = AtomicFile::create(path)?;
    file.keep_owner()?;
    file.write_all(after.as_bytes()).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
    let noted: Entry = serde_json::from_value(entry).map_err(Failure::internal)?;
    ledger.note_of_user(Utc::now(), "acknowledge", noted.noted(&key))?;
    file.commit()?;
    if !ui.quiet {
        let (code, target, until) = (rule.code, printable(&noted.target), &wish.until);
        ui.print(format_args!("{}: {code} {target} ({until})", ui.say(&text::NOW_ACKNOWLEDGED)))?;
    }
    Ok(Exit::Done)
}

/// The rule of a code, if its findings can be acknowledged at all; the module says the rest.
fn acknowledgeable(code: &str) -> Result<&'static Rule> {
    let rule = rules::find(code).map(|entry| entry.rule);
    let fits = |rule: &&Rule| !rule.fixed && (rule.code.starts_with("PMH3") || rule.code.starts_with("PMH4"));
    rule.filter(fits).ok_or_else(|| Failure::new(&rules::NOT_ACKNOWLEDGEABLE, printable(code)))
}

struct Attempt<'a> {
    config: &'a Config,
    module: &'a Module,
    path: &'a Path,
    key: &'a Key,
    rule: &'static Rule,
    as_of: &'a str,
    ui: Ui,
}

impl Attempt<'_> {
    /// The new entry; none if the list so far has mistakes, which were shown.
    fn entry(&self, before: &str, wish: &Wish) -> Result<Option<Value>> {
        let Wish { reason, by, until, .. } = wish;
        let (code, on) = (self.rule.code, self.as_of);
        let entry = match &wish.wanted {
            Wanted::Number { number, payer } => {
                let field = if payer.is_some() { "Certification" } else { "Registration" };
                let own = format!("/medicalSubsidy{field}Number");
                let target = wish.target.as_ref().unwrap_or(&own);
                let mut entry = json!({ "code": code, "target": target, "number": number, "on": on, "until": until, "by": by, "reason": reason });
                if let (Some(payer), Some(members)) = (payer, entry.as_object_mut()) {
                    members.insert("payerNumber".to_owned(), json!(payer));
                }
                entry
            }
            Wanted::Record(record_key) => {
                let Some((_, found)) = self.run(before, Some(record_key))? else { return Ok(None) };
                let asked = |finding: &&Finding| wish.target.is_none() || finding.target == wish.target;
                let found: Vec<&Finding> = found.iter().filter(asked).collect();
                let prints: BTreeSet<_> =
                    found.iter().map(|finding| (&finding.target, &finding.fingerprint)).collect();
                let (target, value) = match prints.into_iter().collect::<Vec<_>>().as_slice() {
                    [] => return Err(self.nothing(wish)),
                    [(Some(target), Some(value))] => (target, value),
                    [_] => return Err(Failure::new(&rules::NOT_ACKNOWLEDGEABLE, code)),
                    several => {
                        return Err(ambiguous(several.iter().filter_map(|(target, _)| target.as_deref())));
                    }
                };
                json!({ "code": code, "target": target, "recordKey": record_key, "value": value, "on": on, "until": until, "by": by, "reason": reason })
            }
        };
        Ok(Some(entry))
    }

    fn nothing(&self, wish: &Wish) -> Failure {
        let code = self.rule.code;
        let words = match &wish.wanted {
            // what was asked for is shown, which need not be what a record holds
            Wanted::Record(key) => Words::from(format_args!("{code}, {}", printable(key))),
            Wanted::Number { .. } => Words::from(code),
        };
        Failure::new(&rules::NOTHING_TO_ACKNOWLEDGE, words)
    }

    /// Runs the records with a list: the counts, and the findings of the rule in the record with a key. None if the list or the profile has mistakes, which
    /// were shown.
    fn run(&self, list: &str, record_key: Option<&str>) -> Result<Option<(Summary, Vec<Finding>)>> {
        let Self { config, module, ui, .. } = *self;
        let profile = trust::read(&config.profile, Role::Deciding, &rules::FILE_UNREADABLE)?;
        let progress = ui.progress(&text::READING);
        let path = input::resolve(&config.input.path)?;
        let mut input = Input::open(&path, &config.input.shape, &progress)?;
        let acknowledged = Acknowledged::of(list, self.path, Some(self.key))?.options();
        let options = Options {
            usage: false,
            mode: Mode::Records,
            as_of: self.as_of.to_owned(),
            lang: ui.lang,
            input: input.form(),
            payload: false,
            stage: Stage::Whole,
            documents: Documents::load(&config.documents)?,
            acknowledged: AcknowledgedOptions { fingerprints: true, ..acknowledged },
        };
        let job = Job { module, profile: &profile, options, jobs: NonZeroUsize::MIN };
        let mut session = job.open()?;
        let picked = Rc::new(RefCell::new(Picked::new(self.rule.code, record_key)));
        let is_fine = session.output()?.status == Status::Ok;
        let view = if is_fine {
            View::Picked(Rc::clone(&picked))
        } else {
            View::Human(Human::new(ui, Stream::Stdout))
        };
        let ended = job.run(&mut session, &mut input, Report::new(vec![view]), |_| Ok(()))?;
        progress.finish_and_clear();
        if let Some(failure) = input.cut_off() {
            return Err(failure);
        }
        Ok(is_fine.then(|| (ended.summary, picked.take().found)))
    }
}

fn ambiguous<'a>(targets: impl Iterator<Item = &'a str>) -> Failure {
    let targets: BTreeSet<String> = targets.map(printable).collect();
    let words = if targets.len() > 1 {
        let targets = targets.into_iter().collect::<Vec<_>>().join(", ");
        Words::new(
            format!("several places, choose one with --target: {targets}"),
            format!("複数の項目に該当します。--target で1つ指定してください: {targets}"),
        )
    } else {
        Words::new(
            "several records with this key, with different values",
            "このキーのレコードが複数あり、値が異なります",
        )
    };
    Failure::new(&rules::NOTHING_TO_ACKNOWLEDGE, words)
}

/// The list with an entry at its end, in place of one about the same.
fn joined(before: &str, entry: &Value, path: &Path) -> Result<String> {
    let list: Vec<&RawValue> =
        serde_json::from_str(before).map_err(|_| unusable(path, "not a list", "配列ではありません"))?;
    let about = |entry: &Entry| {
        let Entry { code, target, record_key, number, payer_number, .. } = entry;
        [Some(code.clone()), Some(target.clone()), record_key.clone(), number.clone(), payer_number.clone()]
    };
    let own: Entry = serde_json::from_value(entry.clone()).map_err(Failure::internal)?;
    let is_other = |raw: &&&RawValue| {
        serde_json::from_str::<Entry>(raw.get()).map_or(true, |other| about(&other) != about(&own))
    };
    let mut lines: Vec<String> = list.iter().filter(is_other).map(|raw| format!("  {}", raw.get())).collect();
    lines.push(format!("  {entry}"));
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}
