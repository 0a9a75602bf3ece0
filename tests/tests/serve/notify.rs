//! Who is told by the service and its runs, and how often.
#![cfg(unix)]

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt};

use super::*;

/// Writes a script into the site's folder; the configuration names it as `./notify.sh`.
fn script(site: &Site, body: &str) -> Result<()> {
    fs::write(site.path("notify.sh"), format!("#!/bin/sh\n{body}\n"))?;
    Ok(fs::set_permissions(site.path("notify.sh"), fs::Permissions::from_mode(0o755))?)
}

/// Lets each notice be written as a line of `told`.
fn listen(site: &Site) -> Result<()> {
    let told = site.path("told");
    script(site, &format!("cat >>\"{}\"", told.display()))?;
    let command = "[\"./notify.sh\"]";
    let lines = format!("[notify]\non_failure = {command}\non_success = {command}\n\n[guard]");
    site.change("[guard]", &lines)
}

/// The notices so far: event, exit code and the first code.
fn told(site: &Site) -> Result<Vec<(String, Option<u64>, String)>> {
    let text = fs::read_to_string(site.path("told")).unwrap_or_default();
    let mut notices = Vec::new();
    for line in text.lines() {
        let notice: Value = serde_json::from_str(line)?;
        let text = |place: &str| notice.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
        notices.push((
            text("/event"),
            notice.pointer("/exit").and_then(Value::as_u64),
            text("/failures/0/code"),
        ));
    }
    Ok(notices)
}

fn failure(exit: u64, code: &str) -> (String, Option<u64>, String) {
    ("failure".to_owned(), Some(exit), code.to_owned())
}

/// Told when it begins to fail, when it fails in another way, and when it is accepted; not with each try.
#[test]
fn a_slot_that_fails_all_day_is_told_once_for_each_way_in_which_it_fails() -> Result<()> {
    let site = soon()?;
    listen(&site)?;
    site.pmh.answer_next([503, 503, 503, 500, 500, 503].map(Answer::status));
    let service = start(&site)?;
    for exit in [5, 5] {
        service.wait_for(&format!("exit code: {exit}"))?;
    }
    // a restart in the middle of it repeats nothing
    assert_eq!(service.stop()?, Some(0));
    let service = start(&site)?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    let told = told(&site)?;
    let (success, failures) = told.split_last().ok_or("nothing was told")?;
    // from the lost answer on it is unknown whether the set is registered, whatever is answered later
    assert_eq!(failures, [failure(5, "PMH6004"), failure(6, "PMH6006"), failure(6, "PMH6010")], "{told:?}");
    assert_eq!((success.0.as_str(), success.1), ("warning", Some(0)), "{told:?}");
    assert_eq!(site.pmh.requests().len(), 7);
    Ok(())
}

/// What kept a notice from arriving must not keep the next one from being tried.
#[test]
fn a_notice_that_was_not_taken_is_given_again() -> Result<()> {
    let site = soon()?;
    listen(&site)?;
    script(&site, &format!("cat >>\"{}\"\nexit 1", site.path("told").display()))?;
    site.pmh.answer_next([Answer::status(503), Answer::status(503), Answer::status(503)]);
    let service = start(&site)?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    let away = failure(5, "PMH6004");
    assert_eq!(told(&site)?.get(..3), Some(&[away.clone(), away.clone(), away][..]));
    Ok(())
}

/// A mistake in the configuration fails each try before anything is known of where to remember it.
#[test]
fn a_mistake_in_the_configuration_is_told_once_and_the_end_of_the_slot_too() -> Result<()> {
    let until = time_of_day(TimeDelta::seconds(9));
    let site = site_at(TimeDelta::seconds(2), &format!("retry = \"1s\"\nuntil = \"{until}\""))?;
    listen(&site)?;
    let service = start(&site)?;
    service.wait_for("next run")?;
    site.change("[input]\n", "[input]\nfromat = \"csv\"\n")?;
    for _ in 0..3 {
        service.wait_for("exit code: 2")?;
    }
    service.wait_for("PMH6612")?;
    Service::until("the end is told", || Ok(told(&site)?.len() > 1))?;
    assert_eq!(service.stop()?, Some(0));
    let missed = ("failure".to_owned(), None, "PMH6612".to_owned());
    assert_eq!(told(&site)?, [failure(2, "PMH6202"), missed]);
    Ok(())
}

