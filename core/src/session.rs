//! A run over one input: read, map, convert, check, select, write.
//!
//! Input comes in pieces; payload and report leave as they are made. A session keeps one record at a time, its counts, and the hashes of the
//! certificates that were accepted.

mod mapping;
mod record_key;
mod stages;

use core::ops::ControlFlow;
use std::sync::Arc;

use bumpalo::Bump;
#[cfg(target_arch = "wasm32")]
use pmh_utf8::from_utf8;
use serde::de::IgnoredAny;
#[cfg(not(target_arch = "wasm32"))]
use simdutf8::compat::from_utf8;

use self::stages::{Join, Map, Split};
use crate::{
    extract::extract,
    finding::{Detail, Finding},
    framer::{Event, Form, Framer},
    observe::{Decided, Observe, Silent},
    options::{InputFormat, Mode, Options, Stage},
    payload::{FIELD_COUNT, Field},
    profile::{Profile, plan::Limits},
    record::{Findings, Record},
    report::{ReportWriter, Summary},
    rules::{self, Rule, Severity},
    set::{Memory, Place, Search},
    strict::{self, Element},
    usage::Tally,
};

/// What a call produced. Concatenated over a run, the payload is one JSON array and the report one report.
///
/// ```
/// let mut out = pmh_core::Output { payload: b"[]".to_vec(), report: Vec::new() };
/// out.clear();
/// assert!(out.payload.is_empty());
/// ```
#[derive(Debug, Default)]
pub struct Output {
    /// UTF-8 JSON.
    pub payload: Vec<u8>,
    /// UTF-8 JSON or NDJSON, as the options ask.
    pub report: Vec<u8>,
}

impl Output {
    /// Empties both, keeping their room.
    pub fn clear(&mut self) {
        self.payload.clear();
        self.report.clear();
    }
}

/// A run over one input.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use pmh_core::{Options, Output, Profile, Session};
///
/// let profile = Profile::compile(include_bytes!("../examples/profile.json"))?;
/// let options = Options::from_json(br#"{"asOf":"2026-11-22","lang":"en"}"#)?;
/// let mut session = Session::new(Arc::new(profile), options);
/// let mut out = Output::default();
/// session.push(br#"[{"id": "1", "scheme"#, &mut out);
/// session.push(br#"": "kosei"}]"#, &mut out);
/// let summary = session.finish(&mut out);
/// assert_eq!((summary.read, summary.rejected), (1, 1));
/// assert_eq!(out.payload, b"[]");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session(Staged);

/// The whole run, or a stage of it.
#[derive(Debug)]
enum Staged {
    Whole(Box<Run<Silent>>),
    Split(Box<Split>),
    Map(Box<Map>),
    Join(Box<Join>),
}

impl Session {
    /// A run that turns records into a payload by a profile.
    #[must_use]
    pub fn new(profile: Arc<Profile>, options: Options) -> Self {
        Self::of(options.stage, Run::records(profile, options, Silent))
    }

