//! `pmh serve` as a process: it catches up, tells of itself, reads its configuration again and ends when asked.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use pmh_simulator::Answer;
use pmh_tests::{Result, site::Site};
use serde_json::Value;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running service; its standard error comes line by line.
struct Service {
    process: Child,
    lines: Receiver<String>,
}

impl Service {
    fn start(mut command: Command) -> Result<Self> {
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let (sender, lines) = channel();
        let stderr = BufReader::new(process.stderr.take().ok_or("no standard error")?);
        thread::spawn(move || {
            stderr.lines().map_while(|line| line.ok()).try_for_each(|line| sender.send(line))
        });
        Ok(Self { process, lines })
    }

    /// Reads on to a line with these words, and gives it.
    fn wait_for(&self, words: &str) -> Result<String> {
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return Ok(line),
                Ok(line) => seen.push(line),
                Err(_) => return Err(format!("no line with {words:?} after {seen:?}").into()),
            }
        }
    }

    fn signal(&self, name: &str) -> Result<()> {
        let sent =
            Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status()?;
        if sent.success() { Ok(()) } else { Err("kill failed".into()) }
    }

    /// Waits for the end; the exit code.
    fn end(mut self) -> Result<Option<i32>> {
        Ok(self.process.wait()?.code())
    }
}

/// A site that has run before, and whose next time of day is far off.
fn site() -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    site.change(
        "[guard]",
        "[schedule]\nat = [\"00:00\", \"12:00\"]\n\n[serve]\nlisten = \"127.0.0.1:0\"\n\n[guard]",
    )?;
    Ok(site)
}

/// Lets the ledger believe that its last run was long ago.
fn long_ago(site: &Site) -> Result<()> {
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    db.execute("UPDATE run SET started_at = '2020-01-01T00:00:00.000Z'", [])?;
    Ok(())
}

fn get(address: &str, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    Ok((status, body))
}

fn address(service: &Service) -> Result<String> {
    let line = service.wait_for("/health")?;
    let rest = line.split("http://").nth(1).ok_or("no address")?;
    Ok(rest.split('/').next().unwrap_or_default().to_owned())
}

#[test]
fn a_missed_run_is_caught_up_and_health_is_told() -> Result<()> {
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    long_ago(&site)?;
    let service = Service::start(site.command(&["serve"]))?;
    let address = address(&service)?;
    service.wait_for("run ended")?;
    service.wait_for("next run")?;
    assert_eq!(site.history()?.len(), 2, "one run, and no more");
    let (status, health) = get(&address, "/health")?;
    let health: Value = serde_json::from_str(&health)?;
    assert_eq!((status, &health["healthy"], &health["lastExit"]), (200, &true.into(), &0.into()), "{health}");
    let (status, metrics) = get(&address, "/metrics")?;
    assert_eq!(status, 200);
    for line in ["pmh_healthy 1", "pmh_runs_total{exit=\"0\"} 1", "pmh_next_run_timestamp_seconds "] {
        assert!(metrics.lines().any(|found| found.starts_with(line)), "{line}: {metrics}");
    }
    assert_eq!(get(&address, "/")?.0, 404);
    let heartbeat: Value = serde_json::from_slice(&fs::read(site.path("heartbeat.json"))?)?;
    assert!(heartbeat["at"].is_string() && heartbeat["next"].is_string() || heartbeat["running"] == true);
    service.signal("TERM")?;
    assert_eq!(service.end()?, Some(0));
    Ok(())
}

