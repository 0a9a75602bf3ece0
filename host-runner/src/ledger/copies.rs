//! Copies of the ledger: to a file, and from one.

use std::{path::Path, path::PathBuf};

use chrono::Utc;
use rusqlite::{Connection, OpenFlags, params};

use super::{Ledger, Run, chain, failure, migrate, who::Who};
use crate::failure::Result;

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
        ledger.is_sound()?;
        ledger.current()
    }

    /// Takes what is in the write-ahead log into the file; false if the ledger can't be opened, or is read at the moment.
    pub(crate) fn flush(path: &Path) -> bool {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::connect(path, flags).is_ok_and(|ledger| ledger.checkpoint().unwrap_or(false))
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
