//! The simulator as a sender meets it: over TCP, byte by byte.
//!
//! It must never use an HTTP client, since what is tested is what a client would smooth over.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test that can't go on fails the test"
)]

mod answers;
mod checks;
mod cli;
mod fields;
mod wire;
