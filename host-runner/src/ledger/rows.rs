//! The ledger's rows, as programs and `pmh history --json` see them.

use pmh_core::rules;
use rusqlite::{Row, types::Type};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::state::{State, request_state};
use crate::{report::Summary, spool::Part};

/// How a set differs from the last accepted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Changes {
    /// Certificates that were not in it.
    pub added: u64,
    /// Certificates whose content is another.
    pub changed: u64,
    /// Certificates that are no longer in it.
    pub gone: u64,
}

/// What is about to be sent.
#[derive(Debug, Clone)]
pub struct Intent<'a> {
    /// Hash of everything that the set was made from.
    pub source: &'a str,
    /// The keyed hash of the payload.
    pub payload: &'a str,
    /// Its length.
    pub bytes: u64,
    /// The name of the spool file.
    pub spool: &'a str,
    /// Against the last accepted set, where that is known.
    pub changes: Option<Changes>,
    /// Codes of the guards that a person passed.
    pub passed: Vec<&'static str>,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its number.
    pub id: i64,
    /// When it began, UTC.
    pub started_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
    /// Where it stands.
    pub state: State,
    /// The processing date.
    pub as_of: String,
    /// The date in Japan on which the set may be sent.
    pub day: String,
    /// Where it went.
    pub endpoint: String,
    /// The program's version.
    pub version: String,
    /// Hash of the profile.
    pub profile: Option<String>,
    /// Hash of the module.
    pub module: Option<String>,
    /// Hash of everything that the set was made from.
    pub source: Option<String>,
    /// The report's counts, as they are.
    #[serde(serialize_with = "raw")]
    pub summary: Option<String>,
    /// The keyed hash of the payload.
    pub payload: Option<String>,
    /// Its length.
    pub bytes: Option<u64>,
    /// The spool file, until it is removed.
    pub spool: Option<String>,
    /// Against the set that was accepted before.
    pub changes: Option<Changes>,
    /// What stopped it or made it fail.
    pub codes: Vec<String>,
    /// Guards that a person passed.
    pub passed: Vec<String>,
    /// A later run by which PMH accepted the same payload.
    pub settled_by: Option<i64>,
    /// The municipality.
    pub site: Option<String>,
    /// Who ran it: the user of the operating system.
    pub user: Option<String>,
    /// On which machine.
    pub host: Option<String>,
    /// The number of the process.
    pub process: Option<u32>,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference")]
fn raw<S: Serializer>(json: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    let value = json.clone().and_then(|json| RawValue::from_string(json).ok());
    value.serialize(serializer)
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl Run {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let counts = [row.get("added")?, row.get("changed")?, row.get("gone")?];
        let changes = match counts {
            [Some(added), Some(changed), Some(gone)] => Some(Changes { added, changed, gone }),
            _ => None,
        };
        Ok(Self {
            id: row.get("id")?,
            started_at: row.get("started_at")?,
            ended_at: row.get("ended_at")?,
            state: row.get("state")?,
            as_of: row.get("as_of")?,
            day: row.get("day")?,
            endpoint: row.get("endpoint")?,
            version: row.get("version")?,
            profile: row.get("profile")?,
            module: row.get("module")?,
            source: row.get("source")?,
            summary: row.get("summary")?,
            payload: row.get("payload")?,
            bytes: row.get("bytes")?,
            spool: row.get("spool")?,
            changes,
            codes: words(&row.get::<_, String>("codes")?),
            passed: words(&row.get::<_, String>("passed")?),
            settled_by: row.get("settled_by")?,
            site: row.get("site")?,
            user: row.get("user")?,
            host: row.get("host")?,
            process: row.get("process")?,
        })
    }

    /// Whether it is only the trace of a start that found another run under way. It says nothing about when a run began, and
    /// may be newer than the row of the run that was under way.
    #[must_use]
    pub fn is_bystander(&self) -> bool {
        self.codes.iter().any(|code| code == rules::RUN_UNDER_WAY.code)
    }

    /// The counts.
    #[must_use]
    pub fn counts(&self) -> Option<Summary> {
        self.summary.as_deref().and_then(|json| serde_json::from_str(json).ok())
    }
}

/// One request of a run.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// 1 for the first.
    pub number: i64,
    /// Its share of the payload.
    #[serde(skip)]
    pub part: Part,
    /// Records in it.
    pub records: u64,
    /// Bytes of its body.
    pub bytes: u64,
    /// The keyed hash of its body; none for one of a version that kept hashes without a key.
    pub hash: Option<String>,
    /// Where PMH accepted it.
    pub serial_number: Option<String>,
}

impl Request {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let part =
            Part { start: row.get("first_byte")?, end: row.get("end_byte")?, records: row.get("records")? };
        if part.start > part.end {
            let error = "a request ends before it begins".into();
            return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, error));
        }
        Ok(Self {
            number: row.get("number")?,
            part,
            records: part.records,
            bytes: part.body_length(),
            hash: Some(row.get("hash")?).filter(|hash: &String| !hash.is_empty()),
            serial_number: row.get("serial_number")?,
        })
    }

    /// What became of it, by the tries of its run.
    #[must_use]
    pub fn state(&self, attempts: &[Attempt]) -> Option<State> {
        let own = attempts.iter().filter(|attempt| attempt.request == self.number);
        request_state(own.map(|attempt| attempt.outcome.as_deref()))
    }
}

/// One try of a request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// The request.
    pub request: i64,
    /// 1 for the first try of the request.
    pub number: i64,
    /// When it began, UTC.
    pub began_at: String,
    /// When it ended; none where it was never heard of again.
    pub ended_at: Option<String>,
    /// `accepted`, `refused`, `unavailable`, `unknown`; none likewise.
    pub outcome: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Our code of what went wrong.
    pub code: Option<String>,
    /// PMH's code.
    pub pmh_code: Option<String>,
    /// When it was to be tried again.
    pub next_at: Option<String>,
}

impl Attempt {
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            request: row.get("request")?,
            number: row.get("number")?,
            began_at: row.get("began_at")?,
            ended_at: row.get("ended_at")?,
            outcome: row.get("outcome")?,
            status: row.get("status")?,
            code: row.get("code")?,
            pmh_code: row.get("pmh_code")?,
            next_at: row.get("next_at")?,
        })
    }
}