/// A run that is killed each time is told by the service itself, once.
#[test]
fn a_run_that_is_killed_each_time_is_told_once() -> Result<()> {
    let site = soon()?;
    listen(&site)?;
    let mut command = site.command(&["serve"]);
    command.env("PMH_FAULT", "begun");
    let service = Service::start(command)?;
    for _ in 0..3 {
        service.wait_for("[PMH6610]")?;
    }
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(told(&site)?, [("failure".to_owned(), None, "PMH6610".to_owned())]);
    // a person who tries by hand is always told
    site.pmh.answer_next([Answer::status(503), Answer::status(503)]);
    for _ in 0..2 {
        assert_eq!(site.sync(&[])?.code, 5);
    }
    assert_eq!(told(&site)?.len(), 3);
    Ok(())
}

/// "Not accepted by": the service's own command gets a short list of variables, its arguments as they are, and one object.
#[test]
fn the_services_own_command_gets_no_secret() -> Result<()> {
    let site = site()?;
    let (env, line) = (site.path("env"), site.path("line"));
    script(
        &site,
        &format!(
            "cat >>\"{0}.json\"\nenv >\"{0}\"\ntr '\\0' '\\n' </proc/$PPID/environ >>\"{0}.parent\"\nprintf '%s\\n' \"$@\" >\"{1}\"",
            env.display(),
            line.display()
        ),
    )?;
    site.change(
        "[guard]",
        "[notify]\non_failure = [\"./notify.sh\", \"--urgent\", \"two words; $(id)\"]\nnot_accepted_by = \"00:00\"\n\n[guard]",
    )?;
    site.change("profile = ", "site = \"見本市\"\nprofile = ")?;
    site.change("token_file = \"token\"", "token_env = \"PMH_TOKEN\"")?;
    let secret =
        ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "HTTPS_PROXY", "CREDENTIALS_DIRECTORY", "OTHER"];
    let begin = || {
        let mut command = site.command(&["serve"]);
        command.env("PMH_TOKEN", site.pmh.token());
        for name in secret {
            command.env(name, site.folder());
        }
        Service::start(command)
    };
    let service = begin()?;
    service.wait_for("PMH6613")?;
    Service::until("a notice", || Ok(line.exists()))?;
    assert_eq!(service.stop()?, Some(0));
    let seen = fs::read_to_string(&env)?;
    let names: BTreeSet<&str> =
        seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    assert!(names.contains("PATH"), "{seen}");
    for name in secret.into_iter().chain(["PMH_TOKEN", "CARGO_MANIFEST_DIR"]) {
        assert!(!names.contains(name), "{name}: {seen}");
    }
    assert!(!seen.contains(site.pmh.token()), "{seen}");
    assert_eq!(fs::read_to_string(&line)?, "--urgent\ntwo words; $(id)\n", "no shell took part");
    let notice: Value = serde_json::from_slice(&fs::read(site.path("env.json"))?)?;
    assert_eq!(
        (notice["event"].as_str(), notice["site"].as_str(), &notice["exit"]),
        (Some("notAccepted"), Some("見本市"), &Value::Null),
        "{notice}"
    );
    assert_eq!(notice["failures"][0]["code"], "PMH6613", "{notice}");
    assert!(notice["failures"][0]["help"].is_string(), "{notice}");
    // once a day: a restart finds it in the heartbeat
    let service = begin()?;
    service.wait_for("next run")?;
    thread::sleep(Duration::from_millis(500));
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(fs::read_to_string(site.path("env.json"))?.lines().count(), 1);
    Ok(())
}

/// A command that hangs is ended with what it started, and holds up neither the slot nor the end of the service.
#[test]
fn the_services_own_command_has_a_limit_of_time() -> Result<()> {
    let site = soon()?;
    let pid = site.path("pid");
    script(&site, &format!("sleep 100 &\necho $! >\"{}\"\nwait", pid.display()))?;
    site.change(
        "[guard]",
        "[notify]\non_failure = [\"./notify.sh\"]\nnot_accepted_by = \"00:00\"\ntimeout = \"2s\"\n\n[guard]",
    )?;
    let begun = Instant::now();
    let service = start(&site)?;
    service.wait_for("PMH6613")?;
    service.wait_for("PMH6310")?;
    assert!(begun.elapsed() < Duration::from_secs(30));
    let pid = fs::read_to_string(pid)?;
    // one that has ended may still wait for its parent to notice
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    let alive =
        stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']));
    assert!(!alive, "what it started lives on");
    Service::until("acceptance", || Ok(!site.pmh.registrations().is_empty()))?;
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}
