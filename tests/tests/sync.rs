//! `pmh sync` against the simulator: each way that PMH can answer, and what must be true afterwards.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    thread,
};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, site::Site};
use serde_json::json;

#[test]
fn accepted() -> Result<()> {
    for (vendor, records) in [("flat-romaji", 127), ("nested-japanese", 136), ("csv-shift-jis", 123)] {
        let site = Site::new(vendor)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{vendor}: {done:?}");
        let registered = site.pmh.registrations();
        assert_eq!(registered.len(), 1, "{vendor}");
        assert_eq!(registered[0].records, records, "{vendor}");
        let report = done.json()?;
        let delivery = &report["deliveries"][0];
        assert_eq!(delivery["outcome"], "accepted", "{vendor}");
        assert_eq!(delivery["serialNumber"], registered[0].serial_number.as_str(), "{vendor}");
        assert_eq!(report["summary"]["accepted"], records, "{vendor}");
    }
    Ok(())
}

/// Each answer class: what PMH does, the exit code, the outcome, and whether PMH holds the set afterwards.
#[test]
fn each_answer() -> Result<()> {
    let cases = [
        ("400", Answer::status(400), 4, "refused", 0),
        ("401", Answer::status(401), 4, "refused", 0),
        ("403", Answer::status(403), 4, "refused", 0),
        ("404", Answer::status(404), 4, "refused", 0),
        ("302", Answer::status(302), 4, "refused", 0),
        ("500", Answer::status(500), 6, "unknown", 0),
        ("502", Answer::status(502), 6, "unknown", 0),
        ("503", Answer::status(503), 5, "unavailable", 0),
        ("503 with Retry-After", Answer::status(503).retry_after(30), 5, "unavailable", 0),
        ("429", Answer::status(429), 5, "unavailable", 0),
        ("cut before the body", Answer::Cut(Moment::Before), 6, "unknown", 0),
        ("cut during the body", Answer::Cut(Moment::During), 6, "unknown", 0),
        ("cut after the body", Answer::Cut(Moment::After), 6, "unknown", 1),
        ("garbage", Answer::Garbage, 6, "unknown", 0),
    ];
    for (name, answer, exit, outcome, registered) in cases {
        let site = Site::new("flat-romaji")?;
        site.pmh.answer_next([answer]);
        let done = site.sync(&[])?;
        assert_eq!(done.code, exit, "{name}: {done:?}");
        let report = done.json()?;
        assert_eq!(report["deliveries"][0]["outcome"], outcome, "{name}");
        assert_eq!(report["outcome"], outcome, "{name}");
        assert_eq!(site.pmh.requests().len(), 1, "{name}: one request, and no redirect followed");
        assert_eq!(site.pmh.registrations().len(), registered, "{name}");
    }
    Ok(())
}

#[test]
fn a_wrong_token_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.write_token("another-token")?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 4, "{done:?}");
    assert!(!format!("{done:?}").contains("another-token"));
    Ok(())
}

#[test]
fn nobody_there_is_unavailable() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change(&site.pmh.endpoint(), "http://127.0.0.1:9/medicalSubsidiesTargetPersons")?;
    assert_eq!(site.sync(&[])?.code, 5);
    Ok(())
}

#[test]
fn guards_stop_before_anything_is_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    let line =
        text.lines().find(|line| line.starts_with("max_rejected")).ok_or("no max_rejected")?.to_owned();
    site.change(&line, "max_rejected = 0")?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 7, "{done:?}");
    assert_eq!(done.json()?["stops"].as_array().map(Vec::len), Some(1));
    site.change("max_rejected = 0", "max_rejected = 1000")?;
    for (records, why) in [("", "empty file"), ("{\"cut", "cut off")] {
        fs::write(site.path("records.ndjson"), records)?;
        assert_eq!(site.sync(&[])?.code, 7, "{why}");
    }
    fs::write(site.path("records.json"), "[]")?;
    site.change("records.ndjson", "records.json")?;
    site.change("format = \"ndjson\"", "format = \"json\"")?;
    assert_eq!(site.sync(&[])?.code, 7, "empty set");
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

