//! The ledger as a site sees it: what it shows, what it never holds, and what happens when it can't be used.

use std::{fs, os::unix::fs::PermissionsExt, time::SystemTime};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, root, site::Site};
use serde_json::{Value, json};

/// Values of the sample records that would name or describe a person, and the token.
fn canaries(vendor: &str) -> Result<Vec<String>> {
    let records = fs::read_to_string(root().join("vendors").join(vendor).join("records.ndjson"))?;
    let mut values = vec!["a-token-of-the-tests".to_owned()];
    for line in records.lines().filter(|line| !line.is_empty()).step_by(7) {
        // some lines are broken on purpose
        let Ok(Value::Object(record)) = serde_json::from_str(line) else { continue };
        for value in record.values().filter_map(Value::as_str) {
            if value.chars().count() >= 4 && (!value.is_ascii() || value.len() == 12) {
                values.push(value.to_owned());
            }
        }
    }
    assert!(values.len() > 50, "too few canaries: {}", values.len());
    Ok(values)
}

/// Accepted, refused, lost and stopped runs leave nothing of a person behind but the payload that waits in the spool.
#[test]
fn no_file_holds_personal_data() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let token = site.pmh.token().to_owned();
    site.change("[guard]", "[log]\ndir = \"log\"\nlevel = \"trace\"\n\n[guard]")?;
    let values = canaries("flat-romaji")?;
    for answer in [Answer::Normal, Answer::status(400), Answer::Cut(Moment::After), Answer::Garbage] {
        site.pmh.answer_next([answer]);
        site.sync(&["-v"])?;
    }
    let mut files = 0;
    for (path, bytes) in site.written()? {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(&token), "the token stands in {}", path.display());
        if path.to_string_lossy().contains("payload-") {
            continue;
        }
        files += 1;
        for value in &values {
            assert!(!text.contains(value.as_str()), "a value of a record stands in {}", path.display());
        }
    }
    // ledger, key, hashes, locks, log
    assert!(files >= 6, "{files}");
    println!("{} values, {files} files", values.len());
    Ok(())
}

#[test]
fn its_files_are_for_their_owner_alone() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let private = ["ledger.sqlite3", "ledger.sqlite3.key", "ledger.sqlite3.set-1", "spool"];
    for name in private {
        let mode = fs::metadata(site.path(name))?.permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
    for name in site.files("spool")? {
        assert_eq!(fs::metadata(site.path("spool").join(&name))?.permissions().mode() & 0o077, 0, "{name}");
    }
    Ok(())
}

#[test]
fn an_unknown_outcome_stays_so_until_the_same_set_is_accepted() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::Cut(Moment::After), Answer::status(503), Answer::status(401)]);
    for (code, note) in [(6, "lost"), (6, "lost, and then not available"), (6, "lost, and then refused")] {
        let done = site.sync(&[])?;
        assert_eq!(done.code, code, "{note}: {done:?}");
        assert_eq!(site.history()?.last().map(|run| run["state"].clone()), Some(json!("unknown")), "{note}");
    }
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let runs = site.history()?;
    assert_eq!((runs.len(), &runs[0]["state"]), (1, &json!("accepted")), "the same run went on");
    let attempts = site.history_of(&runs[0])?["attempts"].clone();
    let outcomes: Vec<&str> =
        attempts.as_array().into_iter().flatten().filter_map(|attempt| attempt["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["unknown", "unavailable", "refused", "accepted"]);
    Ok(())
}

#[test]
fn a_changed_input_is_sent_instead_of_what_waits() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::status(500)]);
    assert_eq!(site.sync(&[])?.code, 6);
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let fewer: Vec<&str> = records.lines().skip(1).collect();
    fs::write(site.path("records.ndjson"), fewer.join("\n"))?;
    let done = site.sync(&[])?;
    assert_eq!((done.code, &done.json()?["resumed"]), (0, &json!(false)), "{done:?}");
    let runs = site.history()?;
    assert_eq!((runs.len(), &runs[0]["state"], &runs[0]["spool"]), (2, &json!("unknown"), &Value::Null));
    // the same bytes once more, by another run, settle nothing of another payload
    assert_eq!(runs[0]["settledBy"], Value::Null);
    Ok(())
}

#[test]
fn a_payload_that_was_tampered_with_is_found_and_never_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    let name =
        site.files("spool")?.into_iter().find(|name| name.starts_with("payload-")).ok_or("no payload")?;
    let path = site.path("spool").join(name);
    let payload = fs::read_to_string(&path)?;
    fs::write(&path, payload.replacen("kosei", "", 1).replacen('1', "2", 1))?;
    let verified = site.run(&["history", "verify", "--json"])?;
    assert_eq!(
        (verified.code, &verified.json()?["differences"][0]["code"]),
        (2, &json!("PMH6504")),
        "{verified:?}"
    );
    let done = site.sync(&[])?;
    assert_eq!((done.code, &done.json()?["resumed"]), (0, &json!(false)), "{done:?}");
    let sent = site.pmh.registrations();
    let runs = site.history()?;
    assert_eq!(sent.len(), 1);
    assert_eq!(runs[1]["payload"], site.hash(&sent[0])?.as_str());
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

