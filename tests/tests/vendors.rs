//! The sample vendors, from their files to the payload, judged by what their `expected.json` says must come of them.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops")]

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use pmh_simulator::contract::Contract;
use pmh_tests::{Result, pmh, root};
use serde_json::Value;

const VENDORS: [(&str, &str, &[&str]); 5] = [
    ("flat-romaji", "records.ndjson", &["--input-format", "ndjson"]),
    ("nested-japanese", "records.json", &["--input-format", "json"]),
    ("csv-shift-jis", "records.csv", &["--input-format", "csv", "--encoding", "shift_jis"]),
    ("prefixed-columns", "records.ndjson", &["--input-format", "ndjson"]),
    ("household-nested", "records.json", &["--input-format", "json"]),
];

/// The code that finds what was put into a record.
fn code(because: &str) -> &'static str {
    match because {
        "my-number-check-digit" => "PMH3102",
        "registration-number-check-digit" => "PMH3105",
        "certification-number-check-digit" => "PMH3107",
        "certification-number-length" => "PMH3108",
        "private-use-character" => "PMH3201",
        "replacement-character" => "PMH3202",
        "half-width-in-name" => "PMH3203",
        "kana-not-katakana" => "PMH3204",
        "variation-selector" => "PMH3206",
        "unknown-prefecture" => "PMH3301",
        "no-such-day" => "PMH2102",
        "era-had-ended" => "PMH2103",
        "amount-not-a-number" => "PMH2201",
        "amount-with-decimals" => "PMH2002",
        "no-certificate" => "PMH2005",
        "unknown-scheme" | "unknown-code" => "PMH2301",
        "name-not-split" => "PMH2401",
        "end-before-start" => "PMH4002",
        "seishin-over-a-year" => "PMH4003",
        "adult-in-ikusei" => "PMH4004",
        "minor-in-kosei" => "PMH4005",
        "scheme-number-mismatch" => "PMH4101",
        "prefecture-mismatch" => "PMH4102",
        "no-copayment-limit" => "PMH4205",
        "unusual-amount" => "PMH4206",
        "duplicate-certificate" => "PMH5001",
        "repeated-certificate" => "PMH5006",
        "old-era" => "PMH2105",
        "start-far-ahead" => "PMH4007",
        "transitional-amount" => "PMH4209",
        "overlapping-validity" => "PMH5002",
        "two-names" => "PMH5003",
        "two-birth-dates" => "PMH5004",
        missing if missing.starts_with("missing-") => "PMH2001",
        other => panic!("no code for {other}"),
    }
}

/// (record, code) of the reasons.
fn reasons(expected: &Value, list: &str) -> BTreeSet<(u64, String)> {
    let reasons = expected[list].as_array().expect("a list").iter();
    reasons
        .map(|reason| {
            let because = reason["because"].as_str().expect("a reason");
            (reason["record"].as_u64().expect("an index"), code(because).to_owned())
        })
        .collect()
}

/// (record, code) of the findings of one severity.
fn found(report: &Value, severity: &str) -> BTreeSet<(u64, String)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings
        .filter(|finding| finding["severity"] == severity)
        .map(|finding| {
            (
                finding["record"].as_u64().expect("an index"),
                finding["code"].as_str().expect("a code").to_owned(),
            )
        })
        .collect()
}

#[test]
fn each_vendor_gives_what_was_put_in() -> Result<()> {
    for (vendor, file, input) in VENDORS {
        let folder = root().join("vendors").join(vendor);
        let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json"))?)?;
        let profile = folder.join("profile.json");
        let mut arguments: Vec<PathBuf> =
            vec!["check".into(), "--format".into(), "json".into(), "--profile".into(), profile];
        arguments.extend(["--as-of", "2026-11-22"].map(PathBuf::from));
        arguments.extend(input.iter().map(PathBuf::from));
        arguments.push(folder.join(file));
        let done = pmh::run(arguments)?;
        assert_eq!(done.code, 3, "{vendor}: {}", done.stderr);
        let report = done.json()?;
        for count in ["read", "accepted", "excluded", "rejected"] {
            assert_eq!(report["summary"][count], expected[count], "{vendor}: {count}");
        }
        assert_eq!(report["summary"]["complete"], true, "{vendor}");
        assert_eq!(found(&report, "error"), reasons(&expected, "rejectedRecords"), "{vendor}: errors");
        assert_eq!(found(&report, "warning"), reasons(&expected, "warnings"), "{vendor}: warnings");
    }
    Ok(())
}

/// The cases that a vendor wrote for its own profile.
#[test]
fn each_vendors_own_cases_pass() -> Result<()> {
    let mut with_cases = 0;
    for (vendor, ..) in VENDORS {
        let folder = root().join("vendors").join(vendor);
        if folder.join("profile.tests.json").exists() {
            let done = pmh::run_in(&folder, ["profile", "test", "profile.json"])?;
            assert_eq!(done.code, 0, "{vendor}: {}{}", done.stdout, done.stderr);
            with_cases += 1;
        }
    }
    assert!(with_cases >= 2, "the sample cases are gone");
    Ok(())
}

/// `transform` writes the accepted records although others are rejected, for nobody else to read, and PMH's schema holds for each.
#[test]
fn transform_writes_what_is_accepted() -> Result<()> {
    let contract = Contract::load()?;
    for (vendor, file, input) in VENDORS {
        let folder = root().join("vendors").join(vendor);
        let expected: Value = serde_json::from_slice(&std::fs::read(folder.join("expected.json"))?)?;
        let out = tempfile::tempdir()?;
        let (payload, report) = (out.path().join("payload.json"), out.path().join("report.ndjson"));
        let mut arguments: Vec<PathBuf> =
            ["transform", "--as-of", "2026-11-22", "--profile"].map(PathBuf::from).into();
        arguments.push(folder.join("profile.json"));
        arguments.extend(input.iter().map(PathBuf::from));
        arguments.extend(["--input".into(), folder.join(file), "--output".into(), payload.clone()]);
        arguments.extend(["--report".into(), report.clone()]);
        let done = pmh::run(arguments)?;
        assert_eq!(done.code, 3, "{vendor}: {}", done.stderr);
        let elements: Vec<Value> = serde_json::from_slice(&std::fs::read(&payload)?)?;
        assert_eq!(Value::from(elements.len()), expected["accepted"], "{vendor}");
        assert_eq!(elements.iter().find_map(|element| contract.fault(element)), None, "{vendor}");
        assert_eq!(std::fs::metadata(&payload)?.permissions().mode() & 0o777, 0o600, "{vendor}");
        let lines = std::fs::read_to_string(&report)?;
        let last: Value = serde_json::from_str(lines.lines().last().ok_or("an empty report")?)?;
        assert_eq!(last["summary"]["rejected"], expected["rejected"], "{vendor}");
    }
    Ok(())
}

#[test]
fn the_files_are_what_the_generator_writes() -> Result<()> {
    let output = Command::new(env!("CARGO_BIN_EXE_vendor_records")).arg("--check").output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
