//! `pmh serve` as a process. How it could look well and harm somebody:
//!
//! - a slot comes and no run begins, because the ledger is new, was moved away, or says something else (`slots`);
//! - a failed night is tried again tomorrow, or a refused set again and again; an accepted one is sent twice (`slots`);
//! - a run hangs, takes all memory or is killed, and with it the service, its health or its end (`runs`);
//! - a request under way is cut off because the service is stopped or killed (`runs`);
//! - a night that fails tells nobody, or so often that nobody listens (`notify`);
//! - `/health` says 200 after a restart in the morning of a failed night, or can be read by a web page (`health`).

mod health;
mod notify;
mod runs;
mod slots;

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use pmh_simulator::Answer;
use pmh_tests::{Result, site::Site};
use serde_json::Value;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_mins(1);

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
            stderr.lines().map_while(std::result::Result::ok).try_for_each(|line| sender.send(line))
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

    /// Waits until something is so.
    fn until(what: &str, mut so: impl FnMut() -> Result<bool>) -> Result<()> {
        let begun = Instant::now();
        while !so()? {
            if begun.elapsed() > PATIENCE {
                return Err(format!("never: {what}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Asks it to stop, and waits for the end; the exit code.
    fn stop(self) -> Result<Option<i32>> {
        self.signal("TERM")?;
        self.end()
    }

    /// Waits for the end; the exit code.
    fn end(mut self) -> Result<Option<i32>> {
        Ok(self.process.wait()?.code())
    }
}

/// The time of day in Japan that is this far from now.
fn time_of_day(from_now: TimeDelta) -> String {
    (Utc::now() + from_now + TimeDelta::hours(9)).format("%H:%M:%S").to_string()
}

/// A site with health, whose slot of each day is this far from now; further lines for `[schedule]`.
fn site_at(from_now: TimeDelta, schedule: &str) -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    let at = time_of_day(from_now);
    let lines =
        format!("[schedule]\nat = [\"{at}\"]\n{schedule}\n\n[serve]\nlisten = \"127.0.0.1:0\"\n\n[guard]");
    site.change("[guard]", &lines)?;
    Ok(site)
}

/// A site whose slot is far off.
fn site() -> Result<Site> {
    site_at(TimeDelta::hours(12), "")
}

/// A site whose slot comes soon. Failed runs are tried again after a second.
fn soon() -> Result<Site> {
    site_at(TimeDelta::seconds(2), "retry = \"1s\"")
}

fn start(site: &Site) -> Result<Service> {
    Service::start(site.command(&["serve"]))
}

fn get_as(address: &str, host: &str, path: &str) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    Ok((status, body))
}

fn get(address: &str, path: &str) -> Result<(u16, String)> {
    get_as(address, address, path)
}

fn health(address: &str) -> Result<(u16, Value)> {
    let (status, body) = get(address, "/health")?;
    Ok((status, serde_json::from_str(&body)?))
}

fn address(service: &Service) -> Result<String> {
    let line = service.wait_for("/health")?;
    let rest = line.split("http://").nth(1).ok_or("no address")?;
    Ok(rest.split('/').next().unwrap_or_default().to_owned())
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
    let service = start(&site)?;
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
    let service = start(&site)?;
    service.wait_for("next run")?;
    let good = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), good.replace("[serve]", "[severe]"))?;
    service.signal("HUP")?;
    service.wait_for("PMH6202")?;
    let (before, after) = (good.split("at = [\"").nth(1).ok_or("no time")?, time_of_day(TimeDelta::hours(5)));
    let before = before.get(..8).ok_or("no time")?;
    fs::write(site.path("pmh.toml"), good.replace(before, &after))?;
    service.signal("HUP")?;
    service.wait_for("configuration read again")?;
    let line = service.wait_for("next run")?;
    assert!(line.contains(&after), "{line}");
    assert!(site.pmh.requests().is_empty(), "a new time counts from now on");
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

/// What tonight's run would fail for is said at once; it keeps the service from nothing.
#[cfg(unix)]
#[test]
fn what_a_run_would_fail_for_is_said_at_the_start() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let site = site()?;
    site.change("url = \"http:", "ca_file = \"nowhere.pem\"\nurl = \"https:")?;
    site.change("[schedule]", "[schedule]\nuntil = \"00:00\"")?;
    for (name, mode) in [("profile.json", 0o666), ("token", 0o644)] {
        fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode))?;
    }
    let service = start(&site)?;
    for (code, words) in [("PMH6209", "profile.json"), ("PMH6207", "token"), ("PMH6208", "nowhere.pem")] {
        let line = service.wait_for(&format!("warning[{code}]"))?;
        assert!(line.contains(words), "{line}");
    }
    service.wait_for("next run")?;
    assert_eq!(service.stop()?, Some(0));
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
