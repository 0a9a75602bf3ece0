//! Whom a ledger belongs to, what proves a night, and how the ledger comes back: from outside, as a site does it.
//!
//! What could end well and harm somebody: a configuration copied for another town that compares with the first one's set; a
//! deleted key that is made anew in silence; a night that was changed or cut off in the ledger afterwards; half a ledger after a
//! restore that was killed; a restored ledger whose lost nights are never spoken of, or into which another process writes the
//! old one's pages; another town's ledger that gets rows of this one; guessable hashes left in the file.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use minisign_verify::{PublicKey, Signature};
use pmh_simulator::{Answer, Config, Simulator};
use pmh_tests::{Result, chain, pmh::Done, site::Site};
use rusqlite::Connection;
use serde_json::{Value, json};

const LEDGER: &str = "ledger.sqlite3";

fn ledger(site: &Site) -> Result<Connection> {
    Ok(Connection::open(site.path(LEDGER))?)
}

fn refused(done: &Done, exit: u8, code: &str) {
    assert_eq!(done.code, i32::from(exit), "{done:?}");
    assert!(done.stderr.contains(code) || done.stdout.contains(code), "{code}: {done:?}");
}

/// Makes the next run one of its own, even on the same day.
fn touch(site: &Site) -> Result<()> {
    let now = std::time::SystemTime::now();
    Ok(fs::File::options().append(true).open(site.path("records.ndjson"))?.set_modified(now)?)
}

fn codes(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(|told| told["code"].as_str()).collect()
}

#[test]
fn a_ledger_of_another_endpoint_is_refused_until_a_person_passes_it() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let other = Simulator::start(Config { token: "a-token-of-the-tests".to_owned(), ..Config::default() })?;
    site.change(&site.pmh.endpoint(), &other.endpoint())?;
    touch(&site)?;
    refused(&site.sync(&[])?, 7, "PMH6507");
    let rehearsed = site.sync(&["--dry-run"])?;
    assert_eq!((rehearsed.code, codes(&rehearsed.json()?["stops"])), (7, vec!["PMH6507"]), "{rehearsed:?}");
    assert!(other.requests().is_empty());
    let passed = site.sync(&["--pass", "PMH6507"])?;
    assert_eq!(passed.code, 0, "{passed:?}");
    let run = site.history()?.pop().ok_or("no run")?;
    assert!(run["passed"].as_array().is_some_and(|passed| passed.contains(&json!("PMH6507"))), "{run}");
    assert!(run["user"].is_string() && run["process"].is_number(), "{run}");
    // it holds once, and the new endpoint is the ledger's from now on
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    let noted: String = ledger(&site)?.query_row(
        "SELECT detail FROM entry WHERE kind = 'bound' ORDER BY number DESC LIMIT 1",
        [],
        |row| row.get(0),
    )?;
    assert!(noted.contains("PMH6507") && noted.contains("user"), "{noted}");
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

#[test]
fn a_ledger_of_another_municipality_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    // to give a name to what had none is no change of owner, and what was accepted before still counts
    site.change("profile = ", "site = \"甲市\"\nprofile = ")?;
    fs::write(site.path("records.ndjson"), "")?;
    assert!(codes(&site.sync(&[])?.json()?["stops"]).contains(&"PMH6104"), "the reference is gone");
    let shown = site.run(&["history"])?.stdout;
    assert!(shown.contains("甲市"), "{shown}");
    for other in ["乙市", "丙市"] {
        let before = if other == "乙市" { "甲市" } else { "乙市" };
        site.change(before, other)?;
        refused(&site.sync(&[])?, 7, "PMH6507");
    }
    assert_eq!(site.pmh.requests().len(), 1);
    assert!(site.run(&["history", "verify"])?.stderr.contains("PMH6507"));
    Ok(())
}

/// Everything that the ledger holds, as SQLite has it on the disk.
fn pages(site: &Site) -> Vec<(String, Vec<u8>)> {
    let read = |ending: &str| {
        let name = format!("{LEDGER}{ending}");
        (name.clone(), fs::read(site.path(&name)).unwrap_or_default())
    };
    ["", "-wal"].map(read).into()
}

