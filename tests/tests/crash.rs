//! `pmh sync` ended by force, at every labelled step and at random moments: the next run goes on, and nothing is lost,
//! made up or forgotten.
//!
//! `PMH_KILLS` sets how many random moments are tried.

use std::{collections::BTreeSet, env, fs, process::Stdio, thread, time::Duration};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, site::Site};
use serde_json::Value;

/// The labelled steps, in order; from `recorded` on the ledger knows that PMH accepted the set.
const STEPS: [&str; 9] =
    ["begun", "transformed", "spooled", "intended", "attempt", "answered", "recorded", "ended", "swept"];

/// Random moments that are tried unless more are asked for.
const KILLS: u32 = 24;

fn text(object: &Value, key: &str) -> Option<String> {
    object.get(key)?.as_str().map(str::to_owned)
}

fn list(object: &Value, key: &str) -> Vec<Value> {
    object.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// What must be true once a run has ended well after any number of others that didn't.
fn nothing_is_lost(site: &Site) -> Result<()> {
    let registered = site.pmh.registrations();
    let held: BTreeSet<&str> = registered.iter().map(|set| set.serial_number.as_str()).collect();
    let (mut known, mut bodies, mut unheard) = (BTreeSet::new(), BTreeSet::new(), 0);
    for run in site.history()? {
        let detail = site.history_of(&run)?;
        for request in list(&detail, "requests") {
            bodies.extend(text(&request, "hash"));
            known.extend(text(&request, "serialNumber"));
        }
        unheard += list(&detail, "attempts")
            .iter()
            .filter(|attempt| text(attempt, "outcome").is_none_or(|outcome| outcome == "unknown"))
            .count();
    }
    for serial in &known {
        assert!(held.contains(serial.as_str()), "the ledger has {serial} accepted, and PMH has not");
    }
    for set in &registered {
        assert!(
            bodies.contains(&set.sha256),
            "PMH accepted what the ledger doesn't know: {}",
            set.serial_number
        );
    }
    let without_answer = held.len() - known.len();
    assert!(
        without_answer <= unheard,
        "{without_answer} registrations without answer, {unheard} tries without one"
    );
    let last = site.history()?.pop().ok_or("no run")?;
    assert_eq!(text(&last, "state").as_deref(), Some("accepted"));
    assert_eq!(site.files("spool")?, ["lock"], "payloads are left");
    let verified = site.run(&["history", "verify"])?;
    assert_eq!(verified.code, 0, "{verified:?}");
    Ok(())
}

#[test]
fn killed_at_each_step() -> Result<()> {
    for step in STEPS {
        let site = Site::new("flat-romaji")?;
        let killed = site.sync_command(&[]).env("PMH_FAULT", step).output()?;
        assert_eq!(killed.status.code(), None, "{step}: it wasn't killed: {killed:?}");
        let sent = site.pmh.registrations().len();
        let runs = site.history()?;
        assert_eq!(runs.len(), 1, "{step}: the ledger knows the run");
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{step}: {done:?}");
        let resumed = done.json()?["resumed"] == true;
        assert_eq!(resumed, ["intended", "attempt", "answered"].contains(&step), "{step}: {done:?}");
        assert_eq!(site.pmh.registrations().len(), sent + 1, "{step}: one request, and no more");
        nothing_is_lost(&site).map_err(|error| format!("{step}: {error}"))?;
    }
    println!("{} steps, nothing lost", STEPS.len());
    Ok(())
}

#[test]
fn killed_between_requests_it_goes_on_at_the_first_that_is_not_accepted() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("token_file", "max_records_per_request = 50\ntoken_file")?;
    site.pmh.answer_next([Answer::Normal, Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    assert_eq!(site.pmh.registrations().len(), 1);
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let report = done.json()?;
    assert_eq!(report["resumed"], true);
    let attempts: Vec<u64> =
        (0..3).filter_map(|request| report["deliveries"][request]["attempts"].as_u64()).collect();
    assert_eq!(attempts, [1, 2, 1]);
    let records: Vec<u64> = site.pmh.registrations().iter().map(|set| set.records).collect();
    assert_eq!(records, [50, 50, 27]);
    nothing_is_lost(&site)
}

#[test]
fn killed_at_random_moments() -> Result<()> {
    let kills = env::var("PMH_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let site = Site::new("flat-romaji")?;
    site.change("token_file", "max_records_per_request = 20\ntoken_file")?;
    site.change("max_attempts = 1", "max_attempts = 3")?;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let (mut killed, mut ended) = (0_u32, 0_u32);
    while killed < kills {
        if chance.u8(0..3) == 0 {
            let answers = [
                Answer::status(503),
                Answer::status(500),
                Answer::Cut(Moment::After),
                Answer::Cut(Moment::During),
            ];
            site.pmh.answer_next(chance.choice(answers));
        }
        let mut process = site.sync_command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        thread::sleep(Duration::from_millis(chance.u64(0..600)));
        // on Unix, what `kill -9` does
        process.kill()?;
        if process.wait()?.code().is_none() {
            killed += 1;
        } else {
            ended += 1;
            // something to send anew
            fs::File::options()
                .append(true)
                .open(site.path("records.ndjson"))?
                .set_modified(std::time::SystemTime::now())?;
        }
    }
    // what the queue still holds may make a run or two fail
    let done = (0..10).map(|_| site.sync(&[])).find(|done| done.as_ref().map_or(true, |done| done.code == 0));
    assert_eq!(done.ok_or("never accepted")??.code, 0);
    nothing_is_lost(&site)?;
    println!("killed {killed} times, ended before that {ended} times, nothing lost");
    Ok(())
}
