//! Whole inputs in one call, for callers that hold them in memory; [`crate::Session`] is for those that don't.

pub mod text;
pub mod value;

use std::sync::Arc;

use crate::{
    finding::Finding,
    observe::Observe,
    options::Options,
    profile::Profile,
    report::Summary,
    session::{Output, Run},
    set::Search,
};

/// What became of records; [`transform`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transformed {
    /// The payload, UTF-8 JSON: an array of the accepted records, in their order; empty where the options ask for none.
    pub payload: Vec<u8>,
    /// Everything found, in the order of the records.
    pub findings: Vec<Finding>,
    /// The counts.
    pub summary: Summary,
}

/// Turns records (UTF-8, a JSON array or NDJSON) into a payload. Bad records become findings; nothing is an error.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use pmh_core::{NaiveDate, Options, Profile, transform};
///
/// let profile = Arc::new(Profile::compile(include_bytes!("../../examples/profile.json"))?);
/// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).ok_or("no such day")?);
/// let done = transform(&profile, options, r#"[{"宛名番号": "1", "制度": "15"}]"#.as_bytes());
/// assert_eq!(done.payload, b"[]");
/// assert_eq!((done.summary.read, done.summary.rejected), (1, 1));
/// let first = &done.findings[0];
/// assert_eq!((first.record, first.record_key.as_deref()), (Some(0), Some("1")));
/// # Ok(())
/// # }
/// ```
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a run owns its options, everywhere")]
pub fn transform(profile: &Arc<Profile>, options: Options, records: &[u8]) -> Transformed {
    whole(|| Run::records(Arc::clone(profile), options.clone(), Gather::default()), records)
}

/// What was found in a payload; [`check`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Everything found, in the order of the elements.
    pub findings: Vec<Finding>,
    /// The counts.
    pub summary: Summary,
}

/// Checks a finished payload (UTF-8, a JSON array), whoever wrote it. Of a profile, the severities and limits count.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use pmh_core::{NaiveDate, Options, check};
///
/// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).ok_or("no such day")?);
/// let done = check(None, options, br#"[{"myNumber": "1"}]"#);
/// assert_eq!(done.summary.rejected, 1);
/// assert!(done.findings.iter().any(|finding| finding.target.as_deref() == Some("/myNumber")));
/// # Ok(())
/// # }
/// ```
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a run owns its options, everywhere")]
pub fn check(profile: Option<&Arc<Profile>>, options: Options, payload: &[u8]) -> Checked {
    let Transformed { findings, summary, .. } =
        whole(|| Run::payload(profile.cloned(), options.clone(), Gather::default()), payload);
    Checked { findings, summary }
}

fn whole(open: impl Fn() -> Run<Gather>, input: &[u8]) -> Transformed {
    let once = |search| {
        let (mut run, mut out) = (open(), Output::default());
        run.search(search);
        run.push(input, &mut out);
        let (summary, Gather(findings), search) = run.finish(&mut out);
        (Transformed { payload: out.payload, findings, summary }, search)
    };
    match once(Search::default()) {
        (done, search) if search.is_empty() => done,
        (_, search) => once(search).0,
    }
}

/// Keeps what was found.
#[derive(Debug, Default)]
struct Gather(Vec<Finding>);

impl Observe for Gather {
    fn found(&mut self, finding: &Finding) {
        self.0.push(finding.clone());
    }
}