#[test]
fn a_dry_run_sends_nothing() -> Result<()> {
    let site = Site::new("nested-japanese")?;
    let done = site.sync(&["--dry-run"])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

/// What a rehearsal promises is what PMH then gets, request by request.
#[test]
fn a_dry_run_says_what_would_be_sent() -> Result<()> {
    for most in [0, 50] {
        let site = Site::new("flat-romaji")?;
        site.change("token_file", &format!("max_records_per_request = {most}\ntoken_file"))?;
        // without a key there is nothing to hash with, and a rehearsal makes none
        let first = site.sync(&["--dry-run"])?.json()?["plan"].clone();
        assert_eq!(first["requests"][0]["hash"], json!(null));
        assert!(!site.path("ledger.sqlite3.key").exists());
        fs::write(site.path("ledger.sqlite3.key"), [7; 32])?;
        fs::set_permissions(site.path("ledger.sqlite3.key"), PermissionsExt::from_mode(0o600))?;
        let plan = site.sync(&["--dry-run"])?.json()?["plan"].clone();
        assert_eq!((&plan["method"], &plan["url"]), (&json!("POST"), &json!(site.pmh.endpoint())));
        assert_eq!((&plan["proxy"], &plan["stopped"]), (&json!(null), &json!(false)));
        let told = site.done(site.sync_command(&["--dry-run"]))?;
        assert!(told.stdout.contains("authorization: Bearer ********"), "{told:?}");
        assert!(site.pmh.requests().is_empty(), "sent or asked something");
        let sent = site.sync(&[])?.json()?;
        let registered = site.pmh.registrations();
        let planned = plan["requests"].as_array().ok_or("no requests")?;
        assert_eq!((planned.len(), registered.len()), if most == 0 { (1, 1) } else { (3, 3) });
        for ((planned, registered), number) in planned.iter().zip(&registered).zip(0..) {
            assert_eq!(planned["hash"], site.hash(registered)?.as_str());
            assert_eq!(planned["records"], registered.records);
            assert_eq!(planned["bytes"], sent["deliveries"][number]["bytes"]);
            assert!(told.stdout.contains(&site.hash(registered)?), "{told:?}");
        }
    }
    Ok(())
}

/// Header by header, as they arrive.
#[test]
fn a_dry_run_says_every_header() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/somewhere", listener.local_addr()?);
    site.change(&site.pmh.endpoint(), &url)?;
    let plan = site.sync(&["--dry-run"])?.json()?["plan"].clone();
    listener.set_nonblocking(true)?;
    assert!(listener.accept().is_err(), "a dry run connects to nobody");
    listener.set_nonblocking(false)?;
    let receiving = thread::spawn(move || -> std::io::Result<Vec<String>> {
        let mut lines = BufReader::new(listener.accept()?.0).lines();
        lines.by_ref().take_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).collect()
    });
    assert_eq!(site.sync(&[])?.code, 6, "the connection is closed without an answer");
    let mut head = receiving.join().map_err(|_| "the receiver")??.into_iter();
    assert_eq!(head.next().as_deref(), Some("POST /somewhere HTTP/1.1"));
    let mut arrived: Vec<(String, String)> = head
        .filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())))
        .map(|(name, value)| (name.to_lowercase(), value.replace(site.pmh.token(), "********")))
        .collect();
    arrived.sort();
    assert_eq!(plan["requests"][0]["headers"], json!(arrived));
    Ok(())
}

/// A guard that would stop the run stops the rehearsal with the same code, and the plan says so.
#[test]
fn a_dry_run_says_what_would_stop_it() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("max_rejected = 19", "max_rejected = 0")?;
    let done = site.sync(&["--dry-run"])?;
    let report = done.json()?;
    assert_eq!((done.code, &report["stops"][0]["code"]), (7, &json!("PMH6101")), "{done:?}");
    assert_eq!(report["plan"]["stopped"], true);
    let told = site.done(site.sync_command(&["--dry-run"]))?;
    assert!(told.stderr.contains("PMH6101") && told.stdout.contains("would be stopped"), "{told:?}");
    Ok(())
}

#[test]
fn a_set_can_be_split_over_requests() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), text.replace("token_file", "max_records_per_request = 50\ntoken_file"))?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let counts: Vec<u64> = site.pmh.registrations().iter().map(|registration| registration.records).collect();
    assert_eq!(counts, [50, 50, 27]);
    Ok(())
}

#[test]
fn a_token_that_others_can_read_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    fs::set_permissions(site.path("token"), fs::Permissions::from_mode(0o644))?;
    assert_eq!(site.sync(&[])?.code, 2);
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

/// Retries within one run: what was not available is asked again, and PMH's wish is honoured.
#[test]
fn a_run_tries_again() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("max_attempts = 1", "max_attempts = 4")?;
    let answers = [Answer::status(503).retry_after(1), Answer::Cut(Moment::After), Answer::status(500)];
    site.pmh.answer_next(answers);
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let report = done.json()?;
    assert_eq!((&report["outcome"], &report["deliveries"][0]["attempts"]), (&"accepted".into(), &4.into()));
    let arrivals: Vec<u64> =
        site.pmh.requests().iter().map(|request| request.arrived_at_unix_millis).collect();
    assert!(arrivals[1] - arrivals[0] >= 1000, "asked earlier than PMH wanted: {arrivals:?}");
    // the set whose answer was lost was registered twice, which a full registration allows
    let registered = site.pmh.registrations();
    assert_eq!(registered.len(), 2);
    assert_eq!(registered[0].sha256, registered[1].sha256);
    Ok(())
}