/// A configuration that was copied for another town: whatever ends its start, not a byte of the first town's ledger changes.
#[test]
fn nothing_is_written_to_another_towns_ledger() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("profile = ", "site = \"甲市\"\nprofile = ")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let kept = pages(&site);
    site.change("甲市", "乙市")?;
    let good = fs::read_to_string(site.path("pmh.toml"))?;
    let (profile, records) = (site.path("profile.json"), site.path("records.ndjson"));
    let (profile, records, out) =
        (profile.to_string_lossy(), records.to_string_lossy(), site.path("out.json"));
    let out = out.to_string_lossy();
    let ways: [(&str, i32, &str, &[&str]); 5] = [
        ("", 7, "PMH6507", &["sync"]),
        ("token_file = \"token\"", 2, "PMH6206", &["sync"]),
        ("max_rejected", 2, "PMH6202", &["sync"]),
        ("", 2, "PMH6308", &["sync", "--pass", "PMH9999"]),
        (
            "",
            7,
            "PMH6507",
            &[
                "transform",
                "--profile",
                &profile,
                "--as-of",
                "2026-11-22",
                "--input",
                &records,
                "--output",
                &out,
            ],
        ),
    ];
    for (spoilt, exit, code, arguments) in ways {
        if !spoilt.is_empty() {
            site.change(spoilt, &format!("{}x", spoilt.trim_end_matches('"')).replace("tokenx", "tokenx\""))?;
        }
        let done = site.run(arguments)?;
        assert_eq!((done.code, done.stderr.contains(code)), (exit, true), "{done:?}");
        assert!(done.stderr.contains("PMH6507"), "it is not said that the ledger is another's: {done:?}");
        assert!(pages(&site) == kept, "{code}: the ledger of 甲市 was written to");
        fs::write(site.path("pmh.toml"), &good)?;
    }
    assert!(!Path::new(&*out).exists(), "it was not noted, and made all the same");
    // the same town, by name, at another endpoint: its own failed nights are its own ledger's
    site.change("乙市", "甲市")?;
    site.change("http://127.0.0.1:", "http://127.0.0.2:")?;
    refused(&site.sync(&[])?, 7, "PMH6507");
    let run = site.history()?.pop().ok_or("no run")?;
    assert_eq!((&run["state"], &run["codes"]), (&json!("failed"), &json!(["PMH6507"])));
    Ok(())
}

#[test]
fn a_lost_key_is_told_and_not_made_anew_in_silence() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let key = site.path("ledger.sqlite3.key");
    fs::remove_file(&key)?;
    touch(&site)?;
    refused(&site.sync(&[])?, 7, "PMH6509");
    assert_eq!(site.sync(&["--dry-run"])?.code, 7);
    assert!(!key.exists());
    // another installation's
    fs::write(&key, [7; 32])?;
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
    refused(&site.sync(&[])?, 7, "PMH6509");
    refused(&site.run(&["history", "verify"])?, 2, "PMH6509");
    Ok(())
}

#[test]
fn a_key_can_live_apart() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    fs::create_dir(site.path("apart"))?;
    site.change("[ledger]", "[ledger]\nkey_file = \"apart/key\"")?;
    assert_eq!(site.sync(&[])?.code, 0);
    assert!(site.path("apart/key").exists() && !site.path("ledger.sqlite3.key").exists());
    let bytes = fs::read(site.path("apart/key"))?;
    site.change("key_file = \"apart/key\"", "key_credential = \"pmh-key\"")?;
    touch(&site)?;
    refused(&site.sync(&[])?, 7, "PMH6509");
    fs::create_dir(site.path("credentials"))?;
    fs::write(site.path("credentials/pmh-key"), bytes)?;
    let mut command = site.sync_command(&[]);
    command.env("CREDENTIALS_DIRECTORY", site.path("credentials"));
    assert_eq!(site.done(command)?.code, 0);
    for (wrong, code) in
        [("key_credential = \"../key\"", "PMH6204"), ("key_credential = \"k\"\nkey_file = \"k\"", "PMH6204")]
    {
        let before = fs::read_to_string(site.path("pmh.toml"))?;
        site.change("key_credential = \"pmh-key\"", wrong)?;
        refused(&site.sync(&[])?, 2, code);
        fs::write(site.path("pmh.toml"), before)?;
    }
    Ok(())
}

