//! Ledger and spool on a disk without room: at every size the run ends with its code, nothing is sent that the ledger
//! doesn't know, and with room again the next run is accepted.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::workload;
use pmh_tests::{
    Result,
    faults::{skip, tell, wanted},
    pmh,
    site::Site,
    truth::nothing_is_lost,
};

/// Set where the test runs in a namespace of its own, in which it may mount.
const INSIDE: &str = "PMH_TEST_NAMESPACE";

/// A set of so many records, with ledger and spool in a folder of their own.
fn site(records: usize) -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    let text = fs::read_to_string(site.path("records.ndjson"))?;
    let few: Vec<&str> = text.lines().take(records).collect();
    fs::write(site.path("records.ndjson"), few.join("\n"))?;
    fs::create_dir(site.path("disk"))?;
    site.change("\"ledger.sqlite3\"", "\"disk/ledger.sqlite3\"")?;
    site.change("\"spool\"", "\"disk/spool\"")?;
    Ok(site)
}

/// One run without room and one with it.
fn starved(site: &Site, room: &str, starve: Command, ends: &mut BTreeMap<String, u64>) -> Result<u64> {
    let done = pmh::done({ starve }.stdin(Stdio::null()).output()?)?;
    let code = done.stderr.split(['[', ']']).nth(1).unwrap_or("accepted").to_owned();
    let sent = site.pmh.requests().len();
    match (done.code, code.as_str()) {
        // accepted, with or without room to tidy up afterwards; accepted, with no room to keep that
        (0, "accepted" | "PMH6011") | (6, "PMH6009") => assert_eq!(sent, 1, "{room}: {done:?}"),
        // the spool, the key or the hashes; the ledger
        (2, "PMH6306" | "PMH6501") => assert_eq!(sent, 0, "{room}: {done:?}"),
        _ => panic!("{room}: {done:?}"),
    }
    assert_eq!(site.pmh.registrations().len(), sent, "{room}: what was sent was whole: {done:?}");
    *ends.entry(format!("{} {code}", done.code)).or_insert(0) += 1;
    Ok(u64::from(done.code != 0))
}

/// With room again.
fn recovers(site: &Site, room: &str) -> Result<()> {
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{room}: {done:?}");
    nothing_is_lost(site).map_err(|error| format!("{room}: {error}").into())
}

fn mount(options: &str, folder: &Path) -> Command {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "pmh-test"]).arg(folder);
    mount
}

#[test]
fn full() -> Result<()> {
    if env::var_os(INSIDE).is_none() {
        return in_a_namespace();
    }
    let (mut ends, mut injected) = (BTreeMap::new(), 0);
    // few records: the ledger is what gets no room, before and after sending; more records: the payload
    for (records, largest, faults) in [(10, 88, 16), (100, 112, 24)] {
        let enough = injected + faults;
        for pages in (1..=largest).rev() {
            if injected == enough {
                break;
            }
            let (site, room) = (site(records)?, format!("{records} records, {pages} pages of 4 KiB"));
            let disk = site.path("disk");
            assert!(mount(&format!("size={}k", pages * 4), &disk).status()?.success());
            injected += starved(&site, &room, site.sync_command(&[]), &mut ends)?;
            assert!(mount("remount,size=64m", &disk).status()?.success());
            recovers(&site, &room)?;
            assert!(Command::new("umount").arg(&disk).status()?.success());
        }
    }
    println!("ends: {ends:?}");
    for end in ["0 accepted", "2 PMH6306", "2 PMH6501", "6 PMH6009"] {
        assert!(ends.contains_key(end), "no run ended with {end}: {ends:?}");
    }
    tell("full disk", injected);
    Ok(())
}

/// The test again where it may mount without disturbing anybody.
fn in_a_namespace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command
    };
    let may = unshare().args(["mount", "-t", "tmpfs", "pmh-test"]).arg(folder.path()).output();
    if !may.is_ok_and(|done| done.status.success()) {
        skip("full disk", "this machine lets nobody mount in a namespace");
        return Ok(());
    }
    let own = env::current_exe()?;
    let done = unshare().arg(own).args(["--exact", "disk::full", "--nocapture"]).env(INSIDE, "1").output()?;
    print!("{}", String::from_utf8_lossy(&done.stdout));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// The same where nobody may mount: no file may grow beyond a limit, which the payload does before all others.
#[cfg(unix)]
#[test]
fn limited() -> Result<()> {
    let (mut ends, mut injected) = (BTreeMap::new(), 0);
    for step in 1..=wanted("full file") {
        let site = Site::new("nested-japanese")?;
        workload(&site.path("records.json"), 3_000, 0)?;
        let blocks = step * 1024;
        let run = site.sync_command(&[]);
        let mut limited = Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()]);
        limited.arg(run.get_program()).args(run.get_args());
        let room = format!("{blocks} blocks");
        injected += starved(&site, &room, limited, &mut ends)?;
        recovers(&site, &room)?;
    }
    println!("ends: {ends:?}");
    tell("full file", injected);
    Ok(())
}
