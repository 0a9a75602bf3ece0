//! `pmh` names the other record of a finding across the set, if it can read the input twice, and never pretends to.
//!
//! How a run could end with success and harm somebody: the input is replaced between the two readings, and a record of the new one is named for a finding of
//! the old one; a second reading that fails, or that never comes to an end, takes the night's run with it; a pipe is waited for; a request to stop is not heard;
//! payload bytes of the second reading are sent behind those of the first.

use std::{
    fs,
    io::Write,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use indicatif::ProgressBar;
use pmh_core::rules::{self, Lang};
use pmh_runner::{
    documents::Documents,
    failure::Failure,
    input::{Input, Shape},
    module::{AcknowledgedOptions, Mode, Module, Options, Stage},
    report::{Report, View},
    run::{Ended, Job},
};
use pmh_tests::{Result, pmh, root, site::Site};
use serde_json::{Value, json};
use tempfile::TempDir;

const AS_OF: &str = "2026-11-22";

fn vendor(name: &str) -> PathBuf {
    root().join("vendors").join(name)
}

/// Records of which each occurs once more behind all the others.
fn repeated(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("records.ndjson");
    fs::write(&path, fs::read(vendor("flat-romaji").join("records.ndjson"))?.repeat(2))?;
    Ok(path)
}

/// What PMH5006 has as `other` in a report of lines, and how many of them there are.
fn others(report: &str) -> Result<Vec<(u64, Value)>> {
    let lines = report.lines().map(serde_json::from_str).collect::<serde_json::Result<Vec<Value>>>()?;
    let repeated = lines.iter().filter(|line| line.get("code") == Some(&json!("PMH5006")));
    let of = |line: &Value| Some((line.get("record")?.as_u64()?, line.get("other")?.clone()));
    Ok(repeated.filter_map(of).collect())
}

fn check(input: &str, stdin: Stdio, more: &[&str]) -> Result<pmh::Done> {
    let mut command = pmh::command(["check", "--as-of", AS_OF, "--input-format", "ndjson"]);
    command.arg("--profile").arg(vendor("flat-romaji").join("profile.json")).args(more).arg(input);
    pmh::done(command.stdin(stdin).output()?)
}

#[test]
fn the_other_record_is_shown_and_reported() -> Result<()> {
    let folder = TempDir::new()?;
    let (input, report) = (repeated(folder.path())?, folder.path().join("report.ndjson"));
    let input = input.to_str().ok_or("no text")?;
    let report_path = report.to_str().ok_or("no text")?;
    let done = check(input, Stdio::null(), &["--report", report_path])?;
    let named = others(&fs::read_to_string(&report)?)?;
    let count = fs::read_to_string(vendor("flat-romaji").join("records.ndjson"))?.lines().count();
    assert!(named.len() > 20, "{}", named.len());
    for (record, other) in named.iter().take(1_000) {
        assert_eq!(
            other.get("record").and_then(Value::as_u64),
            record.checked_sub(u64::try_from(count)?),
            "{other}"
        );
        assert!(other.get("recordKey").is_some_and(Value::is_string), "{other}");
    }
    let other = &named.first().ok_or("none")?.1;
    let (place, key) =
        (other.get("record").and_then(Value::as_u64), other.get("recordKey").and_then(Value::as_str));
    let shown = format!("; the other is record no. {} ({})", place.ok_or("none")? + 1, key.ok_or("none")?);
    assert!(done.stdout.contains(&shown), "{shown}: {}", done.stdout);

    // as JSON on standard output, and by several sessions
    for jobs in ["1", "3"] {
        let json = check(input, Stdio::null(), &["--format", "json", "--jobs", jobs])?.json()?;
        let lines = json.get("findings").and_then(Value::as_array).ok_or("no findings")?;
        let lines: String = lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
        assert_eq!(others(&lines)?, named, "--jobs {jobs}");
    }
    Ok(())
}

/// What can't be read twice is read once.
#[test]
fn a_pipe_names_nothing() -> Result<()> {
    let folder = TempDir::new()?;
    let input = repeated(folder.path())?;
    let human = check("-", fs::File::open(&input)?.into(), &[])?;
    assert!(human.stdout.contains("PMH5006") && !human.stdout.contains("the other is"), "{}", human.stdout);
    let json = check("-", fs::File::open(&input)?.into(), &["--format", "json"])?;
    assert!(
        json.stdout.contains("\"other\":null") && !json.stdout.contains("\"other\":{"),
        "{}",
        json.stdout
    );

    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
        let bytes = fs::read(&input)?;
        let writer = {
            let pipe = pipe.clone();
            std::thread::spawn(move || fs::File::options().write(true).open(pipe)?.write_all(&bytes))
        };
        let begun = Instant::now();
        let done = check(pipe.to_str().ok_or("no text")?, Stdio::null(), &["--format", "json"])?;
        writer.join().map_err(|_| "the writer")??;
        assert_eq!(done.stdout, json.stdout);
        assert!(begun.elapsed() < Duration::from_mins(1));
    }
    Ok(())
}

