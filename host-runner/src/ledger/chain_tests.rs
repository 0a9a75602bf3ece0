//! The chain against somebody who can write to the file.

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    answer::{Answer, Outcome},
    spool::Part,
};

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

/// A ledger with runs of each kind: accepted, refused and settled, reopened, open.
fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite3")).unwrap();
    for (day, payload) in [("01", "a"), ("02", "b"), ("03", "a")] {
        let run = ledger.begin(time(&format!("2026-11-{day}T17:30:00Z")), "d", "d", "e").unwrap();
        ledger.found(run, "p", "m", r#"{"read":1}"#).unwrap();
        let intent = Intent { source: "s", payload, bytes: 9, spool: "file", changes: None, passed: vec![] };
        ledger.intend(run, &intent, &[(Part { start: 1, end: 8, records: 1 }, "h".into())]).unwrap();
        let outcomes: &[Option<&str>] = if run == 1 { &[None, None] } else { &[Some("S-1")] };
        for outcome in outcomes {
            let attempt = ledger.attempt(run, 1, Utc::now()).unwrap();
            let outcome = outcome.map_or_else(
                || Outcome::Refused(Failure::new(&rules::REFUSED, "")),
                |serial| Outcome::Accepted { serial_number: serial.into() },
            );
            let state = if run == 1 { State::Refused } else { State::Accepted };
            let answer = Answer { status: Some(200), outcome, code: None, message: None };
            ledger.answered((run, 1, attempt), Utc::now(), &answer, None).unwrap();
            ledger.end(run, Utc::now(), state).unwrap();
        }
        ledger.spool_removed(run, Removed::Accepted).unwrap();
    }
    ledger.begin(Utc::now(), "d", "d", "e").unwrap();
    ledger.note_use(Utc::now(), "transform", b"profile").unwrap();
    assert_eq!(ledger.run(1).unwrap().settled_by, Some(3));
    assert_eq!(ledger.chain_faults().unwrap(), []);
    (folder, ledger)
}

#[test]
fn every_change_deletion_insertion_and_exchange_is_noticed() {
    let forgeries = [
        "UPDATE run SET state = 'accepted' WHERE id = 1",
        "UPDATE run SET started_at = '2020-01-01T00:00:00.000Z' WHERE id = 2",
        "UPDATE run SET passed = 'PMH6104' WHERE id = 2",
        "UPDATE run SET user = 'somebody' WHERE id = 2",
        "UPDATE run SET settled_by = NULL WHERE id = 1",
        "UPDATE run SET settled_by = 3 WHERE id = 2",
        "UPDATE run SET ended_at = NULL WHERE id = 2",
        "UPDATE run SET spool = 'payload' WHERE id = 2",
        "UPDATE run SET ended_at = started_at WHERE id = 4",
        "UPDATE request SET serial_number = 'S-2' WHERE run = 2",
        "UPDATE request SET records = 2 WHERE run = 3",
        "UPDATE attempt SET outcome = 'unknown' WHERE run = 1 AND number = 2",
        "UPDATE attempt SET began_at = ended_at || '1' WHERE run = 3",
        "DELETE FROM attempt WHERE run = 1 AND number = 1",
        "DELETE FROM run WHERE id = 2",
        "DELETE FROM run WHERE id = 4",
        "INSERT INTO run (started_at, state, as_of, day, endpoint, version) VALUES ('x', 'preparing', 'd', 'd', 'e', 'v')",
        "INSERT INTO attempt (run, request, number, began_at) VALUES (2, 1, 2, 'x')",
        "DELETE FROM entry WHERE number = 2",
        "DELETE FROM entry WHERE number = 1",
        "UPDATE entry SET detail = 'expired' WHERE kind = 'payload removed'",
        "UPDATE entry SET at = 'x' WHERE kind = 'transform'",
        "UPDATE entry SET kind = 'trace' WHERE kind = 'transform'",
        "UPDATE entry SET number = 100 WHERE number = 3",
        "UPDATE entry SET number = -1 WHERE number = 3; UPDATE entry SET number = 3 WHERE number = 2;
         UPDATE entry SET number = 2 WHERE number = -1",
        "UPDATE run SET id = 20 WHERE id = 4",
        "INSERT INTO fact (name, value) VALUES ('checkpoint', '1 aa'); DELETE FROM entry WHERE number = 1",
    ];
    for forgery in forgeries {
        let (_folder, ledger) = ledger();
        ledger.db.pragma_update(None, "foreign_keys", !forgery.contains("SET id")).unwrap();
        ledger.db.execute_batch(forgery).unwrap();
        let faults = ledger.chain_faults().unwrap();
        assert!(!faults.is_empty(), "unseen: {forgery}");
        assert!(faults.iter().all(|fault| fault.rule.code == "PMH6510"), "{faults:?}");
    }
    println!("{} forgeries", forgeries.len());
}

