//! JSON text in, JSON text out: for hosts that hold documents.
//!
//! The answer is always a payload and a report; a profile or options that can't be used are findings like any others.

use crate::{
    job::Job,
    rules::{self, Entry},
    session::Output,
    set::Search,
};

/// What became of an input; [`transform`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The payload, a JSON array; empty where there is none.
    pub payload: String,
    /// The report, as the options ask: a finding a line, then the summary, or one object.
    pub report: String,
}

/// Runs a job over its whole input: records to a payload or, where the options say `"mode": "payload"`, a payload to check.
///
/// ```
/// use pmh_core::text::transform;
///
/// let profile = include_str!("../../examples/profile.json");
/// let done = transform(profile, r#"{"asOf": "2026-11-22", "lang": "en"}"#, "[]");
/// assert_eq!(done.payload, "[]");
/// assert!(done.report.lines().last().unwrap().starts_with(r#"{"summary":{"read":0,"#));
///
/// let refused = transform("{}", r#"{"asOf": "2026-11-22", "lang": "en"}"#, "[]");
/// assert_eq!(refused.payload, "");
/// assert!(refused.report.starts_with(r#"{"code":"PMH90"#));
/// ```
#[must_use]
pub fn transform(profile: &str, options: &str, input: &str) -> Answer {
    let mut out = Output::default();
    let job = Job::from_json(profile.as_bytes(), options.as_bytes());
    match job.and_then(|job| job.options().whole().map(|()| job)) {
        Ok(job) => {
            let mut once = |search| {
                out.clear();
                let mut session = job.session().searching(search);
                session.push(input.as_bytes(), &mut out);
                session.finish_first(&mut out).1
            };
            let search = once(Search::default());
            if !search.is_empty() {
                once(search);
            }
        }
        Err(invalid) => out.report = invalid.report(),
    }
    let [payload, report] =
        [out.payload, out.report].map(|bytes| String::from_utf8(bytes).unwrap_or_default());
    Answer { payload, report }
}

/// A rule in both languages as a JSON object, as `docs/rules.json` has it; `None` where there is no such code.
///
/// ```
/// assert!(pmh_core::text::explain("PMH3101").unwrap().starts_with(r#"{"code":"PMH3101","severity":"error","#));
/// assert_eq!(pmh_core::text::explain("PMH0000"), None);
/// ```
#[must_use]
pub fn explain(code: &str) -> Option<String> {
    rules::find(code).and_then(|entry: Entry| serde_json::to_string(&entry).ok())
}
