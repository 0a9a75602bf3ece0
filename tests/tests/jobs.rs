//! `--jobs` changes nothing of what comes out, however a run ends.

use std::{fs, path::Path};

use pmh_tests::{
    Result,
    pmh::{self, Done},
    root,
};
use tempfile::TempDir;

/// What one run leaves behind.
#[derive(Debug, PartialEq)]
struct Left {
    code: i32,
    stdout: String,
    stderr: String,
    payload: Option<Vec<u8>>,
    report: Option<Vec<u8>>,
}

fn transform(folder: &Path, profile: &Path, input: &Path, jobs: &str, more: &[&str]) -> Result<Left> {
    let (payload, report) = (folder.join("payload.json"), folder.join("report.ndjson"));
    for file in [&payload, &report] {
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    let mut command = pmh::command(["transform", "--as-of", "2026-11-22", "--quiet", "--jobs", jobs]);
    command.arg("--profile").arg(profile).arg("--input").arg(input);
    command.arg("--output").arg(&payload).arg("--report").arg(&report).args(more);
    let Done { code, stdout, stderr } = pmh::done(command.output()?)?;
    Ok(Left { code, stdout, stderr, payload: fs::read(payload).ok(), report: fs::read(report).ok() })
}

/// Runs by one session and by several, and gives what both left.
fn the_same(profile: &Path, input: &Path, more: &[&str]) -> Result<Left> {
    let folder = TempDir::new()?;
    let alone = transform(folder.path(), profile, input, "1", more)?;
    for jobs in ["2", "5"] {
        let shared = transform(folder.path(), profile, input, jobs, more)?;
        // not assert_eq, which would print megabytes
        assert!(shared == alone, "--jobs {jobs}: exit code {} and {}", shared.code, alone.code);
    }
    Ok(alone)
}

fn vendor(name: &str) -> std::path::PathBuf {
    root().join("vendors").join(name)
}

/// Long enough for many shards; from the second round on, most records say what an earlier one said.
fn rounds(file: &Path, count: usize) -> Result<Vec<u8>> {
    Ok(fs::read(file)?.repeat(count))
}

#[test]
fn lines() -> Result<()> {
    let (vendor, folder) = (vendor("flat-romaji"), TempDir::new()?);
    let input = folder.path().join("records.ndjson");
    fs::write(&input, rounds(&vendor.join("records.ndjson"), 12)?)?;
    let left = the_same(&vendor.join("profile.json"), &input, &[])?;
    assert_eq!(left.code, 3);
    let report = String::from_utf8(left.report.expect("a report"))?;
    assert!(report.matches("PMH5006").count() > 1_000, "certificates that came in an earlier round");
    Ok(())
}

#[test]
fn an_array() -> Result<()> {
    let vendor = vendor("nested-japanese");
    let folder = TempDir::new()?;
    let text = fs::read_to_string(vendor.join("records.json"))?;
    let records = text.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or("no array")?;
    let many = [records; 10].join(",");
    let input = folder.path().join("records.json");
    fs::write(&input, format!("[{many}]"))?;
    let left = the_same(&vendor.join("profile.json"), &input, &[])?;
    let payload: Vec<serde_json::Value> = serde_json::from_slice(&left.payload.expect("a payload"))?;
    assert!(payload.len() > 100);

    // broken in the middle: what stands behind is not read
    fs::write(&input, format!("[{many},{{]{many}]"))?;
    let left = the_same(&vendor.join("profile.json"), &input, &[])?;
    assert_eq!(left.code, 3);
    assert!(String::from_utf8(left.report.expect("a report"))?.contains("\"complete\":false"));
    Ok(())
}

#[test]
fn rows() -> Result<()> {
    let vendor = vendor("csv-shift-jis");
    let more = ["--input-format", "csv", "--encoding", "shift_jis"];
    let left = the_same(&vendor.join("profile.json"), &vendor.join("records.csv"), &more)?;
    assert_eq!(left.code, 3);

    // a row that goes on and on: reading fails far behind the first shards
    let folder = TempDir::new()?;
    let input = folder.path().join("records.csv");
    let mut text = rounds(&vendor.join("records.csv"), 40)?;
    text.push(b'"');
    text.extend(vec![b'a'; 40 << 20]);
    fs::write(&input, text)?;
    let left = the_same(&vendor.join("profile.json"), &input, &more)?;
    assert_eq!((left.code, left.payload), (2, None));
    Ok(())
}

#[test]
fn a_profile_with_mistakes() -> Result<()> {
    let folder = TempDir::new()?;
    let profile = folder.path().join("profile.json");
    fs::write(&profile, "{}")?;
    let left = the_same(&profile, &vendor("flat-romaji").join("records.ndjson"), &[])?;
    assert_eq!((left.code, left.payload), (2, None));
    Ok(())
}

/// Refused before anything is read.
#[test]
fn a_module_that_is_none() -> Result<()> {
    let folder = TempDir::new()?;
    let module = folder.path().join("other.wasm");
    fs::write(&module, b"\0asm\x01\0\0\0")?;
    let vendor = vendor("flat-romaji");
    let more = ["--module", module.to_str().ok_or("no text")?];
    let left = the_same(&vendor.join("profile.json"), &vendor.join("records.ndjson"), &more)?;
    assert!(left.stderr.contains("PMH6401"), "{}", left.stderr);
    Ok(())
}
