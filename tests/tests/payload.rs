//! Checking a finished payload agrees with making one, and with the API's schema.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::sync::LazyLock;

use pmh_simulator::contract::Contract;
use pmh_tests::{Host, Native, Result, vectors};
use proptest::prelude::*;
use serde_json::{Value, json};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load().expect("contract"));

const OPTIONS: &[u8] = br#"{"asOf":"2026-11-22","mode":"payload","lang":"en"}"#;

/// The summary of a check.
fn check(profile: &[u8], options: &[u8], payload: &[u8]) -> Result<Value> {
    Ok(Native.run(profile, options, &[payload])?.report_lines()?.1)
}

/// What the core writes, the core accepts, under the same profile and date.
#[test]
fn payloads_of_the_vectors_are_accepted() -> Result<()> {
    let mut elements = 0;
    for vector in vectors()? {
        let Some(payload) = vector.payload.as_array().filter(|payload| !payload.is_empty()) else { continue };
        // a payload doesn't say its scheme, it is taken from the payer number: not where that is another scheme's;
        // and a limit of bytes that lets the record through need not let its payload through
        let other_scheme = vector.findings.iter().any(|finding| finding["code"] == "PMH4101");
        // and what was acknowledged in a record is nothing that a payload, which has no record keys, says
        let is_acknowledged = vector.options.get("acknowledged").is_some();
        if other_scheme || is_acknowledged || vector.profile.get("limits").is_some() {
            continue;
        }
        elements += payload.len();
        let mut options = vector.options.clone();
        options["mode"] = json!("payload");
        let summary =
            check(&vector.profile_bytes()?, &serde_json::to_vec(&options)?, &vector.expected()?.payload)?;
        assert_eq!(summary["accepted"], json!(payload.len()), "{}: {summary}", vector.name);
    }
    assert!(elements > 100, "only {elements} elements were checked");
    Ok(())
}

/// A clean element. Synthetic.
static CLEAN: LazyLock<Value> = LazyLock::new(|| {
    let clean = vectors()
        .expect("vectors")
        .into_iter()
        .find(|vector| vector.name == "270-payload-clean")
        .expect("clean");
    clean
        .input
        .bytes()
        .map(|bytes| serde_json::from_slice::<Value>(&bytes).expect("json")[0].clone())
        .expect("input")
});

#[derive(Debug, Clone)]
enum Change {
    Set(Value),
    Remove,
    Add,
}

fn change() -> impl Strategy<Value = Change> {
    let value = prop_oneof![
        any::<String>().prop_map(Value::String),
        "[0-9]{0,13}".prop_map(Value::String),
        "[ァ-ヺー]{0,5}".prop_map(Value::String),
        prop::sample::select(vec![
            "",
            "1",
            "3",
            "9",
            "東京",
            "沖縄県",
            "2026-02-30",
            "2026-2-3",
            "2027-01-01",
            "Ａ",
            "A",
            "ｱ"
        ])
        .prop_map(|text| json!(text)),
        any::<i64>().prop_map(Value::from),
        (-3i64..150).prop_map(Value::from),
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(1.5)),
        Just(json!({})),
        Just(json!([])),
        Just(json!({ "x": "y" })),
    ];
    prop_oneof![6 => value.prop_map(Change::Set), 1 => Just(Change::Remove), 1 => Just(Change::Add)]
}

/// Every place of the clean element.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    for (key, member) in value.as_object().into_iter().flatten() {
        let at = format!("{at}/{key}");
        places(member, &at, found);
        found.push(at);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(10_000) })]

    /// What breaks the API's schema, the core rejects.
    #[test]
    fn what_breaks_the_schema_is_rejected(changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..3)) {
        let mut all = Vec::new();
        places(&CLEAN, "", &mut all);
        let mut element = CLEAN.clone();
        for (index, change) in changes {
            let at = index.get(&all);
            let (parent, key) = at.rsplit_once('/').expect("a pointer");
            let Some(Value::Object(parent)) = element.pointer_mut(parent) else { continue };
            match change {
                Change::Set(value) => { parent.insert(key.to_owned(), value); }
                Change::Remove => { parent.remove(key); }
                Change::Add => { parent.insert("another".to_owned(), json!("x")); }
            }
        }
        let summary = check(b"", OPTIONS, &serde_json::to_vec(&json!([element])).expect("json")).expect("run");
        if let Some(fault) = CONTRACT.fault(&element) {
            prop_assert_eq!(&summary["rejected"], &json!(1), "{:?} {}", fault, element);
        }
    }
}