#[test]
fn a_spool_belongs_to_one_ledger() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let waiting = site.spool()?;
    site.change("path = \"ledger.sqlite3\"", "path = \"other.sqlite3\"")?;
    refused(&site.sync(&[])?, 7, "PMH6508");
    assert_eq!(site.spool()?, waiting, "another ledger's payload was removed");
    // a ledger that was moved away, and begun anew in its place, is no other one
    site.change("path = \"other.sqlite3\"", "path = \"ledger.sqlite3\"")?;
    for name in ["ledger.sqlite3", "ledger.sqlite3.key"] {
        fs::rename(site.path(name), site.path(&format!("{name}.old")))?;
    }
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    Ok(())
}

/// A run that is transformed or traced by hand is noted, and not begun if it can't be.
#[test]
fn records_that_are_shown_outside_of_a_run_are_noted() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let (profile, records) = (site.path("profile.json"), site.path("records.ndjson"));
    let (profile, records) = (profile.to_string_lossy(), records.to_string_lossy());
    let out = site.path("out.json");
    let out = out.to_string_lossy();
    let transform = [
        "transform",
        "--profile",
        &*profile,
        "--as-of",
        "2026-11-22",
        "--input",
        &*records,
        "--output",
        &*out,
    ];
    assert!([0, 3].contains(&site.run(&transform)?.code));
    let trace = ["profile", "trace", &*profile, &*records, "--record", "1", "--show-values"];
    assert_eq!(site.run(&trace)?.code, 0);
    let kinds: Vec<String> = ledger(&site)?
        .prepare("SELECT kind FROM entry WHERE run IS NULL AND kind <> 'bound' ORDER BY number")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    assert_eq!(kinds, ["transform", "trace --show-values"]);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    fs::remove_file(&*out)?;
    fs::write(site.path(LEDGER), "no ledger at all, but long enough to be one ".repeat(50))?;
    refused(&site.run(&transform)?, 2, "PMH6502");
    assert!(!Path::new(&*out).exists(), "it was not noted, and made all the same");
    Ok(())
}

/// The signature is checked by another implementation than the one that made it.
#[test]
fn a_receipt_proves_a_night_off_the_machine() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let path = |name: &str| site.path(name).display().to_string();
    let (key, public, receipt) = (path("receipts.key"), path("receipts.key.pub"), path("night.json"));
    let made = site.run(&["history", "keygen", "--signing-key", &key])?;
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(fs::metadata(&key)?.permissions().mode() & 0o777, 0o600);
    refused(&site.run(&["history", "keygen", "--signing-key", &key])?, 2, "PMH6307");
    let sign = ["history", "receipt", "--run", "1", "--signing-key", &key, "--receipt", &receipt];
    assert_eq!(site.run(&sign)?.code, 0);
    refused(&site.run(&sign)?, 2, "PMH6307");
    let text = fs::read(&receipt)?;
    let signature = fs::read_to_string(path("night.json.minisig"))?;
    let independent = PublicKey::decode(&fs::read_to_string(&public)?)?;
    independent.verify(&text, &Signature::decode(&signature)?, false)?;
    let said: Value = serde_json::from_slice(&text)?;
    assert_eq!(
        (&said["run"]["state"], said["run"]["requests"][0]["serialNumber"].is_string()),
        (&json!("accepted"), true)
    );
    let verify = ["history", "verify", "--receipt", &receipt, "--signing-key", &public];
    assert_eq!(site.run(&verify)?.code, 0);
    let (night, set) = (fs::read(site.path(LEDGER))?, fs::read(site.path("ledger.sqlite3.set-1"))?);
    // a ledger that has grown is the same one
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&verify)?.code, 0);
    let later = path("later.json");
    let sign = ["history", "receipt", "--signing-key", &key, "--receipt", &later];
    assert_eq!(site.run(&sign)?.code, 0);
    // put back to the night before: whole in itself, and only the later receipt knows
    fs::write(site.path(LEDGER), night)?;
    fs::write(site.path("ledger.sqlite3.set-1"), set)?;
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(site.path(&format!("{LEDGER}{ending}")));
    }
    assert_eq!(site.run(&verify)?.code, 0);
    // a chain that was computed anew is whole in itself as well
    chain::rewrite(&site.path(LEDGER), "UPDATE run SET passed = 'PMH6104' WHERE id = 1")?;
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    refused(&site.run(&verify)?, 2, "PMH6513");
    let verify = ["history", "verify", "--receipt", &later, "--signing-key", &public];
    refused(&site.run(&verify)?, 2, "PMH6513");
    // a receipt that says something else
    fs::write(&receipt, String::from_utf8(text)?.replacen("accepted", "refused!", 1))?;
    let verify = ["history", "verify", "--receipt", &receipt, "--signing-key", &public];
    refused(&site.run(&verify)?, 2, "PMH6513");
    // keys that aren't
    fs::set_permissions(&public, fs::Permissions::from_mode(0o600))?;
    let more = path("more.json");
    refused(&site.run(&["history", "receipt", "--signing-key", &public, "--receipt", &more])?, 2, "PMH6515");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644))?;
    refused(&site.run(&["history", "receipt", "--signing-key", &key, "--receipt", &more])?, 2, "PMH6207");
    Ok(())
}

