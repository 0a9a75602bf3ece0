//! The module's report on its way out: one stream of lines in, any number of outputs.
//!
//! The module writes one finding per line and the summary last. A line is handed on as it came, after it was parsed: a
//! module may be anybody's, and what isn't a finding must never reach an output. Memory is bounded, whatever comes.

mod held;
pub(crate) mod retell;

use std::{cell::RefCell, collections::BTreeSet, fmt, path::Path, rc::Rc, sync::Arc};

use pmh_core::rules::{Lang, Severity};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use self::{held::Held, retell::Retelling};
use crate::{
    failure::{Failure, Result},
    human::Human,
    output::Sink,
    table::Places,
    usage::Usage,
};

/// The longest line in bytes: a finding that quotes the key of the largest record, each of its characters escaped, fits.
const MAX_LINE: usize = 8 << 20;

/// How many codes, schemes or other names a report may have: more than there are.
const MAX_NAMES: usize = 512;

/// The longest name of a count.
const MAX_NAME: usize = 64;

/// A finding, as `wasm/ABI.md` describes it; what people aren't shown is left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `PMH` and four digits.
    pub code: String,
    /// How much it matters.
    #[serde(deserialize_with = "severity")]
    pub severity: Severity,
    /// Index of the record, from 0.
    pub record: Option<u64>,
    /// The record's own key.
    pub record_key: Option<String>,
    /// Where in the record.
    pub source: Option<String>,
    /// Where in the payload.
    pub target: Option<String>,
    /// Where in the profile.
    pub profile: Option<String>,
    /// Byte of the input.
    pub offset: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to do; at the desk, if `system_help` says what the system's people do.
    pub help: String,
    /// What the people of the system do.
    #[serde(default)]
    pub system_help: Option<String>,
    /// The last day of the acknowledgement by which it rejects nothing.
    #[serde(default)]
    pub acknowledged: Option<String>,
    /// The keyed hash by which it can be acknowledged.
    #[serde(default)]
    pub fingerprint: Option<String>,
    /// The line of a table on which the record begins, from 1. The runner knows it, not the module.
    #[serde(skip)]
    pub line: Option<u64>,
    /// The earlier record that this one was compared with, if it is known.
    #[serde(default)]
    pub other: Option<Other>,
}

/// The other record of a finding that is about two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Other {
    /// Index of the record, from 0.
    pub record: u64,
    /// The record's own key.
    pub record_key: Option<String>,
}

fn severity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    Ok(match String::deserialize(deserializer)?.as_str() {
        "warning" => Severity::Warning,
        _ => Severity::Error,
    })
}

/// The counts at the end of a report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Records read.
    pub read: u64,
    /// In the payload.
    pub accepted: u64,
    /// Left out because their validity had ended.
    pub excluded: u64,
    /// Left out because of an error.
    pub rejected: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// The input was read to its end.
    pub complete: bool,
    /// Findings by code.
    pub by_code: Counts,
    /// Accepted records by scheme.
    pub by_scheme: Counts,
    /// How often the parts of the profile were used, if the options asked for it; the ledger keeps it apart.
    #[serde(default, skip_serializing)]
    pub usage: Option<Usage>,
    /// Findings that are acknowledged, which no other count has; none if there are no acknowledgements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledgements>,
}

/// How many findings were acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Acknowledgements {
    /// By code.
    pub by_code: Counts,
    /// By entry, in the order of the file.
    pub by_entry: Vec<u64>,
}

impl Acknowledgements {
    /// How many they are.
    #[must_use]
    pub fn findings(&self) -> u64 {
        self.by_entry.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// Counts by name, in the module's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts(pub Vec<(String, u64)>);

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, count)| (name, count)))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Counts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of counts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Counts, A::Error> {
                let mut counts = Vec::new();
                while let Some((name, count)) = entries.next_entry::<String, u64>()? {
                    if counts.len() == MAX_NAMES || name.len() > MAX_NAME {
                        return Err(A::Error::custom("too many or too long names"));
                    }
                    counts.push((name, count));
                }
                Ok(Counts(counts))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

#[derive(Deserialize)]
struct Last<'a> {
    #[serde(borrow)]
    summary: &'a RawValue,
}

