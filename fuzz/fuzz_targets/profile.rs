//! Any bytes as profile, over records that some of them can read.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pmh_fuzz::profile(bytes));
