//! Traces, coverage and test cases: what they say is what a run did, and they show no value unasked.

use std::{fs, sync::Arc};

use pmh_core::{
    Fate, Options, Profile,
    trace::{Came, CoverageRun, Trace, Tracer},
};
use pmh_tests::{Host, Native, Result, pmh, root, vectors};
use serde_json::{Value, json};

use super::usable;

/// All traces of an input.
fn traces(profile: &Arc<Profile>, options: Options, input: &[u8]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut run = Tracer::new(Arc::clone(profile), options, |trace| traces.push(trace));
    run.push(input);
    run.finish();
    traces
}

/// A trace is of the run itself: its elements are the payload, its findings the report, its values the elements' values; its pointers
/// lead to what they name, in the profile and in the record.
#[test]
fn traces_tell_what_the_run_did() -> Result<()> {
    let mut values = 0;
    for (vector, document, profile) in usable() {
        let (options, input) = (Options::from_json(&vector.options_bytes()?), vector.input.bytes()?);
        let Ok(options) = options else { continue };
        if vector.options.get("mode").is_some() {
            continue;
        }
        let outcome = Native.run(&vector.profile_bytes()?, &vector.options_bytes()?, &[&input])?;
        let traces = traces(&profile, options.clone(), &input);
        let elements: Vec<&str> = traces
            .iter()
            .filter(|trace| trace.fate == Fate::Accepted)
            .map(|trace| trace.element.as_ref().expect("an element").reveal())
            .collect();
        if options.payload && !outcome.payload.is_empty() {
            assert_eq!(format!("[{}]", elements.join(",")).as_bytes(), outcome.payload, "{}", vector.name);
        }
        let found: Vec<String> = traces
            .iter()
            .flat_map(|trace| &trace.findings)
            .map(|finding| serde_json::to_string(&finding.in_lang(options.lang)).expect("JSON"))
            .collect();
        let report = String::from_utf8(outcome.report)?;
        let of_records: Vec<&str> = report
            .lines()
            .filter(|line| line.contains("\"record\":") && !line.contains("\"record\":null"))
            .collect();
        assert_eq!(found, of_records, "{}", vector.name);

        let records: Vec<Value> = serde_json::from_slice(&input).unwrap_or_default();
        for trace in &traces {
            let element: Value = match &trace.element {
                Some(element) => serde_json::from_str(element.reveal())?,
                None => Value::Null,
            };
            for traced in &trace.values {
                for step in &traced.steps {
                    assert!(document.pointer(&step.profile).is_some(), "{}: {}", vector.name, step.profile);
                    if let (Some(source), Came::Value(_), "from") = (&step.source, &step.came, step.name) {
                        let record = records.get(usize::try_from(trace.record)?);
                        let read = record.is_none_or(|record| record.pointer(source).is_some());
                        assert!(read, "{}: {source}", vector.name);
                    }
                }
                let written = element.pointer(&traced.target).filter(|_| !traced.target.is_empty());
                if let (Some(written), Came::Value(value)) = (written, &traced.value) {
                    let text = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
                    assert_eq!(text, value.reveal(), "{}: {}", vector.name, traced.target);
                    values += 1;
                }
            }
            let shown = format!("{trace:?}");
            for traced in &trace.values {
                if let Came::Value(value) = &traced.value
                    && traced.target == "/myNumber"
                    && value.reveal().chars().count() == 12
                {
                    assert!(!shown.contains(value.reveal()), "{}", vector.name);
                }
            }
        }
    }
    assert!(values > 2_000, "only {values} values were compared");
    Ok(())
}

/// Coverage names parts of the profile that are there, and what one record reaches stays reached with more records.
#[test]
fn coverage_names_parts_of_the_profile() -> Result<()> {
    for (vector, document, profile) in usable() {
        let Ok(options) = Options::from_json(&vector.options_bytes()?) else { continue };
        let mut run = CoverageRun::new(Arc::clone(&profile), options);
        run.push(&vector.input.bytes()?);
        let (_, coverage) = run.finish();
        assert!(!coverage.parts.is_empty(), "{}", vector.name);
        for part in coverage.parts {
            assert!(document.pointer(&part.profile).is_some(), "{}: {}", vector.name, part.profile);
        }
    }
    Ok(())
}

/// A folder with a profile and records for the command line.
fn folder(profile: &Value, records: &Value) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("profile.json"), serde_json::to_vec(profile)?)?;
    fs::write(folder.path().join("records.json"), serde_json::to_vec(records)?)?;
    Ok(folder)
}

