//! Every vector gives the same bytes on every host that this program can start.
//!
//! With `PMH_VECTORS=write` the native core's results are written into the files instead, to be read and judged before they are
//! committed.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::{collections::BTreeSet, fs};

use pmh_core::rules;
use pmh_tests::{Host, Native, Result, Vector, Wasmtime, root, vectors};
use serde_json::Value;

fn check(host: &impl Host) -> Result<()> {
    let vectors = vectors()?;
    assert!(vectors.len() >= 60, "only {} vectors were found", vectors.len());
    for vector in &vectors {
        let input = vector.input.bytes()?;
        let (first, second) =
            host.run_twice(&vector.profile_bytes()?, &vector.options_bytes()?, &[&input])?;
        assert_eq!(first, vector.expected()?, "{} on {}: {}", vector.name, host.name(), vector.note);
        assert_eq!(second, vector.expected_second()?, "{} on {}, second run", vector.name, host.name());
    }
    Ok(())
}

#[test]
fn native_gives_the_vectors_bytes() -> Result<()> {
    if std::env::var_os("PMH_VECTORS").is_some_and(|mode| mode == "write") {
        return write();
    }
    check(&Native)
}

#[test]
fn wasmtime_gives_the_vectors_bytes() -> Result<()> {
    check(&Wasmtime::embedded()?)
}

fn write() -> Result<()> {
    for vector in vectors()? {
        let input = vector.input.bytes()?;
        let (outcome, second) =
            Native.run_twice(&vector.profile_bytes()?, &vector.options_bytes()?, &[&input])?;
        let (findings, summary) = outcome.report_lines()?;
        let second = second.map_or_else(|| Ok((Vec::new(), Value::Null)), |second| second.report_lines())?;
        let others = second.0.iter().filter_map(|finding| finding.get("other").cloned()).collect();
        let payload = match outcome.payload.as_slice() {
            [] => Value::Null,
            bytes => serde_json::from_slice(bytes)?,
        };
        let path = root().join("vectors").join(format!("{}.json", vector.name));
        let vector = Vector { payload, findings, others, summary, ..vector };
        fs::write(path, serde_json::to_string_pretty(&vector)? + "\n")?;
    }
    Ok(())
}

/// The codes of blocks 1xxx to 5xxx and 9xxx that the vectors' findings have.
fn codes_hit() -> Result<BTreeSet<String>> {
    let codes = vectors()?.into_iter().flat_map(|vector| vector.findings);
    Ok(codes.filter_map(|finding| finding["code"].as_str().map(str::to_owned)).collect())
}

#[test]
fn every_rule_of_the_core_is_hit() -> Result<()> {
    let hit = codes_hit()?;
    // 6xxx and 92xx are the runner's; a call out of order can't be written as a vector and has a test of its own
    let elsewhere =
        |code: &str| code.starts_with("PMH6") || code.starts_with("PMH92") || code == rules::CALL_ORDER.code;
    let missed: Vec<&str> = rules::all()
        .map(|entry| entry.rule.code)
        .filter(|code| !elsewhere(code) && !hit.contains(*code))
        .collect();
    assert!(missed.is_empty(), "no vector hits {missed:?}");
    Ok(())
}

#[test]
fn vectors_that_call_themselves_clean_have_no_findings() -> Result<()> {
    let clean: Vec<Vector> = vectors()?
        .into_iter()
        .filter(|vector| vector.note.starts_with("a clean") || vector.note.starts_with("clean"))
        .collect();
    assert!(!clean.is_empty());
    for vector in clean {
        assert!(vector.findings.is_empty(), "{}: {:?}", vector.name, vector.findings);
    }
    Ok(())
}

/// No text of an input's values stands in a finding, apart from the record key.
#[test]
fn findings_show_no_value() -> Result<()> {
    for vector in vectors()? {
        let Ok(Value::Array(records)) = serde_json::from_slice(&vector.input.bytes()?) else { continue };
        let mut values = Vec::new();
        for record in &records {
            texts(record, &mut values);
        }
        for mut finding in vector.findings {
            if let Some(members) = finding.as_object_mut() {
                members.remove("recordKey");
            }
            let words = [&finding["message"], &finding["help"]].map(|text| text.as_str().unwrap_or_default());
            for value in values.iter().filter(|value| value.chars().count() >= 4) {
                let leaks = words.iter().any(|words| words.contains(value.as_str()));
                assert!(!leaks, "{}: {finding}", vector.name);
            }
        }
    }
    Ok(())
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Null | Value::Bool(_) => {}
    }
}
