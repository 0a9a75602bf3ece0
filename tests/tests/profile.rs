//! The profile language: its schema says what the reader says, and its author's tools say what a run does.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::{env, fs, path::Path, sync::Arc};

use jsonschema::Validator;
use pmh_core::{
    Fate, Options, Profile,
    rules::Lang,
    trace::{Came, CoverageRun, Trace, Tracer},
};
use pmh_tests::{Host, Native, Result, Vector, pmh, root, vectors};
use proptest::prelude::*;
use serde_json::{Value, json};

fn schema() -> Validator {
    let schema = serde_json::from_str(&Profile::schema()).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of its draft");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

/// A profile that compiles, as the tests change it.
fn example() -> Value {
    serde_json::from_str(include_str!("../../core/examples/profile.json")).expect("JSON")
}

fn compiles(profile: &Value) -> bool {
    Profile::compile(&serde_json::to_vec(profile).expect("JSON")).is_ok()
}

/// The vectors whose profile compiles, with it.
fn usable() -> Vec<(Vector, Value, Arc<Profile>)> {
    let vectors = vectors().expect("vectors").into_iter();
    vectors
        .filter_map(|vector| {
            let bytes = vector.profile_bytes().ok()?;
            let profile = Profile::compile(&bytes).ok()?;
            Some((vector, serde_json::from_slice(&bytes).ok()?, Arc::new(profile)))
        })
        .collect()
}

#[test]
fn the_schema_file_is_up_to_date() -> Result<()> {
    let path = root().join("../spec/profile.schema.json");
    if env::var_os("PMH_DOCS").is_some_and(|mode| mode == "write") {
        fs::write(&path, Profile::schema())?;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == Profile::schema(),
        "spec/profile.schema.json is out of date: PMH_DOCS=write cargo test --workspace --test profile"
    );
    let printed = pmh::run(["profile", "schema"])?;
    assert_eq!((printed.code, printed.stdout), (0, found));
    Ok(())
}

#[test]
fn every_profile_that_compiles_is_valid() -> Result<()> {
    let schema = schema();
    let mut profiles: Vec<(String, Value)> =
        usable().into_iter().map(|(vector, profile, _)| (vector.name, profile)).collect();
    assert!(profiles.len() > 100);
    for path in ["core/examples/profile.json", "host-runner/templates/profile.json"] {
        profiles.push((path.to_owned(), serde_json::from_slice(&fs::read(root().join("..").join(path))?)?));
    }
    for vendor in fs::read_dir(root().join("vendors"))? {
        let path = vendor?.path().join("profile.json");
        if !path.exists() {
            continue;
        }
        profiles.push((path.display().to_string(), serde_json::from_slice(&fs::read(&path)?)?));
    }
    for (name, profile) in profiles {
        assert!(compiles(&profile), "{name}");
        let errors: Vec<String> = schema.iter_errors(&profile).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    Ok(())
}

/// What the schema can say, both refuse: each place of the language, filled with what it doesn't take.
#[test]
fn both_refuse_what_the_schema_can_say() {
    let from = |more: Value| {
        let mut expr = json!({ "from": "/x" });
        expr.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        expr
    };
    let cases = [
        ("/nmae", json!("x")),
        ("/name", json!("")),
        ("/version", json!(1)),
        ("/target", json!("pmh-sync/9")),
        ("/recordKey", json!("宛名番号")),
        ("/recordKey", json!("^/宛名番号")),
        ("/keyPrefix", json!(1)),
        ("/records", json!({ "every": "/x" })),
        ("/records", json!({ "each": "x" })),
        ("/records", json!({ "when": {} })),
        ("/limits", json!({ "depth": 101 })),
        ("/limits", json!({ "recordBytes": 10 })),
        ("/limits", json!({ "bytes": 10 })),
        ("/rules", json!({ "PMH3102": "of" })),
        ("/rules", json!({ "PMH3101": "off" })),
        ("/rules", json!({ "PMH0000": "off" })),
        ("/fields/nachname", json!("x")),
        ("/fields/copaymentLimit", json!({ "kommon": {} })),
        ("/fields/copaymentLimit", json!({ "common": { "sum": "1" } })),
        ("/fields/certificateAllItems", json!("x")),
        ("/fields/certificateAllItems/x", json!(1)),
        ("/fields/certificateAllItems/x", json!({ "each": "/l" })),
        ("/fields/certificateAllItems/x", json!({ "each": "/l", "item": "x", "do": [] })),
        ("/fields/certificateAllItems/x", json!({ "object": {}, "default": "x" })),
        ("/fields/certificateAllItems/x", json!({ "from": "/l", "item": "x" })),
        ("/fields/gender", json!(1)),
        ("/fields/gender", json!([])),
        ("/fields/gender", json!({})),
        ("/fields/gender", json!({ "from": [] })),
        ("/fields/gender", json!({ "from": "x" })),
        ("/fields/gender", json!({ "from": "/x~2" })),
        ("/fields/gender", json!({ "value": 1.5 })),
        ("/fields/gender", json!({ "value": [] })),
        ("/fields/gender", json!({ "first": [] })),
        ("/fields/gender", json!({ "join": [] })),
        ("/fields/gender", json!({ "join": [1] })),
        ("/fields/gender", json!({ "from": "/x", "value": "1" })),
        ("/fields/gender", from(json!({ "otherwise": "1" }))),
        ("/fields/gender", from(json!({ "map": [] }))),
        ("/fields/gender", from(json!({ "map": { "1": {} } }))),
        ("/fields/gender", from(json!({ "defualt": "1" }))),
        ("/fields/gender", from(json!({ "do": "trim" }))),
        ("/fields/gender", from(json!({ "do": ["trimm"] }))),
        ("/fields/gender", from(json!({ "do": ["pad"] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 0 }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": "8" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 8, "take": 1 }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 8, "unsplit": "family" }] }))),
        ("/fields/gender", from(json!({ "do": [{}] }))),
        ("/fields/gender", from(json!({ "do": [{ "date": [] }] }))),
        ("/fields/gender", from(json!({ "do": [{ "date": ["julian"] }] }))),
        ("/fields/gender", from(json!({ "do": [{ "format": "iso" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "splitName": "middle" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "splitName": "given", "unsplit": "x" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "replace": { "": "x" } }] }))),
        ("/fields/gender", from(json!({ "do": [{ "replace": { "x": 1 } }] }))),
        ("/fields/gender", from(json!({ "when": {} }))),
        ("/fields/gender", from(json!({ "when": { "at": "/x" } }))),
        ("/fields/gender", from(json!({ "when": { "in": ["x"] } }))),
        ("/fields/gender", from(json!({ "when": { "at": "/x", "in": "x" } }))),
        ("/fields/gender", from(json!({ "when": { "present": "/x", "absent": "/y" } }))),
        ("/fields/gender", from(json!({ "when": { "present": "x" } }))),
        ("/fields/gender", from(json!({ "when": { "scheme": ["koseii"] } }))),
        ("/fields/gender", from(json!({ "when": { "all": {} } }))),
        ("/fields/gender", from(json!({ "when": { "not": [] } }))),
    ];
    let schema = schema();
    assert!(schema.is_valid(&example()) && compiles(&example()));
    for (place, value) in cases {
        let mut profile = example();
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        profile.pointer_mut(parent).expect(place)[key] = value.clone();
        assert!(!compiles(&profile), "the reader takes {place}: {value}");
        assert!(!schema.is_valid(&profile), "the schema takes {place}: {value}");
    }
    for required in ["name", "version", "target", "recordKey", "scheme", "fields"] {
        let mut profile = example();
        profile.as_object_mut().expect("an object").remove(required);
        assert!(!compiles(&profile) && !schema.is_valid(&profile), "{required}");
    }
    for required in ["myNumber", "birthDate", "certificateAllItems"] {
        let mut profile = example();
        profile["fields"].as_object_mut().expect("an object").remove(required);
        assert!(!compiles(&profile) && !schema.is_valid(&profile), "{required}");
    }
}

/// Every word that the schema offers to an editor is one that the reader takes.
#[test]
fn the_reader_knows_every_word_of_the_schema() {
    let schema: Value = serde_json::from_str(&Profile::schema()).expect("JSON");
    let words = |pointer: &str| -> Vec<Value> {
        let choices = schema.pointer(pointer).and_then(Value::as_array).expect(pointer);
        assert!(choices.len() > 1, "{pointer}");
        choices.iter().map(|choice| choice["const"].clone()).collect()
    };
    let takes = |expr: Value| {
        let mut profile = example();
        profile["fields"]["gender"] = expr.clone();
        assert!(compiles(&profile), "{expr}");
    };
    for step in words("/$defs/step/anyOf/0/oneOf") {
        takes(json!({ "from": "/x", "do": [step] }));
    }
    for format in words("/$defs/format/oneOf") {
        takes(json!({ "from": "/x", "do": [{ "format": format }] }));
        takes(json!(format!("{{/x|{}}}", format.as_str().expect("a text"))));
    }
    for notation in words("/$defs/step/anyOf/1/properties/date/items/oneOf") {
        takes(json!({ "from": "/x", "do": [{ "date": [notation] }] }));
    }
    for scheme in words("/$defs/scheme/oneOf") {
        takes(json!({ "from": "/x", "when": { "scheme": [scheme] } }));
    }
    let with_argument = schema["$defs"]["step"]["anyOf"][1]["properties"].as_object().expect("steps");
    for step in with_argument.keys().filter(|step| *step != "unsplit") {
        let argument = match step.as_str() {
            "date" => json!(["era"]),
            "splitName" => json!("given"),
            "format" => json!("era"),
            "replace" => json!({ "a": "b" }),
            _ => json!(1),
        };
        takes(json!({ "from": "/x", "do": [{ step: argument }] }));
    }
    for code in schema["properties"]["rules"]["properties"].as_object().expect("rules").keys() {
        let mut profile = example();
        profile["rules"] = json!({ code: "warning" });
        assert!(compiles(&profile), "{code}");
    }
}

fn foreign() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[\\^/a-z氏名~0-9]{0,8}".prop_map(Value::String),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            json!(null),
            json!({}),
            json!([]),
            json!(""),
            json!("kosei"),
            json!("{/x}"),
            json!([""]),
            json!({ "from": "" }),
            json!({ "from": ["/a", "/b"], "do": ["trim", { "pad": 3 }], "default": null }),
            json!({ "each": "", "item": "x" }),
            json!({ "object": { "from": "x" } }),
            json!({ "join": ["a", { "value": 1 }] }),
            json!({ "present": "/x" }),
            json!({ "at": "/x", "in": [] }),
            json!({ "value": null, "when": { "not": { "any": [] } } }),
            json!(true),
            json!(1.5)
        ]),
    ]
}

fn places(value: &Value, at: String, found: &mut Vec<String>) {
    let below = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => members.iter().for_each(|(key, member)| places(member, below(key), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, below(&index.to_string()), found));
        }
        _ => {}
    }
    found.push(at);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// What the reader takes, the schema takes: an editor never marks a profile that works.
    #[test]
    fn the_schema_takes_what_the_reader_takes(changes in prop::collection::vec((any::<prop::sample::Index>(), foreign()), 1..3)) {
        static SCHEMA: std::sync::LazyLock<Validator> = std::sync::LazyLock::new(schema);
        let mut profile = example();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&profile, String::new(), &mut all);
            let place: &String = place.get(&all);
            *profile.pointer_mut(place).expect("a place") = value;
        }
        prop_assert!(!compiles(&profile) || SCHEMA.is_valid(&profile), "{profile}");
    }
}

