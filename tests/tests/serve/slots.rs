//! Slots: each is run, made up for or told as missed.

use super::*;

/// Lets the ledger believe that its last run was long ago.
fn long_ago(site: &Site) -> Result<()> {
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    db.execute(
        "UPDATE run SET started_at = '2020-01-01T00:00:00.000Z', ended_at = '2020-01-01T00:01:00.000Z'",
        [],
    )?;
    Ok(())
}

/// A set for today, as the service makes one.
fn by_hand(site: &Site) -> Result<()> {
    let done = site.run(&["sync", "--format", "json"])?;
    if done.code == 0 { Ok(()) } else { Err(format!("{done:?}").into()) }
}

#[test]
fn a_new_installation_waits_for_its_time_and_then_runs() -> Result<()> {
    let site = soon()?;
    let service = start(&site)?;
    service.wait_for("next run")?;
    assert!(site.pmh.requests().is_empty());
    service.wait_for("exit code: 0")?;
    let next = service.wait_for("next run")?;
    assert_eq!(site.pmh.registrations().len(), 1, "{next}");
    assert_eq!(service.stop()?, Some(0));
    assert_eq!(site.pmh.registrations().len(), 1);
    Ok(())
}

#[test]
fn a_slot_is_run_although_the_ledger_was_moved_away() -> Result<()> {
    let site = soon()?;
    by_hand(&site)?;
    let service = start(&site)?;
    service.wait_for("next run")?;
    for name in site.files("")?.iter().filter(|name| name.starts_with("ledger")) {
        fs::remove_file(site.path(name))?;
    }
    service.wait_for("exit code: 0")?;
    assert_eq!(site.pmh.registrations().len(), 2);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn what_was_missed_is_told_and_made_up_for_once() -> Result<()> {
    let site = site()?;
    assert_eq!(site.sync(&[])?.code, 0);
    long_ago(&site)?;
    let service = start(&site)?;
    let address = address(&service)?;
    service.wait_for("PMH6612")?;
    service.wait_for("exit code: 0")?;
    service.wait_for("next run")?;
    assert_eq!(site.history()?.len(), 2, "one run, and no more");
    let (status, told) = health(&address)?;
    assert_eq!((status, &told["healthy"], &told["lastExit"]), (200, &true.into(), &0.into()), "{told}");
    let (status, metrics) = get(&address, "/metrics")?;
    assert_eq!(status, 200);
    for line in ["pmh_healthy 1", "pmh_runs_total{exit=\"0\"} 1", "pmh_next_run_timestamp_seconds "] {
        assert!(metrics.lines().any(|found| found.starts_with(line)), "{line}: {metrics}");
    }
    assert_eq!(get(&address, "/")?.0, 404);
    assert_eq!(service.stop()?, Some(0));
    let heartbeat: Value = serde_json::from_slice(&fs::read(site.path("heartbeat.json"))?)?;
    assert!(heartbeat["at"].is_string() && heartbeat["settled"].is_string(), "{heartbeat}");
    Ok(())
}

/// PMH is away, then there again: the same slot, within the same day.
#[test]
fn a_failed_slot_is_tried_again_the_same_day() -> Result<()> {
    let site = soon()?;
    site.pmh.answer_next([Answer::status(503), Answer::status(503)]);
    let service = start(&site)?;
    service.wait_for("exit code: 5")?;
    service.wait_for("exit code: 5")?;
    service.wait_for("exit code: 0")?;
    service.wait_for("next run")?;
    assert_eq!(site.pmh.requests().len(), 3);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

/// A configuration without a usable token fails before the ledger knows of the run.
#[test]
fn what_is_repaired_in_the_morning_is_sent_by_itself() -> Result<()> {
    let site = soon()?;
    fs::remove_file(site.path("token"))?;
    let service = start(&site)?;
    service.wait_for("exit code: 2")?;
    site.write_token(site.pmh.token())?;
    service.wait_for("exit code: 0")?;
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn a_refused_set_is_sent_again_only_after_a_change() -> Result<()> {
    let site = soon()?;
    site.pmh.answer_next([Answer::status(400)]);
    let service = start(&site)?;
    service.wait_for("exit code: 4")?;
    // two times of trying again pass
    thread::sleep(Duration::from_secs(2));
    assert_eq!(site.pmh.requests().len(), 1);
    assert_eq!(service.stop()?, Some(0));
    // a restart knows it from the ledger
    let service = start(&site)?;
    thread::sleep(Duration::from_secs(2));
    assert_eq!(site.pmh.requests().len(), 1);
    let records = fs::read(site.path("records.ndjson"))?;
    fs::write(site.path("records.ndjson"), records)?;
    service.wait_for("exit code: 0")?;
    assert_eq!(site.pmh.requests().len(), 2);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

/// A refusal after a lost answer ends with 6, since PMH may have registered the set; and yet the same set can't help.
#[test]
fn a_set_of_unknown_outcome_is_sent_again_until_it_is_refused() -> Result<()> {
    let site = soon()?;
    site.pmh.answer_next([Answer::status(500), Answer::status(400)]);
    let service = start(&site)?;
    service.wait_for("PMH6006")?;
    service.wait_for("exit code: 6")?;
    service.wait_for("PMH6010")?;
    service.wait_for("exit code: 6")?;
    // two times of trying again pass
    thread::sleep(Duration::from_secs(2));
    assert_eq!(site.pmh.requests().len(), 2);
    assert_eq!(service.stop()?, Some(0));
    // nor does a restart send it
    let service = start(&site)?;
    thread::sleep(Duration::from_secs(2));
    assert_eq!(site.pmh.requests().len(), 2);
    let records = fs::read(site.path("records.ndjson"))?;
    fs::write(site.path("records.ndjson"), records)?;
    service.wait_for("exit code: 0")?;
    assert_eq!(site.pmh.requests().len(), 3);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn a_run_by_hand_settles_the_slot() -> Result<()> {
    let site = site_at(TimeDelta::seconds(2), "retry = \"3s\"")?;
    site.pmh.answer_next([Answer::status(503)]);
    let service = start(&site)?;
    let address = address(&service)?;
    service.wait_for("exit code: 5")?;
    assert_eq!(health(&address)?.0, 503);
    by_hand(&site)?;
    let tomorrow = (Utc::now() + TimeDelta::hours(9 + 23)).format("%Y-%m-%d").to_string();
    service.wait_for(&tomorrow)?;
    let (status, told) = health(&address)?;
    assert_eq!((status, &told["lastOutcome"]), (200, &"accepted".into()), "{told}");
    assert_eq!(site.pmh.requests().len(), 2);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn a_restart_repeats_nothing_that_was_accepted() -> Result<()> {
    let site = site_at(TimeDelta::hours(-1), "")?;
    by_hand(&site)?;
    for heartbeat in [true, false] {
        let service = start(&site)?;
        let address = address(&service)?;
        service.wait_for("next run")?;
        let (status, told) = health(&address)?;
        assert_eq!((status, &told["lastOutcome"]), (200, &"accepted".into()), "{told}");
        assert!(told["lastAccepted"].is_string(), "{told}");
        assert_eq!(service.stop()?, Some(0));
        assert_eq!(site.pmh.requests().len(), 1);
        if heartbeat {
            fs::remove_file(site.path("heartbeat.json"))?;
        }
    }
    Ok(())
}

#[test]
fn after_until_a_slot_is_told_as_missed() -> Result<()> {
    let until = time_of_day(TimeDelta::seconds(4));
    let site = site_at(TimeDelta::seconds(2), &format!("until = \"{until}\""))?;
    site.pmh.answer_next([Answer::status(503)]);
    let service = start(&site)?;
    let address = address(&service)?;
    service.wait_for("exit code: 5")?;
    service.wait_for("PMH6612")?;
    let (status, told) = health(&address)?;
    assert_eq!(status, 503);
    assert!(told["lastMissed"].is_string(), "{told}");
    assert_eq!(site.pmh.requests().len(), 1);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}
