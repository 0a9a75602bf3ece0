//! `pmh backup` and `pmh restore`: the ledger in a file, and back.
//!
//! What could harm unseen: a copy that is half written or taken while a run writes; a backup of a lost ledger over the last
//! good one; half a ledger after a crash in between; an old write-ahead log that is applied to the restored file; a process that
//! goes on writing to a file that was replaced; and a restored ledger that has forgotten nights without anybody being told. So a
//! ledger that SQLite can open is overwritten through SQLite, in one transaction, and only one that it can't open is replaced. A backup holds neither the key (unless it is asked for, in a
//! file of its own) nor the hashes of sets: the two together let a My Number be guessed.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::Utc;
use pmh_core::rules;
use tempfile::NamedTempFile;

use crate::{
    atomic_file::{AtomicFile, folder_of, sweep_beside, sync_folder},
    changes::beside,
    config::Config,
    failure::{Exit, Failure, Result, Words},
    fault,
    key::Key,
    ledger::{Ledger, Run, State},
    lock::Lock,
    spool, text,
    ui::{Form, Ui},
};

/// The ending of the key's copy.
const KEY: &str = "key";

/// Starts a file beside the one that it will replace; it vanishes unless it is kept.
fn draft(path: &Path) -> Result<NamedTempFile> {
    sweep_beside(path);
    let draft = tempfile::Builder::new()
        .prefix(".pmh-")
        .suffix(".part")
        .tempfile_in(folder_of(path))
        .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
    // held while it is written: a part without a writer is swept
    let _ = draft.as_file().try_lock();
    Ok(draft)
}

/// Gives a complete file its name, on the disk before this returns.
fn keep(draft: NamedTempFile, path: &Path) -> Result<()> {
    let unwritable = |error: &io::Error| Failure::file(&rules::FILE_UNWRITABLE, path, error);
    draft.as_file().sync_all().map_err(|error| unwritable(&error))?;
    draft.persist(path).map_err(|error| unwritable(&error.error))?;
    sync_folder(folder_of(path)).map_err(|error| unwritable(&error))
}

fn unusable(path: &Path, en: &str, ja: &str) -> Failure {
    let path = path.display();
    Failure::new(&rules::BACKUP_UNUSABLE, Words::new(format!("{path} ({en})"), format!("{path}({ja})")))
}

/// Copies the ledger into a file, while a run may write to it.
///
/// # Errors
///
/// `PMH6501` if there is no ledger or it can't be read, `PMH6502` if it is damaged, `PMH6510` if its chain is broken, `PMH6307` if
/// the file exists and isn't an older backup of the same ledger, `PMH6306` if it can't be written.
pub fn backup(config: &Config, file: &Path, with_key: bool, ui: Ui) -> Result<Exit> {
    let path = &config.ledger.path;
    let ledger = Ledger::read(path)?
        .ok_or_else(|| Failure::file(&rules::LEDGER_UNUSABLE, path, &io::ErrorKind::NotFound.into()))?;
    if let Some(fault) = ledger.chain_faults()?.into_iter().next() {
        return Err(fault);
    }
    if file.exists() && !is_older(file, &ledger)? {
        return Err(Failure::new(&rules::FILE_EXISTS, file.display()));
    }
    let key = if with_key { Key::read(&config.ledger)? } else { None };
    let draft = draft(file)?;
    ledger.copy_to(draft.path())?;
    fault::point("copied");
    keep(draft, file)?;
    let mut written = vec![(&text::BACKED_UP, file.to_owned())];
    if let Some(key) = key {
        let path = beside(file, KEY);
        let mut copy = AtomicFile::create(&path)?;
        copy.write_all(key.bytes()).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &path, &error))?;
        copy.commit()?;
        written.push((&text::BACKED_UP_KEY, path));
    }
    if ui.form == Form::Json {
        let key = written.get(1).map(|(_, path)| path.display().to_string());
        ui.print(serde_json::json!({ "backup": file.display().to_string(), "key": key, "entry": ledger.head()?.number }))?;
    } else if !ui.quiet {
        for (label, path) in written {
            ui.print(format_args!("{}: {}", ui.say(label), path.display()))?;
        }
    }
    Ok(Exit::Done)
}

/// Whether a file is a backup of this ledger that knows nothing more than it.
fn is_older(file: &Path, ledger: &Ledger) -> Result<bool> {
    let Ok(Some(old)) = Ledger::read_copy(file) else { return Ok(false) };
    let head = old.head()?;
    Ok(old.name()? == ledger.name()? && ledger.entry_hash(head.number)?.is_some_and(|hash| hash == head.hash))
}

/// Puts a backup in the ledger's place.
///
/// # Errors
///
/// `PMH6108` if a run is under way, `PMH6501` if another program keeps the ledger locked, `PMH6511` if the file is no usable backup, `PMH6503` if a newer version wrote it, `PMH6507` if it
/// belongs to another endpoint or site, `PMH6306` if something can't be written: the ledger is as it was then.
pub fn restore(config: &Config, file: &Path, ui: Ui) -> Result<Exit> {
    let paths = &config.ledger;
    spool::make_folder(&paths.spool_dir)?;
    let _lock = Lock::take(&paths.path, &paths.spool_dir)?;
    let backup = usable(config, file)?;
    // the old one may be damaged: that is what a backup is for
    let old = Ledger::read(&paths.path).ok().flatten();
    let newer = old.as_ref().map(|old| newer(old, &backup)).transpose()?.unwrap_or_default();
    let draft = draft(&paths.path)?;
    backup.copy_to(draft.path())?;
    let mut restored = Ledger::open(draft.path())?;
    restored.note_restored(&file.display().to_string(), old.as_ref(), &newer)?;
    restored.settle_down()?;
    drop(restored);
    fault::point("restore-made");
    let aside = put_aside(&paths.path, old)?;
    fault::point("restore-aside");
    if aside.is_none() || !Ledger::overwrite(&paths.path, draft.path())? {
        remove_logs(&paths.path)?;
        keep(draft, &paths.path)?;
    }
    fault::point("restore-done");
    restore_key(config, file)?;
    tell(config, &newer, aside.as_deref(), ui)
}

