//! `pmh doctor`: what is in order is said so, what isn't is named by the code that a run would end with, and nothing is sent.
//!
//! How it could end with success and harm somebody: ✓ for a file that a run refuses, for an endpoint that answers the
//! token with 401, for names that are read in the wrong encoding; a ledger that is no longer what it was before; a run
//! under way that is disturbed or called broken.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, SystemTime},
};

use pmh_simulator::Answer;
use pmh_tests::{Result, pmh, site::Site};
use serde_json::Value;

/// A check's name, state and code.
type Check = (String, String, String);

/// A site whose records may be rejected, whatever day it is.
fn site() -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    site.change("max_rejected = 19", "max_rejected = 1000")?;
    Ok(site)
}

fn set_mode(site: &Site, name: &str, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode))?)
}

/// The exit code, and every check.
fn checks(site: &Site) -> Result<(i32, Vec<Check>)> {
    let done = site.run(&["doctor", "--json"])?;
    let text =
        |check: &Value, key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let report = done.json()?;
    let list = report.get("checks").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = list.iter().map(|check| (text(check, "check"), text(check, "state"), text(check, "code")));
    Ok((done.code, rows.collect()))
}

/// The checks that are not in order.
fn wrong(site: &Site) -> Result<(i32, Vec<String>)> {
    let (code, checks) = checks(site)?;
    let wrong = checks.into_iter().filter(|(_, state, _)| state == "failed" || state == "warning");
    Ok((code, wrong.map(|(check, _, code)| format!("{check} {code}")).collect()))
}

#[test]
fn a_site_in_order_is_called_so_and_nothing_is_sent() -> Result<()> {
    let site = site()?;
    for _ in 0..2 {
        let (code, checks) = checks(&site)?;
        assert_eq!(code, 0, "{checks:?}");
        let names: Vec<&str> = checks.iter().map(|(name, ..)| name.as_str()).collect();
        let expected = [
            "configuration",
            "process",
            "token",
            "module",
            "profile",
            "input",
            "encoding",
            "sample",
            "ledger",
            "modes",
            "writing",
            "space",
            "schedule",
            "shared",
            "name",
            "tcp",
            "endpoint",
            "certificate",
            "clock",
        ];
        assert_eq!(names, expected);
        // without TLS there is no certificate to look at
        assert!(
            checks
                .iter()
                .all(|(name, state, _)| state == if name == "certificate" { "skipped" } else { "ok" })
        );
        assert!(site.pmh.registrations().is_empty());
        assert!(site.pmh.requests().iter().all(|request| request.method == "HEAD"));
    }
    assert_eq!(site.sync(&[])?.code, 0);
    let human = site.run(&["doctor"])?;
    assert!(human.stdout.contains("✓ ledger  sound; last run 1, last accepted 1"), "{human:?}");
    Ok(())
}

#[test]
fn what_is_wrong_has_the_code_that_a_run_would_end_with() -> Result<()> {
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    let private =
        |name: &str, mode: u32| fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode));
    private("token", 0o644)?;
    assert_eq!(wrong(&site)?, (2, vec!["token PMH6207".to_owned()]));
    private("token", 0o600)?;
    private("ledger.sqlite3.key", 0o644)?;
    assert_eq!(wrong(&site)?, (2, vec!["modes PMH6207".to_owned()]));
    private("ledger.sqlite3.key", 0o600)?;
    let profile = fs::read_to_string(site.path("profile.json"))?;
    fs::write(site.path("profile.json"), profile.replace("\"target\"", "\"targte\""))?;
    let (code, found) = wrong(&site)?;
    assert_eq!((code, found.len()), (2, 1), "{found:?}");
    assert!(found[0].starts_with("profile PMH9"), "{found:?}");
    fs::write(site.path("profile.json"), profile)?;
    fs::write(site.path("ledger.sqlite3"), b"not a ledger".repeat(100))?;
    assert_eq!(wrong(&site)?, (2, vec!["ledger PMH6502".to_owned()]));
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(site.path(&format!("ledger.sqlite3{ending}")));
    }
    fs::rename(site.path("records.ndjson"), site.path("elsewhere"))?;
    assert_eq!(wrong(&site)?, (2, vec!["input PMH6302".to_owned()]));
    fs::rename(site.path("elsewhere"), site.path("records.ndjson"))?;
    // what proves that the input is complete
    for (key, code) in [("ready = \"records.done\"", "PMH6111"), ("sha256 = \"records.sha256\"", "PMH6301")] {
        site.change("[input]", &format!("[input]\n{key}"))?;
        assert_eq!(wrong(&site)?.1, [format!("input {code}")]);
        site.change(&format!("[input]\n{key}"), "[input]")?;
    }
    site.change(&site.pmh.endpoint(), "http://127.0.0.1:9/medicalSubsidiesTargetPersons")?;
    assert_eq!(wrong(&site)?, (5, vec!["tcp PMH6005".to_owned()]));
    site.change("http://127.0.0.1:9/", "https://pmh.invalid/")?;
    assert_eq!(wrong(&site)?, (2, vec!["configuration PMH6211".to_owned()]));
    site.change("token_file", "trust = \"system\"\ntoken_file")?;
    assert_eq!(wrong(&site)?, (5, vec!["name PMH6005".to_owned()]));
    site.change("profile =", "profil =")?;
    let (code, found) = wrong(&site)?;
    assert_eq!((code, found.len()), (2, 2), "every mistake of the configuration: {found:?}");
    Ok(())
}

