//! The options of a run.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::{
    convert::date::{self, Notation},
    finding::{Detail, Finding},
    invalid::{Document as Which, Invalid},
    report::ReportFormat,
    rules::{self, Lang},
};

/// How the input is cut into records.
///
/// ```
/// use pmh_core::{InputFormat, Options};
/// let options = Options::from_json(br#"{"asOf": "2026-11-22", "input": "ndjson"}"#).unwrap();
/// assert_eq!(options.input, InputFormat::Ndjson);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputFormat {
    /// By its first byte: `[` begins an array, `{` NDJSON.
    #[default]
    Auto,
    /// A JSON array.
    Json,
    /// One object a line.
    Ndjson,
}

/// What the input is.
///
/// ```
/// use pmh_core::{Mode, Options};
/// let options = Options::from_json(br#"{"asOf": "2026-11-22", "mode": "payload"}"#).unwrap();
/// assert_eq!(options.mode, Mode::Payload);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A vendor's records, to be turned into a payload.
    #[default]
    Records,
    /// A finished payload, to be checked as it is.
    Payload,
}

/// Which part of a run a session does. Several sessions do one run together: what one splits, any number of others map, and one joins.
///
/// | stage | a push takes | payload of a call |
/// |---|---|---|
/// | whole | the next bytes of the input, cut anywhere | the next bytes of the payload |
/// | split | the same | one shard, or nothing |
/// | map | one shard | what came of its records |
/// | join | one shard, and behind it what came of it; in the input's order | the next bytes of the payload |
///
/// Shards and what comes of them are bytes for the same version of this crate and nobody else. Report and summary are those of the joining stage.
///
/// ```
/// use pmh_core::{Job, Output};
///
/// # fn main() -> Result<(), pmh_core::Invalid> {
/// let profile = include_bytes!("../examples/profile.json");
/// let session = |stage: &str| {
///     let options = format!(r#"{{"asOf": "2026-11-22", "stage": "{stage}"}}"#);
///     Ok(Job::from_json(profile, options.as_bytes())?.session())
/// };
/// let (mut split, mut map, mut join) = (session("split")?, session("map")?, session("join")?);
/// let (mut shard, mut out) = (Output::default(), Output::default());
/// split.push(br#"[{"id": "1"}]"#, &mut shard);
/// let mut mapped = Output { payload: shard.payload.clone(), ..Output::default() };
/// map.push(&shard.payload, &mut mapped);
/// join.push(&mapped.payload, &mut out);
/// shard.clear();
/// split.finish(&mut shard);
/// assert_eq!(shard.payload, b"", "nothing was left");
/// let summary = join.finish(&mut out);
/// assert_eq!((summary.read, summary.rejected), (1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// All of it.
    #[default]
    Whole,
    /// Cuts the input into shards of whole records.
    Split,
    /// Maps and checks the records of a shard, each as if it were alone.
    Map,
    /// Compares the records across the whole set, and writes payload and report.
    Join,
}

/// The options of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What the input is.
    pub mode: Mode,
    /// The processing date in Japan: whose validity ended before it is left out.
    pub as_of: NaiveDate,
    /// The language of messages.
    pub lang: Lang,
    /// How the input is cut into records.
    pub input: InputFormat,
    /// Whether the payload is wanted.
    pub payload: bool,
    /// How the report is written.
    pub report: ReportFormat,
    /// Which part of the run a session does.
    pub stage: Stage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    #[serde(default)]
    mode: Mode,
    as_of: String,
    #[serde(default)]
    lang: LangId,
    #[serde(default)]
    input: InputFormat,
    #[serde(default = "yes")]
    payload: bool,
    #[serde(default)]
    report: ReportFormat,
    #[serde(default)]
    stage: Stage,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum LangId {
    #[default]
    Ja,
    En,
}

fn refused(why: String) -> Invalid {
    let finding = Finding { detail: Detail::Name(why), ..Finding::new(&rules::OPTIONS) };
    Invalid::new(Which::Options, vec![finding])
}

/// What `serde_json` says. A member that is wrong is named, and its place left out: a host that holds options as an object has none.
fn why(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        Some((named, _)) if error.is_data() => named.to_owned(),
        _ => text,
    }
}

fn yes() -> bool {
    true
}

impl Options {
    /// A run as of a day, everything else as it is by default.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use pmh_core::{NaiveDate, Options, rules::Lang};
    ///
    /// let options = Options { lang: Lang::En, ..Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).ok_or("no such day")?) };
    /// assert_eq!(options, Options::from_json(br#"{"asOf": "2026-11-22", "lang": "en"}"#)?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(as_of: NaiveDate) -> Self {
        Self {
            mode: Mode::default(),
            as_of,
            lang: Lang::default(),
            input: InputFormat::default(),
            payload: true,
            report: ReportFormat::default(),
            stage: Stage::default(),
        }
    }

    /// The options of a session that does the whole run; a stage is refused.
    pub(crate) fn whole(&self) -> Result<(), Invalid> {
        match self.stage {
            Stage::Whole => Ok(()),
            _ => Err(refused("stage: whole".to_owned()).reported(self.report, self.lang)),
        }
    }

    /// Reads options from a JSON object; see `wasm/ABI.md`, "Options".
    ///
    /// # Errors
    ///
    /// One finding of code PMH9101.
    ///
    /// ```
    /// use pmh_core::Options;
    ///
    /// assert!(Options::from_json(br#"{"asOf": "2026-11-22", "input": "ndjson"}"#).is_ok());
    /// assert!(Options::from_json(br#"{"asof": "2026-11-22"}"#).is_err());
    /// ```
    pub fn from_json(document: &[u8]) -> Result<Self, Invalid> {
        let document: Document = serde_json::from_slice(document).map_err(|error| refused(why(&error)))?;
        // chrono's parser of formats would make the module larger by a great deal
        let as_of = date::read(&document.as_of, &[Notation::Gregorian]).ok();
        let as_of = as_of.filter(|date| date.to_string() == document.as_of);
        let as_of = as_of.ok_or_else(|| refused("asOf: YYYY-MM-DD".to_owned()))?;
        Ok(Self {
            mode: document.mode,
            as_of,
            lang: match document.lang {
                LangId::Ja => Lang::Ja,
                LangId::En => Lang::En,
            },
            input: document.input,
            payload: document.payload,
            report: document.report,
            stage: document.stage,
        })
    }
}
