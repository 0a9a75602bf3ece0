//! Starts that come to no run.
//!
//! What would look well and be wrong: the newest row of the ledger is last night's success while every start since has
//! failed; the row of a start that found the lock held is taken for the run under way, for the last run, or for what the
//! guards compare with; a trace goes into a new ledger that a misspelt key made up; a dry run leaves one.

use std::{fs, process::Stdio, thread, time::Duration};

use pmh_simulator::Answer;
use pmh_tests::{
    Result, pmh,
    site::{AS_OF, Site},
};
use serde_json::json;

use super::{log, notice, notified};

/// A way to spoil a start, and the way back.
type Step = fn(&Site) -> Result<()>;

struct Case {
    name: &'static str,
    spoil: Step,
    repair: Step,
    more: &'static [&'static str],
    exit: i32,
    code: &'static str,
}

const NOTHING: Step = |_| Ok(());

const CASES: [Case; 10] = [
    Case {
        name: "token missing",
        spoil: |site| Ok(fs::remove_file(site.path("token"))?),
        repair: |site| site.write_token(site.pmh.token()),
        more: &[],
        exit: 2,
        code: "PMH6206",
    },
    Case {
        name: "a key misspelt",
        spoil: |site| site.change("max_rejected", "max_reject"),
        repair: |site| site.change("max_reject", "max_rejected"),
        more: &[],
        exit: 2,
        code: "PMH6202",
    },
    Case {
        name: "no endpoint",
        spoil: |site| site.change("url = ", "# url = "),
        repair: |site| site.change("# url = ", "url = "),
        more: &[],
        exit: 2,
        code: "PMH6203",
    },
    Case {
        name: "input missing",
        spoil: |site| Ok(fs::rename(site.path("records.ndjson"), site.path("away"))?),
        repair: |site| Ok(fs::rename(site.path("away"), site.path("records.ndjson"))?),
        more: &[],
        exit: 2,
        code: "PMH6302",
    },
    Case {
        name: "profile missing",
        spoil: |site| Ok(fs::rename(site.path("profile.json"), site.path("away"))?),
        repair: |site| Ok(fs::rename(site.path("away"), site.path("profile.json"))?),
        more: &[],
        exit: 2,
        code: "PMH6301",
    },
    Case {
        name: "certificates unreadable",
        spoil: |site| site.change("url = \"http:", "ca_file = \"nowhere.pem\"\nurl = \"https:"),
        repair: |site| site.change("ca_file = \"nowhere.pem\"\nurl = \"https:", "url = \"http:"),
        more: &[],
        exit: 2,
        code: "PMH6208",
    },
    Case {
        name: "spool folder not writable",
        spoil: |site| site.change("spool_dir = \"spool\"", "spool_dir = \"token/spool\""),
        repair: |site| site.change("spool_dir = \"token/spool\"", "spool_dir = \"spool\""),
        more: &[],
        exit: 2,
        code: "PMH6318",
    },
    Case {
        name: "a guard that doesn't exist",
        spoil: NOTHING,
        repair: NOTHING,
        more: &["--pass", "PMH9999"],
        exit: 2,
        code: "PMH6308",
    },
    Case {
        name: "module missing",
        spoil: NOTHING,
        repair: NOTHING,
        more: &["--module", "nowhere.wasm"],
        exit: 2,
        code: "PMH6301",
    },
    Case {
        name: "log folder not writable",
        spoil: |site| site.change("dir = \"log\"", "dir = \"token/log\""),
        repair: |site| site.change("dir = \"token/log\"", "dir = \"log\""),
        more: &[],
        exit: 2,
        code: "PMH6306",
    },
];

fn logging() -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    site.change("[guard]", "[log]\ndir = \"log\"\n\n[guard]")?;
    notified(&site)?;
    Ok(site)
}

#[test]
fn every_start_leaves_its_trace() -> Result<()> {
    let site = logging()?;
    assert_eq!(site.sync(&[])?.code, 0);
    notice(&site, "on_warning")?.ok_or("no notice of the first run")?;
    for (number, case) in (2..).zip(&CASES) {
        let Case { name, spoil, repair, more, exit, code } = case;
        let logged = log(&site)?.len();
        spoil(&site)?;
        let done = site.sync(more)?;
        repair(&site)?;
        assert_eq!(done.code, *exit, "{name}: {done:?}");
        assert!(done.stderr.contains(code), "{name}: {done:?}");
        let runs = site.history()?;
        assert_eq!(runs.len(), number, "{name}: one row each");
        let row = &runs[number - 1];
        assert_eq!((&row["state"], &row["codes"]), (&json!("failed"), &json!([code])), "{name}: {row}");
        assert_eq!(row["startedAt"].is_string(), row["endedAt"].is_string(), "{name}: {row}");
        if *name != "log folder not writable" {
            assert!(log(&site)?.get(logged..).is_some_and(|new| new.contains(code)), "{name}");
        }
        let notice = notice(&site, "on_failure")?.ok_or("nobody was told")?;
        assert_eq!((&notice["event"], &notice["exit"]), (&json!("failure"), &json!(exit)), "{name}");
        assert_eq!(notice["failures"][0]["code"], *code, "{name}: {notice}");
    }
    let listed = site.run(&["history"])?.stdout;
    assert_eq!(listed.matches("failed").count(), CASES.len(), "{listed}");
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    assert_eq!(site.pmh.requests().len(), 1);
    // what the guards compare with is still the accepted run
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.json()?["changes"], json!({ "added": 0, "changed": 0, "gone": 0 }));
    Ok(())
}