/// The exporting system's files are another account's; that everybody can write them is told, and stops no run.
#[test]
fn an_input_that_everybody_can_write_is_a_warning() -> Result<()> {
    let site = site()?;
    site.change("[input]", "[input]\nready = \"records.done\"\nsha256 = \"records.sha256\"")?;
    let hash = std::process::Command::new("sha256sum").arg(site.path("records.ndjson")).output()?.stdout;
    fs::write(site.path("records.sha256"), hash)?;
    fs::write(site.path("records.done"), "")?;
    for name in ["records.ndjson", "records.done", "records.sha256"] {
        for (mode, expected) in [(0o664, vec![]), (0o646, vec!["modes PMH6615".to_owned()])] {
            set_mode(&site, name, mode)?;
            assert_eq!(wrong(&site)?, (0, expected), "{name} {mode:o}");
        }
        assert_eq!(site.sync(&[])?.code, 0, "{name}");
        set_mode(&site, name, 0o644)?;
    }
    Ok(())
}

#[test]
fn a_key_apart_and_a_slot_that_lasts_till_tomorrow_are_looked_at() -> Result<()> {
    let site = site()?;
    fs::create_dir(site.path("apart"))?;
    site.change("[ledger]", "[ledger]\nkey_file = \"apart/key\"")?;
    assert_eq!(site.sync(&[])?.code, 0);
    set_mode(&site, "apart/key", 0o640)?;
    assert_eq!(wrong(&site)?, (2, vec!["modes PMH6207".to_owned()]));
    set_mode(&site, "apart/key", 0o600)?;
    site.change("[guard]", "[schedule]\nat = [\"02:30\", \"23:00\"]\nuntil = \"02:00\"\n\n[guard]")?;
    assert_eq!(wrong(&site)?, (0, vec!["schedule PMH6616".to_owned()]));
    for until in ["02:31", "05:00", "17:00", "23:30"] {
        site.change("until = \"02:00\"", &format!("until = \"{until}\""))?;
        assert_eq!(wrong(&site)?, (0, vec![]), "{until}");
        site.change(&format!("until = \"{until}\""), "until = \"02:00\"")?;
    }
    Ok(())
}

/// A server whose clock is wrong.
#[test]
fn a_clock_that_differs_is_a_warning() -> Result<()> {
    let site = site()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 405 No\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    site.change(&site.pmh.endpoint(), &format!("http://{address}/x"))?;
    assert_eq!(wrong(&site)?, (0, vec!["clock PMH6602".to_owned()]));
    Ok(())
}

/// A server that gives this answer to everything, and keeps what it was asked.
fn server(answer: &'static str) -> Result<(String, Arc<Mutex<Vec<String>>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/x", listener.local_addr()?);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4096];
            let count = stream.read(&mut head).unwrap_or_default();
            if let (Ok(mut seen), true) = (seen.lock(), count > 0) {
                seen.push(String::from_utf8_lossy(head.get(..count).unwrap_or_default()).into_owned());
            }
            let _ = write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    Ok((url, asked))
}

