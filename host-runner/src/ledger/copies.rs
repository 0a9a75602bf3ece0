//! Copies of the ledger: to a file, and from one.

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use chrono::Utc;
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
    params,
};

use super::{Ledger, PATIENCE, Run, chain, failure, migrate, who::Who};
use crate::{failure::Result, fault};

impl Ledger {
    /// Copies the ledger as it is at this moment into an empty file, whole and without a write-ahead log.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<()> {
        let failed = |error: rusqlite::Error| failure(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut copy = Connection::open_with_flags(path, flags).map_err(failed)?;
        migrate::copy(&self.db, &mut copy).map_err(failed)?;
        let journal: String =
            copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).map_err(failed)?;
        debug_assert_eq!(journal, "delete");
        copy.close().map_err(|(_, error)| failed(error))
    }

    /// Opens a copy that nobody writes to: the file isn't touched, nor anything made beside it.
    pub(crate) fn read_copy(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let ledger = Self::connect(path, flags)?;
        ledger.is_sound(super::settled_length(path))?;
        ledger.current()
    }

    /// Overwrites a ledger with the contents of another file, in one transaction: a process that reads it meanwhile sees
    /// the one or the other, one that has it open goes on with the new one, and a crash leaves the old one. False if the
    /// old one is so damaged that SQLite can't open it.
    ///
    /// # Errors
    ///
    /// `PMH6501` if another program keeps it locked, or it can't be written.
    pub(crate) fn overwrite(path: &Path, with: &Path) -> Result<bool> {
        let failed = |error: rusqlite::Error| failure(path, &error);
        let no_ledger = |error: &rusqlite::Error| {
            matches!(error.sqlite_error_code(), Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
        };
        let read = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let from = Connection::open_with_flags(with, read).map_err(failed)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut ledger = Self::connect(path, flags)?;
        let looked = |db: &Connection| -> rusqlite::Result<i64> {
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "secure_delete", true)?;
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            db.pragma_query_value(None, "page_size", |row| row.get(0))
        };
        let size = match looked(&ledger.db) {
            Err(error) if no_ledger(&error) => return Ok(false),
            looked => looked.map_err(failed)?,
        };
        let own: i64 = from.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(failed)?;
        if size != own {
            return Ok(false);
        }
        let begun = Instant::now();
        let copy = Backup::new(&from, &mut ledger.db).map_err(failed)?;
        loop {
            match copy.step(8) {
                Ok(StepResult::Done) => break,
                Ok(StepResult::More) => fault::point("restore-half"),
                Ok(_) if begun.elapsed() < PATIENCE => sleep(Duration::from_millis(20)),
                Ok(_) => {
                    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
                    return Err(failed(rusqlite::Error::SqliteFailure(busy, None)));
                }
                Err(error) if no_ledger(&error) => return Ok(false),
                Err(error) => return Err(failed(error)),
            }
        }
        drop(copy);
        // a reader in the way only leaves it in the write-ahead log, as every write does
        let _ = ledger.checkpoint();
        Ok(true)
    }

    /// Notes that this copy takes the place of another ledger. The numbers of runs go on after those that only the other one
    /// knew, so that no number means two nights.
    pub(crate) fn note_restored(&mut self, from: &str, old: Option<&Self>, newer: &[Run]) -> Result<()> {
        let Who { user, host, .. } = Who::is_me();
        let before = old.map(Self::head).transpose()?;
        let lost: Vec<i64> = newer.iter().map(|run| run.id).collect();
        let detail =
            serde_json::json!({ "from": from, "before": before, "lost": lost, "user": user, "host": host });
        self.write(|db| {
            if let Some(last) = lost.iter().max() {
                db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'run'", [last])?;
                db.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT 'run', ?1
                     WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'run')",
                    params![last],
                )?;
            }
            chain::append(db, Utc::now(), "restored", None, &detail.to_string())
        })
    }

    /// Leaves the file whole, without a write-ahead log beside it.
    pub(crate) fn settle_down(&mut self) -> Result<()> {
        self.checked(|db| db.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())))?;
        for ending in ["-wal", "-shm"] {
            // SQLite removes them itself; a leftover would be nobody's
            let _ = std::fs::remove_file(PathBuf::from(format!("{}{ending}", self.path.display())));
        }
        Ok(())
    }
}
