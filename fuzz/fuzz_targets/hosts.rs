//! The core compiled for this machine against the module under wasmtime: the same bytes.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pmh_fuzz::hosts(bytes));
