//! Streams that can't be written: the run ends as it has ended, and the ledger and the spool are in order.
//!
//! What would look well and be wrong: PMH accepted the set, standard output was full, and the exit code said "failed", so
//! that somebody sent it again or reported a lost night; or the payload stayed because printing came first.

use std::{fs, process::Command};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{
    Result, pmh,
    site::{AS_OF, Site},
};

/// What a shell does with the streams of the program.
const STREAMS: [(&str, &str); 6] = [
    ("a full standard output", ">/dev/full"),
    ("no standard output", ">&-"),
    ("no standard error", "2>&-"),
    ("neither", ">&- 2>&-"),
    ("both full", ">/dev/full 2>&1"),
    ("a reader that has left", "| :"),
];

/// `pmh sync` by a shell that redirects; its exit code comes from the file that the shell writes.
fn sync(site: &Site, form: &str, streams: &str, more: &[&str]) -> Result<i32> {
    let command = pmh::command(["sync", "--as-of", AS_OF, "--format", form]);
    let code = site.path("code");
    let mut shell = Command::new("sh");
    let pipe = if streams.starts_with('|') { streams } else { "" };
    let redirect = if pipe.is_empty() { streams } else { "" };
    shell
        .arg("-c")
        .arg(format!("{{ \"$@\" {redirect}; echo $? >\"{}\"; }} {pipe}", code.display()))
        .arg("sh");
    shell.arg(command.get_program()).args(command.get_args()).args(more);
    shell.arg("--config").arg(site.path("pmh.toml")).output()?;
    Ok(fs::read_to_string(code)?.trim().parse()?)
}

/// Whether no payload and no draft of one is left.
fn is_empty(site: &Site) -> Result<bool> {
    Ok(site.spool()?.iter().all(|name| name == "lock" || name == "owner"))
}

#[test]
fn no_stream_changes_the_outcome() -> Result<()> {
    for (number, (name, streams)) in STREAMS.into_iter().enumerate() {
        // each form with each way of output, and between them all the ways to end
        let form = if number % 2 == 0 { "json" } else { "human" };
        for form in [form, if number == 0 { "human" } else { form }] {
            let site = Site::new("flat-romaji")?;
            for (answer, exit) in [
                (Answer::status(400), 4),
                (Answer::status(503), 5),
                (Answer::Cut(Moment::After), 6),
                (Answer::Normal, 0),
            ] {
                site.pmh.answer_next([answer]);
                assert_eq!(sync(&site, form, streams, &[])?, exit, "{name}, {form}");
            }
            assert!(is_empty(&site)?, "{name}, {form}: the payload is left");
            assert_eq!(site.history()?.last().map(|run| run["state"].clone()), Some("accepted".into()));
            site.change("max_rejected = 19", "max_rejected = 0")?;
            assert_eq!(sync(&site, form, streams, &[])?, 7, "{name}, {form}: a guard");
            let stopped = site.history()?.pop().ok_or("no run")?;
            assert_eq!((&stopped["state"], &stopped["codes"][0]), (&"stopped".into(), &"PMH6101".into()));
            assert!(is_empty(&site)?, "{name}, {form}: a stop leaves no payload");
            fs::remove_file(site.path("token"))?;
            assert_eq!(sync(&site, form, streams, &[])?, 2, "{name}, {form}: a start");
        }
    }
    Ok(())
}

/// What could not be printed is said where it still can be.
#[test]
fn a_result_that_is_not_printed_is_told() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let full = fs::File::options().write(true).open("/dev/full")?;
    for form in ["json", "human"] {
        let mut command = site.sync_command(&["--format", form]);
        let done = command.stdout(full.try_clone()?).output()?;
        let stderr = String::from_utf8(done.stderr)?;
        assert_eq!(done.status.code(), Some(0), "{stderr}");
        assert!(stderr.contains("PMH6306") && stderr.contains("stdout"), "{stderr}");
    }
    Ok(())
}
