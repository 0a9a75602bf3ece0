//! Plausible records with hostile parts.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pmh_fuzz::records(bytes));