/// One output of the report.
pub enum View {
    /// The lines as they come.
    Ndjson(Sink),
    /// One object, `{"findings":[…],"summary":{…}}`.
    Json {
        /// Where it goes.
        sink: Sink,
        /// Whether a finding was written.
        begun: bool,
    },
    /// For people.
    Human(Human),
    /// Some findings, for the command itself.
    Picked(Rc<RefCell<Picked>>),
}

/// The findings of one code in the records with one key.
#[derive(Default)]
pub struct Picked {
    code: String,
    record_key: Option<String>,
    /// No more than [`MAX_NAMES`] of them.
    pub found: Vec<Finding>,
}

impl Picked {
    /// Picks findings; none without a key.
    #[must_use]
    pub fn new(code: &str, record_key: Option<&str>) -> Self {
        Self { code: code.to_owned(), record_key: record_key.map(str::to_owned), found: Vec::new() }
    }

    fn take(&mut self, finding: &Finding) {
        let is_wanted = finding.code == self.code
            && finding.record.is_some()
            && finding.record_key.is_some()
            && finding.record_key == self.record_key;
        if is_wanted && self.found.len() < MAX_NAMES {
            self.found.push(finding.clone());
        }
    }
}

impl View {
    /// One object.
    #[must_use]
    pub fn json(sink: Sink) -> Self {
        Self::Json { sink, begun: false }
    }

    /// A file: one object where its name ends in `.json`, lines otherwise.
    ///
    /// # Errors
    ///
    /// `PMH6306` where it can't be written.
    pub fn file(path: &Path) -> Result<Self> {
        let sink = Sink::create(path)?;
        let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        Ok(if json { Self::json(sink) } else { Self::Ndjson(sink) })
    }

    fn finding(&mut self, line: &[u8], finding: &Finding) -> Result<()> {
        match self {
            Self::Ndjson(sink) => {
                sink.tell(line)?;
                sink.put(b"\n")
            }
            Self::Json { sink, begun } => {
                sink.put(if *begun { b"," } else { b"{\"findings\":[" })?;
                *begun = true;
                sink.tell(line)
            }
            Self::Human(human) => {
                human.finding(finding);
                Ok(())
            }
            Self::Picked(picked) => {
                picked.borrow_mut().take(finding);
                Ok(())
            }
        }
    }

