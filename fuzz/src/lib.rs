//! The bodies of the fuzz targets: bytes become a [`Case`], the case is run, and what must be true of every run is checked.
//!
//! `cargo fuzz` feeds them by coverage, `tests/replay.rs` with the kept corpus and a fixed number of damaged copies of it. A body panics where
//! a promise is broken, and does nothing else: no files, no clock, no randomness of its own.

mod case;
mod check;
#[cfg(feature = "hosts")]
mod hosts;
mod records;
#[cfg(feature = "hosts")]
pub mod seeds;

pub use self::{case::Case, records::pointers};

/// A target: its name, as in `cargo fuzz run NAME`, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: &[Target] = &[
    ("input", input),
    ("profile", profile),
    ("records", records),
    #[cfg(feature = "hosts")]
    ("hosts", hosts),
];

/// Any bytes as input: behind four bytes that choose profile, options and cuts.
pub fn input(bytes: &[u8]) {
    let case = Case::of_input(bytes);
    let run = check::run(&case);
    check::reads_its_own_payload(&case, &run);
}

/// Any bytes as profile, or as options: behind four bytes that choose options and cuts.
pub fn profile(bytes: &[u8]) {
    check::run(&Case::of_document(bytes));
}

/// Plausible records with hostile parts, among them marks that no report may show.
pub fn records(bytes: &[u8]) {
    let case = records::case(bytes);
    let run = check::run(&case);
    check::reads_its_own_payload(&case, &run);
    records::hides_values(&run.report);
}

/// The module under wasmtime gives the bytes that the core gives when compiled for this machine.
#[cfg(feature = "hosts")]
pub fn hosts(bytes: &[u8]) {
    hosts::agree(&case("hosts", bytes));
}

/// What a target makes of these bytes.
#[must_use]
pub fn case(target: &str, bytes: &[u8]) -> Case {
    match target {
        "input" => Case::of_input(bytes),
        "profile" => Case::of_document(bytes),
        "records" => records::case(bytes),
        _ => {
            let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
            case(
                ["input", "profile", "records"].get(usize::from(*kind) % 3).copied().unwrap_or("input"),
                bytes,
            )
        }
    }
}