#[test]
fn a_dry_run_leaves_none() -> Result<()> {
    let site = logging()?;
    let before = site.written()?;
    for Case { name, spoil, repair, more, .. } in &CASES {
        let text = fs::read(site.path("pmh.toml"))?;
        spoil(&site)?;
        let done = site.sync(&[&["--dry-run"], *more].concat())?;
        repair(&site)?;
        assert!(site.written()? == before, "{name}: {done:?}");
        assert_eq!(fs::read(site.path("pmh.toml"))?, text, "{name}");
    }
    Ok(())
}

/// A run under way goes on undisturbed while others find its lock, and nothing takes their rows for its own.
#[test]
fn a_start_that_finds_the_lock_held_disturbs_nothing() -> Result<()> {
    let site = logging()?;
    site.pmh.answer_next([Answer::Late(3)]);
    let first = site.sync_command(&["--format", "json"]).stdout(Stdio::piped()).spawn()?;
    while site.pmh.requests().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    for number in 2..5 {
        let done = site.sync(&[])?;
        assert_eq!((done.code, done.stderr.contains("PMH6108")), (7, true), "{done:?}");
        let runs = site.history()?;
        assert_eq!((runs.len(), &runs[0]["state"]), (number, &json!("sending")));
        let row = &runs[number - 1];
        assert_eq!((&row["state"], &row["codes"]), (&json!("failed"), &json!(["PMH6108"])));
    }
    assert_eq!(pmh::done(first.wait_with_output()?)?.code, 0);
    assert_eq!(site.history()?[0]["state"], "accepted");
    assert_eq!(site.pmh.requests().len(), 1);
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    let next = site.sync(&[])?.json()?;
    assert_eq!((&next["resumed"], &next["changes"]["added"]), (&json!(false), &json!(0)), "{next}");
    Ok(())
}

/// When not even TOML can be read, standard error is all there is, and it says so.
#[test]
fn a_file_that_is_not_toml_says_that_it_leaves_no_trace() -> Result<()> {
    let site = logging()?;
    assert_eq!(site.sync(&[])?.code, 0);
    let good = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), good.replace("[guard]", "[guard"))?;
    let done = site.done(site.sync_command(&[]))?;
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.stderr.contains("PMH6201") && done.stderr.contains("no log and no ledger"), "{done:?}");
    fs::write(site.path("pmh.toml"), good)?;
    assert_eq!(site.history()?.len(), 1);
    Ok(())
}

/// A mistake in `[ledger]` must not lead to a ledger that nobody asked for, and one in `[log]` to no other log.
#[test]
fn a_mistake_makes_up_no_place() -> Result<()> {
    for (from, to) in [("[ledger]\npath = ", "[leger]\npath = "), ("[ledger]\npath = ", "[ledger]\npth = ")] {
        let site = logging()?;
        site.change("ledger.sqlite3", "kept.sqlite3")?;
        site.change(from, to)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 2, "{done:?}");
        let files = site.files(".")?;
        assert!(!files.iter().any(|name| name.ends_with(".sqlite3")), "{files:?}");
        assert!(log(&site)?.contains("PMH6202"));
        assert!(notice(&site, "on_failure")?.is_some(), "it was told all the same");
    }
    Ok(())
}

/// Who removes an export or a profile means it: what was made from it isn't sent any more.
#[test]
fn a_set_whose_input_or_profile_was_taken_away_is_not_sent() -> Result<()> {
    for (gone, code) in [("records.ndjson", "PMH6302"), ("profile.json", "PMH6301")] {
        let site = Site::new("flat-romaji")?;
        site.pmh.answer_next([Answer::status(503)]);
        assert_eq!(site.sync(&[])?.code, 5);
        fs::rename(site.path(gone), site.path("away"))?;
        let done = site.done(site.sync_command(&[]))?;
        assert_eq!((done.code, done.stderr.contains(code)), (2, true), "{gone}: {done:?}");
        assert!(done.stderr.contains("the earlier payload is not used"), "{gone}: {done:?}");
        assert_eq!(site.pmh.requests().len(), 1, "{gone}: nothing more was sent");
        let waits = |site: &Site| -> Result<bool> {
            Ok(site.spool()?.iter().any(|name| name.starts_with(&format!("payload-{AS_OF}"))))
        };
        assert!(waits(&site)?, "{gone}: the payload waits for keep_undelivered");
        fs::rename(site.path("away"), site.path(gone))?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{gone}: it is back: {done:?}");
        assert!(!waits(&site)?);
    }
    Ok(())
}