    fn end(self, line: &[u8], raw: &RawValue, summary: &Summary) -> Result<()> {
        match self {
            Self::Ndjson(mut sink) => {
                sink.tell(line)?;
                sink.put(b"\n")?;
                sink.commit()
            }
            Self::Json { mut sink, begun } => {
                sink.put(if begun { b"" } else { b"{\"findings\":[" })?;
                sink.put(b"],\"summary\":")?;
                sink.tell(raw.get().as_bytes())?;
                sink.put(b"}\n")?;
                sink.commit()
            }
            Self::Human(human) => human.end(summary),
            Self::Picked(_) => Ok(()),
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T> {
    serde_json::from_slice(line)
        .map_err(|error| Failure::internal(format_args!("unreadable report: {:?}", error.classify())))
}

/// Splits the report into lines and hands them to each view.
pub struct Report {
    views: Vec<View>,
    /// Bytes of a line whose end has not come yet.
    partial: Vec<u8>,
    /// The last complete line: the summary, unless another one follows.
    last: Vec<u8>,
    /// The codes so far.
    codes: BTreeSet<String>,
    /// Tells the findings in a table.
    retelling: Option<Retelling>,
    /// What waits for a second run; `None` if none is to come.
    held: Option<Held>,
    /// The second run read the same input as the first.
    named: bool,
}

impl Report {
    /// A report with these outputs.
    #[must_use]
    pub fn new(views: Vec<View>) -> Self {
        Self {
            views,
            partial: Vec::new(),
            last: Vec::new(),
            codes: BTreeSet::new(),
            held: None,
            retelling: None,
            named: false,
        }
    }

    /// Tells the findings in the words of tables, if the input is one.
    #[must_use]
    pub fn of_table(self, places: Option<Arc<Places>>, lang: Lang) -> Self {
        Self { retelling: places.map(|places| Retelling::new(places, lang)), ..self }
    }

    /// Holds back the findings from the first one on that a second run may name another record for, if an output shows them.
    pub(crate) fn hold(&mut self) {
        let is_shown = |view: &View| !matches!(view, View::Human(human) if human.is_silent());
        self.held = self.views.iter().any(is_shown).then(Held::default);
    }

    /// Whether a finding waits for a second run.
    pub(crate) fn is_holding(&self) -> bool {
        self.held.as_ref().is_some_and(|held| !held.is_empty())
    }

    /// Takes the next bytes of the second run's report, after all of the first one's.
    pub(crate) fn push_second(&mut self, bytes: &[u8]) {
        if let Some(held) = &mut self.held {
            held.compare(bytes, &self.last);
        }
    }

    /// Says that the second run read the same input to its end.
    pub(crate) fn name(&mut self) {
        self.named = true;
    }

    /// Takes the next bytes, cut anywhere.
    ///
    /// # Errors
    ///
    /// `PMH6306` if an output can't be written, `PMH6405` if the report is not what `wasm/ABI.md` says.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some((line, rest)) = split_line(bytes) {
            self.extend(line)?;
            self.hand_on()?;
            std::mem::swap(&mut self.last, &mut self.partial);
            self.partial.clear();
            bytes = rest;
        }
        self.extend(bytes)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<()> {
        if self.partial.len().saturating_add(bytes.len()) > MAX_LINE {
            return Err(Failure::internal("unreadable report: a line has no end"));
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// The line held back is a finding after all.
    fn hand_on(&mut self) -> Result<()> {
        if self.last.is_empty() {
            return Ok(());
        }
        let finding: Finding = parse(&self.last)?;
        if !self.codes.contains(&finding.code) {
            if !is_code(&finding.code) || self.codes.len() == MAX_NAMES {
                return Err(Failure::internal("unreadable report: not a code, or too many of them"));
            }
            self.codes.insert(finding.code.clone());
        }
        if self.held.as_mut().is_some_and(|held| held.wants(&self.last)) {
            let has_room = self.held.as_mut().is_some_and(|held| held.put(&self.last));
            return if has_room { Ok(()) } else { self.let_go() };
        }
        let line = std::mem::take(&mut self.last);
        self.show(line, finding)
    }

    /// Hands on what was held back.
    fn let_go(&mut self) -> Result<()> {
        let named = self.named;
        for line in self.held.take().into_iter().flat_map(|held| held.lines(named)) {
            let finding = parse(&line)?;
            self.show(line, finding)?;
        }
        Ok(())
    }

    /// Hands a finding to each view, in the words of tables if the input is one.
    fn show(&mut self, line: Vec<u8>, mut finding: Finding) -> Result<()> {
        let line = match &mut self.retelling {
            Some(retelling) => {
                let severity = if finding.severity == Severity::Warning { "warning" } else { "error" };
                retelling.finding(&mut finding, severity)?
            }
            None => line,
        };
        self.views.iter_mut().try_for_each(|view| view.finding(&line, &finding))
    }

    /// Writes the summary and closes every output.
    ///
    /// # Errors
    ///
    /// As [`Report::push`].
    pub fn end(mut self) -> Result<Summary> {
        if !self.partial.is_empty() {
            self.push(b"\n")?;
        }
        self.let_go()?;
        let last: Last<'_> = parse(&self.last)?;
        let mut summary: Summary = parse(last.summary.get().as_bytes())?;
        if self.retelling.as_ref().is_some_and(|retelling| retelling.counts(&mut summary.by_code)) {
            let raw = RawValue::from_string(serde_json::to_string(&summary).map_err(Failure::internal)?)
                .map_err(Failure::internal)?;
            let line = format!("{{\"summary\":{}}}", raw.get());
            for view in self.views {
                view.end(line.as_bytes(), &raw, &summary)?;
            }
            return Ok(summary);
        }
        for view in self.views {
            view.end(&self.last, last.summary, &summary)?;
        }
        Ok(summary)
    }
}

/// `PMH` and four digits.
fn is_code(code: &str) -> bool {
    code.strip_prefix("PMH")
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.get(1..)?))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;

    use super::*;

    pub(crate) const FINDING: &str = r#"{"code":"PMH3102","severity":"error","record":2,"recordKey":"0000000003","source":"/個人番号","target":"/myNumber","profile":"/fields/myNumber","offset":null,"message":"m","help":"h"}"#;
    pub(crate) const SUMMARY: &str = r#"{"read":3,"accepted":1,"excluded":1,"rejected":1,"warnings":0,"complete":true,"byCode":{"PMH3102":1},"byScheme":{"seishin":0,"kosei":1}}"#;

    fn views_of(report: &str, piece: usize) -> (String, String, Summary) {
        let folder = tempfile::tempdir().unwrap();
        let (lines, object) = (folder.path().join("r.ndjson"), folder.path().join("r.JSON"));
        let mut splitter = Report::new(vec![View::file(&lines).unwrap(), View::file(&object).unwrap()]);
        for bytes in report.as_bytes().chunks(piece) {
            splitter.push(bytes).unwrap();
        }
        let summary = splitter.end().unwrap();
        (fs::read_to_string(lines).unwrap(), fs::read_to_string(object).unwrap(), summary)
    }

    #[test]
    fn the_report_is_the_same_however_it_is_cut() {
        let report = format!("{FINDING}\n{FINDING}\n{{\"summary\":{SUMMARY}}}\n");
        for piece in [1, 7, 1000] {
            let (lines, object, summary) = views_of(&report, piece);
            assert_eq!(lines, report);
            assert_eq!(object, format!("{{\"findings\":[{FINDING},{FINDING}],\"summary\":{SUMMARY}}}\n"));
            assert_eq!((summary.read, summary.accepted, summary.complete), (3, 1, true));
            assert_eq!(serde_json::to_string(&summary).unwrap(), SUMMARY);
        }
    }

    #[test]
    fn a_report_without_findings_is_whole() {
        let (_, object, _) = views_of(&format!("{{\"summary\":{SUMMARY}}}"), 10);
        assert_eq!(object, format!("{{\"findings\":[],\"summary\":{SUMMARY}}}\n"));
    }

    #[test]
    fn a_report_without_summary_is_a_bug() {
        let mut report = Report::new(Vec::new());
        report.push(FINDING.as_bytes()).unwrap();
        assert_eq!(report.end().unwrap_err().rule.code, "PMH6405");
    }

    /// What comes of a report with this line ahead of its summary: the failure, and what the output has of it.
    fn refused(lines: &[&str]) -> (&'static str, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.ndjson");
        let mut sink = Sink::create(&path).unwrap();
        sink.put(b"").unwrap();
        let mut report = Report::new(vec![View::Ndjson(sink)]);
        let text = format!("{}\n", lines.join("\n"));
        let failure = report
            .push(text.as_bytes())
            .and_then(|()| report.push(format!("{{\"summary\":{SUMMARY}}}\n").as_bytes()))
            .and_then(|()| report.end())
            .unwrap_err();
        (failure.rule.code, failure.message(Lang::En))
    }

    #[test]
    fn a_line_that_is_no_finding_is_never_handed_on() {
        let wrong = [
            "no JSON".to_owned(),
            "[]".to_owned(),
            format!("{FINDING}{FINDING}"),
            FINDING.replace("PMH3102", "PMH310"),
            FINDING.replace("PMH3102", "PMH310２"),
            FINDING.replace("PMH3102", "\\u001b[2J"),
            FINDING.replace("\"m\"", "\"\u{1b}\""),
            FINDING.replace("\"code\"", "\"other\""),
        ];
        for line in &wrong {
            let (code, message) = refused(&[FINDING, line]);
            assert_eq!(code, "PMH6405", "{line}");
            assert!(!message.contains("no JSON"), "{message}");
        }
    }

    #[test]
    fn a_report_does_not_grow_without_bound() {
        let codes: Vec<String> =
            (0..=MAX_NAMES).map(|number| FINDING.replace("3102", &format!("{number:04}"))).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        assert_eq!(refused(&codes).0, "PMH6405");
        let counts = |count: usize, length: usize| {
            let name = |number: usize| format!("\"{number:0length$}\":1");
            let names: Vec<String> = (0..count).map(name).collect();
            let summary = SUMMARY.replace("\"PMH3102\":1", &names.join(","));
            serde_json::from_str::<Summary>(&summary).is_ok()
        };
        assert!(counts(MAX_NAMES, MAX_NAME) && !counts(MAX_NAMES + 1, 7) && !counts(1, MAX_NAME + 1));
        let mut report = Report::new(Vec::new());
        let piece = vec![b'x'; MAX_LINE / 4];
        (0..4).for_each(|_| report.push(&piece).unwrap());
        assert_eq!(report.push(b"x").unwrap_err().rule.code, "PMH6405");
        assert!(report.partial.len() <= MAX_LINE);
    }
}