/// A vector's profile and records.
fn named(name: &str) -> Result<(Value, Value)> {
    let vector = vectors()?.into_iter().find(|vector| vector.name == name).ok_or("no such vector")?;
    Ok((serde_json::from_slice(&vector.profile_bytes()?)?, serde_json::from_slice(&vector.input.bytes()?)?))
}

#[test]
fn trace_shows_places_and_masks_values() -> Result<()> {
    let (profile, records) = named("401-each-finding")?;
    let folder = folder(&profile, &records)?;
    let run = |more: &[&str]| {
        let trace = ["profile", "trace", "profile.json", "records.json", "--as-of", "2026-11-22"];
        pmh::run_in(folder.path(), trace.iter().chain(more))
    };
    let name = records[0]["氏名"].as_str().expect("a name");
    let family = name.split('　').next().expect("a family name");

    let done = run(&["--record", "1"])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stdout.contains("  from /受給資格/1/受給者番号: ＊＊＊ (7 characters)  [/fields/medicalSubsidyCertificationNumber/from]"), "{}", done.stdout);
    assert!(
        done.stdout.contains("  splitName: ＊＊＊ (2 characters)  [/fields/lastName/do/0]"),
        "{}",
        done.stdout
    );
    assert!(
        done.stdout.contains("error[PMH3107] /受給資格/1/受給者番号 → /medicalSubsidyCertificationNumber: "),
        "{}",
        done.stdout
    );
    assert!(!done.stdout.contains(family), "{}", done.stdout);
    assert!(run(&["--record", "1", "--show-values"])?.stdout.contains(family));

    let json = run(&["--key", "0000000002", "--format", "json"])?.json()?;
    let traces = json["traces"].as_array().ok_or("no traces")?;
    assert_eq!(
        (traces.len(), &traces[0]["record"], &traces[0]["result"]),
        (1, &json!(1), &json!("rejected"))
    );
    assert!(!json.to_string().contains(family));
    let values = traces[0]["values"].as_array().ok_or("no values")?;
    let own = values.iter().find(|value| value["target"] == "/myNumber").ok_or("no value")?;
    assert_eq!((&own["source"], &own["value"]), (&json!("/個人番号"), &json!("＊＊＊ (12 characters)")));

    // which entry of a table was met tells the value
    let entry = |more: &[&str]| run(more).map(|done| done.stdout.contains("[/scheme/map/15]"));
    assert!(!entry(&["--record", "1"])? && entry(&["--record", "1", "--show-values"])?);

    let nobody = run(&["--record", "9"])?;
    assert_eq!((nobody.code, nobody.stderr.contains("PMH9202")), (2, true), "{nobody:?}");
    Ok(())
}

#[test]
fn coverage_shows_what_no_record_reached() -> Result<()> {
    let (profile, records) = named("420-date-split-era-code")?;
    let folder = folder(&profile, &records)?;
    let run = |more: &[&str]| {
        let coverage = ["profile", "coverage", "profile.json", "records.json", "--as-of", "2026-11-22"];
        pmh::run_in(folder.path(), coverage.iter().chain(more))
    };
    let json = run(&["--format", "json"])?.json()?;
    let missed: Vec<(&str, &str)> = json["unreached"]
        .as_array()
        .ok_or("no list")?
        .iter()
        .filter_map(|part| Some((part["profile"].as_str()?, part["reach"].as_str()?)))
        .filter(|(profile, _)| {
            profile.starts_with("/fields/birthDate") || profile.starts_with("/scheme/map/")
        })
        .collect();
    // the records have the eras 3 and 4 and one that is not in the table; their scheme is 15
    let expected = [
        ("/fields/birthDate/do/0", "refused"),
        ("/fields/birthDate/join/0/map/5", "entry"),
        ("/scheme/map/16", "entry"),
        ("/scheme/map/21", "entry"),
        ("/scheme/map/52", "entry"),
        ("/scheme/map/54", "entry"),
        ("/scheme/map/80", "entry"),
    ];
    assert_eq!(missed, expected);
    assert_eq!(json["read"], 3);
    let human = run(&[])?;
    assert_eq!(human.code, 0);
    assert!(human.stdout.contains("/scheme/map/21: no record had this value\n"), "{}", human.stdout);
    Ok(())
}

