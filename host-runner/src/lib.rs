//! The runner: the program `pmh`, and the host of `pmh.wasm` as a library.
//!
//! It moves bytes: records from files into the module, the payload onto the disk and over HTTPS to PMH, findings to
//! people and programs. It must never hold domain knowledge, and no record's value may stand in what it prints.

pub mod answer;
pub mod cli;
pub mod config;
mod csv;
pub mod explain;
pub mod failure;
pub mod guard;
pub mod human;
pub mod init;
pub mod input;
pub mod module;
pub mod output;
mod profile;
pub mod report;
pub mod run;
pub mod secret;
pub mod send;
pub mod spool;
pub mod sync;
mod text;
pub mod ui;
