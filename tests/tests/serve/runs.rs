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

/// `kill -9` of the service leaves the run alone. The next service finds it under way, tries later, and repeats nothing.
#[test]
fn a_run_outlives_a_service_that_is_killed() -> Result<()> {
    let site = soon()?;
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