/// The ledger's rows are compared with each other too.
#[test]
fn a_forged_acceptance_is_found() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::status(400)]);
    assert_eq!(site.sync(&[])?.code, 4);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    db.execute("UPDATE run SET state = 'accepted'", [])?;
    drop(db);
    let verified = site.run(&["history", "verify"])?;
    assert_eq!(verified.code, 2, "{verified:?}");
    assert!(verified.stderr.contains("PMH6504"), "{verified:?}");
    Ok(())
}

#[test]
fn payloads_that_pmh_did_not_accept_are_removed_in_time() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("[ledger]", "[ledger]\nkeep_undelivered = \"1d\"\nkeep_runs = \"30d\"")?;
    site.pmh.answer_next([Answer::status(400), Answer::status(400)]);
    for _ in 0..2 {
        assert_eq!(site.sync(&[])?.code, 4);
    }
    let payloads = || -> Result<usize> {
        Ok(site.files("spool")?.iter().filter(|name| name.starts_with("payload-")).count())
    };
    assert_eq!(payloads()?, 2);
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    db.execute("UPDATE run SET started_at = '2020-01-01T00:00:00.000Z', ended_at = '2020-01-01T00:01:00.000Z' WHERE id = 1", [])?;
    drop(db);
    site.pmh.answer_next([Answer::status(400)]);
    assert_eq!(site.sync(&[])?.code, 4);
    assert_eq!(payloads()?, 2, "the old one is gone, the two of today are not");
    let ids: Vec<i64> = site.history()?.iter().filter_map(|run| run["id"].as_i64()).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(payloads()?, 0);
    Ok(())
}

#[test]
fn a_ledger_that_cannot_be_used_stops_the_run_before_anything_is_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let path = site.path("ledger.sqlite3");
    let good = fs::read(&path)?;
    for (damage, code) in [
        (good.get(..good.len() / 2).unwrap_or_default().to_vec(), "PMH6502"),
        (b"not a ledger at all, not even a little".repeat(40), "PMH6502"),
    ] {
        fs::write(&path, damage)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 2, "{done:?}");
        assert!(done.stderr.contains(code), "{done:?}");
        assert_eq!(site.run(&["history"])?.code, 2);
    }
    fs::write(&path, good)?;
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.pmh.registrations().len(), 2);
    Ok(())
}

#[test]
fn two_runs_at_once_are_one() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::Late(3)]);
    let first = site.sync_command(&[]).stdout(std::process::Stdio::piped()).spawn()?;
    let begun = std::time::Instant::now();
    while site.pmh.requests().is_empty() {
        assert!(begun.elapsed().as_secs() < 60, "no request came");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = site.sync(&[])?;
    assert_eq!(second.code, 7, "{second:?}");
    assert!(second.stderr.contains("PMH6108"), "{second:?}");
    assert_eq!(pmh_tests::pmh::done(first.wait_with_output()?)?.code, 0);
    // the second start has a row of its own
    assert_eq!((site.pmh.requests().len(), site.history()?.len()), (1, 2));
    Ok(())
}

#[test]
fn a_dry_run_leaves_no_trace() -> Result<()> {
    let site = Site::new("nested-japanese")?;
    let before = site.files(".")?;
    assert_eq!(site.sync(&["--dry-run"])?.code, 0);
    assert_eq!(site.files(".")?, before);
    assert_eq!(site.sync(&[])?.code, 0);
    let ledger = fs::read(site.path("ledger.sqlite3"))?;
    assert_eq!(site.sync(&["--dry-run"])?.code, 0);
    assert_eq!(fs::read(site.path("ledger.sqlite3"))?, ledger);
    assert_eq!(site.history()?.len(), 1);
    Ok(())
}

#[test]
fn history_is_for_people_too() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert!(site.run(&["history"])?.stdout.contains("no run yet"));
    assert_eq!(site.run(&["history", "--run", "1"])?.code, 2);
    site.pmh.answer_next([Answer::status(503)]);
    site.sync(&[])?;
    fs::File::options().append(true).open(site.path("records.ndjson"))?.set_modified(SystemTime::now())?;
    site.sync(&[])?;
    let list = site.run(&["history"])?.stdout;
    for word in ["SIM000000001", "not available (settled by run 2)", "accepted", "2026-11-22"] {
        assert!(list.contains(word), "{word}: {list}");
    }
    let one = site.run(&["history", "--run", "1"])?.stdout;
    for word in ["PMH6004", "503", "payload (keyed hash)"] {
        assert!(one.contains(word), "{word}: {one}");
    }
    Ok(())
}
