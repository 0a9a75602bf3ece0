//! The chain of a ledger computed anew, as somebody could who may write to the file: by an implementation of its own.
//!
//! Tests change rows with it, such as the times of runs, and the ledger still verifies: only a receipt would tell.

use std::path::Path;

use rusqlite::{Connection, params, types::ValueRef};
use sha2::{Digest, Sha256};

use crate::Result;

/// The columns of a run that its hash covers.
const RUN: &str = "id, started_at, ended_at, state, as_of, day, endpoint, version, profile, module, source, summary, payload, \
                   bytes, added, changed, gone, codes, passed, site, user, host, process";

fn field(hasher: &mut Sha256, value: ValueRef<'_>) {
    let (kind, bytes) = match value {
        ValueRef::Null => (0, Vec::new()),
        ValueRef::Integer(number) => (1, number.to_le_bytes().to_vec()),
        ValueRef::Real(number) => (2, number.to_le_bytes().to_vec()),
        ValueRef::Text(text) => (3, text.to_vec()),
        ValueRef::Blob(blob) => (4, blob.to_vec()),
    };
    hasher.update([kind]);
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn rows(db: &Connection, run: i64) -> Result<String> {
    let mut hasher = Sha256::new();
    for query in [
        format!("SELECT {RUN} FROM run WHERE id = ?1"),
        "SELECT number, first_byte, end_byte, records, hash, serial_number FROM request WHERE run = ?1 ORDER BY 1".into(),
        "SELECT request, number, began_at, ended_at, outcome, status, code, pmh_code, next_at FROM attempt WHERE run = ?1 ORDER BY 1, 2"
            .into(),
    ] {
        let mut statement = db.prepare(&query)?;
        let columns = statement.column_count();
        let mut found = statement.query([run])?;
        while let Some(row) = found.next()? {
            (0..columns).try_for_each(|column| row.get_ref(column).map(|value| field(&mut hasher, value)))?;
        }
        hasher.update([0xff]);
    }
    // counts only if there are any, which older runs have not
    let mut counts = db.prepare("SELECT usage FROM run WHERE id = ?1 AND usage IS NOT NULL")?;
    let mut found = counts.query([run])?;
    while let Some(row) = found.next()? {
        field(&mut hasher, row.get_ref(0)?);
    }
    Ok(format!("{:x}", hasher.finalize()))
}

/// Changes rows of a ledger and computes its chain anew.
///
/// # Errors
///
/// If the file is no ledger, or the change isn't possible.
pub fn rewrite(ledger: &Path, sql: &str) -> Result<()> {
    let mut db = Connection::open(ledger)?;
    let db = db.transaction()?;
    db.execute_batch(sql)?;
    let mut before: String = db
        .query_row("SELECT value FROM fact WHERE name = 'checkpoint'", [], |row| row.get::<_, String>(0))
        .map(|checkpoint| checkpoint.split(' ').nth(1).unwrap_or_default().to_owned())
        .unwrap_or_default();
    let entries: Vec<(i64, String, String, Option<i64>, String)> = db
        .prepare("SELECT number, at, kind, run, detail FROM entry ORDER BY number")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (number, at, kind, run, detail) in entries {
        let detail = if let ("closed", Some(run)) = (kind.as_str(), run) { rows(&db, run)? } else { detail };
        let mut hasher = Sha256::new();
        field(&mut hasher, ValueRef::Text(before.as_bytes()));
        field(&mut hasher, ValueRef::Integer(number));
        field(&mut hasher, ValueRef::Text(at.as_bytes()));
        field(&mut hasher, ValueRef::Text(kind.as_bytes()));
        field(&mut hasher, run.map_or(ValueRef::Null, ValueRef::Integer));
        field(&mut hasher, ValueRef::Text(detail.as_bytes()));
        before = format!("{:x}", hasher.finalize());
        db.execute(
            "UPDATE entry SET detail = ?2, hash = ?3 WHERE number = ?1",
            params![number, detail, before],
        )?;
    }
    Ok(db.commit()?)
}
