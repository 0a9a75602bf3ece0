//! `pmh history`: what the ledger knows, for people and programs; and whether ledger and files still agree.
//!
//! It reads and never writes, and needs no network.

use std::{fs, path::Path};

use pmh_core::rules::{self, Text};
use serde::{Deserialize, Serialize};

use crate::{
    changes::{Hashes, Loaded, beside},
    config::Config,
    escape::printable,
    failure::{Exit, Failure, Result, Told, Words},
    human::{align_right, table},
    key::Key,
    ledger::{Attempt, Changes, Ledger, Owner, Request, Run, State},
    receipt::Signed,
    spool::Spool,
    text,
    time::shown,
    ui::{Form, Ui},
};

/// How many runs are listed unless more are asked for.
pub const LISTED: u32 = 30;

/// One run with everything about it.
#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    run: Run,
    requests: Vec<Request>,
    attempts: Vec<Attempt>,
    /// The acknowledgements that it made use of.
    acknowledged: Vec<Noted>,
}

/// An acknowledgement, as the ledger has it.
#[derive(Serialize, Deserialize)]
struct Noted {
    code: String,
    target: String,
    /// A keyed hash of the record key or number.
    subject: String,
    by: String,
    until: String,
    findings: u64,
}

/// Lists the newest runs.
///
/// # Errors
///
/// `PMH6501` to `PMH6503`, `PMH6306` where standard output can't be written.
pub fn list(config: &Config, most: u32, ui: Ui) -> Result<Exit> {
    let ledger = Ledger::read(&config.ledger.path)?;
    let runs = ledger.as_ref().map(|ledger| ledger.runs(most)).transpose()?.unwrap_or_default();
    if ui.form == Form::Json {
        ui.print(serde_json::to_string(&runs).map_err(Failure::internal)?)?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        ui.print(ui.say(&text::NO_RUNS))?;
        return Ok(Exit::Done);
    }
    let mut table = table();
    let sites = runs.iter().any(|run| run.site.is_some());
    let head = [
        &text::RUN,
        &text::STARTED,
        &text::AS_OF,
        &text::OUTCOME,
        &text::RECORDS,
        &text::ADDED,
        &text::CHANGED,
        &text::GONE,
        &text::SERIAL_NUMBER,
    ];
    let site = sites.then(|| ui.say(&text::SITE));
    table.set_header(head.map(|text| ui.say(text)).into_iter().chain(site));
    for run in &runs {
        let requests = ledger.as_ref().map(|ledger| ledger.requests(run.id)).transpose()?.unwrap_or_default();
        let count = |count: fn(&Changes) -> u64| {
            run.changes.as_ref().map_or_else(|| "-".to_owned(), |changes| count(changes).to_string())
        };
        let site = sites.then(|| run.site.clone().unwrap_or_default());
        let row = [
            run.id.to_string(),
            in_japan(&run.started_at),
            run.as_of.clone(),
            outcome(run, ui),
            run.counts().map_or_else(|| "-".to_owned(), |summary| summary.accepted.to_string()),
            count(|changes| changes.added),
            count(|changes| changes.changed),
            count(|changes| changes.gone),
            serials(&requests),
        ];
        table.add_row(row.into_iter().chain(site));
    }
    align_right(&mut table, &[0, 4, 5, 6, 7]);
    ui.print(table.trim_fmt())?;
    Ok(Exit::Done)
}

