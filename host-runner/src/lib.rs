//! The runner: the program `pmh`, and the host of `pmh.wasm` as a library.
//!
//! It moves bytes: records from files into the module, the payload onto the disk and over HTTPS to PMH, findings to
//! people and programs. It must never hold domain knowledge, and no record's value may stand in what it prints.

pub mod acknowledged;
pub mod answer;
pub mod atomic_file;
pub mod backup;
pub mod changes;
pub mod cli;
pub mod config;
mod crew;
pub mod doctor;
pub mod documents;
mod escape;
pub mod explain;
pub mod failure;
mod fault;
mod folder;
pub mod guard;
mod help;
pub mod history;
pub mod human;
pub mod init;
pub mod input;
pub mod key;
pub mod ledger;
pub mod lock;
pub mod log;
pub mod module;
pub mod notify;
pub mod output;
mod process;
mod profile;
pub mod receipt;
pub mod report;
pub mod retry;
pub mod run;
pub mod schedule;
pub mod secret;
pub mod send;
pub mod serve;
pub mod signal;
pub mod spool;
pub mod sync;
mod table;
mod text;
pub mod time;
pub mod tls;
pub mod told;
pub mod trust;
pub mod ui;
pub mod usage;