/// Opens a backup and checks everything about it.
fn usable(config: &Config, file: &Path) -> Result<Ledger> {
    let backup = match Ledger::read_copy(file) {
        Ok(Some(backup)) => backup,
        Ok(None) => return Err(unusable(file, "it is empty or missing", "空か、存在しません")),
        Err(failure) if failure.rule == &rules::LEDGER_NEWER => return Err(failure),
        Err(_) => return Err(unusable(file, "damaged, or no ledger", "壊れているか、台帳ではありません")),
    };
    if !backup.chain_faults()?.is_empty() {
        return Err(unusable(file, "its chain of hashes is broken", "ハッシュの連鎖が切れています"));
    }
    if let Some(stranger) = backup.elsewhere(config.endpoint.url.as_str(), config.site.as_deref())? {
        return Err(stranger);
    }
    Ok(backup)
}

/// The runs that only the old ledger knows, or knows to have ended otherwise.
fn newer(old: &Ledger, backup: &Ledger) -> Result<Vec<Run>> {
    let known = backup.runs(u32::MAX)?;
    let same = |run: &Run| {
        known
            .iter()
            .any(|other| other.id == run.id && other.state == run.state && other.ended_at == run.ended_at)
    };
    let mut newer: Vec<Run> = old.runs(u32::MAX)?.into_iter().filter(|run| !same(run)).collect();
    newer.reverse();
    Ok(newer)
}

/// Keeps the present ledger under another name. The ledger itself stays in its place until the restored one takes it over, so
/// that it is never missing.
fn put_aside(path: &Path, old: Option<Ledger>) -> Result<Option<PathBuf>> {
    if !path.exists() {
        return Ok(None);
    }
    let aside = beside(path, &format!("before-{}", Utc::now().format("%Y%m%dT%H%M%S%3fZ")));
    let unwritable = |error: io::Error| Failure::file(&rules::FILE_UNWRITABLE, &aside, &error);
    if let Some(old) = old {
        create(&aside).map_err(unwritable)?;
        old.copy_to(&aside)?;
    } else {
        // a damaged ledger keeps its log beside it
        for ending in ["", "-wal"] {
            let from = PathBuf::from(format!("{}{ending}", path.display()));
            if from.exists() {
                let to = PathBuf::from(format!("{}{ending}", aside.display()));
                copy(&from, &to).map_err(unwritable)?;
            }
        }
    }
    sync_folder(folder_of(path)).map_err(unwritable)?;
    Ok(Some(aside))
}

/// Removes what SQLite left beside a ledger that is replaced: a log of the old file must never be applied to the new one.
fn remove_logs(path: &Path) -> Result<()> {
    for ending in ["-wal", "-shm"] {
        let log = PathBuf::from(format!("{}{ending}", path.display()));
        match fs::remove_file(&log) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Failure::file(&rules::FILE_UNWRITABLE, &log, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut target = create(to)?;
    io::copy(&mut File::open(from)?, &mut target)?;
    target.sync_all()
}

/// Puts back the key that lies beside the backup, if this installation has none.
fn restore_key(config: &Config, file: &Path) -> Result<()> {
    let (Some(path), copy) = (Key::path(&config.ledger), beside(file, KEY)) else { return Ok(()) };
    if path.exists() || !copy.exists() {
        return Ok(());
    }
    let Some(key) = Key::at(&copy)? else { return Ok(()) };
    let mut target = AtomicFile::create(&path)?;
    target.write_all(key.bytes()).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &path, &error))?;
    target.commit()
}

/// Says what was put back, and what only the old ledger knows.
fn tell(config: &Config, newer: &[Run], aside: Option<&Path>, ui: Ui) -> Result<Exit> {
    let ledger = Ledger::read(&config.ledger.path)?;
    let last = ledger.as_ref().map(|ledger| ledger.runs(1)).transpose()?.unwrap_or_default();
    let last = last.first().map(|run| run.id);
    let unknown: Vec<Failure> =
        newer.iter().map(|run| Failure::new(&rules::BACKUP_OLDER, described(run))).collect();
    if ui.form == Form::Json {
        let told: Vec<_> = unknown.iter().map(|failure| failure.told(ui.lang)).collect();
        let aside = aside.map(|path| path.display().to_string());
        ui.print(serde_json::json!({ "lastRun": last, "aside": aside, "warnings": told }))?;
        return Ok(Exit::Done);
    }
    if !ui.quiet {
        let last = last.map_or_else(|| "-".to_owned(), |run| run.to_string());
        ui.print(format_args!("{}: {last}", ui.say(&text::RESTORED)))?;
        if let Some(aside) = aside {
            ui.print(format_args!("{}: {}", ui.say(&text::PUT_ASIDE), aside.display()))?;
        }
    }
    for failure in &unknown {
        ui.note(&text::WARNING, format_args!("{}: {}", failure.rule.code, failure.message(ui.lang)));
    }
    if let Some(failure) = unknown.first() {
        ui.note(&text::NOTE, failure.help(ui.lang));
    }
    Ok(Exit::Done)
}

fn described(run: &Run) -> Words {
    let name = run.state.name();
    let accepted = if run.state == State::Accepted { "受付済み" } else { text::outcome(name).ja };
    Words::new(
        format!("run {} ({}, {name})", run.id, run.as_of),
        format!("実行 {}({}、{accepted})", run.id, run.as_of),
    )
}
