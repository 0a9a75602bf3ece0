//! One run at a time: locks that the operating system releases when the process ends, however it ends.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
};

use pmh_core::rules;

use crate::failure::{Failure, Result};

/// Held for as long as this lives. Only the files' locks count; the files themselves are empty and stay.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] [File; 2]);

impl Lock {
    /// Takes the ledger and the spool folder for this process alone.
    ///
    /// # Errors
    ///
    /// `PMH6108` where another process has one of them, `PMH6306` where a lock file can't be made.
    pub fn take(ledger: &Path, spool_dir: &Path) -> Result<Self> {
        let mut beside = ledger.as_os_str().to_owned();
        beside.push(".lock");
        Ok(Self([lock(&PathBuf::from(beside))?, lock(&spool_dir.join("lock"))?]))
    }
}

/// Takes the spool folder only, or nothing if a run is under way.
///
/// # Errors
///
/// `PMH6306` if the lock file can't be made.
pub fn spool(spool_dir: &Path) -> Result<Option<File>> {
    match lock(&spool_dir.join("lock")) {
        Ok(held) => Ok(Some(held)),
        Err(failure) if failure.rule == &rules::RUN_UNDER_WAY => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Takes a file that is about to be replaced, by a file beside it.
///
/// # Errors
///
/// As [`Lock::take`].
pub fn of_file(path: &Path) -> Result<File> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    lock(&PathBuf::from(beside))
}

/// Whether a process has the ledger. This takes the lock for a moment: ask only if a run seems to be open.
pub(crate) fn is_held(ledger: &Path) -> bool {
    let mut beside = ledger.as_os_str().to_owned();
    beside.push(".lock");
    let file = File::open(PathBuf::from(beside));
    file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn lock(path: &Path) -> Result<File> {
    let unwritable = |error| Failure::file(&rules::FILE_UNWRITABLE, path, &error);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Failure::new(&rules::RUN_UNDER_WAY, path.display())),
        Err(TryLockError::Error(error)) => Err(unwritable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, other) = (folder.path().join("a.sqlite3"), folder.path().join("b.sqlite3"));
        let held = Lock::take(&ledger, folder.path()).unwrap();
        // another ledger with the same spool folder is in the way too
        for ledger in [&ledger, &other] {
            assert_eq!(Lock::take(ledger, folder.path()).unwrap_err().rule.code, "PMH6108");
        }
        drop(held);
        assert!(Lock::take(&ledger, folder.path()).is_ok());
    }
}
