//! What is counted of a profile's use: against counts that are taken from the records themselves, whatever the cut and the stages.
//!
//! How it could harm: a record that is mapped twice counts twice, or one that no session counts; a count from beyond the place where the
//! reading ended; a finding that comes with one number of sessions and not with another.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use pmh_core::{Job, Output, Summary};
use pmh_tests::Result;
use serde_json::{Value, json};

const PROFILE: &str = r#"{
    "name": "counts", "version": "1.0.0", "target": "pmh-sync/0.0.1", "recordKey": "/id",
    "scheme": { "from": "/s", "map": { "15": "kosei", "21": "seishin" } },
    "fields": {
        "myNumber": { "value": "300000158384" },
        "lastName": { "value": "山田" }, "firstName": { "value": "太郎" },
        "lastNameKana": { "value": "ヤマダ" }, "firstNameKana": { "value": "タロウ" },
        "addressPref": { "value": "東京都" }, "addressCity": { "value": "架空市" },
        "birthDate": { "value": "1975-04-01" },
        "medicalSubsidyRegistrationNumber": { "value": "15138019" },
        "medicalSubsidyCertificationNumber": { "value": "0000034" },
        "certificationStartDate": { "value": "2026-10-01" }, "certificationEndDate": { "value": "2027-09-30" },
        "copaymentLimit": { "common": { "burdenRatio": { "value": 10 } } },
        "addressSection": { "from": ["/a", "/b"] },
        "addressHouseNumber": { "from": "/mistyped" },
        "addressDetail": { "from": "/detail", "when": { "scheme": ["seishin"] } },
        "certificateAllItems": { "name": { "from": "/name" }, "list": { "each": "/list", "item": { "x": { "from": "/x" } } } }
    }
}"#;

/// Records of any shape. Equal ones too: the set looks at what was accepted.
fn records(count: usize, seed: u64) -> Vec<Value> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut text =
        |choices: &[&str]| random.choice(choices).map_or_else(String::new, |text| (*text).to_owned());
    (0..count)
        .map(|number| {
            let mut record = json!({ "id": (number / 2).to_string(), "s": text(&["15", "21", "21", "99"]) });
            for key in ["name", "a", "b", "detail"] {
                match text(&["", "ｖ", "ｖ", "none", "null"]).as_str() {
                    "none" => {}
                    "null" => record[key] = Value::Null,
                    value => record[key] = value.into(),
                }
            }
            let elements = ["", "x", "xx"].map(|_| json!({ "x": text(&["", "ｖ"]) }));
            record["list"] = elements.into_iter().take(number % 4).collect();
            record
        })
        .collect()
}

/// How often a place was asked for, present and filled: from the records themselves.
fn counted(records: &[Value], source: &str) -> [u64; 3] {
    let full = |value: Option<&Value>| {
        value.is_some_and(|value| match value {
            Value::String(text) => !text.is_empty(),
            Value::Array(list) => !list.is_empty(),
            other => !other.is_null(),
        })
    };
    let mut counts = [0; 3];
    let mut look = |value: Option<&Value>| {
        counts[0] += 1;
        counts[1] += u64::from(value.is_some());
        counts[2] += u64::from(full(value));
    };
    for record in records {
        match source {
            "/b" if full(record.get("a")) => {}
            "/detail" if record["s"] != "21" => {}
            "/list/…/x" => {
                record["list"].as_array().into_iter().flatten().for_each(|item| look(item.get("x")));
            }
            place => look(record.pointer(place)),
        }
    }
    counts
}

fn session(stage: &str) -> Result<pmh_core::Session> {
    let options =
        json!({ "asOf": "2026-11-22", "usage": true, "payload": false, "lang": "en", "stage": stage });
    Ok(Job::from_json(PROFILE.as_bytes(), &serde_json::to_vec(&options)?)?.session())
}

/// Report and summary of one session.
fn whole(input: &[u8]) -> Result<(Vec<u8>, Summary)> {
    let (mut run, mut out) = (session("whole")?, Output::default());
    run.push(input, &mut out);
    let summary = run.finish(&mut out);
    Ok((out.report, summary))
}

