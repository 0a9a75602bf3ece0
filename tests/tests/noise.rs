//! Damaged inputs and profiles: nothing panics or traps, counts add up, and both hosts say the same.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::sync::LazyLock;

use pmh_tests::{Host, Native, Outcome, Vector, Wasmtime, vectors};
use proptest::prelude::*;
use serde_json::{Value, json};

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| vectors().expect("vectors"));

/// One damage to some bytes.
#[derive(Debug, Clone)]
enum Damage {
    Replace(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Truncate,
    Repeat(usize),
}

fn damage() -> impl Strategy<Value = Damage> {
    let pieces: Vec<&[u8]> = vec![
        b"\"",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\n",
        b"\xff",
        b"\xe3\x81",
        b"null",
        b"-",
        b"1e400",
        b"\xef\xbb\xbf",
        b"\0",
    ];
    prop_oneof![
        3 => any::<u8>().prop_map(Damage::Replace),
        4 => prop::sample::select(pieces).prop_map(|piece| Damage::Insert(piece.to_vec())),
        2 => (1usize..40).prop_map(Damage::Remove),
        1 => Just(Damage::Truncate),
        1 => (1usize..80).prop_map(Damage::Repeat),
    ]
}

fn damages() -> impl Strategy<Value = Vec<(prop::sample::Index, Damage)>> {
    prop::collection::vec((any::<prop::sample::Index>(), damage()), 1..4)
}

fn damaged(mut bytes: Vec<u8>, damages: &[(prop::sample::Index, Damage)]) -> Vec<u8> {
    for (index, damage) in damages {
        if bytes.is_empty() {
            break;
        }
        let at = index.index(bytes.len());
        match damage {
            Damage::Replace(byte) => bytes[at] = *byte,
            Damage::Insert(piece) => drop(bytes.splice(at..at, piece.iter().copied())),
            Damage::Remove(count) => drop(bytes.drain(at..bytes.len().min(at + count))),
            Damage::Truncate => bytes.truncate(at),
            Damage::Repeat(count) => {
                let piece = bytes[at..bytes.len().min(at + count)].to_vec();
                drop(bytes.splice(at..at, piece));
            }
        }
    }
    bytes
}

/// Runs both hosts, and checks what is true of every run.
fn run(profile: &[u8], options: &[u8], input: &[u8]) -> Outcome {
    static WASMTIME: LazyLock<Wasmtime> = LazyLock::new(|| Wasmtime::embedded().expect("module"));
    let native = Native.run(profile, options, &[input]).expect("native");
    assert_eq!(native, WASMTIME.run(profile, options, &[input]).expect("wasmtime"));
    let (_, summary) = native.report_lines().expect("a report");
    let count = |name: &str| summary[name].as_u64().expect("a count");
    assert_eq!(count("read"), count("accepted") + count("excluded") + count("rejected"));
    if !native.payload.is_empty() {
        let payload: Vec<Value> = serde_json::from_slice(&native.payload).expect("a JSON array");
        assert_eq!(payload.len() as u64, count("accepted"));
    }
    native
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_500) })]

    #[test]
    fn damaged_inputs(vector in any::<prop::sample::Index>(), damages in damages()) {
        let vector = vector.get(&VECTORS);
        let input = damaged(vector.input.bytes().expect("input"), &damages);
        run(&vector.profile_bytes().expect("profile"), &vector.options_bytes().expect("options"), &input);
    }

    #[test]
    fn damaged_profiles_and_options(vector in any::<prop::sample::Index>(), damages in damages(), options in any::<bool>()) {
        let vector = vector.get(&VECTORS);
        let (mut profile, mut chosen) = (vector.profile_bytes().expect("profile"), vector.options_bytes().expect("options"));
        let place = if options { &mut chosen } else { &mut profile };
        *place = damaged(std::mem::take(place), &damages);
        run(&profile, &chosen, &vector.input.bytes().expect("input"));
    }

    /// Any bytes at all.
    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..200), lead in prop::sample::select(vec!["", "[", "{", "[{\"", "{\"key\":"])) {
        let vector = &VECTORS[0];
        let input = [lead.as_bytes(), &bytes].concat();
        run(&vector.profile_bytes().expect("profile"), br#"{"asOf":"2026-11-22"}"#, &input);
        run(&input, br#"{"asOf":"2026-11-22"}"#, b"[]");
    }

    /// A profile with one of its values replaced by another kind of value.
    #[test]
    fn profiles_with_a_foreign_value(vector in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), value in foreign()) {
        let vector = vector.get(&VECTORS);
        let Ok(mut profile) = serde_json::from_slice::<Value>(&vector.profile_bytes().expect("profile")) else { return Ok(()) };
        let mut all = Vec::new();
        places(&profile, String::new(), &mut all);
        let place: &String = place.get(&all);
        *profile.pointer_mut(place).expect("a place") = value;
        let profile = serde_json::to_vec(&profile).expect("json");
        run(&profile, &vector.options_bytes().expect("options"), &vector.input.bytes().expect("input"));
    }
}

fn foreign() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::String),
        "/[a-z氏名~/0-9]{0,8}".prop_map(Value::String),
        "[{}|?a-z.]{0,12}".prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![
            json!(null),
            json!({}),
            json!([]),
            json!(""),
            json!([""]),
            json!({ "from": "" }),
            json!({ "each": "", "item": "x" }),
            json!({ "value": null }),
            json!(1.5)
        ]),
    ]
}

fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                places(member, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}