/// The endpoint is asked with the token, by a request that registers nothing.
#[test]
fn what_the_endpoint_answers_the_token_with_is_told() -> Result<()> {
    let site = site()?;
    let mut before = site.pmh.endpoint();
    for (answer, expected) in [
        ("405 Method Not Allowed", None),
        ("401 Unauthorized", Some("endpoint PMH6606")),
        ("404 Not Found", Some("endpoint PMH6607")),
        ("302 Found\r\nLocation: /login", Some("endpoint PMH6607")),
        ("200 OK\r\nContent-Type: text/html; charset=utf-8", Some("endpoint PMH6607")),
        ("500 Internal Server Error", Some("endpoint PMH6608")),
    ] {
        let (url, asked) = server(answer)?;
        site.change(&before, &url)?;
        before = url;
        let found: Vec<String> = expected.iter().map(ToString::to_string).collect();
        assert_eq!(wrong(&site)?, (0, found), "{answer}");
        let asked = asked.lock().map_err(|_| "poisoned")?.join("");
        assert!(asked.starts_with("HEAD /x HTTP/1.1") && asked.matches("HTTP/1.1").count() == 1, "{asked}");
        let token = format!("authorization: Bearer {}", site.pmh.token());
        assert!(asked.contains(&token), "the run's own token is tried: {asked}");
    }
    Ok(())
}

/// Names, lengths and times of all files of the site.
fn snapshot(site: &Site) -> Result<BTreeMap<PathBuf, (u64, SystemTime, u32)>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![site.folder().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let (path, metadata) = {
                let entry = entry?;
                (entry.path(), entry.metadata()?)
            };
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            // of a folder, what is in it counts: SQLite makes and removes files beside a ledger that it reads
            let time = if metadata.is_dir() { SystemTime::UNIX_EPOCH } else { metadata.modified()? };
            // the index of a write-ahead log is rebuilt by whoever opens it
            if !path.to_string_lossy().ends_with("-shm") {
                files.insert(path, (metadata.len(), time, metadata.permissions().mode()));
            }
        }
    }
    Ok(files)
}

/// A ledger whose last writes are still beside it belongs to the next run: looking at it changes nothing.
#[test]
fn no_trace_is_left() -> Result<()> {
    for killed in [None, Some("attempt")] {
        let site = site()?;
        site.change("[guard]", "[log]\ndir = \"log\"\n\n[guard]")?;
        let mut sync = site.sync_command(&[]);
        if let Some(step) = killed {
            sync.env("PMH_FAULT", step);
        }
        sync.output()?;
        let before = snapshot(&site)?;
        let wal = before.keys().any(|path| path.to_string_lossy().ends_with("-wal"));
        assert_eq!(wal, killed.is_some(), "{before:?}");
        for _ in 0..2 {
            assert_eq!(wrong(&site)?, (0, vec![]));
        }
        assert_eq!(snapshot(&site)?, before, "{killed:?}");
        assert_eq!(site.sync(&[])?.code, 0);
    }
    Ok(())
}