/// Any single cell of the ledger, changed to something else: every column of every row is covered.
#[test]
fn no_cell_can_be_changed_unseen() {
    let (_folder, ledger) = ledger();
    let mut changed = 0;
    for table in ["run", "request", "attempt", "entry"] {
        let columns: Vec<String> = ledger
            .db
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        for column in columns {
            // a spool file that is named anew is found on the disk, not here; ids are covered above
            if ["id", "run", "number", "request"].contains(&column.as_str()) {
                continue;
            }
            let rows: Vec<i64> = ledger
                .db
                .prepare(&format!("SELECT rowid FROM {table}"))
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .collect::<rusqlite::Result<_>>()
                .unwrap();
            for row in rows {
                ledger.db.execute_batch("SAVEPOINT before").unwrap();
                let other = if column == "state" {
                    format!(
                        "UPDATE {table} SET state = CASE state WHEN 'failed' THEN 'stopped' ELSE 'failed' END WHERE rowid = {row}"
                    )
                } else if column == "outcome" {
                    format!(
                        "UPDATE {table} SET outcome = CASE outcome WHEN 'unknown' THEN 'refused' ELSE 'unknown' END WHERE rowid = {row}"
                    )
                } else {
                    format!(
                        "UPDATE {table} SET {column} = CASE typeof({column}) WHEN 'integer' THEN {column} + 1 WHEN 'text' THEN {column} || '1' ELSE '1' END WHERE rowid = {row}"
                    )
                };
                ledger.db.execute_batch(&other).unwrap();
                let open = table == "run" && row == 4;
                if !open {
                    let faults = ledger.chain_faults();
                    assert!(faults.is_err() || !faults.unwrap().is_empty(), "unseen: {other}");
                    changed += 1;
                }
                ledger.db.execute_batch("ROLLBACK TO before; RELEASE before").unwrap();
            }
        }
    }
    assert!(changed > 150, "{changed}");
}

#[test]
fn old_runs_are_forgotten_and_the_chain_goes_on() {
    let (_folder, mut ledger) = ledger();
    let before = ledger.head().unwrap();
    assert_eq!(ledger.forget_before(time("2026-11-03T00:00:00Z")).unwrap(), 2);
    assert_eq!(ledger.chain_faults().unwrap(), []);
    // a year later nothing but the last accepted and the open run is left of it
    assert_eq!(ledger.forget_before(Utc::now() + chrono::TimeDelta::days(1)).unwrap(), 0);
    ledger.begin(Utc::now(), "d", "d", "e").unwrap();
    assert_eq!(ledger.chain_faults().unwrap(), []);
    let after = ledger.head().unwrap();
    assert!(after.number > before.number);
    // what was forgotten can't be put back, nor what is left be cut off at its beginning
    ledger
        .db
        .execute_batch("INSERT INTO run (id, started_at, state, as_of, day, endpoint, version) VALUES (1, 'x', 'preparing', 'd', 'd', 'e', 'v')")
        .unwrap();
    assert_eq!(ledger.chain_faults().unwrap().len(), 1);
}

/// Forgetting night by night keeps the chain short, and it verifies after each.
#[test]
fn years_of_nights_leave_a_short_chain() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite3")).unwrap();
    ledger.db.pragma_update(None, "synchronous", "OFF").unwrap();
    let mut night = time("2020-01-01T17:30:00Z");
    for _ in 0..100 {
        let run = ledger.begin(night, "d", "d", "e").unwrap();
        ledger.give_up(run, night, State::Failed, &["PMH6302"]).unwrap();
        night += chrono::TimeDelta::days(1);
        ledger.forget_before(night - chrono::TimeDelta::days(30)).unwrap();
    }
    assert_eq!(ledger.chain_faults().unwrap(), []);
    assert_eq!(ledger.runs(1000).unwrap().len(), 30);
    let first: i64 = ledger.db.query_row("SELECT min(number) FROM entry", [], |row| row.get(0)).unwrap();
    // what was forgotten tonight is itself forgotten a month later
    assert!(first > 30, "{first}");
}

#[test]
fn accepted_without_serial_numbers_is_not_written() {
    let (_folder, mut ledger) = ledger();
    assert_eq!(ledger.end(4, Utc::now(), State::Accepted).unwrap_err().rule.code, "PMH6405");
    assert_eq!(ledger.run(4).unwrap().state, State::Preparing);
}
