//! `[notify]` as a process: who is told what, and what a command can do to a run.
//!
//! What would look well and be wrong: a notification that hangs takes the night with it; one that fails makes an accepted
//! run look failed; one that nobody notices failing is as good as none; the token, a record's value or PMH's words go to
//! whatever program somebody put there.

use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::PathBuf,
    process::{Command as Process, Stdio},
    time::{Duration, Instant},
};

use pmh_runner::{
    failure::Exit,
    notify::{Command, Event, Notice, NotifyConfig},
    ui::{Colour, Form, Ui},
};
use pmh_simulator::Answer;
use pmh_tests::{Result, pmh, root, site::Site};
use serde_json::json;

use super::{answering, notice, notified, script};

/// A site whose records are all right, so that a run can end without any warning.
fn flawless() -> Result<Site> {
    let site = Site::new("nested-japanese")?;
    let made = site.path("made");
    assert_eq!(pmh::run(["init".as_ref(), made.as_os_str()])?.code, 0);
    for name in ["profile.json", "records.ndjson"] {
        fs::rename(made.join(name), site.path(name))?;
    }
    site.change("records.json", "records.ndjson")?;
    site.change("format = \"json\"", "format = \"ndjson\"")?;
    site.change("profile = ", "site = \"見本市\"\nprofile = ")?;
    notified(&site)?;
    Ok(site)
}

#[test]
fn each_outcome_has_its_command() -> Result<()> {
    let site = flawless()?;
    // the first run has nothing to be compared with, which is a warning
    assert_eq!(site.run(&["sync"])?.code, 0);
    assert_eq!(notice(&site, "on_warning")?.ok_or("the first run was not told")?["event"], "warning");
    let done = site.run(&["sync", "--format", "json"])?;
    assert_eq!(done.code, 0, "{done:?}");
    let printed = done.json()?;
    assert_eq!(printed["site"], "見本市");
    let told = notice(&site, "on_success")?.ok_or("success was not told")?;
    assert_eq!(
        (&told["event"], &told["exit"], &told["failures"]),
        (&json!("success"), &json!(0), &json!([]))
    );
    // everything that is printed is told
    for (key, value) in printed.as_object().ok_or("no object")? {
        assert_eq!(&told[key], value, "{key}");
    }
    assert_eq!(notice(&site, "on_failure")?.or(notice(&site, "on_warning")?), None);

    site.change("max_rejected", "max_input_age = \"9999d\"\nmax_rejected")?;
    let mut records = fs::read_to_string(site.path("records.ndjson"))?;
    records.push_str("{\"宛名番号\":\"9\"}\n");
    fs::write(site.path("records.ndjson"), records)?;
    assert_eq!(site.run(&["sync"])?.code, 0);
    let told = notice(&site, "on_warning")?.ok_or("somebody is missing from the set, and nobody was told")?;
    assert_eq!((&told["event"], &told["summary"]["rejected"]), (&json!("warning"), &json!(1)));
    assert_eq!(notice(&site, "on_success")?, None);

    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.run(&["sync"])?.code, 5);
    let told = notice(&site, "on_failure")?.ok_or("failure was not told")?;
    assert_eq!(
        (&told["exit"], &told["outcome"], &told["run"]),
        (&json!(5), &json!("unavailable"), &json!(4))
    );
    assert_eq!(told["failures"][0]["code"], "PMH6004");
    assert!(told["failures"][0]["help"].is_string() && told["spool"].is_string(), "{told}");

    site.change("max_rejected = 18", "max_rejected = 0")?;
    fs::File::options()
        .append(true)
        .open(site.path("records.ndjson"))?
        .set_modified(std::time::SystemTime::now())?;
    assert_eq!(site.run(&["sync"])?.code, 7);
    let told = notice(&site, "on_failure")?.ok_or("a stop was not told")?;
    assert_eq!((&told["exit"], &told["failures"][0]["code"]), (&json!(7), &json!("PMH6101")), "{told}");

    let crashed = site.command(&["sync"]).env("PMH_FAULT", "panic").output()?;
    assert_eq!(crashed.status.code(), Some(70));
    let told = notice(&site, "on_failure")?.ok_or("a crash was not told")?;
    assert_eq!((&told["exit"], &told["failures"][0]["code"]), (&json!(70), &json!("PMH6405")), "{told}");

    assert_eq!(site.run(&["sync", "--dry-run"])?.code, 7);
    assert_eq!(notice(&site, "on_failure")?, None, "a rehearsal is nobody's business");
    Ok(())
}

