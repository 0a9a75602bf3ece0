//! The input as other systems leave it: while it is still being written, half transferred, switched, or with a proof that
//! doesn't fit. Nothing of it may be sent, whatever a person passes.
//!
//! How a night could end with success and harm somebody, and the test that would notice:
//! - the export takes longer than usual, and its first half is sent (`a_file_that_grows`, `a_young_file_is_waited_for`);
//! - the file is replaced or rewritten while it is read, and half of each is sent (`a_file_that_changes_while_it_is_read`);
//! - the marker or the hash is yesterday's;
//! - a CSV file that was cut off inside quotation marks is taken for complete;
//! - a clock is wrong, so that the file seems to be of tomorrow and never gets old;
//! - waiting never ends: a pipe, a file that is written to for ever.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, SystemTime},
};

use pmh_runner::guard::PASSABLE;
use pmh_tests::{
    Result,
    pmh::{self, Done},
    site::{AS_OF, Site},
};
use sha2::{Digest, Sha256};

/// A run that ends with this code, though every guard that can be passed is; nothing is sent or left behind.
fn refused(site: &Site, exit: i32, code: &str) -> Result<Done> {
    let pass: Vec<&str> = PASSABLE.iter().flat_map(|rule| ["--pass", rule.code]).collect();
    let done = site.sync(&pass)?;
    assert_eq!(done.code, exit, "{code}: {done:?}");
    assert!(format!("{}{}", done.stdout, done.stderr).contains(code), "{code}: {done:?}");
    assert!(site.pmh.requests().is_empty(), "{code}");
    assert!(!site.spool()?.iter().any(|name| name.starts_with("payload-")), "{code}");
    let run = site.history()?.pop().ok_or("no run")?;
    let state = if exit == 7 { "stopped" } else { "failed" };
    assert_eq!(run.get("state"), Some(&state.into()), "{code}: {run}");
    assert!(run.get("codes").is_some_and(|codes| codes.to_string().contains(code)), "{code}: {run}");
    Ok(done)
}

#[test]
fn a_file_that_grows_is_given_up() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("settle = \"0s\"", "settle = \"1s\"")?;
    let ended = AtomicBool::new(false);
    let mut file = fs::File::options().append(true).open(site.path("records.ndjson"))?;
    thread::scope(|scope| {
        let writing = scope.spawn(|| -> std::io::Result<()> {
            while !ended.load(Relaxed) {
                file.write_all(b"\n")?;
                thread::sleep(Duration::from_millis(100));
            }
            Ok(())
        });
        let refused = refused(&site, 7, "PMH6110");
        ended.store(true, Relaxed);
        writing.join().map_err(|_| "the writer")??;
        refused
    })?;
    Ok(())
}

/// The first half is there when the run begins; the second comes while it waits.
#[test]
fn a_young_file_is_waited_for() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("settle = \"0s\"", "settle = \"2s\"")?;
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let at = records.char_indices().nth(records.chars().count() / 2).ok_or("no half")?.0;
    let (half, rest) = records.split_at(at);
    fs::write(site.path("records.ndjson"), half)?;
    let mut process = site.sync_command(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut stderr = BufReader::new(process.stderr.take().ok_or("no stderr")?);
    let mut said = String::new();
    stderr.read_line(&mut said)?;
    assert!(said.contains("no longer written to"), "{said}");
    fs::File::options().append(true).open(site.path("records.ndjson"))?.write_all(rest.as_bytes())?;
    stderr.read_to_string(&mut said)?;
    assert_eq!(process.wait()?.code(), Some(0), "{said}");
    assert_eq!(site.pmh.registrations().first().map(|set| set.records), Some(127));
    Ok(())
}

/// The run can't go on before its report is read; meanwhile the file is changed in each way.
#[test]
fn a_file_that_changes_while_it_is_read_is_not_sent() -> Result<()> {
    type Change = fn(&Site) -> std::io::Result<()>;
    let changes: [(&str, Change); 3] = [
        ("appended", |site| {
            fs::File::options().append(true).open(site.path("records.ndjson"))?.write_all(b"\n")
        }),
        ("switched", |site| {
            fs::copy(site.path("records.ndjson"), site.path("other"))?;
            fs::rename(site.path("other"), site.path("records.ndjson"))
        }),
        ("the symbolic link switched", |site| {
            fs::rename(site.path("records.ndjson"), site.path("real"))?;
            std::os::unix::fs::symlink(site.path("real"), site.path("records.ndjson"))?;
            fs::copy(site.path("real"), site.path("other"))?;
            std::os::unix::fs::symlink(site.path("other"), site.path("link"))?;
            fs::rename(site.path("link"), site.path("records.ndjson"))
        }),
    ];
    for (what, change) in changes {
        let site = Site::new("flat-romaji")?;
        site.change("max_rejected = 19", "max_rejected = 1000000")?;
        let records = fs::read(site.path("records.ndjson"))?;
        fs::write(site.path("records.ndjson"), records.repeat(30))?;
        let mut process =
            site.sync_command(&["--report", "-"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut stdout = BufReader::new(process.stdout.take().ok_or("no stdout")?);
        stdout.read_line(&mut String::new())?;
        change(&site)?;
        std::io::copy(&mut stdout, &mut std::io::sink())?;
        let done = pmh::done(process.wait_with_output()?)?;
        assert_eq!(done.code, 7, "{what}: {done:?}");
        assert!(done.stderr.contains("PMH6110") && site.pmh.requests().is_empty(), "{what}: {done:?}");
        assert!(!site.spool()?.iter().any(|name| name.starts_with("payload-")), "{what}");
    }
    Ok(())
}

#[test]
fn a_file_of_tomorrow_is_refused_and_one_of_a_minute_ahead_is_not() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let file = fs::File::options().append(true).open(site.path("records.ndjson"))?;
    file.set_modified(SystemTime::now() + Duration::from_hours(24))?;
    refused(&site, 7, "PMH6110")?;
    assert_eq!(site.sync(&["--dry-run"])?.code, 7);
    file.set_modified(SystemTime::now() + Duration::from_mins(1))?;
    assert_eq!(site.sync(&[])?.code, 0);
    Ok(())
}

#[test]
fn without_the_marker_of_today_nothing_is_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("[input]", "[input]\nready = \"records.done\"")?;
    refused(&site, 7, "PMH6111")?;
    fs::write(site.path("records.done"), "")?;
    let marker = fs::File::options().append(true).open(site.path("records.done"))?;
    marker.set_modified(SystemTime::now() - Duration::from_hours(24))?;
    refused(&site, 7, "PMH6111")?;
    marker.set_modified(SystemTime::now())?;
    assert_eq!(site.sync(&[])?.code, 0);
    Ok(())
}

