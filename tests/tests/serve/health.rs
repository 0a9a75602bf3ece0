//! What the service tells of itself, and to whom.

use super::*;

#[test]
fn a_failed_night_is_told_after_a_restart_too() -> Result<()> {
    let site = site()?;
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let service = start(&site)?;
    let address = address(&service)?;
    let (status, told) = health(&address)?;
    assert_eq!((status, &told["lastOutcome"]), (503, &"unavailable".into()), "{told}");
    assert_eq!(told["problems"], serde_json::json!(["lastRunFailed"]));
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn nothing_accepted_for_too_long_is_told() -> Result<()> {
    let site = site()?;
    site.change("[serve]", "[serve]\nmax_age = \"1s\"")?;
    let service = start(&site)?;
    let address = address(&service)?;
    assert_eq!(health(&address)?.0, 200, "a new installation counts from the start");
    Service::until("too old", || Ok(health(&address)?.0 == 503))?;
    assert_eq!(health(&address)?.1["problems"], serde_json::json!(["notAccepted"]));
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn the_site_and_the_last_acceptance_are_told() -> Result<()> {
    let site = site()?;
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), format!("site = \"見本市\"\n{text}"))?;
    assert_eq!(site.sync(&[])?.code, 0);
    let service = start(&site)?;
    let address = address(&service)?;
    service.wait_for("next run")?;
    assert_eq!(health(&address)?.1["site"], "見本市");
    let (_, metrics) = get(&address, "/metrics")?;
    assert!(metrics.contains("site=\"見本市\""), "{metrics}");
    let line = metrics.lines().find(|line| line.starts_with("pmh_last_accepted_timestamp_seconds "));
    let time: i64 = line.and_then(|line| line.split(' ').nth(1)).ok_or("no metric")?.parse()?;
    assert!((Utc::now().timestamp() - time).abs() < 600, "{metrics}");
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

#[test]
fn only_its_own_names_are_answered() -> Result<()> {
    let site = site()?;
    let service = start(&site)?;
    let address = address(&service)?;
    for path in ["/health", "/metrics", "/"] {
        assert_eq!(get_as(&address, "rebound.example.jp", path)?, (421, String::new()));
    }
    assert_eq!(get_as(&address, "localhost:1", "/health")?.0, 200);
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

/// Clients that connect and say nothing take neither the night's run nor the service's file handles.
#[test]
fn idle_clients_do_not_cost_the_night() -> Result<()> {
    let site = soon()?;
    let service = start(&site)?;
    let address = address(&service)?;
    let mut idle = (0..300).map(|_| TcpStream::connect(&address)).collect::<std::io::Result<Vec<_>>>()?;
    let closed = |stream: &mut TcpStream| {
        stream.set_read_timeout(Some(Duration::from_millis(20)))?;
        Ok::<_, std::io::Error>(match stream.read(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        })
    };
    service.wait_for("exit code: 0")?;
    let left = idle.iter_mut().map(closed).filter(|closed| matches!(closed, Ok(false))).count();
    assert!(left <= 32, "{left}");
    // those that said nothing are gone after some seconds
    Service::until("an answer", || Ok(get(&address, "/health").is_ok_and(|(status, _)| status == 200)))?;
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}

/// Told once a day, not once a restart.
#[cfg(unix)]
#[test]
fn nothing_accepted_by_the_set_time_is_told_once() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let site = site()?;
    fs::write(site.path("tell.sh"), "#!/bin/sh\ncat >> \"$(dirname \"$0\")/told\"\n")?;
    fs::set_permissions(site.path("tell.sh"), fs::Permissions::from_mode(0o700))?;
    let notify = "[notify]\non_failure = [\"./tell.sh\"]\nnot_accepted_by = \"00:00\"\n\n[guard]";
    site.change("[guard]", notify)?;
    let told = || Ok::<_, std::io::Error>(fs::read_to_string(site.path("told")).unwrap_or_default());
    for _ in 0..2 {
        let service = start(&site)?;
        service.wait_for("next run")?;
        Service::until("told", || Ok(told()?.ends_with('\n')))?;
        assert_eq!(service.stop()?, Some(0));
    }
    let told = told()?;
    assert_eq!(told.lines().count(), 1, "{told}");
    let notice: Value = serde_json::from_str(&told)?;
    assert_eq!(
        (&notice["event"], &notice["failures"][0]["code"]),
        (&"notAccepted".into(), &"PMH6613".into())
    );
    Ok(())
}

/// A payload that PMH never accepted is personal data: it goes in time even if no run can start.
#[test]
fn payloads_are_removed_in_time_without_a_run() -> Result<()> {
    let site = site()?;
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let payload = site.spool()?.into_iter().find(|name| name.starts_with("payload")).ok_or("no payload")?;
    let old = std::time::SystemTime::now() - Duration::from_hours(10 * 24);
    fs::File::options().append(true).open(site.path("spool").join(&payload))?.set_modified(old)?;
    fs::remove_file(site.path("token"))?;
    let service = start(&site)?;
    service.wait_for("next run")?;
    assert!(!site.spool()?.contains(&payload));
    assert_eq!(service.stop()?, Some(0));
    Ok(())
}
