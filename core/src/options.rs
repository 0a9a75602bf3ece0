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
        })
    }
}
