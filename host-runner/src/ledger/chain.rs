//! The chain: what happened to the ledger, each entry hashed together with the one ahead of it.
//!
//! A run that was begun, closed, reopened or forgotten is an entry, and a closed one has the SHA-256 of its rows: run,
//! requests and tries. So a row that was changed, deleted, inserted or moved shows in `pmh history verify`. The hashes have
//! no key: they cover counts, times, keyed hashes and serial numbers, which stand in the ledger beside them, and so anyone
//! can verify the chain, an auditor without the key too. Whoever can write to the file can also compute the whole chain anew,
//! or cut off its end: only a receipt that was taken off the machine shows that.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use pmh_core::rules;
use rusqlite::{Connection, OptionalExtension, params, types::ValueRef};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Ledger, who::Who};
use crate::{
    failure::{Failure, Result, Words},
    time::written,
};

pub(super) const BEGUN: &str = "begun";
pub(super) const REOPENED: &str = "reopened";
pub(super) const CLOSED: &str = "closed";
pub(super) const SETTLED: &str = "settled";
pub(super) const FORGOTTEN: &str = "forgotten";
pub(super) const ACKNOWLEDGED: &str = "acknowledged";
pub(super) const REMOVED: &str = "payload removed";

/// The columns of a run that its hash covers; what can change later has entries of its own.
const RUN: &str = "id, started_at, ended_at, state, as_of, day, endpoint, version, profile, module, source, summary, \
                   payload, bytes, added, changed, gone, codes, passed, site, user, host, process";

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The number of the last entry; 0 for none.
    pub number: i64,
    /// Its hash.
    pub hash: String,
}