/// All traces of an input.
fn traces(profile: &Arc<Profile>, options: Options, input: &[u8]) -> Vec<Trace> {
    let mut traces = Vec::new();
    let mut tracer = Tracer::new(Arc::clone(profile), options, |trace| traces.push(trace));
    tracer.push(input);
    tracer.finish();
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
        let traces = traces(&profile, options, &input);
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

    fs::write(folder.path().join("profile.json"), "{}")?;
    let refused = test(json!([]), &["--format", "json"])?;
    assert_eq!((refused.code, &refused.json()?["findings"][0]["code"]), (2, &json!("PMH9004")));
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

/// The worked examples of the profile language's page are whole profiles that compile.
#[test]
fn the_worked_examples_compile() -> Result<()> {
    let text = fs::read_to_string(root().join("../docs/profile.md"))?;
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let parts: Vec<Value> = blocks.iter().filter_map(|block| serde_json::from_str(block).ok()).collect();
    assert_eq!(blocks.len(), parts.len(), "a block isn't JSON");
    let schema = schema();
    let mut merged = 0;
    for part in parts {
        // test cases are a list; a part of a profile is put into the example
        let Value::Object(members) = part else { continue };
        let mut profile = example();
        for (key, value) in members {
            match (profile.get_mut(&key), value) {
                (Some(Value::Object(known)), Value::Object(new)) if key == "fields" => known.extend(new),
                (_, value) => profile[&key] = value,
            }
        }
        let compiled = Profile::compile(&serde_json::to_vec(&profile)?);
        let mistakes: Vec<String> = compiled
            .err()
            .iter()
            .flat_map(|invalid| invalid.iter())
            .map(|mistake| format!("{:?} {}", mistake.profile, mistake.message(Lang::En)))
            .collect();
        assert!(mistakes.is_empty() && schema.is_valid(&profile), "{mistakes:?}: {profile}");
        merged += 1;
    }
    assert!(merged > 5);
    assert!(Path::new(&root()).join("../spec/profile.schema.json").exists());
    Ok(())
}
