//! The files that a run reads and writes: opened as a run opens them, and left as they are.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use pmh_core::rules;

use super::{Examination, fine};
use crate::{
    changes::beside,
    config::Config,
    failure::{Failure, Result, Words},
    folder::Folder,
    input,
    key::Key,
    ledger::Ledger,
    text,
    trust::{self, Exposure, Role, parent},
};

/// Looks at the files; `input` is the size of the records.
pub(super) fn examine(seen: &mut Examination, config: &Config, input: u64) {
    seen.note("ledger", &text::CHECK_LEDGER, ledger(config));
    seen.note_all("modes", &text::CHECK_MODES, modes(config), fine());
    seen.note_all("writing", &text::CHECK_WRITING, unwritable(config), fine());
    seen.note("space", &text::CHECK_SPACE, space(config, input));
}

/// Opens the ledger and checks it as a run does, up to the lock for writing; nothing is written.
fn ledger(config: &Config) -> Result<Words> {
    let path = &config.ledger.path;
    let Some(ledger) = Ledger::read(path)? else {
        writable(parent(path))?;
        return Ok(Words::new("none yet; the first run makes one", "まだありません(初回の実行時に作成)"));
    };
    ledger.is_writable()?;
    let last = ledger
        .last_accepted(config.endpoint.url.as_str(), config.site.as_deref())?
        .map_or_else(|| "-".to_owned(), |last| last.run.to_string());
    let runs = ledger.runs(1)?.first().map_or(0, |run| run.id);
    Ok(Words::new(
        format!("sound; last run {runs}, last accepted {last}"),
        format!("正常。最後の実行 {runs}、最後に受け付けられた実行 {last}"),
    ))
}

/// A file without a name: no watcher sees it, and nothing is left.
fn writable(folder: &Path) -> Result<()> {
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, folder, &error))
}

/// The folder itself, or the nearest one above in which a run would make it.
fn existing(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."))
}

/// Files of others, and files open to others, where a run would stop or take the permission away.
fn modes(config: &Config) -> Vec<Failure> {
    let (ledger, spool) = (&config.ledger.path, &config.ledger.spool_dir);
    let mut failures = Vec::new();
    let mut own: Vec<PathBuf> = trust::state_files(ledger, spool);
    own.push(config.serve.heartbeat.clone());
    if let Some(folder) = &config.log.dir {
        own.push(folder.clone());
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        own.extend(
            entries.filter(|entry| is_log(&entry.file_name().to_string_lossy())).map(|entry| entry.path()),
        );
    }
    if matches!(Folder::open_own(spool), Ok(None)) {
        failures.push(Failure::new(&rules::SPOOL_NOT_OWN, spool.display()));
    }
    // after a run as root it is all of them: a few show what happened
    failures.extend(own.iter().filter_map(|path| trust::is_own(path).err()).take(3));
    let key = Key::path(&config.ledger).filter(|key| key.exists());
    let secrets = config.endpoint.identity.iter().map(|(_, key)| key.as_path()).chain(key.as_deref());
    failures
        .extend(secrets.filter_map(|path| trust::open(path, Role::Secret, &rules::FILE_UNREADABLE).err()));
    let identity = config.endpoint.identity.iter().map(|(certificate, _)| certificate);
    let deciding = config.endpoint.ca_file.iter().chain(&config.endpoint.crl_file).chain(identity);
    failures.extend(deciding.filter_map(|path| trust::open(path, Role::Deciding, &rules::TLS_FILE).err()));
    let found = input::resolve(&config.input.path).ok();
    let exported = found.iter().chain(&config.input.ready).chain(&config.input.sha256);
    let open = exported.filter(|path| path.exists() && trust::is_anybodys(path));
    failures.extend(open.map(|path| Failure::new(&rules::INPUT_EXPOSED, path.display())));
    for path in [ledger, spool] {
        match trust::exposure(path) {
            Ok(Exposure::Private) => {}
            Ok(Exposure::Readable) => failures.push(Failure::new(&rules::OPEN_TO_OTHERS, path.display())),
            Err(failure) if failure.rule == &rules::FILE_FOREIGN => {}
            Err(failure) => failures.push(failure),
        }
    }
    let mut first = Vec::new();
    for failure in failures {
        if !first.contains(&failure) {
            first.push(failure);
        }
    }
    first
}

fn is_log(name: &str) -> bool {
    name.strip_prefix("pmh.").is_some_and(|rest| rest.strip_suffix(".log").is_some())
}

/// Folders and files that a run writes to and this user can't.
fn unwritable(config: &Config) -> Vec<Failure> {
    let (ledger, spool) = (&config.ledger.path, &config.ledger.spool_dir);
    let mut folders = vec![parent(ledger), existing(spool)];
    folders.extend(config.log.dir.as_deref().map(existing));
    if !config.schedule.at.is_empty() {
        folders.push(parent(&config.serve.heartbeat));
    }
    folders.sort_unstable();
    folders.dedup();
    let mut failures: Vec<Failure> =
        folders.into_iter().filter_map(|folder| writable(folder).err()).collect();
    // the locks are opened and not taken: a run that starts now must find them free
    for lock in [beside(ledger, "lock"), spool.join("lock")] {
        match OpenOptions::new().write(true).open(&lock) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                failures.push(Failure::file(&rules::FILE_UNWRITABLE, &lock, &error));
            }
            _ => {}
        }
    }
    failures
}

/// The payload is about as large as the input; twice that and some more is comfortable.
fn space(config: &Config, input: u64) -> Result<Words> {
    let folder = existing(&config.ledger.spool_dir);
    let free = fs4::available_space(folder)
        .map_err(|error| Failure::file(&rules::FILE_UNREADABLE, folder, &error))?;
    enough(free, input.saturating_mul(2).saturating_add(100 << 20), folder)
}

fn enough(free: u64, wanted: u64, folder: &Path) -> Result<Words> {
    let mib = |bytes: u64| bytes >> 20;
    let words = format!("{} MiB", mib(free));
    if free < wanted {
        let words = format!("{words} < {} MiB ({})", mib(wanted), folder.display());
        return Err(Failure::new(&rules::DISK_SPACE, words));
    }
    Ok(words.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_is_told_with_both_numbers() {
        let folder = Path::new("/spool");
        assert!(enough(300 << 20, 300 << 20, folder).is_ok());
        let little = enough((300 << 20) - 1, 300 << 20, folder).unwrap_err();
        assert_eq!(
            little.to_string(),
            "PMH6603: little free space for the spool: 299 MiB < 300 MiB (/spool)"
        );
    }
}