    /// A run that checks a finished payload as it is. Of a profile, the severities and limits count.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use pmh_core::{NaiveDate, Options, Output, Session};
    ///
    /// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).ok_or("no such day")?);
    /// let mut session = Session::check(None, options);
    /// let mut out = Output::default();
    /// session.push(br#"[{"myNumber":"1"}]"#, &mut out);
    /// let summary = session.finish(&mut out);
    /// assert_eq!((summary.rejected, out.payload.len()), (1, 0));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn check(profile: Option<Arc<Profile>>, options: Options) -> Self {
        Self::of(options.stage, Run::payload(profile, options, Silent))
    }

    fn of(stage: Stage, run: Run<Silent>) -> Self {
        Self(match stage {
            Stage::Whole => Staged::Whole(Box::new(run)),
            Stage::Split => Staged::Split(Box::new(Split::new(run))),
            Stage::Map => Staged::Map(Box::new(Map::new(run))),
            Stage::Join => Staged::Join(Box::new(Join::new(run))),
        })
    }

    /// Takes the next piece of the input, cut anywhere; appends what it produced. What a stage takes is said at [`Stage`].
    pub fn push(&mut self, piece: &[u8], out: &mut Output) {
        match &mut self.0 {
            Staged::Whole(run) => run.push(piece, out),
            Staged::Split(split) => split.push(piece, out),
            Staged::Map(map) => map.push(piece, out),
            Staged::Join(join) => join.push(piece, out),
        }
    }

    /// Says that the input has ended; appends the rest of payload and report. Of the stages only the last one counts anything.
    pub fn finish(self, out: &mut Output) -> Summary {
        self.finish_first(out).0
    }

    /// Ends the input as [`Session::finish`] does, and gives what a second run over the same input needs to name the other records of the findings that are
    /// about two: nothing, if there are none, or if this was the second run.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use pmh_core::{NaiveDate, Options, Output, Session};
    ///
    /// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).ok_or("no such day")?);
    /// let (first, mut out) = (Session::check(None, options.clone()), Output::default());
    /// let (_, search) = first.finish_first(&mut out);
    /// assert!(search.is_empty(), "a second run would tell nothing new");
    ///
    /// let second = Session::check(None, options).searching(search);
    /// second.finish(&mut out);
    /// # Ok(())
    /// # }
    /// ```
    pub fn finish_first(self, out: &mut Output) -> (Summary, Search) {
        match self.0 {
            Staged::Whole(run) => {
                let (summary, _, search) = run.finish(out);
                return (summary, search);
            }
            Staged::Join(join) => return join.finish(out),
            Staged::Split(split) => split.finish(out),
            Staged::Map(_) => {}
        }
        Default::default()
    }

    /// Makes this the second run, which names the other records: for a session that nothing was pushed into yet. Of the stages only the last one
    /// takes it.
    #[must_use]
    pub fn searching(mut self, search: Search) -> Self {
        match &mut self.0 {
            Staged::Whole(run) => run.search(search),
            Staged::Join(join) => join.search(search),
            Staged::Split(_) | Staged::Map(_) => {}
        }
        self
    }
}

/// A run that somebody watches.
#[derive(Debug)]
pub(crate) struct Run<O> {
    framer: Framer,
    engine: Engine<O>,
}

impl<O: Observe> Run<O> {
    /// A run that turns records into a payload by a profile.
    pub(crate) fn records(profile: Arc<Profile>, options: Options, observer: O) -> Self {
        let options = Options { mode: Mode::Records, ..options };
        Self::open(Some(profile), options.input, options, observer)
    }

    /// A run that checks a finished payload.
    pub(crate) fn payload(profile: Option<Arc<Profile>>, options: Options, observer: O) -> Self {
        let options = Options { mode: Mode::Payload, payload: false, ..options };
        Self::open(profile, InputFormat::Json, options, observer)
    }

    fn open(profile: Option<Arc<Profile>>, input: InputFormat, options: Options, observer: O) -> Self {
        let plan = profile.as_ref().map(|profile| &profile.plan);
        let limits = plan.map_or_else(Limits::default, |plan| plan.limits);
        let mut engine = Engine {
            findings: Findings::new(plan.map(|plan| plan.severities.clone()).unwrap_or_default()),
            limits,
            profile,
            bump: Bump::new(),
            summary: Summary { complete: true, ..Summary::default() },
            index: 0,
            writer: ReportWriter::new(options.report, options.lang),
            options,
            seen: Memory::default(),
            tally: Tally::default(),
            begun: false,
            observer,
        };
        engine.tally = engine.fresh_tally();
        Self { framer: Framer::new(input, limits), engine }
    }

    pub(crate) fn push(&mut self, piece: &[u8], out: &mut Output) {
        let Self { framer, engine } = self;
        framer.push(piece, &mut |event| engine.take(event, out));
    }

    /// Makes this the second run.
    pub(crate) fn search(&mut self, search: Search) {
        self.engine.seen.search(search);
    }

    /// Ends the input; gives the counts, the observer, and what a second run needs.
    pub(crate) fn finish(mut self, out: &mut Output) -> (Summary, O, Search) {
        let Self { framer, engine } = &mut self;
        framer.finish(&mut |event| engine.take(event, out));
        if engine.options.mode == Mode::Payload && framer.has_mark() {
            engine.stop(&rules::PAYLOAD_BOM, Detail::Nothing, Some(0), out);
        }
        engine.end(out);
        (self.engine.summary, self.engine.observer, self.engine.seen.into_search())
    }
}

