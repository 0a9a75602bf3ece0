//! A ledger of version 1, brought to the latest.

use std::fs;

use chrono::Utc;

use super::*;

/// An unkeyed hash, as version 1 kept it.
const OLD: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A ledger as version 1 left it: an accepted run, one that waits in the spool, one that a crash left open.
fn version_1(path: &Path) {
    create_private(path).unwrap();
    let db = Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.execute_batch(include_str!("1.sql")).unwrap();
    for (state, ended, spool) in [
        ("accepted", "'2026-11-20T17:31:00.000Z'", "NULL"),
        ("unknown", "'2026-11-21T17:31:00.000Z'", "'payload-1.json'"),
        ("sending", "NULL", "'payload-2.json'"),
    ] {
        db.execute_batch(&format!(
            "INSERT INTO run (started_at, ended_at, state, as_of, day, endpoint, version, profile, module, summary, payload, bytes, spool)
             VALUES ('2026-11-20T17:30:00.000Z', {ended}, '{state}', 'd', 'd', 'https://old/', '0.1.0', 'p', 'm', '{{}}', '{OLD}', 9, {spool});
             INSERT INTO request VALUES (last_insert_rowid(), 1, 1, 8, 1, '{OLD}', NULL);
             INSERT INTO attempt (run, request, number, began_at) SELECT max(id), 1, 1, 'x' FROM run;"
        ))
        .unwrap();
    }
    db.execute("UPDATE request SET serial_number = 'S-1' WHERE run = 1", []).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
}

/// Everything that stands in the folder.
fn bytes(folder: &Path) -> String {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn unkeyed_hashes_leave_the_file_and_what_waits_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite3");
    version_1(&path);
    assert!(bytes(folder.path()).contains(OLD));
    let ledger = Ledger::open(&path).unwrap();
    assert_eq!(ledger.chain_faults().unwrap(), []);
    let runs = ledger.runs(10).unwrap();
    assert_eq!(
        runs.iter().map(|run| run.state).collect::<Vec<_>>(),
        [State::Sending, State::Unknown, State::Accepted]
    );
    for run in &runs {
        // without a hash no payload is taken up again
        assert_eq!((&run.payload, ledger.requests(run.id).unwrap()[0].hash.as_ref()), (&None, None));
    }
    assert!(runs[1].spool.is_some(), "it is still known, so that it is removed in time");
    assert_eq!(ledger.last_accepted("https://old/", None).unwrap().map(|last| last.run), Some(1));
    assert_eq!(ledger.bound_to().unwrap(), (Some("https://old/".to_owned()), None));
    assert!(!bytes(folder.path()).contains(&OLD[..20]), "a hash is still in the file");
    assert_eq!(ledger.fact("unclean").unwrap(), None);
}

#[test]
fn reading_an_older_ledger_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite3");
    version_1(&path);
    let before = fs::read(&path).unwrap();
    let ledger = Ledger::read(&path).unwrap().unwrap();
    assert_eq!(ledger.runs(10).unwrap().len(), 3);
    assert_eq!(ledger.chain_faults().unwrap(), []);
    drop(ledger);
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// A reader in the way puts the cleaning off, and no run waits for it; the next one makes up for it.
#[test]
fn cleaning_is_put_off_and_made_up_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite3");
    version_1(&path);
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM run").unwrap();
    let ledger = Ledger::open(&path).unwrap();
    assert!(ledger.fact("unclean").unwrap().is_some());
    drop((ledger, reader));
    let ledger = Ledger::open(&path).unwrap();
    assert!(ledger.fact("unclean").unwrap().is_none());
    assert!(!bytes(folder.path()).contains(&OLD[..20]));
}

#[test]
fn several_processes_migrate_at_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.sqlite3");
        version_1(&path);
        let opened: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| Ledger::open(&path).map(drop))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
        let ledger = Ledger::open(&path).unwrap();
        assert_eq!((ledger.runs(10).unwrap().len(), ledger.chain_faults().unwrap()), (3, vec![]));
    }
}

/// A ledger of before there were counts keeps its chain, has nothing to compare with, and takes counts from then on.
#[test]
fn a_ledger_without_counts_is_taken_over_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite3");
    let mut ledger = Ledger::open(&path).unwrap();
    let run = ledger.begin(Utc::now(), "d", "d", "https://old/").unwrap();
    ledger.give_up(run, Utc::now(), State::Stopped, &["PMH6104"]).unwrap();
    ledger.db.execute_batch("ALTER TABLE run DROP COLUMN usage").unwrap();
    ledger.db.pragma_update(None, "user_version", 2).unwrap();
    let head = ledger.head().unwrap();
    drop(ledger);
    assert_eq!(Ledger::read(&path).unwrap().unwrap().usage(run).unwrap(), None, "in memory");
    let mut ledger = Ledger::open(&path).unwrap();
    assert_eq!((ledger.head().unwrap(), ledger.chain_faults().unwrap()), (head, vec![]));
    assert_eq!(ledger.usage(run).unwrap(), None);
    let next = ledger.begin(Utc::now(), "d", "d", "https://old/").unwrap();
    let counts = r#"{"places":[],"entries":[{"profile":"/scheme/map/15","used":3}]}"#;
    ledger.counted(next, counts).unwrap();
    ledger.give_up(next, Utc::now(), State::Stopped, &[]).unwrap();
    assert_eq!(ledger.usage(next).unwrap().unwrap().entries[0].used, 3);
    assert_eq!(ledger.chain_faults().unwrap(), []);
    for forged in ["NULL", "replace(usage, '3', '4')"] {
        ledger.db.execute_batch("SAVEPOINT before").unwrap();
        ledger.db.execute(&format!("UPDATE run SET usage = {forged} WHERE id = {next}"), []).unwrap();
        assert_eq!(ledger.chain_faults().unwrap().len(), 1, "{forged}");
        ledger.db.execute_batch("ROLLBACK TO before").unwrap();
    }
    ledger.db.execute(&format!("UPDATE run SET usage = '{counts}' WHERE id = {run}"), []).unwrap();
    assert_eq!(ledger.chain_faults().unwrap().len(), 1, "counts that were added to an old run");
}
