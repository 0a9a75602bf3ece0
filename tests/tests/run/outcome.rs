//! The outcome of a run: exit code, ledger, message and runbook say the same.
//!
//! What would look well and be wrong: "nothing was registered" though an earlier try of the set, in this run or an earlier
//! one, or another request of it may have been; a run that waits for hours because PMH said so and is never tried again.

use std::{fs, process::Stdio, thread, time::Duration};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{
    Result,
    pmh::{self, Done},
    site::Site,
};
use serde_json::json;

use super::{notice, notified, said};

const NOTHING: &str = "nothing of this set was registered";

/// Its name, the answers, and what follows from them: exit code, outcome, codes.
type Case = (&'static str, Vec<Answer>, i32, &'static str, Vec<&'static str>);

fn lost() -> Answer {
    Answer::Cut(Moment::After)
}

/// What must be true of a run by what its tries of the only request were answered.
fn agrees(name: &str, site: &Site, done: &Done, exit: i32, outcome: &str, codes: &[&str]) -> Result<()> {
    assert_eq!(done.code, exit, "{name}: {done:?}");
    let run = site.history()?.pop().ok_or("no run")?;
    assert_eq!(run["state"], outcome, "{name}");
    let text = said(done);
    let mut at = 0;
    for code in codes {
        at += text
            .get(at..)
            .and_then(|rest| rest.find(&format!("error[{code}]")))
            .ok_or(format!("{name}: no {code}: {text}"))?;
    }
    assert_eq!(text.matches("error[PMH6").count(), codes.len(), "{name}: {text}");
    let registered = !site.pmh.registrations().is_empty();
    assert!(!(registered && text.contains(NOTHING)), "{name}: PMH holds it: {text}");
    assert_eq!(text.contains(NOTHING), ["refused", "unavailable"].contains(&outcome), "{name}: {text}");
    Ok(())
}

#[test]
fn a_lost_answer_stays_unknown_whatever_comes_after_it() -> Result<()> {
    let unknown = |code| vec!["PMH6010", code];
    let cases: [Case; 9] = [
        ("lost, refused", vec![lost(), Answer::status(400)], 6, "unknown", unknown("PMH6001")),
        ("lost, token", vec![lost(), Answer::status(401)], 6, "unknown", unknown("PMH6002")),
        ("lost, redirect", vec![lost(), Answer::status(302)], 6, "unknown", unknown("PMH6003")),
        ("failed, refused", vec![Answer::status(500), Answer::status(400)], 6, "unknown", unknown("PMH6001")),
        ("garbage, away", vec![Answer::Garbage, Answer::status(503)], 6, "unknown", unknown("PMH6004")),
        ("lost, failed", vec![lost(), Answer::status(502)], 6, "unknown", vec!["PMH6006"]),
        ("away, refused", vec![Answer::status(503), Answer::status(400)], 4, "refused", vec!["PMH6001"]),
        ("away, away", vec![Answer::status(503), Answer::status(429)], 5, "unavailable", vec!["PMH6004"]),
        ("away, lost", vec![Answer::status(503), lost()], 6, "unknown", vec!["PMH6007"]),
    ];
    for (name, answers, exit, outcome, codes) in cases {
        // by two tries of one run
        let site = Site::new("flat-romaji")?;
        site.change(
            "max_attempts = 1\nmin_delay = \"1s\"",
            "max_attempts = 2\nmin_delay = \"1s\"\nmax_delay = \"1s\"",
        )?;
        site.pmh.answer_next(answers.clone());
        let done = site.done(site.sync_command(&[]))?;
        agrees(name, &site, &done, exit, outcome, &codes)?;
        // and by two runs
        let site = Site::new("flat-romaji")?;
        site.pmh.answer_next(answers);
        site.sync(&[])?;
        let done = site.done(site.sync_command(&[]))?;
        agrees(&format!("{name}, by two runs"), &site, &done, exit, outcome, &codes)?;
        assert_eq!(site.history()?.len(), 1, "{name}: the same set went on");
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{name}: {done:?}");
        assert_eq!(site.history()?.len(), if outcome == "refused" { 2 } else { 1 }, "{name}");
    }
    Ok(())
}

/// Of several requests, those that PMH accepted are told; a later run goes on with the others.
#[test]
fn part_of_a_set_is_not_nothing() -> Result<()> {
    for (answer, exit, outcome) in
        [(Answer::status(400), 4, "refused"), (Answer::status(503), 5, "unavailable"), (lost(), 6, "unknown")]
    {
        let site = Site::new("flat-romaji")?;
        site.change("token_file", "max_records_per_request = 50\ntoken_file")?;
        site.pmh.answer_next([Answer::Normal, answer]);
        let done = site.done(site.sync_command(&[]))?;
        assert_eq!(done.code, exit, "{done:?}");
        assert!(!done.stderr.contains(NOTHING), "{outcome}: {done:?}");
        assert!(done.stderr.contains("requests that PMH accepted: 1 / 3"), "{outcome}: {done:?}");
        assert_eq!(site.history()?[0]["state"], outcome);
    }
    Ok(())
}

/// The guides' tables of exit codes don't say it either.
#[test]
fn the_guides_agree() -> Result<()> {
    for (name, words) in [
        ("docs/operations.md", "nothing was registered"),
        ("host-runner/README.md", "nothing was registered"),
        ("docs/operations.ja.md", "登録されていません"),
        ("docs/rules.md", "; nothing was registered"),
    ] {
        let text = fs::read_to_string(pmh_tests::root().join("..").join(name))?;
        let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains(words));
        assert_eq!(rows.collect::<Vec<_>>(), Vec::<&str>::new(), "{name}");
    }
    Ok(())
}

