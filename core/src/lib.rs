//! Turns vendors' records of public medical subsidies into PMH payloads, and says what is wrong with them.
//!
//! A pure function of profile, options and input: no clock, no I/O, no randomness, no floats, no global state. Bad data never panics
//! and never ends a batch; it becomes [findings](Finding), and no finding ever shows a record's value.
//!
//! # Three forms of each operation
//!
//! | | typed | JSON text | `serde_json` values |
//! |---|---|---|---|
//! | records to a payload | [`transform`] | [`text::transform`] | [`value::transform`] |
//! | check a finished payload | [`check`] | [`text::transform`], `"mode": "payload"` | [`value::transform`], likewise |
//! | explain a code | [`rules::find`] | [`text::explain`] | [`value::explain`] |
//!
//! Each form is a few lines over the one before it. They take whole inputs; [`Session`] takes an input of any length in pieces of any size, and is what they
//! all run. [`Job`] reads the documents that a run starts from: a [`Profile`], which compiles a vendor's mapping once, and [`Options`].
//!
//! # How things fail
//!
//! Bad data never does: it becomes findings, and the run goes on. A profile or options that can't be used are [`Invalid`], which holds every mistake at once.
//! Each [`Finding`] has a stable code of the table in [`rules`], a place, and words in Japanese and English; [`Summary`] has the counts. Where `complete` is
//! false, the payload isn't "all records" and must not be sent.
//!
//! # For a profile's author
//!
//! [`trace`] says where each value of a payload came from, and what of a profile no record reached. [`convert`] has the conversions by themselves.

mod bytes;
mod caption;
mod certificate;
mod characters;
pub mod convert;
mod eval;
mod extract;
mod finding;
mod framer;
mod invalid;
mod job;
mod json;
mod observe;
mod options;
mod payload;
mod pointer;
pub mod prefecture;
mod printed;
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
    options::{InputFormat, Mode, Options, Stage},
    payload::TARGET,
    profile::Profile,
    report::{ReportFormat, Summary, failure},
    scheme::Scheme,
    session::{Fate, Output, Session},
    whole::{Checked, Transformed, check, text, transform, value},
};