#[test]
fn a_new_installation_waits_for_its_time() -> Result<()> {
    let site = site()?;
    let service = Service::start(site.command(&["serve"]))?;
    service.wait_for("next run")?;
    service.signal("INT")?;
    assert_eq!(service.end()?, Some(0));
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

#[test]
fn a_failed_run_is_unhealthy_and_ends_nothing() -> Result<()> {
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    long_ago(&site)?;
    site.pmh.answer_next([Answer::status(503)]);
    let service = Service::start(site.command(&["serve"]))?;
    let address = address(&service)?;
    service.wait_for("next run")?;
    let (status, health) = get(&address, "/health")?;
    assert_eq!(status, 503, "{health}");
    assert_eq!(serde_json::from_str::<Value>(&health)?["lastExit"], 5);
    service.signal("TERM")?;
    assert_eq!(service.end()?, Some(0));
    Ok(())
}

#[test]
fn what_a_crash_left_open_is_taken_up_at_once() -> Result<()> {
    let site = site()?;
    // made for today, as the service does
    let records = site.run(&["sync", "--format", "json"])?;
    assert_eq!(records.code, 0, "{records:?}");
    let file = fs::File::options().append(true).open(site.path("records.ndjson"))?;
    file.set_modified(std::time::SystemTime::now())?;
    let killed = site.command(&["sync"]).env("PMH_FAULT", "attempt").output()?;
    assert_eq!(killed.status.code(), None);
    let service = Service::start(site.command(&["serve"]))?;
    service.wait_for("continuing the unfinished run")?;
    service.wait_for("next run")?;
    let runs = site.history()?;
    assert_eq!((runs.len(), &runs[1]["state"]), (2, &"accepted".into()));
    service.signal("TERM")?;
    assert_eq!(service.end()?, Some(0));
    Ok(())
}

#[test]
fn the_configuration_is_read_again_and_mistakes_change_nothing() -> Result<()> {
    let site = site()?;
    let service = Service::start(site.command(&["serve"]))?;
    service.wait_for("next run")?;
    let good = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), good.replace("[serve]", "[severe]"))?;
    service.signal("HUP")?;
    service.wait_for("PMH6202")?;
    fs::write(site.path("pmh.toml"), good.replace(":00\"", ":01\""))?;
    service.signal("HUP")?;
    service.wait_for("configuration read again")?;
    let line = service.wait_for("next run")?;
    assert!(line.contains(":01:00"), "{line}");
    service.signal("TERM")?;
    assert_eq!(service.end()?, Some(0));
    Ok(())
}

/// The first signal lets the request come to its answer; the second ends it at once, with an unknown outcome.
#[test]
fn one_signal_is_a_request_and_two_are_an_order() -> Result<()> {
    let wait_for_request = |site: &Site, count: usize| {
        let begun = Instant::now();
        while site.pmh.requests().len() < count {
            assert!(begun.elapsed() < PATIENCE, "no request came");
            thread::sleep(Duration::from_millis(20));
        }
        // the ledger's own note comes before the request
        thread::sleep(Duration::from_millis(200));
    };
    let site = site()?;
    site.pmh.answer_next([Answer::Late(2), Answer::Hang]);
    let polite = Service::start(site.sync_command(&[]))?;
    wait_for_request(&site, 1);
    polite.signal("TERM")?;
    assert_eq!(polite.end()?, Some(0), "it came to its answer");
    let stubborn = Service::start(site.sync_command(&[]))?;
    wait_for_request(&site, 2);
    stubborn.signal("TERM")?;
    thread::sleep(Duration::from_millis(300));
    stubborn.signal("TERM")?;
    assert_eq!(stubborn.end()?, Some(6));
    let done = site.sync(&[])?;
    assert_eq!((done.code, &done.json()?["resumed"]), (0, &true.into()), "{done:?}");
    Ok(())
}

/// Asked to stop while it waits for the next try, it ends at once and says what is known.
#[test]
fn a_wait_is_ended_when_asked() -> Result<()> {
    let site = site()?;
    site.change("max_attempts = 1", "max_attempts = 5")?;
    site.pmh.answer_next([Answer::status(503).retry_after(3000)]);
    let waiting = Service::start(site.sync_command(&[]))?;
    waiting.wait_for("next try")?;
    waiting.signal("TERM")?;
    waiting.wait_for("stopped on request")?;
    assert_eq!(waiting.end()?, Some(5));
    Ok(())
}

#[test]
fn without_times_there_is_nothing_to_serve() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let done = site.run(&["serve"])?;
    assert_eq!(done.code, 2);
    assert!(done.stderr.contains("PMH6203") && done.stderr.contains("schedule.at"), "{done:?}");
    Ok(())
}
