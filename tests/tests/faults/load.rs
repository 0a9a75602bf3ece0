//! A large set, end to end, with everything going wrong in the middle of it: cut, killed, not available, accepted.
//!
//! `PMH_RECORDS` sets how large. Memory is read from `/proc`: it must stay far below the size of the set.

use std::{
    fs,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::workload;
use pmh_simulator::{Answer, Moment};
use pmh_tests::{
    Result,
    faults::{skip, tell, wanted},
    site::Site,
    truth::nothing_is_lost,
};

/// Peak resident memory of a process so far, in KiB; none where it has ended or the system doesn't tell.
fn peak(process: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// Starts a run, and waits for its end or until it may be killed; gives the peak of its memory.
fn watch(site: &Site, kill: impl Fn() -> bool) -> Result<(Option<i32>, u64)> {
    let mut process =
        site.sync_command(&["--format", "json"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut memory = 0;
    loop {
        memory = peak(&process).unwrap_or(0).max(memory);
        if kill() {
            process.kill()?;
        }
        if let Some(status) = process.try_wait()? {
            return Ok((status.code(), memory));
        }
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn load() -> Result<()> {
    let records = wanted("records under load");
    let site = Site::new("nested-japanese")?;
    let input = site.path("records.json");
    workload(&input, records, 1)?;
    let rejected = fs::read_to_string(site.path("pmh.toml"))?;
    let rejected = rejected.lines().find(|line| line.starts_with("max_rejected")).ok_or("no max_rejected")?;
    site.change(rejected, "max_rejected = 1000000000")?;
    site.change("max_attempts = 1", "max_attempts = 3")?;
    let (begun, bytes) = (Instant::now(), fs::metadata(&input)?.len());
    let mut peaks = Vec::new();
    // killed while it sends: the request has come, and is never answered
    site.pmh.answer_next([Answer::Hang]);
    let (code, memory) = watch(&site, || !site.pmh.requests().is_empty())?;
    assert_eq!(code, None, "it wasn't killed");
    peaks.push(memory);
    // taken up again: cut in the middle of the body, not available, accepted
    site.pmh.answer_next([Answer::Cut(Moment::During), Answer::status(503)]);
    let (code, memory) = watch(&site, || false)?;
    assert_eq!(code, Some(0));
    peaks.push(memory);
    let taken = begun.elapsed();
    let runs = site.history()?;
    assert_eq!(runs.len(), 1, "the same run went on");
    let summary = &runs[0]["summary"];
    assert_eq!(summary["read"], records);
    let registered = site.pmh.registrations();
    assert_eq!(registered.len(), 1);
    assert_eq!(
        (&summary["accepted"], &runs[0]["payload"]),
        (&registered[0].records.into(), &site.hash(&registered[0])?.into())
    );
    assert_eq!(site.pmh.requests().len(), 4);
    nothing_is_lost(&site)?;
    let peak = peaks.iter().max().copied().unwrap_or(0);
    println!(
        "{bytes} bytes in, {} records accepted, {taken:.0?} in all, peak memory {peaks:?} KiB",
        registered[0].records
    );
    if peak == 0 {
        skip("peak memory", "this system has no /proc");
    }
    // a fixed part, and less than a hundred bytes a record, of which a record of the input has a thousand
    assert!(peak < 160 * 1024 + records * 100 / 1024, "{peak} KiB");
    tell("records under load", records);
    Ok(())
}
