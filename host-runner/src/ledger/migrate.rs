//! From each version of the ledger to the next.
//!
//! What could harm unseen: a process that is killed between two steps, two processes that migrate at once, and old hashes
//! that stay in the file's free pages. Each step is one transaction; a second process finds the work done; and the file is
//! written anew until that has succeeded once.

use std::time::Duration;

use chrono::Utc;
use pmh_core::rules;
use rusqlite::{Connection, backup::Backup};
use rusqlite_migration::{Error, HookResult, M, Migrations};

use super::{Ledger, chain, failure};
use crate::{
    failure::{Failure, Result},
    fault,
};

/// The version that this program writes.
pub(super) const LATEST: usize = 3;

/// How often a migration is tried again when another process is at it.
const TRIES: u32 = 5;

/// What brings a ledger from each version to the next; append only.
fn steps() -> Migrations<'static> {
    let second =
        M::up_with_hook(include_str!("2.sql"), |transaction: &rusqlite::Transaction<'_>| -> HookResult {
            adopt(transaction).map_err(Into::into)
        });
    Migrations::new(vec![M::up(include_str!("1.sql")), second, M::up(include_str!("3.sql"))])
}

/// Takes the runs of version 1 into the chain, and the endpoint that the ledger was used with.
fn adopt(db: &Connection) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO fact (name, value) SELECT 'endpoint', endpoint FROM run
         ORDER BY state = 'accepted' DESC, id DESC LIMIT 1",
        [],
    )?;
    let mut query = db.prepare("SELECT id, ended_at IS NOT NULL, settled_by FROM run ORDER BY id")?;
    let mut runs = query.query([])?;
    let (mut any, now) = (false, Utc::now());
    while let Some(row) = runs.next()? {
        let (run, ended, settled): (i64, bool, Option<i64>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        any = true;
        if ended {
            chain::close(db, now, run)?;
        } else {
            chain::append(db, now, chain::BEGUN, Some(run), "")?;
        }
        if let Some(by) = settled {
            chain::append(db, now, chain::SETTLED, Some(run), &by.to_string())?;
        }
    }
    if !any {
        db.execute("DELETE FROM fact WHERE name = 'unclean'", [])?;
    }
    Ok(())
}

impl Ledger {
    /// Brings the ledger to the latest version.
    pub(super) fn bring_up_to_date(&mut self) -> Result<()> {
        if self.version()? == LATEST {
            return Ok(());
        }
        let mut tries = 1;
        loop {
            match steps().to_latest(&mut self.db) {
                Ok(()) => break,
                // another process may have done it meanwhile; then there is nothing left to do
                Err(Error::RusqliteError { .. }) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(100));
                }
                Err(error) => return Err(self.unmigrated(error)),
            }
        }
        fault::point("migrated");
        Ok(())
    }

    fn unmigrated(&self, error: Error) -> Failure {
        match error {
            Error::RusqliteError { err, .. } => failure(&self.path, &err),
            Error::MigrationDefinition(_) => Failure::new(&rules::LEDGER_NEWER, self.path.display()),
            other => Failure::internal(other),
        }
    }

    /// Writes the file anew if it may still hold what version 1 wrote. A disk that is too full or a reader that is in the
    /// way only puts it off: what was replaced is overwritten in its pages already.
    pub(super) fn clean(&mut self) -> Result<()> {
        if self.fact("unclean")?.is_none() {
            return Ok(());
        }
        let cleaned = self.db.execute_batch("VACUUM").and_then(|()| self.checkpoint());
        if !matches!(cleaned, Ok(true)) {
            tracing::warn!("the ledger could not be written anew yet");
            return Ok(());
        }
        fault::point("cleaned");
        self.write(|db| db.execute("DELETE FROM fact WHERE name = 'unclean'", []).map(drop))
    }

    /// Takes the write-ahead log into the file and empties it; false if a reader was in the way.
    pub(super) fn checkpoint(&self) -> rusqlite::Result<bool> {
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
            .map(|busy| busy == 0)
    }

    /// A copy in memory, of the latest version.
    pub(super) fn migrated_copy(self) -> Result<Self> {
        let Self { db: old, path } = self;
        let failed = |error: rusqlite::Error| failure(&path, &error);
        let mut db = Connection::open_in_memory().map_err(failed)?;
        // a copy of a ledger with a write-ahead log wants one too, which memory has no place for
        db.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(failed)?;
        copy(&old, &mut db).map_err(failed)?;
        let mut copy = Self { db, path };
        copy.bring_up_to_date()?;
        copy.checked(|db| db.pragma_update(None, "query_only", true))?;
        Ok(copy)
    }
}

/// Copies a whole database, as SQLite itself does while others write.
pub(super) fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    Backup::new(from, to)?.run_to_completion(1024, Duration::from_millis(5), None)
}