/// The same in stages; `lost` says of which shards the result is lost.
fn staged(input: &[u8], piece: usize, lost: impl Fn(usize) -> bool) -> Result<(Vec<u8>, Summary)> {
    let (mut split, mut join, mut out) = (session("split")?, session("join")?, Output::default());
    let mut shards = Vec::new();
    for piece in input.chunks(piece) {
        let mut shard = Output::default();
        split.push(piece, &mut shard);
        shards.push(shard.payload);
    }
    let mut shard = Output::default();
    split.finish(&mut shard);
    shards.push(shard.payload);
    for (number, mut shard) in shards.into_iter().filter(|shard| !shard.is_empty()).enumerate() {
        let mut mapped = Output::default();
        session("map")?.push(&shard, &mut mapped);
        if !lost(number) {
            shard.extend_from_slice(&mapped.payload);
        }
        join.push(&shard, &mut out);
    }
    let summary = join.finish(&mut out);
    Ok((out.report, summary))
}

#[test]
fn the_counts_are_those_of_the_records() -> Result<()> {
    for seed in 0..20 {
        let records = records(60, seed);
        let (_, summary) = whole(&serde_json::to_vec(&records)?)?;
        assert!(summary.accepted > 0 && summary.rejected > 0, "{summary:?}");
        let usage = summary.usage.ok_or("no usage")?;
        let sources: Vec<&str> = usage.places.iter().map(|place| place.source.as_str()).collect();
        assert_eq!(sources, ["/id", "/s", "/a", "/b", "/mistyped", "/detail", "/name", "/list", "/list/…/x"]);
        for place in &usage.places {
            let expected = counted(&records, &place.source);
            assert_eq!([place.asked, place.present, place.filled], expected, "{} {seed}", place.source);
        }
        let of = |scheme: &str| records.iter().filter(|record| record["s"] == scheme).count() as u64;
        let used: Vec<_> = usage.entries.iter().map(|entry| (entry.profile.as_str(), entry.used)).collect();
        assert_eq!(used, [("/scheme/map/15", of("15")), ("/scheme/map/21", of("21"))]);
    }
    Ok(())
}

#[test]
fn stages_and_lost_results_change_nothing() -> Result<()> {
    for seed in 0..12 {
        let whole_input = serde_json::to_vec(&records(120, seed))?;
        let text = String::from_utf8(whole_input.clone())?;
        // an element in the middle that is no JSON ends the reading, and later ones don't count
        let broken = text.replacen(r#""id":"30""#, r#""id":30x"#, 1).into_bytes();
        let cut_off = whole_input.get(..whole_input.len() / 2).unwrap_or_default().to_vec();
        for input in [whole_input, broken, cut_off] {
            let expected = whole(&input)?;
            for piece in [1_000, 3_333, input.len()] {
                assert_eq!(staged(&input, piece, |_| false)?, expected, "{seed}, {piece}");
                assert_eq!(
                    staged(&input, piece, |number| number % 3 == 1)?,
                    expected,
                    "{seed}, {piece}, lost"
                );
            }
        }
    }
    Ok(())
}

/// The sources of the findings about the run.
fn told(records: &[Value]) -> Result<Vec<String>> {
    let (report, _) = whole(&serde_json::to_vec(records)?)?;
    let lines = String::from_utf8(report)?;
    let findings = lines.lines().map(serde_json::from_str).collect::<std::result::Result<Vec<Value>, _>>()?;
    let told = findings.iter().filter(|finding| finding["code"] == "PMH2007" && finding["record"].is_null());
    Ok(told.filter_map(|finding| finding["source"].as_str().map(str::to_owned)).collect())
}

#[test]
fn a_place_that_no_record_has_is_told_once_enough_were_read() -> Result<()> {
    let like = json!({ "id": "1", "s": "15", "name": "ｖ", "a": "", "b": null, "list": [] });
    let many = |count: usize| vec![like.clone(); count];
    assert_eq!(told(&many(9))?, [""; 0]);
    assert_eq!(told(&many(10))?, ["/mistyped"], "`detail` is of another scheme");
    let unlike = |count: usize| {
        let mut records = many(count);
        records[0] = json!({ "id": "1", "s": "15", "name": "ｖ", "list": [] });
        records
    };
    assert_eq!(told(&unlike(99))?, [""; 0]);
    assert_eq!(told(&unlike(100))?, ["/mistyped"]);
    let mut once = many(500);
    once[250]["mistyped"] = Value::Null;
    assert_eq!(told(&once)?, [""; 0], "it is there, if only once and without a value");
    Ok(())
}