/// Shows one run in detail.
///
/// # Errors
///
/// As [`list`]; `PMH6505` where there is no such run.
pub fn one(config: &Config, run: i64, ui: Ui) -> Result<Exit> {
    let unknown = || Failure::new(&rules::NO_SUCH_RUN, run);
    let ledger = Ledger::read(&config.ledger.path)?.ok_or_else(unknown)?;
    let acknowledged = ledger.acknowledgements(run)?;
    let detail = Detail {
        run: ledger.run(run)?,
        requests: ledger.requests(run)?,
        attempts: ledger.attempts(run)?,
        acknowledged: acknowledged.and_then(|list| serde_json::from_str(&list).ok()).unwrap_or_default(),
    };
    if ui.form == Form::Json {
        ui.print(serde_json::to_string(&detail).map_err(Failure::internal)?)?;
        return Ok(Exit::Done);
    }
    let Detail { run, requests, attempts, acknowledged } = detail;
    let mut facts = table();
    let mut fact = |label: &Text, value: Option<String>| {
        facts.add_row([ui.say(label).to_owned(), value.unwrap_or_else(|| "-".to_owned())]);
    };
    fact(&text::RUN, Some(run.id.to_string()));
    fact(&text::STARTED, Some(in_japan(&run.started_at)));
    fact(&text::ENDED, run.ended_at.as_deref().map(in_japan));
    fact(&text::OUTCOME, Some(outcome(&run, ui)));
    fact(&text::CODES, (!run.codes.is_empty()).then(|| run.codes.join(" ")));
    fact(&text::PASSED_GUARDS, (!run.passed.is_empty()).then(|| run.passed.join(" ")));
    fact(&text::AS_OF, Some(run.as_of.clone()));
    if let Some(site) = &run.site {
        fact(&text::SITE, Some(site.clone()));
    }
    fact(&text::DESTINATION, Some(run.endpoint.clone()));
    if let (Some(user), Some(host), Some(process)) = (&run.user, &run.host, run.process) {
        fact(&text::RUN_BY, Some(format!("{user}@{host} ({process})")));
    }
    if let Some(summary) = run.counts() {
        fact(&text::READ, Some(summary.read.to_string()));
        fact(&text::ACCEPTED, Some(summary.accepted.to_string()));
        fact(&text::EXCLUDED, Some(summary.excluded.to_string()));
        fact(&text::REJECTED, Some(summary.rejected.to_string()));
        fact(&text::WARNINGS, Some(summary.warnings.to_string()));
    }
    for Noted { code, target, subject, by, until, findings } in &acknowledged {
        let words = format!("{code} {target} × {findings} ({by}, {until}, {subject})");
        fact(&text::ACKNOWLEDGED, Some(printable(&words)));
    }
    if let Some(Changes { added, changed, gone }) = run.changes {
        fact(&text::ADDED, Some(added.to_string()));
        fact(&text::CHANGED, Some(changed.to_string()));
        fact(&text::GONE, Some(gone.to_string()));
    }
    fact(&text::PAYLOAD_HASH, run.payload);
    fact(&text::PROFILE_HASH, run.profile);
    fact(&text::MODULE_HASH, run.module);
    fact(&text::SPOOL_KEPT, run.spool);
    fact(&text::VERSION, Some(run.version));
    ui.print(facts.trim_fmt())?;
    if attempts.is_empty() {
        return Ok(Exit::Done);
    }
    let mut tries = table();
    let head = [
        &text::REQUEST,
        &text::TRY,
        &text::STARTED,
        &text::RECORDS,
        &text::BYTES,
        &text::OUTCOME,
        &text::STATUS,
        &text::CODES,
        &text::SERIAL_NUMBER,
    ];
    tries.set_header(head.map(|text| ui.say(text)));
    for attempt in &attempts {
        let request = requests.iter().find(|request| request.number == attempt.request);
        let number = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let accepted = attempt.outcome.as_deref() == Some(State::Accepted.name());
        tries.add_row([
            attempt.request.to_string(),
            attempt.number.to_string(),
            in_japan(&attempt.began_at),
            number(request.map(|request| request.records)),
            number(request.map(|request| request.bytes)),
            ui.say(text::outcome(attempt.outcome.as_deref().unwrap_or("unknown"))).to_owned(),
            attempt.status.map(|status| status.to_string()).unwrap_or_default(),
            attempt.code.clone().unwrap_or_default(),
            request
                .filter(|_| accepted)
                .and_then(|request| request.serial_number.clone())
                .unwrap_or_default(),
        ]);
    }
    align_right(&mut tries, &[0, 1, 3, 4]);
    ui.print(tries.trim_fmt())?;
    Ok(Exit::Done)
}

