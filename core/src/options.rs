//! The options of a run.

use crate::{
    acknowledged::bits,
    convert::date::{self, Notation},
    documents::{Documents, Hashing},
    finding::{Detail, Finding},
    invalid::{Document as Which, Invalid},
    json::Json,
    report::ReportFormat,
    rules::{self, Lang},
};
use chrono::NaiveDate;

/// How the input is cut into records.
///
/// ```
/// use pmh_core::{InputFormat, Options};
/// let options = Options::from_json(br#"{"asOf": "2026-11-22", "input": "ndjson"}"#).unwrap();
/// assert_eq!(options.input, InputFormat::Ndjson);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Whether the summary tells how often the parts of the profile were used.
    pub usage: bool,
    /// What the site supplies beside the profile.
    pub documents: Documents,
}

/// A day, written in the one form that options have.
#[inline(never)]
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    // chrono's parser of formats would make the module larger by a great deal
    let date = date::read(text, &[Notation::Gregorian]).ok();
    date.filter(|date| date.to_string() == *text)
}

#[cold]
#[inline(never)]
fn refused(why: String) -> Invalid {
    let finding = Finding { detail: Detail::Name(why), ..Finding::new(&rules::OPTIONS) };
    Invalid::new(Which::Options, vec![finding])
}

/// The value of which a member has the name; the names are parted by commas.
fn one_of<T: Copy, const COUNT: usize>(
    member: &str,
    json: &Json,
    names: &str,
    values: [T; COUNT],
) -> Result<T, Invalid> {
    let place = position(json, names);
    place.and_then(|place| values.get(place).copied()).ok_or_else(|| refused(format!("{member}: {names}")))
}

/// Apart from the values, of which there are many types.
#[inline(never)]
fn position(json: &Json, names: &str) -> Option<usize> {
    let Json::String(text) = json else { return None };
    names.split(", ").position(|name| name == text)
}

#[inline(never)]
fn is_wanted(member: &str, json: &Json) -> Result<bool, Invalid> {
    match json {
        Json::Bool(wanted) => Ok(*wanted),
        _ => Err(refused(format!("{member}: true, false"))),
    }
}

/// The members, in the order in which `wasm/ABI.md` has them.
const MEMBERS: [&str; 13] = [
    "asOf",
    "mode",
    "lang",
    "input",
    "payload",
    "report",
    "stage",
    "usage",
    "characterTable",
    "payerNumbers",
    "acknowledged",
    "hashKey",
    "fingerprints",
];

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
            usage: false,
            documents: Documents::default(),
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
    /// One finding of code PMH9101; of a document among them, findings of PMH9014 or PMH9015.
    ///
    /// ```
    /// use pmh_core::Options;
    ///
    /// assert!(Options::from_json(br#"{"asOf": "2026-11-22", "input": "ndjson"}"#).is_ok());
    /// assert!(Options::from_json(br#"{"asof": "2026-11-22"}"#).is_err());
    /// ```
    pub fn from_json(document: &[u8]) -> Result<Self, Invalid> {
        let document = serde_json::from_slice(document).map_err(|error| refused(error.to_string()))?;
        let Json::Object(members) = document else { return Err(refused("{ }".to_owned())) };
        let mut options = Self::new(NaiveDate::MIN);
        let hashing = options.read(&members)?;
        // last, so that their mistakes are told as the options ask
        options.documents = Documents::read(&members, &hashing).map_err(|mistakes| {
            Invalid::new(Which::Options, mistakes).reported(options.report, options.lang)
        })?;
        Ok(options)
    }

    /// Takes the members; the documents are still to be read.
    fn read(&mut self, members: &[(String, Json)]) -> Result<Hashing, Invalid> {
        let options = self;
        let no_day = || refused("asOf: YYYY-MM-DD".to_owned());
        let mut as_of = None;
        let mut hashing = Hashing::default();
        for (index, (member, json)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(other, _)| other == member) {
                return Err(refused(format!("{member} × 2")));
            }
            match member.as_str() {
                "asOf" => as_of = Some(json),
                "mode" => {
                    options.mode = one_of(member, json, "records, payload", [Mode::Records, Mode::Payload])?;
                }
                "lang" => options.lang = one_of(member, json, "ja, en", [Lang::Ja, Lang::En])?,
                "input" => {
                    let forms = [InputFormat::Auto, InputFormat::Json, InputFormat::Ndjson];
                    options.input = one_of(member, json, "auto, json, ndjson", forms)?;
                }
                "payload" => options.payload = is_wanted(member, json)?,
                "usage" => options.usage = is_wanted(member, json)?,
                "acknowledged" | "characterTable" | "payerNumbers" => {}
                "fingerprints" => hashing.fingerprints = is_wanted(member, json)?,
                "hashKey" => {
                    let key = if let Json::String(text) = json { bits(text) } else { None };
                    hashing.key = Some(key.ok_or_else(|| refused("hashKey: [0-9a-f]{32}".to_owned()))?);
                }
                "report" => {
                    let forms = [ReportFormat::Ndjson, ReportFormat::Json];
                    options.report = one_of(member, json, "ndjson, json", forms)?;
                }
                "stage" => {
                    let stages = [Stage::Whole, Stage::Split, Stage::Map, Stage::Join];
                    options.stage = one_of(member, json, "whole, split, map, join", stages)?;
                }
                other => {
                    return Err(refused(format!("{other} ({})", MEMBERS.join(", "))));
                }
            }
        }
        let Some(Json::String(text)) = as_of else { return Err(no_day()) };
        options.as_of = day(text).ok_or_else(no_day)?;
        Ok(hashing)
    }
}
