//! Runs as processes of their own: they hang, are killed, outlive the service.
#![cfg(unix)]

use super::*;

/// A read that never ends, as from a file server that doesn't answer: the hash of the input is to come from a pipe that
/// nothing is written to. (A pipe as the input itself is refused.)
fn hanging_input(site: &Site) -> Result<()> {
    site.change("[input]\n", &format!("[input]\n{HASH}"))?;
    let made = Command::new("mkfifo").arg(site.path("hash")).status()?;
    if made.success() { Ok(()) } else { Err("no pipe".into()) }
}

const HASH: &str = "sha256 = \"hash\"\n";

fn last_run(site: &Site) -> Result<Value> {
    site.history()?.pop().ok_or_else(|| "no run".into())
}

#[test]
fn a_run_that_hangs_is_ended_and_tried_again() -> Result<()> {
    let site = soon()?;
    hanging_input(&site)?;
    site.change("[serve]", "[serve]\nmax_run = \"1s\"")?;
    let service = start(&site)?;
    let address = address(&service)?;
    service.wait_for("run for the schedule")?;
    let (status, told) = health(&address)?;
    assert_eq!((status, &told["running"]), (200, &true.into()), "{told}");
    service.wait_for("[PMH6610]")?;
    let run = last_run(&site)?;
    assert_eq!((run["state"].as_str(), run["codes"][0].as_str()), (Some("failed"), Some("PMH6610")));
    site.change(HASH, "")?;
    site.change("max_run = \"1s\"", "max_run = \"1h\"")?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn a_run_that_hangs_does_not_keep_the_service_from_ending() -> Result<()> {
    let site = soon()?;
    hanging_input(&site)?;
    let service = start(&site)?;
    service.wait_for("run for the schedule")?;
    Service::until("a run in the ledger", || Ok(!site.history()?.is_empty()))?;
    service.signal("TERM")?;
    service.wait_for("[PMH6610]")?;
    assert_eq!(service.end()?, Some(0));
    assert_eq!(last_run(&site)?["state"], "failed");
    Ok(())
}

#[test]
fn two_signals_end_a_hanging_run_at_once() -> Result<()> {
    let site = soon()?;
    hanging_input(&site)?;
    let service = start(&site)?;
    service.wait_for("run for the schedule")?;
    service.signal("TERM")?;
    thread::sleep(Duration::from_millis(300));
    service.signal("TERM")?;
    service.wait_for("[PMH6610]")?;
    assert_eq!(service.end()?, Some(0));
    Ok(())
}

/// Killed in the middle of a request: its outcome is unknown, and the ledger says so at once.
#[test]
fn a_killed_run_is_noted() -> Result<()> {
    for (step, state) in [("begun", "failed"), ("attempt", "unknown")] {
        let site = site_at(TimeDelta::seconds(2), "")?;
        let mut command = site.command(&["serve"]);
        command.env("PMH_FAULT", step);
        let service = Service::start(command)?;
        service.wait_for("[PMH6610]")?;
        assert_eq!(last_run(&site)?["state"], state);
        assert_eq!(service.stop()?, Some(0));
    }
    Ok(())
}

#[test]
fn a_request_under_way_comes_to_its_answer() -> Result<()> {
    let site = soon()?;
    site.pmh.answer_next([Answer::Late(2)]);
    let service = start(&site)?;
    Service::until("a request", || Ok(!site.pmh.requests().is_empty()))?;
    service.signal("TERM")?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.end()?, Some(0));
    assert_eq!(last_run(&site)?["state"], "accepted");
    Ok(())
}

/// PMH never answers, and the service is stopped: the run ends by itself at `endpoint.timeout`, and says what it knows.
#[test]
fn a_run_that_waits_for_pmh_ends_at_the_timeout_of_the_endpoint() -> Result<()> {
    let site = soon()?;
    site.change("token_file", "timeout = \"4s\"\ntoken_file")?;
    site.pmh.answer_next([Answer::Hang]);
    let service = start(&site)?;
    Service::until("a request", || Ok(!site.pmh.requests().is_empty()))?;
    let begun = Instant::now();
    service.signal("TERM")?;
    service.wait_for("PMH6007")?;
    service.wait_for("exit code: 6")?;
    assert_eq!(service.end()?, Some(0));
    let took = begun.elapsed();
    assert!(took > Duration::from_secs(2), "the request was cut off after {took:?}");
    assert!(took < Duration::from_secs(30), "{took:?}");
    assert_eq!(last_run(&site)?["state"], "unknown");
    // the next service takes the slot up again, by the same set
    let service = start(&site)?;
    service.wait_for("continuing the unfinished run")?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(last_run(&site)?["state"], "accepted");
    Ok(())
}

