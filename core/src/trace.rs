//! Tools for a profile's author: where each value of a record came from, and what of a profile no record reached.
//!
//! Both watch an ordinary run, so they say what the run did and nothing else. A trace holds a record's values, for its author's eyes
//! alone: [`Shown`] prints their length, and gives the text only to who asks for it by name.

mod coverage;
mod record;

use core::fmt;
use std::sync::Arc;

pub use self::{
    coverage::{Coverage, Part, Reach},
    record::{Came, Step, Trace, Traced},
};
use crate::{Options, Output, Profile, Summary, rules::Lang, session::Run};

/// A value of a record. Printing it shows how long it is, never what it is.
///
/// ```
/// use pmh_core::{rules::Lang, trace::Shown};
/// let shown = Shown::of("山田");
/// assert_eq!(shown.masked(Lang::En), "＊＊＊ (2 characters)");
/// assert_eq!((format!("{shown:?}").contains("山田"), shown.reveal()), (false, "山田"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// A text that is to be shown like a record's values.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be shown to anybody.
    #[must_use]
    pub fn masked(&self, lang: Lang) -> String {
        let count = self.0.chars().count();
        match lang {
            Lang::En if count == 1 => "＊＊＊ (1 character)".to_owned(),
            Lang::En => format!("＊＊＊ ({count} characters)"),
            Lang::Ja => format!("＊＊＊({count}文字)"),
        }
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked(Lang::En))
    }
}

/// Runs an input and hands out the trace of each payload element.
///
/// ```
/// use std::sync::Arc;
/// use pmh_core::{NaiveDate, Options, Profile, trace::Tracer};
/// let profile = Arc::new(Profile::compile(include_bytes!("../examples/profile.json")).unwrap());
/// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
/// let mut traces = Vec::new();
/// let mut tracer = Tracer::new(profile, options, |trace| traces.push(trace));
/// tracer.push(r#"[{"宛名番号": "1", "制度": "15"}]"#.as_bytes());
/// assert_eq!(tracer.finish().rejected, 1);
/// assert_eq!(traces.len(), 1);
/// ```
#[derive(Debug)]
pub struct Tracer<F> {
    run: Run<record::Recorder<F>>,
    out: Output,
}

impl<F: FnMut(Trace)> Tracer<F> {
    /// A run as [`crate::Session::new`] begins it; `take` gets each trace.
    #[must_use]
    pub fn new(profile: Arc<Profile>, options: Options, take: F) -> Self {
        Self { run: Run::records(profile, options, record::Recorder::new(take)), out: Output::default() }
    }

    /// Takes the next piece of the input, cut anywhere.
    pub fn push(&mut self, piece: &[u8]) {
        self.out.clear();
        self.run.push(piece, &mut self.out);
    }

    /// Says that the input has ended.
    pub fn finish(mut self) -> Summary {
        self.run.finish(&mut self.out).0
    }
}

/// Runs an input and counts which parts of the profile its records reached.
///
/// ```
/// use std::sync::Arc;
/// use pmh_core::{NaiveDate, Options, Profile, trace::CoverageRun};
/// let profile = Arc::new(Profile::compile(include_bytes!("../examples/profile.json")).unwrap());
/// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
/// let mut run = CoverageRun::new(profile, options);
/// run.push(r#"[{"宛名番号": "1", "制度": "15"}]"#.as_bytes());
/// let (summary, coverage) = run.finish();
/// assert_eq!(summary.read, 1);
/// let missed = coverage.parts.iter().filter(|part| part.count == 0);
/// assert!(missed.clone().any(|part| part.reach.name() == "entry" && part.profile == "/scheme/map/16"));
/// ```
#[derive(Debug)]
pub struct CoverageRun {
    run: Run<coverage::Counter>,
    out: Output,
}

impl CoverageRun {
    /// A run as [`crate::Session::new`] begins it.
    #[must_use]
    pub fn new(profile: Arc<Profile>, options: Options) -> Self {
        let counter = coverage::Counter::new(&profile.plan);
        Self { run: Run::records(profile, options, counter), out: Output::default() }
    }

    /// Takes the next piece of the input, cut anywhere.
    pub fn push(&mut self, piece: &[u8]) {
        self.out.clear();
        self.run.push(piece, &mut self.out);
    }

    /// Says that the input has ended.
    #[must_use]
    pub fn finish(mut self) -> (Summary, Coverage) {
        let (summary, counter, _) = self.run.finish(&mut self.out);
        (summary, counter.coverage())
    }
}
