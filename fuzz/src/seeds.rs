//! Seeds out of the vectors: every case that somebody thought of is where the fuzzers and the replay begin.

use pmh_tests::{Result, vectors};
use serde_json::Value;

use crate::case::{Case, PROFILES};

/// The target's name, the vector's name, and the bytes.
pub type Seed = (&'static str, String, Vec<u8>);

/// Seeds of every target.
///
/// # Errors
///
/// Where a vector cannot be read.
pub fn seeds() -> Result<Vec<Seed>> {
    let mut seeds = Vec::new();
    for vector in vectors()? {
        let (profile, options, input) =
            (vector.profile_bytes()?, vector.options_bytes()?, vector.input.bytes()?);
        let payload_mode = vector.options.get("mode").and_then(Value::as_str) == Some("payload");
        let known = PROFILES.iter().position(|known| *known == profile);
        let known = known.and_then(|place| u8::try_from(place).ok());
        if known.is_some() || payload_mode {
            let bytes = [&Case::header(known.unwrap_or(0), payload_mode)[..], &input].concat();
            both(&mut seeds, ("input", 0), &vector.name, bytes);
        } else {
            let bytes = [&Case::header(0, false)[..], &profile].concat();
            both(&mut seeds, ("profile", 1), &vector.name, bytes);
        }
        if vector.options.as_object().is_none_or(|members| members.len() != 2) {
            let bytes = [&Case::header(u8::MAX, false)[..], &options].concat();
            both(&mut seeds, ("profile", 1), &format!("{}-options", vector.name), bytes);
        }
    }
    for (place, profile) in PROFILES.iter().enumerate() {
        let bytes = [&Case::header(0, false)[..], profile].concat();
        both(&mut seeds, ("profile", 1), &format!("profile-{place}"), bytes);
    }
    // records are drawn from bytes of any kind
    for number in 0..32_u8 {
        let bytes = (0..=250_u8).map(|at| at.wrapping_mul(number | 1).rotate_left(3) ^ number).collect();
        both(&mut seeds, ("records", 2), &format!("drawn-{number}"), bytes);
    }
    Ok(seeds)
}

/// The seed for its own target, and for `hosts`, which takes those of all others behind a byte that says whose it is.
fn both(seeds: &mut Vec<Seed>, (target, kind): (&'static str, u8), name: &str, bytes: Vec<u8>) {
    seeds.push(("hosts", format!("{target}-{name}"), [&[kind][..], &bytes].concat()));
    seeds.push((target, name.to_owned(), bytes));
}