/// A run that can't even do that is killed, but not before: its outcome is unknown.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_stands_still_while_it_sends_is_killed_after_the_timeout_of_the_endpoint() -> Result<()> {
    let site = soon()?;
    site.change("token_file", "timeout = \"2s\"\ntoken_file")?;
    site.pmh.answer_next([Answer::Hang]);
    let service = start(&site)?;
    Service::until("a request", || Ok(!site.pmh.requests().is_empty()))?;
    let id = service.process.id();
    let run = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
    let stopped = Command::new("kill").args(["-STOP", run.trim()]).status()?;
    assert!(stopped.success(), "{run}");
    let begun = Instant::now();
    service.signal("TERM")?;
    service.wait_for("[PMH6610]")?;
    let took = begun.elapsed();
    assert!((Duration::from_secs(2)..Duration::from_secs(30)).contains(&took), "{took:?}");
    assert_eq!(service.end()?, Some(0));
    assert_eq!(last_run(&site)?["state"], "unknown");
    Ok(())
}

/// An update puts another program in the place of the one that serves: the runs stay with the old one until a restart, as its
/// ledger, its module and its limits do.
#[cfg(target_os = "linux")]
#[test]
fn the_program_that_serves_is_the_one_that_runs() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let site = soon()?;
    site.pmh.answer_next([Answer::status(503)]);
    let (program, next) = (site.path("pmh-program"), site.path("pmh-next"));
    let original = site.command(&["serve"]);
    fs::copy(original.get_program(), &program)?;
    let mut command = Command::new(&program);
    command.args(original.get_args());
    let service = Service::start(command)?;
    service.wait_for("exit code: 5")?;
    fs::write(&next, "#!/bin/sh\nexit 99\n")?;
    fs::set_permissions(&next, fs::Permissions::from_mode(0o755))?;
    fs::rename(&next, &program)?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(site.pmh.registrations().len(), 1);
    Ok(())
}

/// `kill -9` of the service leaves the run alone. The next service finds it under way, tries later, and repeats nothing.
#[test]
fn a_run_outlives_a_service_that_is_killed() -> Result<()> {
    // the next try comes when the run is over: one that begins at that very moment would be a set of its own
    let site = site_at(TimeDelta::seconds(2), "retry = \"8s\"")?;
    site.pmh.answer_next([Answer::Late(3)]);
    let service = start(&site)?;
    Service::until("a request", || Ok(!site.pmh.requests().is_empty()))?;
    service.signal("KILL")?;
    assert_eq!(service.end()?, None);
    let service = start(&site)?;
    service.wait_for("PMH6108")?;
    service.wait_for("exit code: 7")?;
    Service::until("acceptance", || Ok(last_accepted(&site)?.is_some()))?;
    let tomorrow = (Utc::now() + TimeDelta::hours(9 + 23)).format("%Y-%m-%d").to_string();
    service.wait_for(&tomorrow)?;
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(site.pmh.registrations().len(), 1);
    Ok(())
}

fn last_accepted(site: &Site) -> Result<Option<Value>> {
    Ok(site.history()?.into_iter().rfind(|run| run["state"] == "accepted"))
}

/// What the module only reserves doesn't count; what is written to does.
#[cfg(target_os = "linux")]
#[test]
fn a_run_has_its_own_limit_of_memory() -> Result<()> {
    let site = soon()?;
    site.change("[serve]", "[serve]\nmax_memory = 64")?;
    let mut command = site.command(&["serve"]);
    command.env("PMH_FAULT", "memory");
    let service = Service::start(command)?;
    let line = service.wait_for("[PMH6610]")?;
    assert!(line.contains("64 MiB"), "{line}");
    assert!(site.pmh.requests().is_empty());
    site.change("max_memory = 64", "max_memory = 512")?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}