#[test]
fn a_person_hears_when_the_next_try_is() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("max_attempts = 1", "max_attempts = 2")?;
    site.pmh.answer_next([Answer::status(503)]);
    let done = site.done(site.sync_command(&[]))?;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(
        done.stderr.contains("next try (time in Japan): 20") && done.stderr.contains("PMH6004"),
        "{done:?}"
    );
    Ok(())
}

/// Each guard stops by itself, and is passed by its name and by no other.
#[test]
fn a_guard_is_passed_once_and_by_name() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let half: Vec<&str> = records.lines().take(80).collect();
    fs::write(site.path("records.ndjson"), half.join("\n"))?;
    let codes = |done: &pmh_tests::pmh::Done, which: &str| -> Result<Vec<String>> {
        let list = done.json()?[which].as_array().cloned().unwrap_or_default();
        let codes = list.iter().filter_map(|told| told["code"].as_str().map(str::to_owned));
        // the records' own day is hardly ever today
        Ok(codes.filter(|code| code != "PMH6105").collect())
    };
    let stopped = site.sync(&["--pass", "PMH6101"])?;
    assert_eq!((stopped.code, codes(&stopped, "stops")?), (7, vec!["PMH6104".to_owned()]), "{stopped:?}");
    let passed = site.sync(&["--pass", "PMH6104"])?;
    assert_eq!(passed.code, 0, "{passed:?}");
    assert_eq!(codes(&passed, "passed")?, ["PMH6104"]);
    let runs = site.history()?;
    assert_eq!(runs[1]["codes"], serde_json::json!(["PMH6104"]));
    assert_eq!(runs[2]["passed"][0], "PMH6104");
    // no more than this once
    fs::write(site.path("records.ndjson"), half.get(..40).ok_or("too few")?.join("\n"))?;
    assert_eq!(site.sync(&[])?.code, 7);
    for unknown in ["PMH6102", "PMH6106", "PMH9999", "all"] {
        assert_eq!(site.sync(&["--pass", unknown])?.code, 2, "{unknown}");
    }
    Ok(())
}

#[test]
fn another_day_is_noted_and_an_old_input_stops_the_run() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let done = site.run(&["sync", "--format", "json", "--as-of", "2020-01-01", "--pass", "PMH6101"])?;
    assert_eq!(done.code, 0, "{done:?}");
    let passed = done.json()?["passed"].as_array().cloned().unwrap_or_default();
    assert!(passed.iter().any(|guard| guard["code"] == "PMH6105"), "{done:?}");
    let noted = site.history()?[0]["passed"].to_string();
    assert!(noted.contains("PMH6105"), "{noted}");
    // years later the recipients are others
    let bounds = "max_shrink_percent = 100\nmax_added_percent = 1000\nmax_changed_percent = 100";
    site.change("[guard]", &format!("[guard]\n{bounds}\nmax_input_age = \"1h\""))?;
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(2);
    fs::File::options().append(true).open(site.path("records.ndjson"))?.set_modified(old)?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 7, "{done:?}");
    assert!(done.stdout.contains("PMH6107"), "{done:?}");
    assert_eq!(site.sync(&["--pass", "PMH6107"])?.code, 0);
    Ok(())
}

#[test]
fn what_changed_is_counted_and_a_changed_profile_is_told() -> Result<()> {
    let site = Site::new("nested-japanese")?;
    let first = site.sync(&[])?.json()?;
    assert_eq!(first["changes"], serde_json::Value::Null);
    let same = site.sync(&[])?.json()?;
    assert_eq!(same["changes"], serde_json::json!({ "added": 0, "changed": 0, "gone": 0 }));
    assert_eq!(same["warnings"], serde_json::json!([]));
    let profile = fs::read_to_string(site.path("profile.json"))?;
    fs::write(site.path("profile.json"), profile.replace("自立支援医療受給者証", "受給者証"))?;
    let changed = site.sync(&["--pass", "PMH6115"])?.json()?;
    // two of the 136 records are a recipient's second ones
    assert_eq!(changed["changes"], serde_json::json!({ "added": 0, "changed": 134, "gone": 0 }), "{changed}");
    assert_eq!(changed["warnings"][0]["code"], "PMH6106");
    Ok(())
}
