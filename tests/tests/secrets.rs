//! Canaries: values of records and a token that nobody else has, looked for in everything that is said, logged or kept, at
//! the highest verbosity and on every way that a run can fail.

use std::fs;

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, site::Site};

/// In a field of their own each: a name, an address, a My Number (synthetic, with a right check digit), a token.
const NAME: &str = "検査花子";
const ADDRESS: &str = "検査町一丁目";
const MY_NUMBER: &str = "123456789018";
const TOKEN: &str = "canary-token-7f3a9c";

/// A site made by `pmh init`, with the canaries in its records.
fn site() -> Result<Site> {
    let site = Site::new("nested-japanese")?;
    site.write_token(TOKEN)?;
    let made = site.path("made");
    assert_eq!(pmh_tests::pmh::run(["init".as_ref(), made.as_os_str()])?.code, 0);
    for name in ["profile.json", "records.ndjson"] {
        fs::rename(made.join(name), site.path(name))?;
    }
    fs::remove_dir_all(made)?;
    site.change("records.json", "records.ndjson")?;
    site.change("format = \"json\"", "format = \"ndjson\"")?;
    site.change("[guard]", "[log]\ndir = \"log\"\nlevel = \"trace\"\nformat = \"json\"\n\n[guard]")?;
    let records = fs::read_to_string(site.path("records.ndjson"))?;
    let first: serde_json::Value = serde_json::from_str(records.lines().next().ok_or("no record")?)?;
    let mut spoiled = Vec::new();
    // the canaries in every field in turn: whatever a field's check says of them is said somewhere
    let profile: serde_json::Value = serde_json::from_slice(&fs::read(site.path("profile.json"))?)?;
    let key = profile
        .get("recordKey")
        .and_then(serde_json::Value::as_str)
        .ok_or("no record key")?
        .trim_start_matches('/')
        .to_owned();
    for (field, _) in first.as_object().ok_or("no object")? {
        // what identifies a record to its owner stands in findings, and must for that reason be nothing personal
        if *field == key {
            continue;
        }
        for canary in [NAME, ADDRESS, MY_NUMBER] {
            let mut record = first.clone();
            *record.get_mut(field).ok_or("no field")? = canary.into();
            spoiled.push(record.to_string());
        }
    }
    fs::write(
        site.path("records.ndjson"),
        format!("{records}{}\n{{\"broken\":\"{NAME}", spoiled.join("\n")),
    )?;
    Ok(site)
}

fn clean(what: &str, text: &str) {
    for canary in [NAME, ADDRESS, MY_NUMBER, TOKEN] {
        assert!(!text.contains(canary), "{canary} stands in {what}");
    }
}

#[test]
fn no_canary_is_said_or_logged_or_kept() -> Result<()> {
    let site = site()?;
    let whole = fs::read_to_string(site.path("records.ndjson"))?;
    let mut runs = 0;
    let mut look = |what: &str, more: &[&str]| -> Result<()> {
        for format in ["human", "json"] {
            let arguments = [&["--format", format, "-v", "--report", "-"], more].concat();
            let output = site.sync_command(&arguments).env("RUST_LOG", "trace").output()?;
            runs += 1;
            clean(what, &String::from_utf8_lossy(&output.stdout));
            clean(what, &String::from_utf8_lossy(&output.stderr));
        }
        for (path, bytes) in site.written()? {
            let text = String::from_utf8_lossy(&bytes);
            let payload =
                path.to_string_lossy().contains("payload-") || path.to_string_lossy().ends_with(".part");
            if payload {
                assert!(!text.contains(TOKEN), "{what}: the token stands in {}", path.display());
            } else {
                clean(&format!("{what}: {}", path.display()), &text);
            }
        }
        Ok(())
    };
    look("an incomplete input", &[])?;
    let complete = whole.rsplit_once('\n').ok_or("one line")?.0;
    fs::write(site.path("records.ndjson"), complete)?;
    look("rejected records", &[])?;
    look("a dry run", &["--dry-run", "--pass", "PMH6101"])?;
    // the simulator asks for another token
    look("a token that is refused", &["--pass", "PMH6101"])?;
    for answer in [Answer::status(400), Answer::status(500), Answer::Cut(Moment::During), Answer::Garbage] {
        site.pmh.answer_next([answer.clone(), answer.clone()]);
        look(&format!("{answer:?}"), &["--pass", "PMH6101"])?;
    }
    // another input, so that it is transformed anew
    fs::write(site.path("records.ndjson"), format!("{complete}\n"))?;
    let killed = site.sync_command(&["--pass", "PMH6101", "-v"]).env("PMH_FAULT", "panic").output()?;
    assert_eq!(killed.status.code(), Some(70), "{killed:?}");
    clean("a panic", &String::from_utf8_lossy(&killed.stderr));
    look("after a panic", &["--pass", "PMH6101"])?;
    for arguments in [&["doctor"][..], &["doctor", "--json"], &["history"], &["history", "verify"]] {
        let done = pmh_tests::pmh::done(site.command(arguments).output()?)?;
        clean(&arguments.join(" "), &format!("{}{}", done.stdout, done.stderr));
    }
    println!("{runs} runs, 4 canaries");
    Ok(())
}