/// Copies are whole, private, and hold no key; and nothing better is overwritten.
#[test]
fn a_backup_is_whole_and_overwrites_only_an_older_one() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    refused(&site.run(&["backup", &path])?, 2, "PMH6501");
    assert_eq!(site.sync(&[])?.code, 0);
    let done = site.run(&["backup", &path])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
    assert!(!site.path("backup.sqlite3.key").exists());
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &path, "--with-key"])?.code, 0, "over an older one");
    assert_eq!(fs::read(site.path("backup.sqlite3.key"))?, fs::read(site.path("ledger.sqlite3.key"))?);
    let good = fs::read(&path)?;
    // a new ledger in its place knows less, and must not take the place of the good backup
    for name in ["ledger.sqlite3", "ledger.sqlite3.key"] {
        fs::remove_file(site.path(name))?;
    }
    assert_eq!(site.sync(&[])?.code, 0);
    refused(&site.run(&["backup", &path])?, 2, "PMH6307");
    assert_eq!(fs::read(&path)?, good);
    // nor is a file that is something else
    fs::write(site.path("notes.txt"), "notes")?;
    refused(&site.run(&["backup", &site.path("notes.txt").display().to_string()])?, 2, "PMH6307");
    Ok(())
}

/// Killed at each step, the ledger is the old one or the restored one, and whole.
#[test]
fn a_restore_that_is_killed_leaves_a_whole_ledger() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &path])?.code, 0);
    touch(&site)?;
    site.pmh.answer_next([Answer::status(400)]);
    assert_eq!(site.sync(&[])?.code, 4);
    for (step, runs) in [("restore-made", 2), ("restore-aside", 2), ("restore-half", 2), ("restore-done", 1)]
    {
        let killed = site.command(&["restore", &path]).env("PMH_FAULT", step).output()?;
        assert_eq!(killed.status.code(), None, "{step}: {killed:?}");
        assert_eq!(site.history()?.len(), runs, "{step}");
        let faults = site.run(&["history", "verify"])?;
        // the payload of the lost run has no owner until the next run sweeps it
        assert!(!faults.stderr.contains("PMH65") || step == "restore-done", "{step}: {faults:?}");
    }
    assert_eq!(site.sync(&[])?.code, 0);
    let ids: Vec<i64> = site.history()?.iter().filter_map(|run| run["id"].as_i64()).collect();
    assert_eq!(ids, [1, 3], "the number of a lost night is used again");
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

