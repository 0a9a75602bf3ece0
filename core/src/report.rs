//! Reports: findings as they come, the summary at the end.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    finding::Finding,
    rules::{Lang, Severity},
    scheme::Scheme,
    usage::Usage,
};

/// What became of an input; counts are records unless said otherwise, with `records.each` the payload elements made of them.
///
/// ```
/// use pmh_core::{NaiveDate, Options, check};
/// let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
/// let summary = check(None, Options::new(day), b"[{}").summary;
/// assert_eq!((summary.read, summary.rejected, summary.complete), (1, 1, false));
/// assert_eq!(summary.read, summary.accepted + summary.excluded + summary.rejected);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Read = accepted + excluded + rejected.
    pub read: u64,
    /// In the payload.
    pub accepted: u64,
    /// Left out because their validity ended before the processing date, because the profile leaves them out (`records`), or because the same certificate was
    /// accepted before.
    pub excluded: u64,
    /// Left out because of an error.
    pub rejected: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// The input was read to its end; where false, the payload is not "all records" and must not be sent.
    pub complete: bool,
    /// Findings by code.
    pub by_code: BTreeMap<&'static str, u64>,
    /// Accepted records by scheme.
    #[serde(serialize_with = "by_id")]
    pub by_scheme: BTreeMap<Scheme, u64>,
    /// How often the parts of the profile were used, if the options ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Findings that are acknowledged, which no other count has; none if the options have no acknowledgements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgements>,
}

/// How many findings were acknowledged.
///
/// ```
/// use pmh_core::{NaiveDate, Options, check};
/// let options = Options::from_json(br#"{"asOf": "2026-11-22", "acknowledged": []}"#).unwrap();
/// let counts = check(None, options, b"[]").summary.acknowledged.unwrap();
/// assert!(counts.by_code.is_empty() && counts.by_entry.is_empty());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledgements {
    /// By code.
    pub by_code: BTreeMap<&'static str, u64>,
    /// By entry, in the order of the options.
    pub by_entry: Vec<u64>,
}

impl Summary {
    /// Adds the counts of another part of the same input.
    pub(crate) fn add(&mut self, other: &Self) {
        let add = |count: &mut u64, more: u64| *count = count.saturating_add(more);
        add(&mut self.read, other.read);
        add(&mut self.accepted, other.accepted);
        add(&mut self.excluded, other.excluded);
        add(&mut self.rejected, other.rejected);
        add(&mut self.warnings, other.warnings);
        for (code, count) in &other.by_code {
            add_to(&mut self.by_code, code, *count);
        }
        for (scheme, count) in &other.by_scheme {
            add(self.by_scheme.entry(*scheme).or_default(), *count);
        }
        let used = other.acknowledged.as_ref().map_or(&[][..], |other| &other.by_entry);
        for (entry, count) in used.iter().enumerate() {
            self.used(entry, *count);
        }
    }

    /// Counts findings that an entry acknowledged.
    #[cold]
    #[inline(never)]
    pub(crate) fn used(&mut self, entry: usize, more: u64) {
        let by_entry = &mut self.acknowledged.get_or_insert_default().by_entry;
        if by_entry.len() <= entry {
            by_entry.resize(entry.saturating_add(1), 0);
        }
        if let Some(count) = by_entry.get_mut(entry) {
            *count = count.saturating_add(more);
        }
    }
}

/// Counts more findings of a code.
#[inline(never)]
pub(crate) fn add_to(counts: &mut BTreeMap<&'static str, u64>, code: &'static str, more: u64) {
    let count = counts.entry(code).or_default();
    *count = count.saturating_add(more);
}

fn by_id<S: serde::Serializer>(counts: &BTreeMap<Scheme, u64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(scheme, count)| (scheme.id(), count)))
}

/// How a report is written.
///
/// ```
/// use pmh_core::{ReportFormat, Options};
/// let options = Options::from_json(br#"{"asOf": "2026-11-22", "report": "json"}"#).unwrap();
/// assert_eq!(options.report, ReportFormat::Json);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReportFormat {
    /// A finding a line, then a line with the summary.
    #[default]
    Ndjson,
    /// One object.
    Json,
}

/// Writes a report as it comes.
#[derive(Debug)]
pub(crate) struct ReportWriter {
    format: ReportFormat,
    lang: Lang,
    begun: bool,
}

impl ReportWriter {
    pub(crate) fn new(format: ReportFormat, lang: Lang) -> Self {
        Self { format, lang, begun: false }
    }

    /// Writes a finding and counts it.
    pub(crate) fn finding(&mut self, out: &mut Vec<u8>, finding: &Finding, summary: &mut Summary) {
        // what is acknowledged was counted by its entry
        if finding.acknowledged().is_none() {
            add_to(&mut summary.by_code, finding.rule.code, 1);
            if finding.severity == Severity::Warning {
                summary.warnings = summary.warnings.saturating_add(1);
            }
        }
        self.lead(out);
        to_json(out, &finding.in_lang(self.lang));
        if self.format == ReportFormat::Ndjson {
            out.push(b'\n');
        }
    }

    /// Writes as if something stood before.
    pub(crate) fn go_on(&mut self) {
        self.begun = true;
    }

    /// Writes what another writer wrote that went on.
    pub(crate) fn adopt(&mut self, out: &mut Vec<u8>, mut written: &[u8]) {
        if written.is_empty() {
            return;
        }
        self.lead(out);
        if self.format == ReportFormat::Json {
            written = written.get(1..).unwrap_or_default(); // its comma
        }
        out.extend_from_slice(written);
    }

    /// Writes what stands before a finding.
    fn lead(&mut self, out: &mut Vec<u8>) {
        if self.format == ReportFormat::Json {
            out.extend_from_slice(if self.begun { b"," } else { b"{\"findings\":[" });
        }
        self.begun = true;
    }

    /// Writes the summary; nothing may follow.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>, summary: &Summary) {
        match self.format {
            ReportFormat::Json if self.begun => out.extend_from_slice(b"],"),
            ReportFormat::Json => out.extend_from_slice(b"{\"findings\":[],"),
            ReportFormat::Ndjson => out.push(b'{'),
        }
        out.extend_from_slice(b"\"summary\":");
        to_json(out, summary);
        out.extend_from_slice(if self.format == ReportFormat::Json { b"}" } else { b"}\n" });
    }
}

fn to_json(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing to a Vec cannot fail, and these types have text keys alone.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}

/// The report of a session that could not be opened: its findings, and a summary of nothing read.
///
/// ```
/// use pmh_core::{Finding, ReportFormat, failure, rules::{self, Lang}};
/// let finding = Finding::new(rules::find("PMH9102").unwrap().rule);
/// let report = failure(&[finding], ReportFormat::Ndjson, Lang::En);
/// assert_eq!(String::from_utf8(report).unwrap().lines().count(), 2);
/// ```
#[must_use]
pub fn failure(findings: &[Finding], format: ReportFormat, lang: Lang) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = ReportWriter::new(format, lang);
    let mut summary = Summary::default();
    for finding in findings {
        writer.finding(&mut out, finding, &mut summary);
    }
    writer.finish(&mut out, &summary);
    out
}