#[derive(Debug)]
struct Engine<O> {
    profile: Option<Arc<Profile>>,
    limits: Limits,
    options: Options,
    bump: Bump,
    findings: Findings,
    summary: Summary,
    /// Records of the input before this one.
    index: u64,
    writer: ReportWriter,
    seen: Memory,
    tally: Tally,
    /// The payload's opening bracket is written.
    begun: bool,
    observer: O,
}

/// What becomes of a payload element, or of a record that none can be made of; [`crate::trace::Trace`] has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It goes into the payload.
    Accepted,
    /// Its validity ended before the processing date, the profile leaves it out, or the same was accepted before.
    Excluded,
    /// It has an error.
    Rejected,
}

impl<O: Observe> Engine<O> {
    // several stages call it, and inlining would repeat the whole engine in each of them
    #[inline(never)]
    fn take(&mut self, event: Event<'_>, out: &mut Output) -> ControlFlow<()> {
        let limits = self.limits;
        match event {
            Event::Record { bytes, offset, form } => return self.record(bytes, offset, form, out),
            Event::TooLarge { offset } => {
                self.unreadable(
                    &rules::RECORD_TOO_LARGE,
                    Detail::Number(limits.record_bytes as u64),
                    offset,
                    out,
                );
            }
            Event::TooDeep { offset } => {
                self.unreadable(&rules::TOO_DEEP, Detail::Number(limits.depth as u64), offset, out);
            }
            Event::NotJson { offset } => self.stop(&rules::NOT_JSON, Detail::Nothing, Some(offset), out),
            Event::NotUtf8 { offset } => self.stop(&rules::NOT_UTF8, Detail::Nothing, Some(offset), out),
            Event::BadArray { offset } => self.stop_counted(&rules::BAD_ARRAY, offset, out),
            Event::Truncated { offset, inside_record } => {
                let read = Detail::Number(self.summary.read);
                if inside_record {
                    self.unreadable(&rules::TRUNCATED, read, offset, out);
                    self.summary.complete = false;
                } else {
                    self.stop(&rules::TRUNCATED, read, Some(offset), out);
                }
            }
            Event::TrailingData { offset } => self.stop_counted(&rules::TRAILING_DATA, offset, out),
            Event::Empty => self.stop(&rules::EMPTY_INPUT, Detail::Nothing, None, out),
        }
        ControlFlow::Continue(())
    }

    fn stop_counted(&mut self, rule: &'static Rule, offset: u64, out: &mut Output) {
        self.stop(rule, Detail::Number(self.summary.read), Some(offset), out);
    }

    /// A finding about the input as a whole: what was read is not all of it.
    fn stop(&mut self, rule: &'static Rule, detail: Detail, offset: Option<u64>, out: &mut Output) {
        self.summary.complete = false;
        let finding = Finding { offset, detail, ..Finding::new(rule) };
        self.found(&finding, out);
    }

    fn found(&mut self, finding: &Finding, out: &mut Output) {
        self.observer.found(finding);
        self.writer.finding(&mut out.report, finding, &mut self.summary);
    }

    /// A record that cannot be read.
    fn unreadable(&mut self, rule: &'static Rule, detail: Detail, offset: u64, out: &mut Output) {
        let record = self.index;
        let finding = Finding { record: Some(record), offset: Some(offset), detail, ..Finding::new(rule) };
        self.found(&finding, out);
        let findings = core::slice::from_ref(&finding);
        self.observer.decided(Decided { record, key: None, fate: Fate::Rejected, findings, element: &[] });
        self.count(Fate::Rejected);
        self.index = record.saturating_add(1);
    }

    fn count(&mut self, fate: Fate) {
        let summary = &mut self.summary;
        summary.read = summary.read.saturating_add(1);
        let count = match fate {
            Fate::Accepted => &mut summary.accepted,
            Fate::Excluded => &mut summary.excluded,
            Fate::Rejected => &mut summary.rejected,
        };
        *count = count.saturating_add(1);
    }