#[test]
fn a_restore_says_what_it_loses_and_keeps_it_aside() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &path])?.code, 0);
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    let restored = site.run(&["restore", &path, "--format", "json"])?;
    assert_eq!(restored.code, 0, "{restored:?}");
    let said = restored.json()?;
    assert_eq!((codes(&said["warnings"]), &said["lastRun"]), (vec!["PMH6512"], &json!(1)), "{said}");
    let aside = said["aside"].as_str().ok_or("nothing was put aside")?;
    assert_eq!(fs::metadata(aside)?.permissions().mode() & 0o777, 0o600);
    let runs: i64 = Connection::open(aside)?.query_row("SELECT count(*) FROM run", [], |row| row.get(0))?;
    assert_eq!(runs, 2);
    // damaged beyond reading: that is what a backup is for
    fs::write(site.path(LEDGER), "no ledger at all, but long enough to be one ".repeat(50))?;
    let restored = site.run(&["restore", &path])?;
    assert_eq!(restored.code, 0, "{restored:?}");
    assert_eq!(site.history()?.len(), 1);
    Ok(())
}

/// A process that has the ledger open is no part of the old file: what it reads is whole, what it writes afterwards is in the
/// restored ledger, and nothing of the old write-ahead log comes back.
#[test]
fn a_process_that_has_the_ledger_open_goes_on_with_the_restored_one() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &path])?.code, 0);
    let (reader, writer) = (ledger(&site)?, ledger(&site)?);
    let runs = |db: &Connection| db.query_row("SELECT count(*) FROM run", [], |row| row.get::<_, i64>(0));
    assert_eq!((runs(&reader)?, runs(&writer)?), (1, 1));
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    reader.execute_batch("BEGIN")?;
    assert_eq!((runs(&reader)?, runs(&writer)?), (2, 2));
    // the last run is in the log, which can't be emptied while somebody reads
    assert!(fs::metadata(site.path("ledger.sqlite3-wal"))?.len() > 0);
    let restored = site.run(&["restore", &path, "--format", "json"])?;
    assert_eq!(restored.code, 0, "{restored:?}");
    let aside = restored.json()?["aside"].as_str().ok_or("nothing was put aside")?.to_owned();
    assert_eq!(runs(&Connection::open(aside)?)?, 2, "what was only in the log is aside, too");
    assert_eq!(runs(&reader)?, 2, "it reads what it began to read");
    reader.execute_batch("COMMIT")?;
    assert_eq!((runs(&reader)?, runs(&writer)?), (1, 1));
    writer.execute("INSERT INTO fact (name, value) VALUES ('unclean', 'afterwards')", [])?;
    drop((reader, writer));
    let found: String =
        ledger(&site)?.query_row("SELECT value FROM fact WHERE name = 'unclean'", [], |row| row.get(0))?;
    assert_eq!(found, "afterwards", "it went into a file that was replaced");
    assert_eq!(site.history()?.len(), 1);
    let whole: String = ledger(&site)?.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(whole, "ok");
    touch(&site)?;
    // the hashes that it was compared with are those of the lost night
    assert_eq!(site.sync(&["--pass", "PMH6117"])?.code, 0);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

/// A process that is writing keeps the ledger: it is left as it is.
#[test]
fn a_process_that_writes_keeps_the_ledger_from_being_restored() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &path])?.code, 0);
    touch(&site)?;
    assert_eq!(site.sync(&[])?.code, 0);
    let writer = ledger(&site)?;
    writer.execute_batch("BEGIN IMMEDIATE")?;
    writer.execute("INSERT INTO fact (name, value) VALUES ('unclean', 'before')", [])?;
    let done = site.run(&["restore", &path])?;
    refused(&done, 2, "PMH6501");
    assert!(done.stderr.contains("locked by another program"), "{done:?}");
    writer.execute_batch("COMMIT")?;
    drop(writer);
    assert_eq!(site.history()?.len(), 2);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    Ok(())
}

/// Killed with the copy made and not yet in its place, the older backup is still there, and nothing else is.
#[test]
fn a_backup_that_is_killed_leaves_the_older_one() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3").display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    for older in [false, true] {
        let before = fs::read(&path).ok();
        assert_eq!(before.is_some(), older);
        let killed = site.command(&["backup", &path, "--with-key"]).env("PMH_FAULT", "copied").output()?;
        assert_eq!(killed.status.code(), None, "{killed:?}");
        assert_eq!(fs::read(&path).ok(), before);
        assert!(!site.path("backup.sqlite3.key").exists(), "the key went out ahead of its backup");
        if older {
            break;
        }
        assert_eq!(site.run(&["backup", &path])?.code, 0);
        touch(&site)?;
        assert_eq!(site.sync(&[])?.code, 0);
    }
    // what was half made goes with the next one
    assert_eq!(site.run(&["backup", &path])?.code, 0);
    let left: Vec<String> = site.files(".")?.into_iter().filter(|name| name.starts_with(".pmh-")).collect();
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