/// A run that waits for its answer is neither disturbed nor called broken.
#[test]
fn a_run_under_way_is_left_alone() -> Result<()> {
    let site = site()?;
    site.pmh.answer_next([Answer::Late(2)]);
    let run =
        site.sync_command(&["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let patience = std::time::Instant::now();
    while site.pmh.requests().is_empty() && patience.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(wrong(&site)?, (0, vec![]));
    let done = pmh::done(run.wait_with_output()?)?;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(site.pmh.registrations().len(), 1);
    Ok(())
}

/// What others can write is refused by the run and told by doctor, with the same code; what they can read is closed.
#[test]
fn files_that_others_can_write_are_refused() -> Result<()> {
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    for (name, mode, good, check) in [
        ("pmh.toml", 0o664, 0o644, "configuration"),
        ("pmh.toml", 0o646, 0o644, "configuration"),
        ("profile.json", 0o666, 0o644, "profile"),
        ("ledger.sqlite3", 0o620, 0o600, "modes"),
        ("spool", 0o770, 0o700, "modes"),
        // without the sticky bit, everybody can put other files there
        ("", 0o777, 0o700, "configuration"),
    ] {
        set_mode(&site, name, mode)?;
        let done = site.sync(&[])?;
        assert!(done.code == 2 && done.stderr.contains("PMH6209"), "{name}: {done:?}");
        let (code, found) = wrong(&site)?;
        assert!(code == 2 && found.contains(&format!("{check} PMH6209")), "{name}: {found:?}");
        set_mode(&site, name, good)?;
    }
    assert_eq!(site.pmh.registrations().len(), 1, "nothing was sent meanwhile");
    for (name, mode, good) in [("ledger.sqlite3", 0o644, 0o600), ("spool", 0o755, 0o700)] {
        set_mode(&site, name, mode)?;
        assert_eq!(wrong(&site)?, (0, vec!["modes PMH6605".to_owned()]));
        let done = site.done(site.sync_command(&[]))?;
        assert!(done.code == 0 && done.stderr.contains("PMH6605"), "{done:?}");
        assert_eq!(fs::metadata(site.path(name))?.permissions().mode() & 0o777, good);
    }
    assert_eq!(wrong(&site)?, (0, vec![]));
    // a link is followed: its target counts
    fs::rename(site.path("profile.json"), site.path("p.json"))?;
    std::os::unix::fs::symlink("p.json", site.path("profile.json"))?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    set_mode(&site, "p.json", 0o666)?;
    assert_eq!(wrong(&site)?, (2, vec!["profile PMH6209".to_owned()]));
    Ok(())
}

/// One run as another user leaves files that the next run can't write, or that their owner can change.
#[test]
fn files_of_another_user_are_found() -> Result<()> {
    const OTHER: u32 = 65_534;
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    if chown(site.path("token"), Some(OTHER), None).is_err() {
        pmh_tests::faults::skip("owners", "only root can give files away");
        return Ok(());
    }
    assert_eq!(wrong(&site)?, (2, vec!["token PMH6210".to_owned()]));
    assert!(site.sync(&[])?.stderr.contains("PMH6210"));
    chown(site.path("token"), Some(0), None)?;
    for (name, check) in [
        ("ledger.sqlite3", "modes"),
        ("ledger.sqlite3.lock", "modes"),
        ("spool/lock", "modes"),
        ("pmh.toml", "configuration"),
    ] {
        chown(site.path(name), Some(OTHER), None)?;
        assert_eq!(wrong(&site)?, (2, vec![format!("{check} PMH6210")]), "{name}");
        let done = site.sync(&[])?;
        assert!(done.code == 2 && done.stderr.contains("PMH6210"), "{name}: {done:?}");
        chown(site.path(name), Some(0), None)?;
    }
    assert_eq!((wrong(&site)?, site.pmh.registrations().len()), ((0, vec![]), 1));
    Ok(())
}

/// In UTF-8 read as `Shift_JIS` every name is another, valid one.
#[test]
fn the_encoding_is_compared_with_the_file() -> Result<()> {
    let site = Site::new("csv-shift-jis")?;
    site.change("max_rejected = 19", "max_rejected = 1000")?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    site.change("encoding = \"shift_jis\"", "encoding = \"utf-8\"")?;
    assert_eq!(wrong(&site)?, (2, vec!["encoding PMH6212".to_owned()]));
    let records = fs::read(site.path("records.csv"))?;
    fs::write(site.path("records.csv"), &*encoding_rs::SHIFT_JIS.decode(&records).0)?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    fs::write(site.path("pmh.toml"), text)?;
    assert_eq!(wrong(&site)?, (2, vec!["encoding PMH6212".to_owned()]));
    Ok(())
}

/// The records are tried, and no value of one is shown.
#[test]
fn the_first_records_are_tried() -> Result<()> {
    for vendor in ["flat-romaji", "nested-japanese"] {
        let site = Site::new(vendor)?;
        let text = fs::read_to_string(site.path("pmh.toml"))?;
        let line = text.lines().find(|line| line.starts_with("max_rejected")).ok_or("no guard")?.to_owned();
        site.change(&line, "max_rejected = 0\nmax_input_age = \"1d\"")?;
        assert_eq!(wrong(&site)?, (0, vec!["sample PMH6609".to_owned()]), "{vendor}");
        let done = site.run(&["doctor"])?;
        let shown = done.stdout.lines().find(|line| line.contains("PMH6609")).ok_or("no line")?;
        assert!(shown.contains(" rejected (PMH"), "{shown}");
        let records = site.path(if vendor == "flat-romaji" { "records.ndjson" } else { "records.json" });
        let long_ago = SystemTime::now() - Duration::from_hours(48);
        fs::File::options().write(true).open(&records)?.set_modified(long_ago)?;
        let (code, found) = wrong(&site)?;
        assert_eq!((code, found.first().map(String::as_str)), (7, Some("input PMH6107")), "{found:?}");
        // a file that ends in the middle of a record
        let whole = fs::read(&records)?;
        fs::write(&records, &whole[..whole.len() - 5])?;
        assert!(wrong(&site)?.1.contains(&"sample PMH6609".to_owned()));
    }
    Ok(())
}

/// The address is free, or the service has it; anything else would keep the service from starting.
#[test]
fn the_listener_is_tried() -> Result<()> {
    let site = site()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?;
    site.change(
        "[guard]",
        &format!("[schedule]\nat = [\"00:00\", \"12:00\"]\n\n[serve]\nlisten = \"{address}\"\n\n[guard]"),
    )?;
    assert_eq!(site.sync(&[])?.code, 0);
    thread::spawn(move || {
        for mut stream in taken.incoming().take(1).flatten() {
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"status\":\"UP\"}");
        }
    });
    assert_eq!(wrong(&site)?, (2, vec!["listener PMH6204".to_owned()]));
    let listener = |site: &Site| -> Result<String> {
        let done = site.run(&["doctor"])?;
        let line = done.stdout.lines().find(|line| line.contains(&address.to_string()));
        Ok(line.ok_or_else(|| format!("{done:?}"))?.to_owned())
    };
    assert!(listener(&site)?.contains("free"));
    let mut service = site.command(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let patience = std::time::Instant::now();
    while TcpStream::connect(address).is_err() && patience.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(50));
    }
    let said = listener(&site);
    service.kill()?;
    service.wait()?;
    assert!(said?.contains("pmh serve is running"));
    Ok(())
}

