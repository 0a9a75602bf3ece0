//! What is asked of the ledger.

use chrono::{DateTime, Utc};
use pmh_core::rules;
use rusqlite::{OptionalExtension, Row, params};

use super::{Attempt, Ledger, Request, Run};
use crate::{
    failure::{Failure, Result},
    guard::{LastAccepted, Night},
    time::written,
    usage::Usage,
};

impl Ledger {
    /// The last run that this endpoint accepted from this municipality.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn last_accepted(&self, endpoint: &str, site: Option<&str>) -> Result<Option<LastAccepted>> {
        self.checked(|db| {
            db.query_row(
                "SELECT id, (SELECT coalesce(sum(records), 0) FROM request WHERE run = id), profile, module
                 FROM run WHERE state = 'accepted' AND endpoint = ?1
                     -- a run of before the name was known counts
                     AND (site IS NULL OR site IS ?2)
                 ORDER BY id DESC LIMIT 1",
                params![endpoint, site],
                |row| {
                    let (run, records, profile, module) =
                        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                    Ok(LastAccepted { run, records, profile, module })
                },
            )
            .optional()
        })
    }

    /// How often the parts of the profile were used in a run, if that is known.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn usage(&self, run: i64) -> Result<Option<Usage>> {
        let kept: Option<String> =
            self.checked(|db| db.query_row("SELECT usage FROM run WHERE id = ?1", [run], |row| row.get(0)))?;
        Ok(kept.as_deref().and_then(Usage::read))
    }

    /// The runs that this endpoint has accepted from this municipality since a time, and the one before them; the oldest
    /// first.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn nights(&self, endpoint: &str, site: Option<&str>, since: DateTime<Utc>) -> Result<Vec<Night>> {
        self.checked(|db| {
            db.prepare(
                "WITH own AS (SELECT * FROM run WHERE state = 'accepted' AND endpoint = ?1
                     AND (site IS NULL OR site IS ?2))
                 SELECT (SELECT coalesce(sum(records), 0) FROM request WHERE run = id), gone, passed FROM own
                 WHERE id >= (SELECT coalesce(max(id), 0) FROM own WHERE started_at < ?3) ORDER BY id",
            )?
            .query_map(params![endpoint, site, written(since)], |row| {
                Ok(Night::new(row.get(0)?, row.get(1)?, &row.get::<_, String>(2)?))
            })?
            .collect()
        })
    }

    /// The last accepted run of each endpoint and municipality: their hashes are what later runs are compared with.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn references(&self) -> Result<Vec<i64>> {
        self.checked(|db| {
            db.prepare("SELECT max(id) FROM run WHERE state = 'accepted' GROUP BY endpoint, site")?
                .query_map([], |row| row.get(0))?
                .collect()
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