/// Whatever the command does, the run ends as it would have, and a command that did not do its work is told of.
#[test]
fn a_command_changes_no_outcome() -> Result<()> {
    for (name, body, told) in [
        ("never reads", "exit 0", false),
        ("closes its input", "exec <&-\nsleep 0.2", false),
        ("reads one byte", "head -c 1 >/dev/null", false),
        ("talks a lot", "cat >/dev/null\nyes | head -c 1000000\nyes | head -c 1000000 >&2", false),
        ("leaves something behind", "sleep 30 >/dev/null 2>&1 &", false),
        ("fails", "cat >/dev/null\nexit 3", true),
        ("kills itself", "kill -9 $$", true),
        ("hangs", "sleep 100 &\necho $! >pid\nwait", true),
        ("hangs, deaf", "trap '' TERM INT HUP\nwhile :; do sleep 1; done", true),
    ] {
        let site = Site::new("flat-romaji")?;
        script(&site, "notify.sh", &format!("cd \"$(dirname \"$0\")\"\n{body}"))?;
        site.change("[guard]", "[notify]\non_success = [\"./notify.sh\"]\ntimeout = \"1s\"\n\n[guard]")?;
        let begun = Instant::now();
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{name}: {done:?}");
        assert_eq!(done.stderr.contains("PMH6310"), told, "{name}: {done:?}");
        assert!(done.stdout.len() < 10_000 && done.stderr.len() < 10_000, "{name}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{name}");
        assert_eq!(site.history()?[0]["state"], "accepted", "{name}");
        if let Ok(pid) = fs::read_to_string(site.path("pid")) {
            // one that has ended may still wait for its parent to notice
            let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
            let alive = stat
                .rsplit(") ")
                .next()
                .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']));
            assert!(!alive, "{name}: what it started lives on");
        }
    }
    let site = Site::new("flat-romaji")?;
    site.change("[guard]", "[notify]\non_success = [\"./nowhere.sh\"]\n\n[guard]")?;
    let done = site.done(site.sync_command(&[]))?;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("warning[PMH6310]") && done.stderr.contains("not found"), "{done:?}");
    Ok(())
}

/// The next run can begin while the command of this one is still at work.
#[test]
fn the_lock_is_free_while_people_are_told() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    script(
        &site,
        "notify.sh",
        &format!("cat >/dev/null\nexec <&-\nsleep 1\n: >\"{}\"", site.path("told").display()),
    )?;
    site.change("[guard]", "[notify]\non_success = [\"./notify.sh\"]\n\n[guard]")?;
    let slow = site.sync_command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    while site.history().is_ok_and(|runs| runs.first().is_none_or(|run| run["state"] != "accepted")) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(200));
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("other.toml"), text.replace("on_success", "on_failure"))?;
    let other = pmh::command(["sync", "--as-of", pmh_tests::site::AS_OF])
        .arg("--config")
        .arg(site.path("other.toml"))
        .stdout(Stdio::null())
        .status()?;
    assert_eq!(other.code(), Some(0));
    assert_eq!(slow.wait_with_output()?.status.code(), Some(0));
    assert!(site.path("told").exists());
    Ok(())
}

/// A notice of any size to a command that reads none of it neither blocks nor kills.
#[test]
fn a_large_notice_is_written_to_nobody() -> Result<()> {
    let ui = Ui {
        lang: pmh_core::rules::Lang::En,
        form: Form::Json,
        colour: Colour::Never,
        quiet: false,
        verbose: false,
    };
    let folder = tempfile::tempdir()?;
    let count = folder.path().join("count");
    let shell = |script: String| {
        Some(Command { program: PathBuf::from("sh"), arguments: vec!["-c".to_owned(), script] })
    };
    let config = NotifyConfig {
        on_failure: shell("exit 0".to_owned()),
        on_success: shell(format!("wc -c >'{}'", count.display())),
        on_warning: shell("sleep 60".to_owned()),
        timeout: Duration::from_secs(1),
        ..NotifyConfig::default()
    };
    let result = json!({ "deliveries": vec!["x".repeat(1000); 5000] });
    for event in [Event::Failure, Event::Warning, Event::Success] {
        let result = Some(result.clone());
        config.tell(&Notice { event, site: None, exit: Some(Exit::Done), failures: &[], result }, ui);
    }
    let read: usize = fs::read_to_string(count)?.trim().parse()?;
    assert!(read > 5_000_000, "{read}");
    Ok(())
}