#[test]
fn a_failed_server_may_say_when_to_come_back() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change(
        "max_attempts = 1\nmin_delay = \"1s\"",
        "max_attempts = 3\nmin_delay = \"1s\"\nmax_delay = \"1s\"",
    )?;
    site.pmh.answer_next([Answer::status(502).retry_after(1), Answer::status(504).retry_after(1)]);
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let arrived: Vec<u64> =
        site.pmh.requests().iter().map(|request| request.arrived_at_unix_millis).collect();
    assert!(arrived.windows(2).all(|pair| pair[1] - pair[0] >= 1000), "earlier than asked: {arrived:?}");
    Ok(())
}

/// However long PMH asks for, the budget's last part has one more try.
#[test]
fn an_endless_wish_leaves_one_last_try() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("max_attempts = 1", "max_attempts = 8\nmax_elapsed = \"4s\"")?;
    site.pmh.answer_next([Answer::status(503).retry_after(1_000_000_000)]);
    let done = site.sync(&[])?;
    assert_eq!((done.code, site.pmh.requests().len()), (0, 2), "{done:?}");
    assert_eq!(done.json()?["deliveries"][0]["attempts"], json!(2));
    Ok(())
}

#[test]
fn the_site_is_named() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.json()?["site"], json!(null));
    site.change("profile = ", "site = \"見本市\"\nprofile = ")?;
    for more in [&["--dry-run"][..], &[]] {
        assert_eq!(site.sync(more)?.json()?["site"], "見本市");
        let told = site.done(site.sync_command(more))?.stdout;
        assert!(told.lines().any(|line| line == "site: 見本市"), "{told}");
    }
    assert!(!site.done(site.sync_command(&["--quiet"]))?.stdout.contains("見本市"));
    Ok(())
}

/// Accepted is accepted, even if the payload can't be removed afterwards: exit code, ledger and notice say so, it is told that
/// personal data is left, and the next run sends nothing of it again and removes it.
#[test]
fn accepted_stays_accepted_if_the_payload_cannot_be_removed() -> Result<()> {
    for gone in [false, true] {
        let site = Site::new("flat-romaji")?;
        notified(&site)?;
        site.pmh.answer_next([Answer::Late(2)]);
        let run =
            site.sync_command(&["--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        while site.pmh.requests().is_empty() {
            thread::sleep(Duration::from_millis(20));
        }
        // while PMH thinks, the folder becomes what nothing may be removed from: a link; or it vanishes
        let (spool, aside) = (site.path("spool"), site.path("aside"));
        fs::rename(&spool, &aside)?;
        if !gone {
            std::os::unix::fs::symlink(&aside, &spool)?;
        }
        let done = pmh::done(run.wait_with_output()?)?;
        assert_eq!(done.code, 0, "{done:?}");
        let report = done.json()?;
        assert_eq!(report["outcome"], "accepted");
        let told = report["warnings"].as_array().cloned().unwrap_or_default();
        let is_told = told.iter().any(|warning| warning["code"] == "PMH6011");
        assert_eq!((is_told, done.stderr.contains("PMH6011")), (!gone, !gone), "{done:?}");
        let run = site.history()?.pop().ok_or("no run")?;
        assert_eq!(run["state"], "accepted");
        assert_eq!(notice(&site, "on_failure")?, None);
        let notice = notice(&site, "on_warning")?.ok_or("nobody was told that personal data is left")?;
        assert_eq!((&notice["event"], &notice["exit"]), (&json!("warning"), &json!(0)));
        // the folder is as it was, and what was left is in it
        if !gone {
            fs::remove_file(&spool)?;
        }
        fs::rename(&aside, &spool)?;
        let payloads = |site: &Site| -> Result<usize> {
            Ok(site.spool()?.iter().filter(|name| name.starts_with("payload-")).count())
        };
        assert_eq!(payloads(&site)?, 1, "it was not left, so that nothing was tested");
        assert_eq!(site.pmh.registrations().len(), 1);
        fs::File::options()
            .append(true)
            .open(site.path("records.ndjson"))?
            .set_modified(std::time::SystemTime::now())?;
        let next = site.sync(&[])?;
        assert_eq!((next.code, &next.json()?["resumed"]), (0, &json!(false)), "{next:?}");
        assert_eq!((site.pmh.registrations().len(), payloads(&site)?), (2, 0));
        assert_eq!(site.run(&["history", "verify"])?.code, 0);
    }
    Ok(())
}
