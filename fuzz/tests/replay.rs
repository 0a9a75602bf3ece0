//! The fuzz targets without a fuzzer: each over its kept corpus, over the vectors, and over a fixed number of damaged copies of both.
//!
//! The same cases on every run and machine. New ones are looked for by `cargo xtask fuzz`.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::{fs, path::Path};

use pmh_fuzz::{Case, TARGETS, pointers, seeds};
use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

/// Damaged copies a target.
const COPIES: u32 = 2_000;

/// What the target begins with: kept files, then vectors.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("a corpus").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{target} has no corpus");
    let kept = files.iter().map(|file| fs::read(file).expect("a file"));
    let seeds = seeds::seeds().expect("seeds").into_iter().filter(|(of, _, _)| *of == target);
    kept.chain(seeds.map(|(_, _, bytes)| bytes)).collect()
}

/// Cases from the same numbers every time.
fn each<S: Strategy>(cases: u32, strategy: &S, body: impl Fn(S::Value)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(strategy, |value| {
        body(value);
        Ok(())
    });
    result.expect("every case");
}

fn replay(target: &str) {
    let (_, body) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target");
    let corpus = corpus(target);
    for bytes in &corpus {
        body(bytes);
    }
    each(COPIES, &(any::<Index>(), damages()), |(place, damages)| {
        body(&damaged(place.get(&corpus).clone(), &damages));
    });
}

#[test]
fn input() {
    replay("input");
}

#[test]
fn profile() {
    replay("profile");
}

#[test]
fn records() {
    replay("records");
}

#[test]
fn wasmtime_agrees() {
    replay("hosts");
}

/// A profile with one of its values replaced by another kind of value, which damage to its bytes seldom gives.
#[test]
fn wasmtime_agrees_on_profiles_with_a_foreign_value() {
    let profiles: Vec<Value> = corpus("profile")
        .iter()
        .filter_map(|bytes| serde_json::from_slice(&Case::of_document(bytes).profile).ok())
        .collect();
    each(COPIES, &(any::<Index>(), any::<Index>(), foreign()), |(profile, place, value)| {
        let mut profile = profile.get(&profiles).clone();
        let all = pointers(&profile);
        let place: &String = place.get(&all);
        *profile.pointer_mut(place).expect("a place") = value;
        let document = serde_json::to_vec(&profile).expect("json");
        let bytes = [&Case::header(0, false)[..], &document].concat();
        pmh_fuzz::profile(&bytes);
        pmh_fuzz::hosts(&[&[1][..], &bytes].concat());
    });
}

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
    #[rustfmt::skip]
    let pieces: Vec<&[u8]> = vec![
        b"\"", b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud800", b"\n", b"\xff", b"\xe3\x81", b"null", b"-", b"1e400",
        b"\xef\xbb\xbf", b"\0",
    ];
    prop_oneof![
        3 => any::<u8>().prop_map(Damage::Replace),
        4 => prop::sample::select(pieces).prop_map(|piece| Damage::Insert(piece.to_vec())),
        2 => (1usize..40).prop_map(Damage::Remove),
        1 => Just(Damage::Truncate),
        1 => (1usize..80).prop_map(Damage::Repeat),
    ]
}

fn damages() -> impl Strategy<Value = Vec<(Index, Damage)>> {
    prop::collection::vec((any::<Index>(), damage()), 1..4)
}

fn damaged(mut bytes: Vec<u8>, damages: &[(Index, Damage)]) -> Vec<u8> {
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
