//! The ledger against what a night can do to it.

use std::fs;

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    answer::{Answer, Outcome},
    guard::Night,
    spool::Part,
};

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

const DAY: &str = "2026-11-22";

struct Desk {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.sqlite3")).unwrap();
        Self { folder, ledger }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite3")
    }

    /// A run of this payload in two requests, with this beginning.
    fn intend(&mut self, began: &str, payload: &str) -> i64 {
        let run = self.ledger.begin(time(began), DAY, DAY, "https://pmh.example.lg.jp/").unwrap();
        self.ledger.found(run, "p1", "m1", r#"{"read":5}"#).unwrap();
        let intent = Intent {
            source: "s",
            payload,
            bytes: 30,
            spool: "payload-1.json",
            changes: Some(Changes { added: 1, changed: 2, gone: 3 }),
            passed: vec!["PMH6104"],
        };
        let parts =
            [(1, 10, 2), (11, 20, 3)].map(|(start, end, records)| (Part { start, end, records }, "h".into()));
        self.ledger.intend(run, &intent, &parts).unwrap();
        run
    }

    fn answer(&mut self, run: i64, request: i64, outcome: Outcome) {
        let attempt = self.ledger.attempt(run, request, Utc::now()).unwrap();
        let answer = Answer {
            status: Some(200),
            outcome,
            code: Some("山田 太郎".into()),
            message: Some("山田 太郎".into()),
        };
        self.ledger.answered((run, request, attempt), Utc::now(), &answer, None).unwrap();
    }

    fn accept(&mut self, run: i64) {
        for request in [1, 2] {
            self.answer(run, request, Outcome::Accepted { serial_number: format!("S-{run}-{request}") });
        }
        self.ledger.end(run, Utc::now(), State::Accepted).unwrap();
    }
}

#[test]
fn what_is_written_is_read_after_opening_anew() {
    let mut desk = Desk::new();
    let run = desk.intend("2026-11-21T17:30:00Z", "hash");
    desk.answer(
        run,
        1,
        Outcome::Unknown { failure: Failure::new(&rules::SERVER_FAILED, 500), retry_after: None },
    );
    desk.accept(run);
    let path = desk.path();
    drop(desk.ledger);
    let ledger = Ledger::open(&path).unwrap();
    let read = ledger.run(run).unwrap();
    assert_eq!((read.state, read.started_at.as_str()), (State::Accepted, "2026-11-21T17:30:00.000Z"));
    assert_eq!((read.payload.as_deref(), read.spool.as_deref()), (Some("hash"), Some("payload-1.json")));
    assert_eq!(read.changes, Some(Changes { added: 1, changed: 2, gone: 3 }));
    assert_eq!(read.passed, ["PMH6104"]);
    let requests = ledger.requests(run).unwrap();
    assert_eq!(requests[1].serial_number.as_deref(), Some("S-1-2"));
    assert_eq!((requests[0].part.start, requests[0].bytes, requests[1].records), (1, 11, 3));
    let attempts = ledger.attempts(run).unwrap();
    assert_eq!(
        attempts.iter().map(|try_| (try_.request, try_.number)).collect::<Vec<_>>(),
        [(1, 1), (1, 2), (2, 1)]
    );
    assert_eq!(attempts[0].code.as_deref(), Some("PMH6006"));
    let last = ledger.last_accepted("https://pmh.example.lg.jp/", None).unwrap().unwrap();
    assert_eq!((last.run, last.records, last.profile.as_str()), (run, 5, "p1"));
    // a run to another endpoint is no reference
    assert_eq!(ledger.last_accepted("https://test.pmh.example.lg.jp/", None).unwrap(), None);
    assert_eq!(ledger.references().unwrap(), [run]);
}

#[test]
fn the_accepted_runs_of_a_window_come_with_the_one_before_it() {
    let mut desk = Desk::new();
    for began in
        ["2026-11-01T17:30:00Z", "2026-11-02T17:30:00Z", "2026-11-10T17:30:00Z", "2026-11-11T17:30:00Z"]
    {
        let run = desk.intend(began, began);
        desk.accept(run);
    }
    // one that wasn't accepted doesn't count
    desk.intend("2026-11-12T17:30:00Z", "x");
    let night = Night::new(5, Some(3), "PMH6104");
    let nights = |since: &str| desk.ledger.nights("https://pmh.example.lg.jp/", None, time(since)).unwrap();
    assert_eq!(nights("2026-11-05T17:30:00Z"), [night; 3]);
    assert_eq!(nights("2026-11-10T17:30:00Z"), [night; 3]);
    assert_eq!(nights("2026-11-10T17:30:01Z"), [night; 2]);
    assert_eq!(nights("2020-01-01T00:00:00Z"), [night; 4]);
    assert_eq!(nights("2027-01-01T00:00:00Z"), [night]);
    assert_eq!(desk.ledger.nights("https://elsewhere/", None, time("2020-01-01T00:00:00Z")).unwrap(), []);
}

#[test]
fn what_pmh_says_in_words_is_not_kept() {
    let mut desk = Desk::new();
    let run = desk.intend("2026-11-21T17:30:00Z", "hash");
    desk.accept(run);
    assert_eq!(desk.ledger.attempts(run).unwrap()[0].pmh_code, None);
    for entry in fs::read_dir(desk.folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|window| window == "山田".as_bytes()));
    }
}

#[test]
fn a_later_acceptance_of_the_same_payload_settles_what_was_unknown() {
    let mut desk = Desk::new();
    let mut settled = Vec::new();
    for payload in ["a", "b", "a"] {
        let run = desk.intend("2026-11-21T17:30:00Z", payload);
        desk.ledger.end(run, Utc::now(), State::Unknown).unwrap();
    }
    let run = desk.intend("2026-11-21T18:30:00Z", "a");
    desk.accept(run);
    for run in 1..=4 {
        settled.push(desk.ledger.run(run).unwrap().settled_by);
    }
    assert_eq!(settled, [Some(4), None, Some(4), None]);
}

