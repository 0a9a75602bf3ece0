//! The ledger: what was sent when, and what became of it, in SQLite.
//!
//! It is written before and after each step, synchronously, so that after a crash the next run knows what this one did.
//! It must never hold a value of a record, a token, or what PMH says in words.

mod bound;
mod chain;
mod copies;
mod migrate;
mod network;
mod query;
mod rows;
mod state;
mod who;
mod write;

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

use pmh_core::rules;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

pub use self::{
    bound::{Bound, Owner},
    chain::Head,
    network::on_network_disk,
    rows::{Attempt, Changes, Intent, Request, Run},
    state::{State, run_state},
    write::Removed,
};
use crate::{
    changes::beside,
    failure::{Failure, Result, Words},
};

/// How long another process, such as `pmh history`, may keep the file busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens a ledger, or makes one; brings it up to date and checks it.
    ///
    /// # Errors
    ///
    /// `PMH6501` to `PMH6503`.
    pub fn open(path: &Path) -> Result<Self> {
        let known = path.exists();
        let length = settled_length(path);
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut ledger = Self::connect(path, flags)?;
        ledger.checked(|db| {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            // what is deleted or replaced is overwritten in the file
            db.pragma_update(None, "secure_delete", true)?;
            db.pragma_update(None, "foreign_keys", true)
        })?;
        ledger.is_sound(length)?;
        if known {
            ledger.is_not_emptied()?;
        }
        ledger.bring_up_to_date()?;
        ledger.clean()?;
        Ok(ledger)
    }

    /// Opens a ledger to read from it; none if there is no file, or nothing was ever written to it. One of an older version
    /// is read from a copy in memory, so that reading writes nothing.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let (is_left, length) = (left_over(path), settled_length(path));
        // WAL needs to write beside the file even to read it
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let ledger = Self::connect(path, flags)?;
        ledger.checked(|db| {
            // what a killed run left is the next run's to take over, not a reader's
            db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, is_left)?;
            db.pragma_update(None, "query_only", true)
        })?;
        ledger.is_sound(length)?;
        ledger.is_not_emptied()?;
        ledger.current()
    }

    /// The ledger in its latest version; none if nothing was ever written to it.
    fn current(self) -> Result<Option<Self>> {
        match self.version()? {
            0 => Ok(None),
            version if version < migrate::LATEST => self.migrated_copy().map(Some),
            migrate::LATEST => Ok(Some(self)),
            _ => Err(Failure::new(&rules::LEDGER_NEWER, self.path.display())),
        }
    }

    /// Whether a run could write: takes the lock for writing and gives it back. Nothing is written.
    ///
    /// # Errors
    ///
    /// `PMH6501` if it can't.
    pub fn is_writable(&self) -> Result<()> {
        self.checked(|db| {
            db.pragma_update(None, "query_only", false)?;
            db.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
            db.pragma_update(None, "query_only", true)
        })
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        let db = Connection::open_with_flags(path, flags).map_err(|error| failure(path, &error))?;
        db.busy_timeout(PATIENCE).map_err(|error| failure(path, &error))?;
        Ok(Self { db, path: path.to_owned() })
    }

    /// SQLite's own check of the whole file; a ledger of years takes milliseconds. `length` is the file's when nothing was waiting beside it: SQLite takes a
    /// page that is cut off for one that ends in zeros.
    fn is_sound(&self, length: Option<u64>) -> Result<()> {
        let page: u64 = self.checked(|db| db.pragma_query_value(None, "page_size", |row| row.get(0)))?;
        if length.is_some_and(|length| length % page > 0) {
            let path = self.path.display();
            let words = Words::new(format!("{path} (cut off)"), format!("{path}(途中で切れています)"));
            return Err(Failure::new(&rules::LEDGER_DAMAGED, words));
        }
        let said: String =
            self.checked(|db| db.pragma_query_value(None, "integrity_check", |row| row.get(0)))?;
        if said == "ok" {
            return Ok(());
        }
        let words = format!("{} ({})", self.path.display(), said.lines().next().unwrap_or_default());
        Err(Failure::new(&rules::LEDGER_DAMAGED, words))
    }

    fn version(&self) -> Result<usize> {
        self.checked(|db| db.pragma_query_value(None, "user_version", |row| row.get(0)))
    }

    /// To SQLite an empty file is a new ledger. Where the key of the hashes stands beside it, it was one that knew something.
    fn is_not_emptied(&self) -> Result<()> {
        if self.version()? > 0 || !beside(&self.path, "key").exists() {
            return Ok(());
        }
        let path = self.path.display();
        let words = Words::new(format!("{path} (emptied)"), format!("{path}(空になっています)"));
        Err(Failure::new(&rules::LEDGER_DAMAGED, words))
    }

    fn checked<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        work(&self.db).map_err(|error| failure(&self.path, &error))
    }

    /// All of it or nothing.
    fn write<T>(&mut self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let Self { db, path } = self;
        let write = || {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let written = work(&transaction)?;
            transaction.commit()?;
            Ok(written)
        };
        write().map_err(|error| failure(path, &error))
    }
}

/// Whether a run that was killed left something that is not in the ledger's file yet.
fn left_over(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).is_ok_and(|metadata| metadata.len() > 0)
}

/// The length of the file, unless what waits beside it may still complete it.
fn settled_length(path: &Path) -> Option<u64> {
    let length = std::fs::metadata(path).ok()?.len();
    (!left_over(path)).then_some(length)
}

/// Makes an empty file for its owner alone, unless there is one; SQLite gives the files beside it the same mode.
fn create_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| Failure::file(&rules::LEDGER_UNUSABLE, path, &error))
}

/// What SQLite's errors mean here. Its own words may quote values, so they are shown only where they can't.
fn failure(path: &Path, error: &rusqlite::Error) -> Failure {
    let (rule, en, ja) = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            (&rules::LEDGER_DAMAGED, "not a ledger", "台帳のファイルではありません")
        }
        Some(ErrorCode::DatabaseCorrupt) => (&rules::LEDGER_DAMAGED, "damaged", "壊れています"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            (&rules::LEDGER_UNUSABLE, "locked by another program", "ほかのプログラムがロックしています")
        }
        Some(ErrorCode::DiskFull) => (&rules::LEDGER_UNUSABLE, "no space left", "空き容量がありません"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            (&rules::LEDGER_UNUSABLE, "permission denied", "権限がありません")
        }
        Some(ErrorCode::CannotOpen) => (&rules::LEDGER_UNUSABLE, "cannot be opened", "開けません"),
        Some(ErrorCode::SystemIoFailure) => (&rules::LEDGER_UNUSABLE, "I/O error", "入出力エラー"),
        Some(ErrorCode::ConstraintViolation) | None => {
            (&rules::LEDGER_DAMAGED, "unexpected content", "想定外の内容です")
        }
        Some(_) => (&rules::LEDGER_UNUSABLE, "SQLite error", "SQLiteのエラー"),
    };
    let path = path.display();
    Failure::new(rule, Words::new(format!("{path} ({en})"), format!("{path}({ja})")))
}

#[cfg(test)]
mod chain_tests;
#[cfg(test)]
mod migrate_tests;
#[cfg(test)]
mod tests;
