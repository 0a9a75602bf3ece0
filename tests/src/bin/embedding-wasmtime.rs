//! The program `wasmtime` of `docs/embedding.md`, as it stands there.

#![expect(clippy::print_stdout, reason = "a program that prints")]

include!(concat!(env!("OUT_DIR"), "/wasmtime.rs"));