/// A run through the runner's own machinery; `told` gets every piece of the payload, and the second reading's calls, which are empty.
fn run(
    input: &Path,
    report: Option<&Path>,
    told: impl FnMut(&[u8]) -> std::result::Result<(), Failure>,
) -> Result<std::result::Result<Ended, Failure>> {
    let fail = |failure: Failure| failure.message(Lang::En);
    let module = Module::embedded().map_err(fail)?;
    let profile = fs::read(vendor("flat-romaji").join("profile.json"))?;
    let mut input = Input::open(input, &Shape::default(), &ProgressBar::hidden()).map_err(fail)?;
    let options = Options {
        mode: Mode::Records,
        as_of: AS_OF.to_owned(),
        lang: Lang::En,
        input: input.form(),
        payload: true,
        stage: Stage::Whole,
        usage: false,
        documents: Documents::default(),
        acknowledged: AcknowledgedOptions::default(),
    };
    let job = Job { module: &module, profile: &profile, options, jobs: NonZeroUsize::MIN };
    let mut session = job.open().map_err(fail)?;
    let views = report.map(View::file).transpose().map_err(fail)?;
    Ok(job.run(&mut session, &mut input, Report::new(views.into_iter().collect()), told))
}

/// When the first reading has ended, as the payload tells, the input is another one.
#[test]
fn an_input_that_changes_between_the_readings_names_nothing() -> Result<()> {
    type Change = fn(&Path) -> std::io::Result<()>;
    let changes: [(&str, Change, bool); 5] = [
        ("nothing", |_| Ok(()), true),
        (
            "one byte",
            |path| {
                let text = fs::read_to_string(path)?;
                fs::write(path, text.replacen("{\"", "{ \"", 1).trim_end())
            },
            false,
        ),
        (
            "records in another order",
            |path| {
                let text = fs::read_to_string(path)?;
                let (first, rest) = text.split_once('\n').unwrap_or_default();
                fs::write(path, format!("{rest}{first}\n"))
            },
            false,
        ),
        (
            "another file with the same bytes",
            |path| {
                let bytes = fs::read(path)?;
                fs::remove_file(path)?;
                fs::write(path.with_extension("new"), bytes)?;
                fs::rename(path.with_extension("new"), path)
            },
            false,
        ),
        ("gone", |path| fs::remove_file(path), false),
    ];
    for (what, change, is_named) in changes {
        let folder = TempDir::new()?;
        let (input, report) = (repeated(folder.path())?, folder.path().join("report.ndjson"));
        let mut payload = Vec::new();
        let ended = run(&input, Some(&report), |bytes| {
            payload.extend_from_slice(bytes);
            if bytes.ends_with(b"]") {
                change(&input).map_err(|error| Failure::internal(error.to_string()))?;
            }
            Ok(())
        })?;
        let ended = ended.map_err(|failure| failure.message(Lang::En))?;
        assert!(ended.summary.complete, "{what}");
        let elements: Vec<Value> = serde_json::from_slice(&payload)?;
        assert_eq!(u64::try_from(elements.len())?, ended.summary.accepted, "{what}");
        let named = others(&fs::read_to_string(&report)?)?;
        assert!(!named.is_empty() && named.iter().all(|(_, other)| other.is_null() != is_named), "{what}");
    }
    Ok(())
}

/// Nobody would see the names.
#[test]
fn a_report_without_outputs_takes_one_reading() -> Result<()> {
    let folder = TempDir::new()?;
    let input = repeated(folder.path())?;
    let calls = |report: Option<&Path>| -> Result<usize> {
        let mut calls = 0;
        let count = |_: &[u8]| {
            calls += 1;
            Ok(())
        };
        run(&input, report, count)?.map_err(|failure| failure.message(Lang::En))?;
        Ok(calls)
    };
    assert!(calls(Some(&folder.path().join("report.ndjson")))? > calls(None)?);
    Ok(())
}

#[test]
fn a_stop_is_heard_in_the_second_reading() -> Result<()> {
    let folder = TempDir::new()?;
    let (input, report) = (repeated(folder.path())?, folder.path().join("report.ndjson"));
    let mut has_ended = false;
    let ended = run(&input, Some(&report), |bytes| {
        if has_ended {
            return Err(Failure::new(&rules::INTERRUPTED, "test"));
        }
        has_ended = bytes.ends_with(b"]");
        Ok(())
    })?;
    assert_eq!(ended.map_err(|failure| failure.rule.code).err(), Some("PMH6109"));
    assert!(!report.exists());
    Ok(())
}

#[test]
fn a_nightly_run_names_them_too() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let records = site.path("records.ndjson");
    fs::write(&records, fs::read(&records)?.repeat(2))?;
    let report = site.path("report.ndjson");
    site.change("max_rejected = 19", "max_rejected = 99")?;
    let mut command = site.sync_command(&[]);
    let done = site.done({
        command.arg("--report").arg(&report);
        command
    })?;
    let named = others(&fs::read_to_string(&report)?)?;
    assert!(!named.is_empty(), "{done:?}");
    assert!(named.iter().take(1_000).all(|(_, other)| other.get("record").is_some()), "{done:?}");
    assert_eq!((done.code, site.pmh.requests().len()), (0, 1), "{done:?}");
    Ok(())
}