    fn record(&mut self, bytes: &[u8], offset: u64, form: Form, out: &mut Output) -> ControlFlow<()> {
        let text = match from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let offset = offset.saturating_add(error.valid_up_to() as u64);
                self.unreadable(&rules::NOT_UTF8, Detail::Nothing, offset, out);
                return self.end_of_array(form);
            }
        };
        let bump = core::mem::take(&mut self.bump);
        self.findings.found.clear();
        let read = if text.trim_ascii_start().starts_with('{') {
            self.object(text, &bump, out)
        } else {
            serde_json::from_str::<IgnoredAny>(text).map(|_| {
                self.unreadable(&rules::NOT_AN_OBJECT, Detail::Nothing, offset, out);
            })
        };
        let flow = match read {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                let offset = offset.saturating_add(position(text, &error));
                if form == Form::Element && serde_json::from_str::<IgnoredAny>(text).is_ok() {
                    // half a surrogate pair, or a number beyond all bounds: the array goes on after it
                    self.unreadable(&rules::BAD_RECORD, out_of_range(text), offset, out);
                    ControlFlow::Continue(())
                } else {
                    self.broken(&error, form, text, offset, out)
                }
            }
        };
        self.bump = bump;
        self.bump.reset();
        flow
    }

    /// A record that isn't JSON: among lines it stands alone, an array ends with it.
    fn broken(
        &mut self,
        error: &serde_json::Error,
        form: Form,
        text: &str,
        offset: u64,
        out: &mut Output,
    ) -> ControlFlow<()> {
        let read = Detail::Number(self.summary.read);
        match form {
            Form::Element => self.unreadable(&rules::BAD_ARRAY, read, offset, out),
            Form::LastLine if error.is_eof() => {
                self.unreadable(&rules::TRUNCATED, read, offset, out);
                self.summary.complete = false;
            }
            _ => self.unreadable(&rules::BAD_RECORD, out_of_range(text), offset, out),
        }
        self.end_of_array(form)
    }

    /// After an unreadable element nobody can say where the next one begins.
    fn end_of_array(&mut self, form: Form) -> ControlFlow<()> {
        if form != Form::Element {
            return ControlFlow::Continue(());
        }
        self.summary.complete = false;
        ControlFlow::Break(())
    }

    /// The profile that records are mapped by; none if a finished payload is checked.
    fn mapping(&self) -> Option<&Arc<Profile>> {
        self.profile.as_ref().filter(|_| self.options.mode == Mode::Records)
    }

    /// Counts of nothing yet.
    fn fresh_tally(&self) -> Tally {
        self.mapping().map_or_else(Tally::default, |profile| Tally::new(&profile.plan))
    }

    /// Maps a record, or checks a payload element.
    fn object(&mut self, text: &str, bump: &Bump, out: &mut Output) -> serde_json::Result<()> {
        if let Some(profile) = self.mapping().cloned() {
            let extracted = extract(&profile.plan, text, bump)?;
            self.map(&profile, bump, &extracted, out);
        } else {
            let element = strict::read(text, bump, &mut self.findings)?;
            let fate = self.judge(&element);
            self.report(fate, None, &[], &mut out.report);
        }
        self.index = self.index.saturating_add(1);
        Ok(())
    }

    /// What becomes of a payload element.
    fn judge(&mut self, element: &Element<'_>) -> Fate {
        let profile = self.profile.clone();
        let local_numbers = profile.as_ref().and_then(|profile| profile.plan.local_numbers.as_deref());
        let scheme = element.scheme(local_numbers);
        let record = Record {
            scheme,
            as_of: self.options.as_of,
            values: element.values,
            sources: [None; FIELD_COUNT],
            no_limit: false,
            plan: None,
            local_numbers,
            level: profile.as_ref().and_then(|profile| profile.plan.level),
            input: element.input,
        };
        if scheme.is_none() && record.text(Field::PayerNumber).is_some() {
            record.report(&rules::UNKNOWN_SCHEME, Field::PayerNumber, &mut self.findings);
        }
        rules::check(&record, &self.options.documents, &mut self.findings);
        element.check_printed(&record, &mut self.findings);
        self.settle(&record, element.input.as_bytes(), None)
    }

    /// Writes what was found in a payload element, and counts it.
    fn report(&mut self, fate: Fate, key: Option<&str>, element: &[u8], report: &mut Vec<u8>) {
        let record = self.index;
        for finding in &mut self.findings.found {
            finding.record = Some(record);
            finding.record_key = key.map(str::to_owned);
            self.observer.found(finding);
            self.writer.finding(report, finding, &mut self.summary);
        }
        self.observer.decided(Decided { record, key, fate, findings: &self.findings.found, element });
        self.count(fate);
    }

    /// Lets pass what was acknowledged.
    #[cold]
    #[inline(never)]
    fn acknowledge(&mut self, record: &Record<'_>, key: Option<&str>, element: &[u8]) {
        let Some(acknowledged) = self.options.documents.acknowledged() else { return };
        for finding in &mut self.findings.found {
            if let Some(entry) = acknowledged.mark(finding, record, key, element) {
                self.summary.used(entry, 1);
            }
        }
    }

    /// Compares with the set so far, and decides.
    #[inline(never)]
    fn settle(&mut self, record: &Record<'_>, element: &[u8], key: Option<&str>) -> Fate {
        if !self.findings.found.is_empty() && self.options.documents.acknowledged().is_some() {
            self.acknowledge(record, key, element);
        }
        let place = Place { record: self.index, key };
        let repeated = !self.findings.reject()
            && rules::check_set(record, element, place, &mut self.seen, &mut self.findings);
        if self.findings.reject() {
            return Fate::Rejected;
        }
        if repeated {
            return Fate::Excluded;
        }
        if let Some(scheme) = record.scheme {
            let count = self.summary.by_scheme.entry(scheme).or_default();
            *count = count.saturating_add(1);
        }
        Fate::Accepted
    }

    /// Counts what was acknowledged, and tells which entries do nothing any more.
    #[cold]
    #[inline(never)]
    fn end_acknowledged(&mut self, out: &mut Output) {
        let documents = self.options.documents.clone();
        let Some(acknowledged) = documents.acknowledged() else { return };
        acknowledged.count(&mut self.summary);
        let severity = self.findings.severity(&rules::ACKNOWLEDGEMENT_IDLE);
        if severity == Severity::Off {
            return;
        }
        let all = self.summary.complete && self.options.mode == Mode::Records;
        let used = self.summary.acknowledged.as_ref().map(|counts| counts.by_entry.clone());
        for (index, used) in used.unwrap_or_default().into_iter().enumerate() {
            if let Some(mut finding) = acknowledged.idle(index, used, self.options.as_of, all) {
                finding.severity = severity;
                self.found(&finding, out);
            }
        }
    }

    #[inline(never)]
    fn end(&mut self, out: &mut Output) {
        if self.summary.complete && self.summary.read == 0 {
            let finding = Finding {
                severity: self.findings.severity(&rules::NO_RECORDS),
                ..Finding::new(&rules::NO_RECORDS)
            };
            self.found(&finding, out);
        }
        self.tell_usage(out);
        self.end_acknowledged(out);
        if self.options.payload {
            out.payload.extend_from_slice(if self.begun { b"]" } else { b"[]" });
        }
        self.writer.finish(&mut out.report, &self.summary);
    }

    /// Says of a complete input which places no record had, and of any the counts if they are wanted.
    fn tell_usage(&mut self, out: &mut Output) {
        let Some(profile) = self.mapping().cloned() else { return };
        let mut tally = core::mem::take(&mut self.tally);
        if self.summary.complete {
            let severity = self.findings.severity(&rules::ABSENT_PLACE);
            tally.absent(&profile.plan, severity, |finding| self.found(finding, out));
        }
        self.summary.usage = self.options.usage.then(|| tally.usage(&profile.plan));
    }
}

/// What is wrong with a record that is JSON all the same, as far as it can be told.
#[cold]
fn out_of_range(text: &str) -> Detail {
    const MOST_DIGITS: usize = 300;
    let mut run = 0usize;
    let long = text.bytes().any(|byte| {
        run = if byte.is_ascii_digit() { run.saturating_add(1) } else { 0 };
        run > MOST_DIGITS
    });
    let words = rules::Text {
        en: "; a number has more digits than can be read",
        ja: "(読み取れる桁数を超えた数値があります)",
    };
    if long { Detail::Words(words) } else { Detail::Nothing }
}

/// Bytes from the record's beginning to the place that `serde_json` names.
fn position(text: &str, error: &serde_json::Error) -> u64 {
    let lines = error.line().saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
    before.saturating_add(error.column().saturating_sub(1)) as u64
}