/// Compares the ledger with the files beside it: every payload in the spool, every set of hashes, and the ledger's own
/// rows with each other, with its chain and with a receipt.
///
/// # Errors
///
/// As [`list`]; what disagrees is no error but is printed, and ends with exit code 2.
pub fn verify(config: &Config, receipt: Option<&Signed>, ui: Ui) -> Result<Exit> {
    let Some(ledger) = Ledger::read(&config.ledger.path)? else {
        // nothing at all where a receipt knows something
        if let Some(receipt) = receipt {
            ui.fail(&receipt.missing());
            return Ok(Exit::Usage);
        }
        if ui.form == Form::Human {
            ui.print(ui.say(&text::NO_RUNS))?;
        } else {
            ui.print(r#"{"runs":0,"differences":[]}"#)?;
        }
        return Ok(Exit::Done);
    };
    let runs = ledger.runs(u32::MAX)?;
    let mut differences = ledger.chain_faults()?;
    if let Some(receipt) = receipt {
        differences.extend(receipt.differences(&ledger)?);
    }
    let key = Key::read(&config.ledger)?;
    let name = key.as_ref().map(Key::name_text);
    let owner =
        Owner { endpoint: config.endpoint.url.as_str(), site: config.site.as_deref(), key: name.as_deref() };
    differences.extend(ledger.strangers(owner, &config.ledger.spool_dir)?);
    for run in &runs {
        differences.extend(consistent(run, &ledger.requests(run.id)?, &ledger.attempts(run.id)?));
        differences.extend(spooled(run, &ledger, key.as_ref(), &config.ledger.spool_dir)?);
    }
    let known: Vec<&str> = runs.iter().filter_map(|run| run.spool.as_deref()).collect();
    differences.extend(strays(&config.ledger.spool_dir, &known));
    for run in ledger.references()? {
        let path = beside(&config.ledger.path, &format!("set-{run}"));
        // without a key there is a difference already
        match key.as_ref().map(|key| Hashes::load(key, &path)) {
            Some(Err(failure)) => differences.push(failure),
            Some(Ok(Loaded::Missing | Loaded::OtherKey)) => {
                differences.push(Failure::new(&rules::LEDGER_MISMATCH, path.display()));
            }
            None | Some(Ok(Loaded::Hashes(_) | Loaded::Outdated)) => {}
        }
    }
    if ui.form == Form::Json {
        let told: Vec<Told> = differences.iter().map(|failure| failure.told(ui.lang)).collect();
        ui.print(serde_json::json!({ "runs": runs.len(), "differences": told }))?;
    } else {
        for difference in &differences {
            ui.fail(difference);
        }
        if differences.is_empty() && !ui.quiet {
            ui.print(format_args!("{} ({}: {})", ui.say(&text::VERIFIED), ui.say(&text::RUNS), runs.len()))?;
        }
    }
    Ok(if differences.is_empty() { Exit::Done } else { Exit::Usage })
}

/// What of a run's own rows can't be true together.
fn consistent(run: &Run, requests: &[Request], attempts: &[Attempt]) -> Option<Failure> {
    let states: Vec<_> = requests.iter().map(|request| request.state(attempts)).collect();
    let by_tries = crate::ledger::run_state(&states);
    let serials = requests
        .iter()
        .all(|request| request.serial_number.is_some() == (request.state(attempts) == Some(State::Accepted)));
    let records: u64 = requests.iter().map(|request| request.records).sum();
    let counted = run.counts().is_none_or(|summary| requests.is_empty() || summary.accepted == records);
    let outcome_fits = match run.state {
        State::Accepted | State::Refused | State::Unavailable | State::Unknown => run.state == by_tries,
        State::Preparing | State::Stopped | State::Failed => requests.is_empty(),
        State::Sending => true,
    };
    (!(serials && counted && outcome_fits)).then(|| {
        let id = run.id;
        let words = Words::new(
            format!("run {id}: its requests and tries do not add up to its outcome"),
            format!("実行 {id} のリクエストと試行の記録が、結果と合いません"),
        );
        Failure::new(&rules::LEDGER_MISMATCH, words)
    })
}

/// A payload that the ledger has in the spool must be there, with its hash and with those of its requests.
fn spooled(run: &Run, ledger: &Ledger, key: Option<&Key>, folder: &Path) -> Result<Option<Failure>> {
    let (Some(name), Some(hash), Some(key)) = (&run.spool, &run.payload, key) else { return Ok(None) };
    let path = folder.join(name);
    let spool = match Spool::again(path.clone(), &key.bodies(), hash) {
        Ok(spool) => spool,
        Err(failure) => return Ok(Some(failure)),
    };
    for request in ledger.requests(run.id)? {
        if Some(spool.body_hash(&request.part)?) != request.hash {
            let words = format!("{} [{}]", path.display(), request.number);
            return Ok(Some(Failure::new(&rules::LEDGER_MISMATCH, words)));
        }
    }
    Ok(None)
}

/// Payloads that no run knows: the next run removes them.
fn strays(folder: &Path, known: &[&str]) -> Vec<Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let stray = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = crate::spool::is_payload(&name) && !known.contains(&name.as_str());
        ours.then(|| Failure::new(&rules::LEDGER_MISMATCH, entry.path().display()))
    };
    entries.flatten().filter_map(stray).collect()
}

fn in_japan(utc: &str) -> String {
    chrono::DateTime::parse_from_rfc3339(utc).map_or_else(|_| utc.to_owned(), |time| shown(time.to_utc()))
}

fn outcome(run: &Run, ui: Ui) -> String {
    let word = ui.say(text::outcome(run.state.name()));
    match run.settled_by {
        Some(by) => format!("{word} ({} {by})", ui.say(&text::SETTLED_BY)),
        None => word.to_owned(),
    }
}

/// One serial number, or the first and how many more.
fn serials(requests: &[Request]) -> String {
    let mut serials = requests.iter().filter_map(|request| request.serial_number.as_deref());
    match (serials.next(), serials.count()) {
        (None, _) => String::new(),
        (Some(first), 0) => first.to_owned(),
        (Some(first), more) => format!("{first} (+{more})"),
    }
}