#[test]
fn what_is_no_backup_of_this_site_changes_nothing() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let path = site.path("backup.sqlite3");
    let name = path.display().to_string();
    assert_eq!(site.sync(&[])?.code, 0);
    assert_eq!(site.run(&["backup", &name])?.code, 0);
    let (good, before) = (fs::read(&path)?, site.history()?);
    refused(&site.run(&["restore", &site.path("none").display().to_string()])?, 2, "PMH6511");
    for bad in [&good[..good.len() / 2], b"", &b"not a backup at all".repeat(100)] {
        fs::write(&path, bad)?;
        refused(&site.run(&["restore", &name])?, 2, "PMH6511");
    }
    fs::write(&path, &good)?;
    Connection::open(&path)?.execute("UPDATE run SET state = 'unknown'", [])?;
    refused(&site.run(&["restore", &name])?, 2, "PMH6511");
    fs::write(&path, &good)?;
    site.change("profile = ", "site = \"甲市\"\nprofile = ")?;
    assert_eq!(
        site.run(&["restore", &name])?.code,
        0,
        "a backup without a name is anybody's of this endpoint"
    );
    fs::write(&path, &good)?;
    Connection::open(&path)?.execute("INSERT INTO fact (name, value) VALUES ('site', '乙市')", [])?;
    refused(&site.run(&["restore", &name])?, 7, "PMH6507");
    assert_eq!(site.history()?, before);
    // a run under way
    fs::write(&path, &good)?;
    touch(&site)?;
    site.pmh.answer_next([Answer::Late(3)]);
    let run = site.sync_command(&[]).stdout(Stdio::piped()).spawn()?;
    while site.pmh.requests().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    refused(&site.run(&["restore", &name])?, 7, "PMH6108");
    assert_eq!(run.wait_with_output()?.status.code(), Some(0));
    Ok(())
}

/// A ledger of the first version, of which runs were killed while they brought it up to date.
#[test]
fn a_ledger_of_the_first_version_is_brought_up_to_date_and_cleaned() -> Result<()> {
    let old_hash = "0123456789abcdef".repeat(4);
    for step in ["migrated", "cleaned", ""] {
        let site = Site::new("flat-romaji")?;
        let db = ledger(&site)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.execute_batch(include_str!("../../host-runner/src/ledger/1.sql"))?;
        db.execute_batch(&format!(
            "INSERT INTO run (started_at, ended_at, state, as_of, day, endpoint, version, profile, module, summary, payload, bytes)
             VALUES ('2026-11-20T17:30:00.000Z', '2026-11-20T17:31:00.000Z', 'accepted', 'd', 'd', '{}', '0.1.0', 'p', 'm', '{{}}', '{old_hash}', 9);
             INSERT INTO request VALUES (1, 1, 1, 8, 1, '{old_hash}', 'S-1');
             INSERT INTO attempt (run, request, number, began_at, outcome) VALUES (1, 1, 1, 'x', 'accepted')",
            site.pmh.endpoint()
        ))?;
        db.pragma_update(None, "user_version", 1)?;
        drop(db);
        assert_eq!(site.history()?[0]["state"], "accepted", "read before it is brought up to date");
        if !step.is_empty() {
            let killed = site.sync_command(&[]).env("PMH_FAULT", step).output()?;
            assert_eq!(killed.status.code(), None, "{step}: {killed:?}");
        }
        // no hashes of its set were ever there
        let done = site.sync(&["--pass", "PMH6117"])?;
        assert_eq!(done.code, 0, "{step}: {done:?}");
        for (path, bytes) in site.written()? {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains(&old_hash[..24]), "{step}: an old hash stands in {}", path.display());
        }
        assert_eq!(site.history()?.len(), 2, "{step}");
        let verified = site.run(&["history", "verify"])?;
        assert_eq!(verified.code, 0, "{step}: {verified:?}");
    }
    Ok(())
}
