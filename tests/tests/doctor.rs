//! `pmh doctor`: what is in order is said so, what isn't is named by the code that a run would end with, and nothing is sent.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    thread,
};

use pmh_tests::{Result, site::Site};
use serde_json::Value;

/// The state of each check, and its code.
fn checks(site: &Site) -> Result<(i32, Vec<(String, String, String)>)> {
    let done = site.run(&["doctor", "--json"])?;
    let text =
        |check: &Value, key: &str| check.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let report = done.json()?;
    let list = report.get("checks").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = list.iter().map(|check| (text(check, "check"), text(check, "state"), text(check, "code")));
    Ok((done.code, rows.collect()))
}

/// The checks that are not in order.
fn wrong(site: &Site) -> Result<(i32, Vec<String>)> {
    let (code, checks) = checks(site)?;
    let wrong = checks.into_iter().filter(|(_, state, _)| state == "failed" || state == "warning");
    Ok((code, wrong.map(|(check, _, code)| format!("{check} {code}")).collect()))
}

#[test]
fn a_site_in_order_is_called_so_and_nothing_is_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    for _ in 0..2 {
        let (code, checks) = checks(&site)?;
        assert_eq!(code, 0, "{checks:?}");
        let names: Vec<&str> = checks.iter().map(|(name, ..)| name.as_str()).collect();
        let expected = [
            "configuration",
            "token",
            "module",
            "profile",
            "input",
            "ledger",
            "modes",
            "space",
            "name",
            "tcp",
            "endpoint",
            "certificate",
            "clock",
        ];
        assert_eq!(names, expected);
        // without TLS there is no certificate to look at
        assert!(
            checks
                .iter()
                .all(|(name, state, _)| state == if name == "certificate" { "skipped" } else { "ok" })
        );
        assert!(site.pmh.registrations().is_empty());
        assert!(site.pmh.requests().iter().all(|request| request.method == "HEAD"));
    }
    assert_eq!(site.sync(&[])?.code, 0);
    let human = site.run(&["doctor"])?;
    assert!(human.stdout.contains("✓ ledger  sound; last run 1, last accepted 1"), "{human:?}");
    Ok(())
}

#[test]
fn what_is_wrong_has_the_code_that_a_run_would_end_with() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    let private =
        |name: &str, mode: u32| fs::set_permissions(site.path(name), fs::Permissions::from_mode(mode));
    private("token", 0o644)?;
    assert_eq!(wrong(&site)?, (2, vec!["token PMH6207".to_owned()]));
    private("token", 0o600)?;
    private("ledger.sqlite3.key", 0o644)?;
    assert_eq!(wrong(&site)?, (2, vec!["modes PMH6207".to_owned()]));
    private("ledger.sqlite3.key", 0o600)?;
    let profile = fs::read_to_string(site.path("profile.json"))?;
    fs::write(site.path("profile.json"), profile.replace("\"target\"", "\"targte\""))?;
    let (code, found) = wrong(&site)?;
    assert_eq!((code, found.len()), (2, 1), "{found:?}");
    assert!(found[0].starts_with("profile PMH9"), "{found:?}");
    fs::write(site.path("profile.json"), profile)?;
    fs::write(site.path("ledger.sqlite3"), b"not a ledger".repeat(100))?;
    assert_eq!(wrong(&site)?, (2, vec!["ledger PMH6502".to_owned()]));
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(site.path(&format!("ledger.sqlite3{ending}")));
    }
    fs::rename(site.path("records.ndjson"), site.path("elsewhere"))?;
    assert_eq!(wrong(&site)?, (2, vec!["input PMH6302".to_owned()]));
    fs::rename(site.path("elsewhere"), site.path("records.ndjson"))?;
    site.change(&site.pmh.endpoint(), "http://127.0.0.1:9/medicalSubsidiesTargetPersons")?;
    assert_eq!(wrong(&site)?, (5, vec!["tcp PMH6005".to_owned()]));
    site.change("http://127.0.0.1:9/", "https://pmh.invalid/")?;
    assert_eq!(wrong(&site)?, (5, vec!["name PMH6005".to_owned()]));
    site.change("profile =", "profil =")?;
    let (code, found) = wrong(&site)?;
    assert_eq!((code, found.len()), (2, 2), "every mistake of the configuration: {found:?}");
    Ok(())
}

/// A server whose clock is wrong.
#[test]
fn a_clock_that_differs_is_a_warning() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 405 No\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    site.change(&site.pmh.endpoint(), &format!("http://{address}/x"))?;
    assert_eq!(wrong(&site)?, (0, vec!["clock PMH6602".to_owned()]));
    Ok(())
}
