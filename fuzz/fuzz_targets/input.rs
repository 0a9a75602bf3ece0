//! Any bytes as input, with one of the repository's profiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pmh_fuzz::input(bytes));