#[test]
fn cases_of_a_profile_pass_or_tell_why_not() -> Result<()> {
    let (profile, records) = named("400-each-certificates")?;
    let folder = folder(&profile, &records)?;
    let test = |cases: Value, more: &[&str]| {
        fs::write(folder.path().join("profile.tests.json"), serde_json::to_vec(&cases)?)?;
        pmh::run_in(folder.path(), ["profile", "test", "profile.json"].iter().chain(more))
    };
    let case = |fields: Value, codes: Value| {
        let results = ["accepted", "excluded", "accepted"];
        json!([{ "name": "three", "asOf": "2026-11-22", "record": records[0], "result": results, "fields": fields, "codes": codes }])
    };
    let right =
        json!([{ "certificationStartDate": "2026-04-01" }, { "certificationStartDate": "2027-04-01" }]);
    let done = test(case(right.clone(), json!([])), &[])?;
    assert_eq!((done.code, done.stdout.as_str()), (0, "passed three\n1 passed, 0 failed\n"), "{done:?}");

    let wrong = json!([{ "certificationStartDate": "2026-04-01" }, { "lastName": "鈴木" }]);
    let done = test(case(wrong.clone(), json!(["PMH3102"])), &[])?;
    assert_eq!(done.code, 3, "{done:?}");
    for part in [
        "FAILED three",
        "  /lastName ← /氏名  [/fields/lastName]\n",
        "expected ＊＊＊ (2 characters)",
        "PMH3102 was expected",
    ] {
        assert!(done.stdout.contains(part), "{part} in {}", done.stdout);
    }
    assert!(!done.stdout.contains("鈴木") && !done.stdout.contains("山田"), "{}", done.stdout);
    let shown = test(case(wrong.clone(), json!([])), &["--show-values"])?;
    assert!(shown.stdout.contains("鈴木") && shown.stdout.contains("山田"), "{}", shown.stdout);
    let json = test(case(wrong, json!([])), &["--format", "json"])?.json()?;
    assert_eq!(json["cases"][0]["differences"][0]["target"], "/lastName");
    assert_eq!((&json["passed"], &json["failed"]), (&json!(0), &json!(1)));

    let fewer = test(case(json!({ "lastName": "山田" }), json!([])), &[])?;
    assert!(fewer.code == 3 && fewer.stdout.contains("fields: expected 1, found"), "{fewer:?}");
    let other = json!([{ "name": "n", "asOf": "2026-11-22", "record": records[0], "result": "rejected" }]);
    assert_eq!(test(other, &[])?.code, 3);

    for unusable in [
        json!({}),
        json!([]),
        json!([{ "name": "山田" }]),
        json!([{ "name": "n", "asOf": "2026-11-22", "record": {}, "feilds": {} }]),
    ] {
        let done = test(unusable, &[])?;
        assert!(
            done.code == 2 && done.stderr.contains("PMH9201") && !done.stderr.contains("山田"),
            "{done:?}"
        );
    }
    let day = test(json!([{ "name": "n", "asOf": "yesterday", "record": {} }]), &[])?;
    assert!(day.code == 2 && day.stderr.contains("PMH9201"), "{day:?}");

    let help = pmh::run(["profile", "test", "--help"])?.stdout;
    let place = |word: &str| help.find(word).ok_or(format!("{word} isn't in {help}"));
    assert!(place("  <PROFILE> ")? < place("  [CASES] ")?, "{help}");

    fs::write(folder.path().join("profile.json"), "{}")?;
    let refused = test(json!([]), &["--format", "json"])?;
    assert_eq!((refused.code, &refused.json()?["findings"][0]["code"]), (2, &json!("PMH9004")));
    Ok(())
}

/// The cases that the profile language's page shows pass with the profile that it shows.
#[test]
fn the_documented_cases_pass() -> Result<()> {
    let text = fs::read_to_string(root().join("../docs/profile.md"))?;
    let cases = text.split("```json\n").find(|block| block.starts_with('[')).ok_or("no cases")?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cases.json");
    fs::write(&path, cases.split("```").next().unwrap_or_default())?;
    let profile = root().join("../core/examples/profile.json");
    let done = pmh::run(["profile".as_ref(), "test".as_ref(), profile.as_os_str(), path.as_os_str()])?;
    assert_eq!(done.code, 0, "{done:?}");
    Ok(())
}

/// The cases that come with the sample pass, so that whoever begins with it begins with a test.
#[test]
fn the_samples_own_cases_pass() -> Result<()> {
    let done = pmh::run([
        "profile".as_ref(),
        "test".as_ref(),
        root().join("../host-runner/templates/profile.json").as_os_str(),
    ])?;
    assert_eq!(done.code, 0, "{done:?}");
    Ok(())
}