/// The environment is a short list; the token isn't on it, wherever it is kept.
#[test]
fn the_token_stays_here() -> Result<()> {
    for variable in ["PMH_TOKEN", "LANG"] {
        let site = Site::new("flat-romaji")?;
        let env = site.path("env");
        script(
            &site,
            "notify.sh",
            &format!("env >\"{0}\"\ntr '\\0' '\\n' </proc/$PPID/cmdline >>\"{0}\"", env.display()),
        )?;
        site.change("[guard]", "[notify]\non_success = [\"./notify.sh\"]\n\n[guard]")?;
        site.change("token_file = \"token\"", &format!("token_env = \"{variable}\""))?;
        let mut sync = site.sync_command(&[]);
        sync.env(variable, site.pmh.token()).env("CREDENTIALS_DIRECTORY", site.folder()).env("OTHER", "x");
        let done = site.done(sync)?;
        assert_eq!(done.code, 0, "{done:?}");
        let seen = fs::read_to_string(env)?;
        assert!(!seen.contains(site.pmh.token()), "{seen}");
        let names: BTreeSet<&str> =
            seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        assert!(names.contains("PATH"), "{seen}");
        for name in ["CREDENTIALS_DIRECTORY", "OTHER", "CARGO_MANIFEST_DIR", variable] {
            assert!(!names.contains(name), "{name}: {seen}");
        }
    }
    Ok(())
}

/// What PMH says in words goes to nobody, even if the person at the screen asked for it.
#[test]
fn no_word_of_pmh_is_passed_on() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    notified(&site)?;
    let body = r#"{"code":"山田太郎","message":"山田太郎 昭和50年1月2日 1234-5678-9018"}"#;
    let pmh = answering(&site, vec![("400 Bad Request", body.to_owned())])?;
    let done = site.sync(&["--show-answer"])?;
    assert_eq!(done.code, 4, "{done:?}");
    pmh.join().map_err(|_| "the other side")??;
    let told = notice(&site, "on_failure")?.ok_or("nobody was told")?;
    let delivery = &told["deliveries"][0];
    assert_eq!((&delivery["message"], &delivery["code"]), (&json!(null), &json!(null)), "{told}");
    assert_eq!((&delivery["messageLength"], &delivery["codeLength"]), (&json!(29), &json!(4)), "{told}");
    assert!(!told.to_string().contains("山田"), "{told}");
    Ok(())
}

/// The shell recipes of the guide, with stand-ins for the programs that they call.
#[test]
fn the_recipes_of_the_guides_work() -> Result<()> {
    for guide in ["operations.md", "operations.ja.md"] {
        let text = fs::read_to_string(root().join("../docs").join(guide))?;
        let recipes: Vec<&str> =
            text.split("```sh\n#!/bin/sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(recipes.len(), 2, "{guide}: mail and Zabbix");
        let site = Site::new("flat-romaji")?;
        for program in ["msmtp", "zabbix_sender"] {
            fs::create_dir_all(site.path("bin"))?;
            let seen = site.path(program);
            script(
                &site,
                &format!("bin/{program}"),
                &format!("echo \"$@\" >\"{0}\"\ncat >>\"{0}\"", seen.display()),
            )?;
        }
        let path = format!("{}:{}", site.path("bin").display(), std::env::var("PATH")?);
        for (number, recipe) in recipes.iter().enumerate() {
            script(&site, &format!("recipe-{number}.sh"), recipe)?;
            for exit in [0, 5] {
                let mut child = Process::new(site.path(&format!("recipe-{number}.sh")))
                    .env("PATH", &path)
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()?;
                let event = if exit == 0 { "success" } else { "failure" };
                let json = json!({ "event": event, "site": "見本市", "exit": exit, "failures": [] });
                child.stdin.take().ok_or("no input")?.write_all(format!("{json}\n").as_bytes())?;
                assert_eq!(child.wait()?.code(), Some(0), "{guide}: {recipe}");
                let program = if recipe.contains("msmtp") { "msmtp" } else { "zabbix_sender" };
                let seen = fs::read_to_string(site.path(program))?;
                match program {
                    "msmtp" => {
                        // a mail's head ends with an empty line
                        let (head, body) = seen.split_once("\n\n").ok_or("no body")?;
                        assert!(
                            head.contains(&format!("\nSubject: pmh: {event} (exit code {exit})")),
                            "{seen}"
                        );
                        assert!(body.lines().all(|line| line.len() <= 998) && body.is_ascii(), "{seen}");
                        fs::write(site.path("body"), body)?;
                        let decoded = Process::new("base64").arg("-d").arg(site.path("body")).output()?;
                        assert_eq!(serde_json::from_slice::<serde_json::Value>(&decoded.stdout)?, json);
                    }
                    _ => assert!(
                        seen.contains("-k pmh.exit") && seen.contains(&format!("-o {exit}")),
                        "{seen}"
                    ),
                }
            }
        }
    }
    Ok(())
}
