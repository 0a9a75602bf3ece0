//! What is written into the ledger, step by step; each change of a run is noted in the chain in the same transaction.

use chrono::{DateTime, Utc};
use pmh_core::rules;
use rusqlite::params;

use super::{Intent, Ledger, Run, State, chain, run_state, who::Who};
use crate::{
    answer::{Answer, Code, Outcome},
    failure::{Failure, Result},
    spool::Part,
    time::written,
};

impl Ledger {
    /// Notes that a run has begun, and gives its number.
    ///
    /// # Errors
    ///
    /// `PMH6501`, as everywhere below.
    pub fn begin(&mut self, now: DateTime<Utc>, as_of: &str, day: &str, endpoint: &str) -> Result<i64> {
        let (Who { user, host, process }, site) = (Who::is_me(), self.fact("site")?);
        let version = env!("CARGO_PKG_VERSION");
        self.write(|db| {
            db.execute(
                "INSERT INTO run (started_at, state, as_of, day, endpoint, version, site, user, host, process)
                 VALUES (?1, 'preparing', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![written(now), as_of, day, endpoint, version, site, user, host, process],
            )?;
            let run = db.last_insert_rowid();
            chain::append(db, now, chain::BEGUN, Some(run), "")?;
            Ok(run)
        })
    }

    /// Notes a start that came to no run: in one step and as ended, so that no process ever takes it for a run under way.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn note_failed_start(
        &mut self,
        now: DateTime<Utc>,
        (as_of, day): (&str, &str),
        (endpoint, site): (&str, Option<&str>),
        codes: &[&str],
    ) -> Result<i64> {
        let Who { user, host, process } = Who::is_me();
        let (now_written, codes, version) = (written(now), codes.join(" "), env!("CARGO_PKG_VERSION"));
        self.write(|db| {
            db.execute(
                "INSERT INTO run (started_at, ended_at, state, as_of, day, endpoint, version, codes, site, user, host, process)
                 VALUES (?1, ?1, 'failed', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![now_written, as_of, day, endpoint, version, codes, site, user, host, process],
            )?;
            let run = db.last_insert_rowid();
            chain::append(db, now, chain::BEGUN, Some(run), "")?;
            chain::close(db, now, run)?;
            Ok(run)
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
            db.execute("UPDATE run SET state = ?3, ended_at = ?2, codes = ?4 WHERE id = ?1", row)?;
            chain::close(db, now, run)
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

    /// Notes how often the parts of the profile were used, for later runs to compare with.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn counted(&mut self, run: i64, usage: &str) -> Result<()> {
        self.write(|db| db.execute("UPDATE run SET usage = ?2 WHERE id = ?1", params![run, usage]).map(drop))
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
            let reopened = db.execute("UPDATE run SET ended_at = NULL WHERE id = ?1 AND ended_at IS NOT NULL", [run])?;
            if reopened > 0 {
                chain::append(db, now, chain::REOPENED, Some(run), "")?;
            }
            db.execute("UPDATE run SET state = 'sending' WHERE id = ?1", [run])?;
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
        // a code may be kept here, words may not
        let pmh_code = answer.code.as_ref().and_then(Code::text);
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
    /// `PMH6501`; `PMH6405` for a run that is said to be accepted and isn't, request by request.
    pub fn end(&mut self, run: i64, now: DateTime<Utc>, state: State) -> Result<()> {
        let accepted = state == State::Accepted;
        let requests = if accepted { self.requests(run)? } else { Vec::new() };
        if accepted && (requests.is_empty() || requests.iter().any(|request| request.serial_number.is_none()))
        {
            return Err(Failure::internal("accepted without serial numbers"));
        }
        self.write(|db| {
            db.execute(
                "UPDATE run SET state = ?2, ended_at = ?3 WHERE id = ?1",
                params![run, state, written(now)],
            )?;
            chain::close(db, now, run)?;
            if accepted {
                let settled = db
                    .prepare(
                        "UPDATE run SET settled_by = ?1 WHERE id < ?1 AND settled_by IS NULL
                             AND state IN ('unknown', 'unavailable', 'refused')
                             AND payload = (SELECT payload FROM run WHERE id = ?1) RETURNING id",
                    )?
                    .query_map([run], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<i64>>>()?;
                for earlier in settled {
                    chain::append(db, now, chain::SETTLED, Some(earlier), &run.to_string())?;
                }
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

    /// Notes that a run's payload is deleted, and why.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn spool_removed(&mut self, run: i64, why: Removed) -> Result<()> {
        self.write(|db| {
            if db.execute("UPDATE run SET spool = NULL WHERE id = ?1 AND spool IS NOT NULL", [run])? > 0 {
                chain::append(db, Utc::now(), chain::REMOVED, Some(run), why.name())?;
            }
            Ok(())
        })
    }

    /// Forgets runs that began before a time, but not those that guards compare with, and none that is still open.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn forget_before(&mut self, time: DateTime<Utc>) -> Result<usize> {
        self.write(|db| {
            let forgotten = db
                .prepare(
                    "DELETE FROM run WHERE started_at < ?1 AND ended_at IS NOT NULL
                         AND id NOT IN (SELECT max(id) FROM run WHERE state = 'accepted' GROUP BY endpoint, site)
                     RETURNING id",
                )?
                .query_map([written(time)], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()?;
            for run in &forgotten {
                chain::append(db, Utc::now(), chain::FORGOTTEN, Some(*run), "")?;
            }
            if !forgotten.is_empty() {
                chain::forget(db, time)?;
            }
            Ok(forgotten.len())
        })
    }
}

/// Why a payload is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// PMH has accepted a set of its day.
    Accepted,
    /// It waited for longer than `ledger.keep_undelivered`, or is of no use to a later run.
    Expired,
}

impl Removed {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Expired => "expired",
        }
    }
}
