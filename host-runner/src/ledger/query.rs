//! What is asked of the ledger.

use pmh_core::rules;
use rusqlite::{OptionalExtension, Row};

use super::{Attempt, Ledger, Request, Run};
use crate::{
    failure::{Failure, Result},
    guard::LastAccepted,
};

impl Ledger {
    /// The last run that this endpoint accepted from this municipality.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn last_accepted(&self) -> Result<Option<LastAccepted>> {
        self.checked(|db| {
            db.query_row(
                "SELECT id, (SELECT coalesce(sum(records), 0) FROM request WHERE run = id), profile, module
                 FROM run WHERE state = 'accepted'
                     AND endpoint = coalesce((SELECT value FROM fact WHERE name = 'endpoint'), endpoint)
                     -- a run of before the name was known counts
                     AND (site IS NULL OR site IS (SELECT value FROM fact WHERE name = 'site'))
                 ORDER BY id DESC LIMIT 1",
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
