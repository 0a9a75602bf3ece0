//! `pmh sync` ended by force, at every labelled step and at random moments: the next run goes on, and nothing is lost,
//! made up or forgotten.
//!
//! `PMH_KILLS` sets how many random moments are tried.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{
    Result,
    faults::{tell, wanted},
    site::Site,
    truth::nothing_is_lost,
};

/// The labelled steps, in order; from `recorded` on the ledger knows that PMH accepted the set.
const STEPS: [&str; 9] =
    ["begun", "transformed", "spooled", "intended", "attempt", "answered", "recorded", "ended", "swept"];

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
    tell("killed at a step", STEPS.len() as u64);
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
    let site = Site::new("flat-romaji")?;
    site.change("token_file", "max_records_per_request = 20\ntoken_file")?;
    site.change("max_attempts = 1", "max_attempts = 3")?;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let (mut killed, mut ended) = (0, 0);
    while killed < wanted("killed at random") {
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
    println!("{ended} more ended before they were killed");
    tell("killed at random", killed);
    Ok(())
}

/// The ledger can't be written when PMH's answer comes: for the next run that answer never came.
#[test]
fn an_answer_that_could_not_be_kept_is_unknown() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([Answer::Late(2)]);
    let process = site.sync_command(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let begun = Instant::now();
    while site.pmh.requests().is_empty() {
        assert!(begun.elapsed() < Duration::from_mins(1), "no request came");
        thread::sleep(Duration::from_millis(20));
    }
    let other = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let done = pmh_tests::pmh::done(process.wait_with_output()?)?;
    assert_eq!(done.code, 6, "{done:?}");
    assert!(done.stderr.contains("PMH6009") && done.stderr.contains("locked by another program"), "{done:?}");
    drop(other);
    assert_eq!(site.pmh.registrations().len(), 1);
    let done = site.sync(&[])?;
    assert_eq!((done.code, done.json()?.get("resumed")), (0, Some(&true.into())), "{done:?}");
    assert_eq!(site.pmh.registrations().len(), 2);
    nothing_is_lost(&site)
}

/// Asked to stop while it waits for the input to settle: nothing is sent, nothing is left, and the ledger says so.
#[cfg(unix)]
#[test]
fn stopped_while_it_waits_for_the_input() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("settle = \"0s\"", "settle = \"60s\"")?;
    let mut process = site.sync_command(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut stderr = BufReader::new(process.stderr.take().ok_or("no stderr")?);
    let mut said = String::new();
    while !said.contains("no longer written to") {
        assert!(stderr.read_line(&mut said)? > 0, "it didn't wait: {said}");
    }
    stopped(&site, process, &mut said, stderr)
}

/// The same while it still reads: it can't go on, because its report is not read.
#[cfg(unix)]
#[test]
fn stopped_while_it_reads() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let records = fs::read(site.path("records.ndjson"))?;
    fs::write(site.path("records.ndjson"), records.repeat(30))?;
    let mut process =
        site.sync_command(&["--report", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdout = BufReader::new(process.stdout.take().ok_or("no stdout")?);
    stdout.read_line(&mut String::new())?;
    let stderr = BufReader::new(process.stderr.take().ok_or("no stderr")?);
    let reading = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        std::io::copy(&mut stdout, &mut std::io::sink())
    });
    stopped(&site, process, &mut String::new(), stderr)?;
    reading.join().map_err(|_| "the reader")??;
    Ok(())
}

/// Asks a process to stop, and sees it end as it should.
#[cfg(unix)]
fn stopped(site: &Site, mut process: Child, said: &mut String, mut stderr: impl Read) -> Result<()> {
    let asked = Command::new("kill").args(["-TERM", &process.id().to_string()]).status()?;
    assert!(asked.success());
    stderr.read_to_string(said)?;
    assert_eq!(process.wait()?.code(), Some(7), "{said}");
    assert!(said.contains("PMH6109"), "{said}");
    let run = site.history()?.pop().ok_or("no run")?;
    let found = ["/state", "/codes/0"].map(|place| run.pointer(place).and_then(|value| value.as_str()));
    assert_eq!(found, [Some("stopped"), Some("PMH6109")]);
    assert!(!site.spool()?.iter().any(|name| name.starts_with("payload-")));
    assert!(site.pmh.requests().is_empty());
    Ok(())
}