#[test]
fn what_is_open_or_spooled_is_found_and_old_runs_are_forgotten() {
    let mut desk = Desk::new();
    let accepted = desk.intend("2020-01-01T00:00:00Z", "a");
    desk.accept(accepted);
    let refused = desk.intend("2020-01-02T00:00:00Z", "b");
    desk.ledger.end(refused, Utc::now(), State::Refused).unwrap();
    let open = desk.ledger.begin(time("2020-01-03T00:00:00Z"), DAY, DAY, "e").unwrap();
    let ids = |ledger: &Ledger| ledger.unfinished().unwrap().iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(ids(&desk.ledger), [open, refused, accepted]);
    desk.ledger.spool_removed(accepted, Removed::Accepted).unwrap();
    assert_eq!(ids(&desk.ledger), [open, refused]);
    // the last accepted and the open one stay, whatever their age
    assert_eq!(desk.ledger.forget_before(time("2026-01-01T00:00:00Z")).unwrap(), 1);
    assert_eq!(desk.ledger.chain_faults().unwrap(), []);
    assert_eq!(desk.ledger.run(refused).unwrap_err().rule.code, "PMH6505");
    assert!(desk.ledger.requests(refused).unwrap().is_empty());
    assert_eq!(desk.ledger.runs(10).unwrap().len(), 2);
}

#[test]
fn nothing_is_written_halfway() {
    let mut desk = Desk::new();
    let run = desk.intend("2026-11-21T17:30:00Z", "a");
    // the same requests again break a rule of the table: the intent's own row must not change either
    let intent =
        Intent { source: "s", payload: "other", bytes: 1, spool: "other", changes: None, passed: vec![] };
    let part = Part { start: 1, end: 2, records: 1 };
    assert!(desk.ledger.intend(run, &intent, &[(part, "h".into())]).is_err());
    assert_eq!(desk.ledger.run(run).unwrap().payload.as_deref(), Some("a"));
}

#[test]
fn a_damaged_or_foreign_file_is_refused() {
    let mut desk = Desk::new();
    for n in 0..200 {
        desk.intend("2026-11-21T17:30:00Z", &format!("{n:064}"));
    }
    let path = desk.path();
    drop(desk.ledger);
    let good = fs::read(&path).unwrap();
    let code = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Ledger::open(&path).and_then(|ledger| ledger.runs(1000)).err().map(|failure| failure.rule.code)
    };
    assert_eq!(code(&good), None);
    assert_eq!(code(&good[..good.len() / 2]), Some("PMH6502"));
    assert_eq!(
        code(&b"this is no ledger at all, but long enough to be looked at ".repeat(20)),
        Some("PMH6502")
    );
    let mut scribbled = good.clone();
    let middle = good.len() / 2;
    scribbled[middle..middle + 4096].fill(0x5a);
    assert_eq!(code(&scribbled), Some("PMH6502"));
}

#[test]
fn a_ledger_of_a_newer_version_is_left_alone() {
    let desk = Desk::new();
    desk.ledger.db.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(Ledger::open(&desk.path()).unwrap_err().rule.code, "PMH6503");
    assert_eq!(Ledger::read(&desk.path()).unwrap_err().rule.code, "PMH6503");
}

#[test]
fn a_locked_ledger_is_told_and_not_waited_for_without_end() {
    let mut desk = Desk::new();
    let other = Connection::open(desk.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    desk.ledger.db.busy_timeout(Duration::from_millis(50)).unwrap();
    let locked = desk.ledger.begin(Utc::now(), DAY, DAY, "e").unwrap_err();
    assert_eq!(locked.rule.code, "PMH6501");
    assert!(locked.message(rules::Lang::En).contains("locked by another program"), "{locked}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(desk.ledger.begin(Utc::now(), DAY, DAY, "e").is_ok());
}

#[test]
fn a_full_disk_is_told_and_loses_nothing() {
    let mut desk = Desk::new();
    desk.intend("2026-11-21T17:30:00Z", "kept");
    let pages: i64 = desk.ledger.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    desk.ledger.db.pragma_update(None, "max_page_count", pages).unwrap();
    let full = (0..1000).find_map(|_| desk.ledger.begin(Utc::now(), DAY, DAY, &"e".repeat(500)).err());
    let full = full.expect("it never got full");
    assert_eq!(full.rule.code, "PMH6501");
    assert!(full.message(rules::Lang::En).contains("no space left"), "{full}");
    let path = desk.path();
    drop(desk.ledger);
    assert_eq!(Ledger::open(&path).unwrap().run(1).unwrap().payload.as_deref(), Some("kept"));
}

#[test]
fn reading_writes_nothing() {
    let mut desk = Desk::new();
    assert!(Ledger::read(&desk.folder.path().join("none")).unwrap().is_none());
    assert!(!desk.folder.path().join("none").exists());
    desk.intend("2026-11-21T17:30:00Z", "a");
    let mut reader = Ledger::read(&desk.path()).unwrap().unwrap();
    assert_eq!(reader.runs(10).unwrap().len(), 1);
    assert!(reader.spool_removed(1, Removed::Expired).is_err());
}

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut desk = Desk::new();
    desk.intend("2026-11-21T17:30:00Z", "a");
    let mut seen = 0;
    for entry in fs::read_dir(desk.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        seen += 1;
    }
    assert!(seen >= 2, "the write-ahead log stands beside it");
}