/// Two municipalities in one folder, the second copied from the first.
#[test]
fn configurations_that_share_are_found() -> Result<()> {
    let site = site()?;
    fs::write(site.path("unrelated.toml"), "[package]\nname = \"x\"\n")?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("town-b.toml"), text.replace("\"spool\"", "\"spool-b\""))?;
    set_mode(&site, "town-b.toml", 0o644)?;
    assert_eq!(wrong(&site)?, (0, vec!["shared PMH6604".to_owned()]));
    let human = site.run(&["doctor"])?.stdout;
    let line = human.lines().find(|line| line.contains("PMH6604")).ok_or("no line")?;
    assert!(line.contains("town-b.toml (ledger.path, input.path, endpoint.token)"), "{line}");
    // both given: each line says which one it is about
    let mut both = site.command(&["doctor", "--json"]);
    both.arg("--config").arg(site.path("town-b.toml"));
    let report = site.done(both)?.json()?;
    let shared = |check: &&Value| check["check"] == "shared";
    let checks = report["checks"].as_array().ok_or("no checks")?;
    assert_eq!(checks.iter().filter(shared).count(), 2, "{report}");
    assert!(checks.iter().all(|check| check["config"].as_str().is_some_and(|config| {
        config.ends_with("town-a.toml") || config.ends_with("town-b.toml") || config.ends_with("pmh.toml")
    })));
    // a test environment with a ledger of its own
    fs::write(
        site.path("town-b.toml"),
        text.replace("\"spool\"", "\"spool-b\"")
            .replace("ledger.sqlite3", "b.sqlite3")
            .replace(":9/", ":8/")
            .replace(&site.pmh.endpoint(), "http://127.0.0.1:9/x"),
    )?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    Ok(())
}

/// A notification that can't be started would leave everybody without news of a night that failed.
#[test]
fn commands_for_notifications_are_looked_for_and_not_started() -> Result<()> {
    let site = site()?;
    fs::write(site.path("tell.sh"), "#!/bin/sh\ntouch told\n")?;
    set_mode(&site, "tell.sh", 0o755)?;
    site.change("[guard]", "[notify]\non_failure = [\"./tell.sh\"]\non_success = [\"true\"]\n\n[guard]")?;
    assert_eq!(wrong(&site)?, (0, vec![]));
    set_mode(&site, "tell.sh", 0o644)?;
    let found = wrong(&site)?.1;
    assert!(found.len() == 1 && found[0].starts_with("notify PMH6"), "{found:?}");
    assert!(!site.path("told").exists());
    Ok(())
}