#[test]
fn bytes_with_another_hash_are_not_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.change("[input]", "[input]\nsha256 = \"records.ndjson.sha256\"")?;
    refused(&site, 2, "PMH6301")?;
    let records = fs::read(site.path("records.ndjson"))?;
    let right = format!("{:x}  records.ndjson\n", Sha256::digest(&records));
    fs::write(site.path("records.ndjson.sha256"), "no hash\n")?;
    refused(&site, 7, "PMH6112")?;
    fs::write(site.path("records.ndjson.sha256"), &right)?;
    // a transfer that was cut off between two records is still well-formed
    let lines = records.split_inclusive(|byte| *byte == b'\n');
    let fewer: Vec<u8> = lines.take(120).flatten().copied().collect();
    fs::write(site.path("records.ndjson"), fewer)?;
    refused(&site, 7, "PMH6112")?;
    fs::write(site.path("records.ndjson"), records)?;
    assert_eq!(site.sync(&[])?.code, 0);
    Ok(())
}

#[test]
fn a_pipe_or_device_is_refused_at_once() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    fs::rename(site.path("records.ndjson"), site.path("all"))?;
    assert!(Command::new("mkfifo").arg(site.path("records.ndjson")).status()?.success());
    refused(&site, 2, "PMH6313")?;
    site.change("path = \"records.ndjson\"", "path = \"/dev/zero\"")?;
    refused(&site, 2, "PMH6313")?;
    let doctor = site.run(&["doctor"])?;
    assert!(doctor.stdout.contains("PMH6313") || doctor.stderr.contains("PMH6313"), "{doctor:?}");
    Ok(())
}

/// For `sync` an incomplete input; for `check` a failure that names the line, and never what is in it.
#[test]
fn a_csv_file_that_ends_inside_quotation_marks_is_not_complete() -> Result<()> {
    let site = Site::new("csv-shift-jis")?;
    let records = fs::read(site.path("records.csv"))?;
    let lines = records.split_inclusive(|byte| *byte == b'\n').count();
    let cut = [&records, &b"0000099999,\"CANARY"[..]].concat();
    fs::write(site.path("records.csv"), &cut)?;
    let done = refused(&site, 7, "PMH6102")?;
    assert!(done.stdout.contains("PMH6314"), "{done:?}");
    let (profile, file) = (site.path("profile.json"), site.path("records.csv"));
    for jobs in ["1", "2"] {
        let mut command =
            pmh::command(["check", "--as-of", AS_OF, "--encoding", "shift_jis", "--jobs", jobs]);
        let done = pmh::done(command.arg("--profile").arg(&profile).arg(&file).output()?)?;
        assert_eq!(done.code, 3, "{done:?}");
        let line =
            format!("PMH6314]: the file ends inside the quotation mark that opens on line {}", lines + 1);
        assert!(done.stderr.contains(&line), "{done:?}");
        assert!(!format!("{done:?}").contains("CANARY"), "{done:?}");
    }
    Ok(())
}

/// A set that waits is not sent if the input was rewritten since, even with the same size and time.
#[test]
fn a_rewritten_input_is_another_source() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.pmh.answer_next([pmh_simulator::Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    let path = site.path("records.ndjson");
    let (modified, records) = (fs::metadata(&path)?.modified()?, fs::read_to_string(&path)?);
    thread::sleep(Duration::from_millis(20));
    let mut lines: Vec<&str> = records.lines().collect();
    lines.swap(0, 1);
    fs::write(&path, lines.join("\n") + "\n")?;
    fs::File::options().append(true).open(&path)?.set_modified(modified)?;
    let done = site.sync(&[])?;
    assert_eq!((done.code, &done.json()?["resumed"]), (0, &false.into()), "{done:?}");
    Ok(())
}
