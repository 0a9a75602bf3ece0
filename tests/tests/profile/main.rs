//! The profile language: its schema says what the reader says, and its author's tools say what a run does.

#![expect(clippy::expect_used, reason = "a test that cannot go on stops")]

mod schema;
mod tools;

use std::sync::Arc;

use pmh_core::Profile;
use pmh_tests::{Vector, vectors};
use serde_json::Value;

/// A profile that compiles, as the tests change it.
fn example() -> Value {
    serde_json::from_str(include_str!("../../../core/examples/profile.json")).expect("JSON")
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
