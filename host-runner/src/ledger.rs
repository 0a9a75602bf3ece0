//! The ledger: what was sent when, and what became of it, in SQLite.
//!
//! It is written before and after each step, synchronously, so that after a crash the next run knows what this one did.
//! It must never hold a value of a record, a token, or what PMH says in words.

mod rows;
mod state;

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};
use pmh_core::rules;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

pub use self::{
    rows::{Attempt, Changes, Intent, Request, Run},
    state::{State, run_state},
};
use crate::{
    answer::{Answer, Outcome},
    changes::beside,
    failure::{Failure, Result, Words},
    guard::LastAccepted,
    spool::Part,
    time::written,
};

/// What brings a ledger from each version to the next; append only.
static STEPS: &[M<'static>] = &[M::up(include_str!("ledger/1.sql"))];

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
        create_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut ledger = Self::connect(path, flags)?;
        ledger.checked(|db| {
            db.pragma_update(None, "journal_mode", "WAL")?;
            db.pragma_update(None, "synchronous", "FULL")?;
            db.pragma_update(None, "foreign_keys", true)
        })?;
        ledger.is_sound()?;
        if known {
            ledger.is_not_emptied()?;
        }
        Migrations::from_slice(STEPS).to_latest(&mut ledger.db).map_err(|error| ledger.unmigrated(error))?;
        Ok(ledger)
    }

    /// Opens a ledger to read from it; none where there is no file, or nothing was ever written to it.
    ///
    /// # Errors
    ///
    /// As [`Ledger::open`].
    pub fn read(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        // WAL needs to write beside the file even to read it
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let ledger = Self::connect(path, flags)?;
        ledger.checked(|db| db.pragma_update(None, "query_only", true))?;
        ledger.is_sound()?;
        ledger.is_not_emptied()?;
        match ledger.version()? {
            0 => Ok(None),
            version if version <= STEPS.len() => Ok(Some(ledger)),
            _ => Err(Failure::new(&rules::LEDGER_NEWER, path.display())),
        }
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        let db = Connection::open_with_flags(path, flags).map_err(|error| failure(path, &error))?;
        db.busy_timeout(PATIENCE).map_err(|error| failure(path, &error))?;
        Ok(Self { db, path: path.to_owned() })
    }

    /// SQLite's own check of the whole file; a ledger of years takes milliseconds.
    fn is_sound(&self) -> Result<()> {
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

    fn unmigrated(&self, error: rusqlite_migration::Error) -> Failure {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => failure(&self.path, &err),
            rusqlite_migration::Error::MigrationDefinition(_) => {
                Failure::new(&rules::LEDGER_NEWER, self.path.display())
            }
            other => Failure::internal(other),
        }
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

    /// Notes that a run has begun, and gives its number.
    ///
    /// # Errors
    ///
    /// `PMH6501`, as everywhere below.
    pub fn begin(&mut self, now: DateTime<Utc>, as_of: &str, day: &str, endpoint: &str) -> Result<i64> {
        let row = params![written(now), as_of, day, endpoint, env!("CARGO_PKG_VERSION")];
        self.write(|db| {
            db.execute(
                "INSERT INTO run (started_at, state, as_of, day, endpoint, version) VALUES (?1, 'preparing', ?2, ?3, ?4, ?5)",
                row,
            )?;
            Ok(db.last_insert_rowid())
        })
    }

    /// Notes that a run ended before anything was sent: stopped by guards, or failed.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn give_up(&mut self, run: i64, now: DateTime<Utc>, state: State, codes: &[&str]) -> Result<()> {
        let row = params![run, written(now), state, codes.join(" ")];
        self.write(|db| {
            db.execute("UPDATE run SET state = ?3, ended_at = ?2, codes = ?4 WHERE id = ?1", row).map(drop)
        })
    }

    /// Notes what a run found, whatever becomes of it.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn found(&mut self, run: i64, profile: &str, module: &str, summary: &str) -> Result<()> {
        self.write(|db| {
            let row = params![run, profile, module, summary];
            db.execute("UPDATE run SET profile = ?2, module = ?3, summary = ?4 WHERE id = ?1", row).map(drop)
        })
    }

    /// Notes what is about to be sent, before the first byte leaves.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn intend(&mut self, run: i64, intent: &Intent<'_>, parts: &[(Part, String)]) -> Result<()> {
        let Intent { source, payload, bytes, spool, changes, passed } = intent;
        let [added, changed, gone] =
            changes.map_or([None; 3], |changes| [changes.added, changes.changed, changes.gone].map(Some));
        self.write(|db| {
            db.execute(
                "UPDATE run SET state = 'sending', source = ?2, payload = ?3, bytes = ?4, spool = ?5, added = ?6,
                     changed = ?7, gone = ?8, passed = ?9 WHERE id = ?1",
                params![run, source, payload, bytes, spool, added, changed, gone, passed.join(" ")],
            )?;
            let mut insert = db.prepare(
                "INSERT INTO request (run, number, first_byte, end_byte, records, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for (number, (part, hash)) in (1_i64..).zip(parts) {
                insert.execute(params![run, number, part.start, part.end, part.records, hash])?;
            }
            Ok(())
        })
    }

    /// Notes that a try begins, and gives its number.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn attempt(&mut self, run: i64, request: i64, now: DateTime<Utc>) -> Result<i64> {
        self.write(|db| {
            db.execute("UPDATE run SET state = 'sending', ended_at = NULL WHERE id = ?1", [run])?;
            db.query_row(
                "INSERT INTO attempt (run, request, number, began_at)
                 SELECT ?1, ?2, 1 + count(*), ?3 FROM attempt WHERE run = ?1 AND request = ?2 RETURNING number",
                params![run, request, written(now)],
                |row| row.get(0),
            )
        })
    }

    /// Notes what came back.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn answered(
        &mut self,
        (run, request, attempt): (i64, i64, i64),
        now: DateTime<Utc>,
        answer: &Answer,
        next: Option<DateTime<Utc>>,
    ) -> Result<()> {
        let code = answer.outcome.failure().map(|failure| failure.rule.code);
        // a code may stand here, words may not
        let pmh_code = answer.code.as_deref().filter(|code| {
            code.len() <= 32
                && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        });
        self.write(|db| {
            db.execute(
                "UPDATE attempt SET ended_at = ?4, outcome = ?5, status = ?6, code = ?7, pmh_code = ?8, next_at = ?9
                 WHERE run = ?1 AND request = ?2 AND number = ?3",
                params![
                    run,
                    request,
                    attempt,
                    written(now),
                    answer.outcome.name(),
                    answer.status,
                    code,
                    pmh_code,
                    next.map(written)
                ],
            )?;
            if let Outcome::Accepted { serial_number } = &answer.outcome {
                db.execute(
                    "UPDATE request SET serial_number = ?3 WHERE run = ?1 AND number = ?2",
                    params![run, request, serial_number],
                )?;
            }
            Ok(())
        })
    }

    /// Notes how a run that was sent ended. Earlier runs with the same payload are settled by one that was accepted.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn end(&mut self, run: i64, now: DateTime<Utc>, state: State) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE run SET state = ?2, ended_at = ?3 WHERE id = ?1",
                params![run, state, written(now)],
            )?;
            if state == State::Accepted {
                db.execute(
                    "UPDATE run SET settled_by = ?1 WHERE id < ?1 AND settled_by IS NULL
                         AND state IN ('unknown', 'unavailable', 'refused')
                         AND payload = (SELECT payload FROM run WHERE id = ?1)",
                    [run],
                )?;
            }
            Ok(())
        })
    }

    /// Says of a run that a crash left open what is known of it.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn close(&mut self, run: &mut Run, now: DateTime<Utc>) -> Result<()> {
        match run.state {
            State::Preparing => {
                run.state = State::Failed;
                self.give_up(run.id, now, State::Failed, &[rules::INTERRUPTED.code])
            }
            State::Sending => {
                let attempts = self.attempts(run.id)?;
                let requests: Vec<_> =
                    self.requests(run.id)?.iter().map(|request| request.state(&attempts)).collect();
                run.state = run_state(&requests);
                tracing::warn!(run = run.id, outcome = run.state.name(), "an earlier run had not ended");
                self.end(run.id, now, run.state)
            }
            _ => Ok(()),
        }
    }

    /// Notes that a run's spool file is no more.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn spool_removed(&mut self, run: i64) -> Result<()> {
        self.write(|db| db.execute("UPDATE run SET spool = NULL WHERE id = ?1", [run]).map(drop))
    }

    /// Forgets runs that began before a time, but not the one that guards compare with, and none that is still open.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn forget_before(&mut self, time: DateTime<Utc>) -> Result<usize> {
        self.write(|db| {
            db.execute(
                "DELETE FROM run WHERE started_at < ?1 AND ended_at IS NOT NULL
                     AND id <> (SELECT coalesce(max(id), 0) FROM run WHERE state = 'accepted')",
                [written(time)],
            )
        })
    }

    /// The last run that PMH accepted.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn last_accepted(&self) -> Result<Option<LastAccepted>> {
        self.checked(|db| {
            db.query_row(
                "SELECT id, (SELECT coalesce(sum(records), 0) FROM request WHERE run = id), profile, module
                 FROM run WHERE state = 'accepted' ORDER BY id DESC LIMIT 1",
                [],
                |row| {
                    let (run, records, profile, module) =
                        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                    Ok(LastAccepted { run, records, profile, module })
                },
            )
            .optional()
        })
    }

    /// The newest runs first.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn runs(&self, most: u32) -> Result<Vec<Run>> {
        self.select("ORDER BY id DESC LIMIT ?1", i64::from(most), Run::read)
    }

    /// One run.
    ///
    /// # Errors
    ///
    /// `PMH6501`; `PMH6505` where there is no such run.
    pub fn run(&self, run: i64) -> Result<Run> {
        let mut found = self.select("WHERE id = ?1", run, Run::read)?;
        found.pop().ok_or_else(|| Failure::new(&rules::NO_SUCH_RUN, run))
    }

    /// The runs whose payload may still be in the spool, or that a crash left open; the newest first.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn unfinished(&self) -> Result<Vec<Run>> {
        self.select(
            "WHERE id > ?1 AND (spool IS NOT NULL OR ended_at IS NULL) ORDER BY id DESC",
            0,
            Run::read,
        )
    }

    fn select<T>(&self, rest: &str, key: i64, read: fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
        self.checked(|db| db.prepare(&format!("SELECT * FROM run {rest}"))?.query_map([key], read)?.collect())
    }

    /// The requests of a run, in order.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn requests(&self, run: i64) -> Result<Vec<Request>> {
        self.checked(|db| {
            db.prepare("SELECT * FROM request WHERE run = ?1 ORDER BY number")?
                .query_map([run], Request::read)?
                .collect()
        })
    }

    /// The tries of a run, in order.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn attempts(&self, run: i64) -> Result<Vec<Attempt>> {
        self.checked(|db| {
            db.prepare("SELECT * FROM attempt WHERE run = ?1 ORDER BY request, number")?
                .query_map([run], Attempt::read)?
                .collect()
        })
    }
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
mod tests;
