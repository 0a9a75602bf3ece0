//! Turns vendors' records of public medical subsidies into PMH payloads, and says what is wrong with them.
//!
//! A pure function of profile, options and input: no clock, no I/O, no randomness, no floats, no global state. Bad data never panics
//! and never ends a batch; it becomes [findings](Finding), and no finding ever shows a record's value.
//!
//! - [`Profile`] compiles a vendor's mapping once.
//! - [`Session`] runs it over one input in pieces of any size.
//! - [`rules`] is the table of everything that can be found, in Japanese and English.

mod bytes;
mod certificate;
mod characters;
pub mod convert;
mod eval;
mod extract;
mod finding;
mod framer;
mod invalid;
mod job;
mod observe;
mod options;
mod payload;
mod pointer;
pub mod prefecture;
mod profile;
mod record;
mod report;
pub mod rules;
mod scheme;
mod session;
mod set;
mod strict;
pub mod trace;
mod whole;

/// A day of the calendar, as options and dates take it; chrono's own type.
pub use chrono::NaiveDate;

pub use self::{
    finding::{Detail, Finding},
    invalid::{Document, Invalid},
    job::Job,
    options::{InputFormat, Mode, Options},
    payload::TARGET,
    profile::Profile,
    report::{ReportFormat, Summary, failure},
    scheme::Scheme,
    session::{Fate, Output, Session},
    whole::{Checked, Transformed, check, text, transform, value},
};