/// Adds fields to a hash, each with its kind and length, so that no two rows are alike by chance.
fn add(hasher: &mut Sha256, value: ValueRef<'_>) {
    let number;
    let (kind, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(integer) => {
            number = integer.to_le_bytes();
            (1, &number)
        }
        ValueRef::Real(real) => {
            number = real.to_le_bytes();
            (2, &number)
        }
        ValueRef::Text(text) => (3, text),
        ValueRef::Blob(blob) => (4, blob),
    };
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// The hash of an entry.
fn hash(before: &str, number: i64, at: &str, kind: &str, run: Option<i64>, detail: &str) -> String {
    let mut hasher = Sha256::new();
    let run = run.map_or(ValueRef::Null, ValueRef::Integer);
    let text = |text| ValueRef::Text(str::as_bytes(text));
    for value in [text(before), ValueRef::Integer(number), text(at), text(kind), run, text(detail)] {
        add(&mut hasher, value);
    }
    format!("{:x}", hasher.finalize())
}

/// The last entry that was forgotten with the runs it was about.
fn checkpoint(db: &Connection) -> rusqlite::Result<Head> {
    let kept: Option<String> =
        db.query_row("SELECT value FROM fact WHERE name = 'checkpoint'", [], |row| row.get(0)).optional()?;
    let parts = kept.as_deref().and_then(|text| text.split_once(' '));
    Ok(parts.map_or_else(
        || Head { number: 0, hash: String::new() },
        |(number, hash)| Head { number: number.parse().unwrap_or(-1), hash: hash.to_owned() },
    ))
}

/// The end of the chain.
pub(super) fn head(db: &Connection) -> rusqlite::Result<Head> {
    let last = db
        .query_row("SELECT number, hash FROM entry ORDER BY number DESC LIMIT 1", [], |row| {
            Ok(Head { number: row.get(0)?, hash: row.get(1)? })
        })
        .optional()?;
    last.map_or_else(|| checkpoint(db), Ok)
}

/// Adds an entry.
pub(super) fn append(
    db: &Connection,
    at: DateTime<Utc>,
    kind: &str,
    run: Option<i64>,
    detail: &str,
) -> rusqlite::Result<()> {
    let Head { number, hash: before } = head(db)?;
    let (number, at) = (number.saturating_add(1), written(at));
    let hash = hash(&before, number, &at, kind, run, detail);
    db.prepare("INSERT INTO entry (number, at, kind, run, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![number, at, kind, run, detail, hash])
        .map(drop)
}

/// Notes that a run is closed, with the hash of its rows.
pub(super) fn close(db: &Connection, at: DateTime<Utc>, run: i64) -> rusqlite::Result<()> {
    append(db, at, CLOSED, Some(run), &rows(db, run)?)
}

/// The hash of a run, its requests and its tries.
fn rows(db: &Connection, run: i64) -> rusqlite::Result<String> {
    let mut hasher = Sha256::new();
    for query in [
        &format!("SELECT {RUN} FROM run WHERE id = ?1"),
        "SELECT number, first_byte, end_byte, records, hash, serial_number FROM request WHERE run = ?1 ORDER BY number",
        "SELECT request, number, began_at, ended_at, outcome, status, code, pmh_code, next_at FROM attempt
         WHERE run = ?1 ORDER BY request, number",
    ] {
        let mut statement = db.prepare(query)?;
        let columns = statement.column_count();
        let mut found = statement.query([run])?;
        while let Some(row) = found.next()? {
            for column in 0..columns {
                add(&mut hasher, row.get_ref(column)?);
            }
        }
        // the end of a table
        hasher.update([0xff]);
    }
    // a run of before there were counts keeps its hash, also while a ledger of version 1 is brought up to date
    let counts = "SELECT count(*) FROM pragma_table_info('run') WHERE name = 'usage'";
    if db.query_row(counts, [], |row| row.get::<_, i64>(0))? > 0 {
        // whatever bytes it has: counts that were damaged are found by the chain, and must not keep an outcome from being written
        db.query_row("SELECT usage FROM run WHERE id = ?1", [run], |row| {
            match row.get_ref(0)? {
                ValueRef::Null => {}
                usage => add(&mut hasher, usage),
            }
            Ok(())
        })?;
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// Forgets the entries that are older than a time and about no run that is still known; the last one's hash stays.
pub(super) fn forget(db: &Connection, before: DateTime<Utc>) -> rusqlite::Result<()> {
    let first_kept: Option<i64> = db.query_row(
        "SELECT min(number) FROM entry WHERE at >= ?1 OR run IN (SELECT id FROM run)",
        [written(before)],
        |row| row.get(0),
    )?;
    let Some(first_kept) = first_kept else { return Ok(()) };
    let last = db
        .query_row(
            "SELECT number, hash FROM entry WHERE number < ?1 ORDER BY number DESC LIMIT 1",
            [first_kept],
            |row| Ok(format!("{} {}", row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()?;
    let Some(last) = last else { return Ok(()) };
    db.execute("INSERT OR REPLACE INTO fact (name, value) VALUES ('checkpoint', ?1)", [last])?;
    db.execute("DELETE FROM entry WHERE number < ?1", [first_kept]).map(drop)
}

/// What the chain says of one run.
#[derive(Default)]
struct Told {
    /// The hash of its rows; none while it is open.
    closed: Option<String>,
    settled_by: Option<String>,
    removed: bool,
    forgotten: bool,
}

impl Ledger {
    /// The end of the chain.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn head(&self) -> Result<Head> {
        self.checked(head)
    }

    /// The hash of an entry, if it is still kept.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn entry_hash(&self, number: i64) -> Result<Option<String>> {
        self.checked(|db| {
            let checkpoint = checkpoint(db)?;
            if number == checkpoint.number && number > 0 {
                return Ok(Some(checkpoint.hash));
            }
            db.query_row("SELECT hash FROM entry WHERE number = ?1", [number], |row| row.get(0)).optional()
        })
    }

    /// The number up to which entries were forgotten.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn forgotten_to(&self) -> Result<i64> {
        self.checked(checkpoint).map(|head| head.number)
    }

    /// Notes that records were transformed or shown outside of a run: by whom, and with which profile.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn note_use(&mut self, now: DateTime<Utc>, kind: &str, profile: &[u8]) -> Result<()> {
        let profile = format!("{:x}", Sha256::digest(profile));
        self.note_of_user(now, kind, serde_json::json!({ "profile": profile }))
    }

    /// Notes what somebody did outside of a run, and who it was.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn note_of_user(&mut self, now: DateTime<Utc>, kind: &str, detail: serde_json::Value) -> Result<()> {
        let Who { user, host, process } = Who::is_me();
        let mut who = serde_json::json!({ "user": user, "host": host, "process": process });
        if let (Some(members), serde_json::Value::Object(more)) = (who.as_object_mut(), detail) {
            members.extend(more);
        }
        self.write(|db| append(db, now, kind, None, &who.to_string()))
    }

    /// Notes which acknowledgements a run made use of: codes, places, keyed hashes, by whom and until when.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn acknowledged(&mut self, run: i64, now: DateTime<Utc>, list: &str) -> Result<()> {
        self.write(|db| append(db, now, ACKNOWLEDGED, Some(run), list))
    }

    /// The acknowledgements that a run made use of, as JSON; none if it made none.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn acknowledgements(&self, run: i64) -> Result<Option<String>> {
        self.checked(|db| {
            db.query_row(
                "SELECT detail FROM entry WHERE run = ?1 AND kind = ?2 ORDER BY number DESC LIMIT 1",
                params![run, ACKNOWLEDGED],
                |row| row.get(0),
            )
            .optional()
        })
    }

    /// Everything in which chain and rows differ; empty if the ledger is as it was written.
    ///
    /// # Errors
    ///
    /// `PMH6501`.
    pub fn chain_faults(&self) -> Result<Vec<Failure>> {
        let mut faults = Vec::new();
        let mut fault = |en: String, ja: String| {
            faults.push(Failure::new(&rules::CHAIN_BROKEN, Words::new(en, ja)));
        };
        let told = self.checked(|db| {
            let mut told = BTreeMap::<i64, Told>::new();
            let mut before = checkpoint(db)?;
            let mut statement =
                db.prepare("SELECT number, at, kind, run, detail, hash FROM entry ORDER BY number")?;
            let mut entries = statement.query([])?;
            while let Some(row) = entries.next()? {
                let (number, at, kind): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
                let (run, detail, kept): (Option<i64>, String, String) =
                    (row.get(3)?, row.get(4)?, row.get(5)?);
                let follows = before.number.checked_add(1) == Some(number);
                if !follows || hash(&before.hash, number, &at, &kind, run, &detail) != kept {
                    fault(format!("entry {number}"), format!("記録 {number}"));
                }
                before = Head { number, hash: kept };
                let Some(run) = run else { continue };
                let told = told.entry(run).or_default();
                match kind.as_str() {
                    BEGUN | REOPENED => told.closed = None,
                    CLOSED => told.closed = Some(detail),
                    SETTLED => told.settled_by = Some(detail),
                    REMOVED => told.removed = true,
                    FORGOTTEN => told.forgotten = true,
                    _ => {}
                }
            }
            Ok(told)
        })?;
        let runs = self.runs(u32::MAX)?;
        for run in &runs {
            let id = run.id;
            let Some(told) = told.get(&id).filter(|told| !told.forgotten) else {
                fault(format!("run {id} was inserted"), format!("実行 {id} が挿入されています"));
                continue;
            };
            let same = match (&told.closed, &run.ended_at) {
                (Some(hash), Some(_)) => *hash == self.checked(|db| rows(db, id))?,
                (None, None) => true,
                _ => false,
            };
            let settled = run.settled_by.map(|by| by.to_string()) == told.settled_by;
            if !same || !settled || (told.removed && run.spool.is_some()) {
                fault(format!("run {id} was changed"), format!("実行 {id} が変更されています"));
            }
        }
        let gone = told.iter().filter(|(id, told)| !told.forgotten && !runs.iter().any(|run| run.id == **id));
        for (id, _) in gone {
            fault(format!("run {id} was deleted"), format!("実行 {id} が削除されています"));
        }
        Ok(faults)
    }
}
