//! `pmh sync` against the simulator: each way that PMH can answer, and what must be true afterwards.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use pmh_simulator::{Answer, Config, Handle, Moment, Simulator};
use pmh_tests::{Result, pmh, root};
use tempfile::TempDir;

/// A folder with a vendor's configuration that leads to a running simulator.
struct Site {
    folder: TempDir,
    pmh: Handle,
}

impl Site {
    fn new(vendor: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for entry in fs::read_dir(root().join("vendors").join(vendor))? {
            let entry = entry?;
            fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
        }
        let pmh = Simulator::start(Config { token: "a-token-of-the-tests".to_owned(), ..Config::default() })?;
        let site = Self { folder, pmh };
        site.write_token(site.pmh.token())?;
        site.change("[guard]", "[retry]\nmax_attempts = 1\n\n[guard]")?;
        site.change(
            "url = \"http://127.0.0.1:9/medicalSubsidiesTargetPersons\"",
            &format!("url = \"{}\"", site.pmh.endpoint()),
        )?;
        Ok(site)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write_token(&self, token: &str) -> Result<()> {
        fs::write(self.path("token"), token)?;
        Ok(fs::set_permissions(self.path("token"), fs::Permissions::from_mode(0o600))?)
    }

    fn change(&self, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(self.path("pmh.toml"))?;
        assert!(text.contains(from), "{from} is not in pmh.toml");
        Ok(fs::write(self.path("pmh.toml"), text.replace(from, to))?)
    }

    fn sync(&self, more: &[&str]) -> Result<pmh::Done> {
        let config = self.path("pmh.toml");
        // the records are made for that day, whatever today is
        let day = ["--as-of", "2026-11-22", "--pass", "PMH6105"];
        let arguments = [&["sync", "--format", "json"], &day[..], &["--config"]].concat();
        let arguments = arguments.iter().map(Path::new);
        let done = pmh::run(arguments.chain([config.as_path()]).chain(more.iter().map(Path::new)))?;
        let shown = format!("{}{}", done.stdout, done.stderr);
        assert!(!shown.contains(self.pmh.token()), "the token is shown");
        Ok(done)
    }
}

#[test]
fn accepted() -> Result<()> {
    for (vendor, records) in [("flat-romaji", 127), ("nested-japanese", 136), ("csv-shift-jis", 123)] {
        let site = Site::new(vendor)?;
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{vendor}: {done:?}");
        let registered = site.pmh.registrations();
        assert_eq!(registered.len(), 1, "{vendor}");
        assert_eq!(registered[0].records, records, "{vendor}");
        let report = done.json()?;
        let delivery = &report["deliveries"][0];
        assert_eq!(delivery["outcome"], "accepted", "{vendor}");
        assert_eq!(delivery["serialNumber"], registered[0].serial_number.as_str(), "{vendor}");
        assert_eq!(report["summary"]["accepted"], records, "{vendor}");
    }
    Ok(())
}

/// Each answer class: what PMH does, the exit code, the outcome, and whether PMH holds the set afterwards.
#[test]
fn each_answer() -> Result<()> {
    let cases = [
        ("400", Answer::status(400), 4, "refused", 0),
        ("401", Answer::status(401), 4, "refused", 0),
        ("403", Answer::status(403), 4, "refused", 0),
        ("404", Answer::status(404), 4, "refused", 0),
        ("302", Answer::status(302), 4, "refused", 0),
        ("500", Answer::status(500), 6, "unknown", 0),
        ("502", Answer::status(502), 6, "unknown", 0),
        ("503", Answer::status(503), 5, "unavailable", 0),
        ("503 with Retry-After", Answer::status(503).retry_after(30), 5, "unavailable", 0),
        ("429", Answer::status(429), 5, "unavailable", 0),
        ("cut before the body", Answer::Cut(Moment::Before), 6, "unknown", 0),
        ("cut during the body", Answer::Cut(Moment::During), 6, "unknown", 0),
        ("cut after the body", Answer::Cut(Moment::After), 6, "unknown", 1),
        ("garbage", Answer::Garbage, 6, "unknown", 0),
    ];
    for (name, answer, exit, outcome, registered) in cases {
        let site = Site::new("flat-romaji")?;
        site.pmh.answer_next([answer]);
        let done = site.sync(&[])?;
        assert_eq!(done.code, exit, "{name}: {done:?}");
        let report = done.json()?;
        assert_eq!(report["deliveries"][0]["outcome"], outcome, "{name}");
        assert_eq!(report["outcome"], outcome, "{name}");
        assert_eq!(site.pmh.requests().len(), 1, "{name}: one request, and no redirect followed");
        assert_eq!(site.pmh.registrations().len(), registered, "{name}");
    }
    Ok(())
}

#[test]
fn a_wrong_token_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    site.write_token("another-token")?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 4, "{done:?}");
    assert!(!format!("{done:?}").contains("another-token"));
    Ok(())
}

#[test]
fn nobody_there_is_unavailable() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let endpoint = site.pmh.endpoint();
    site.change(&endpoint, "http://127.0.0.1:9/medicalSubsidiesTargetPersons")?;
    assert_eq!(site.sync(&[])?.code, 5);
    Ok(())
}

#[test]
fn guards_stop_before_anything_is_sent() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    let line =
        text.lines().find(|line| line.starts_with("max_rejected")).ok_or("no max_rejected")?.to_owned();
    site.change(&line, "max_rejected = 0")?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 7, "{done:?}");
    assert_eq!(done.json()?["stops"].as_array().map(Vec::len), Some(1));
    site.change("max_rejected = 0", "max_rejected = 1000")?;
    for (records, why) in [("", "empty file"), ("{\"cut", "cut off")] {
        fs::write(site.path("records.ndjson"), records)?;
        assert_eq!(site.sync(&[])?.code, 7, "{why}");
    }
    fs::write(site.path("records.json"), "[]")?;
    site.change("records.ndjson", "records.json")?;
    site.change("format = \"ndjson\"", "format = \"json\"")?;
    assert_eq!(site.sync(&[])?.code, 7, "empty set");
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

#[test]
fn a_dry_run_sends_nothing() -> Result<()> {
    let site = Site::new("nested-japanese")?;
    let done = site.sync(&["--dry-run"])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(site.pmh.requests().is_empty());
    Ok(())
}

#[test]
fn a_set_can_be_split_over_requests() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let text = fs::read_to_string(site.path("pmh.toml"))?;
    fs::write(site.path("pmh.toml"), text.replace("token_file", "max_records_per_request = 50\ntoken_file"))?;
    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let counts: Vec<u64> = site.pmh.registrations().iter().map(|registration| registration.records).collect();
    assert_eq!(counts, [50, 50, 27]);
    Ok(())
}

#[test]
fn a_token_that_others_can_read_is_refused() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    fs::set_permissions(site.path("token"), fs::Permissions::from_mode(0o644))?;
    assert_eq!(site.sync(&[])?.code, 2);
    assert!(site.pmh.requests().is_empty());
    Ok(())
}
