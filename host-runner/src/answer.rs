//! What an answer of PMH means: a pure table from status and body to an outcome.
//!
//! It decides whether a set may be sent again and how the program ends, so it does no I/O and is tested line by line.
//! PMH's own words are shown cleaned: no control characters, no digits that could be a My Number, bounded.

use std::{fmt, path::PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use pmh_core::rules;
use serde::{Deserialize, Serialize};

use crate::{
    escape::{printable, steers},
    failure::{Failure, Words},
};

/// The longest message of PMH that is shown, in characters.
const MAX_MESSAGE: usize = 500;

/// The longest code or serial number, in characters.
const MAX_TOKEN: usize = 256;

/// A My Number has twelve digits: no run of so many is shown.
const MY_NUMBER_DIGITS: usize = 12;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After` as it stands.
    pub retry_after: Option<String>,
    /// The body as far as it could be read.
    pub body: Vec<u8>,
    /// Whether the whole request had been sent when the answer came.
    pub whole: bool,
}

/// When it may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// After so many seconds.
    Seconds(u64),
    /// At a time.
    At(DateTime<Utc>),
}

impl RetryAfter {
    /// Reads both forms of the header (RFC 9110, 10.2.3).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Self::Seconds(seconds));
        }
        DateTime::parse_from_rfc2822(text).ok().map(|time| Self::At(time.with_timezone(&Utc)))
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::At(time) => write!(f, "{}", time.to_rfc3339_opts(SecondsFormat::Secs, true)),
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// PMH took it.
    Accepted {
        /// What the registration history is asked with later.
        serial_number: String,
    },
    /// PMH, or something on the way, refused it: nothing was registered, and the same bytes can't help.
    Refused(Failure),
    /// Nothing was registered; it may be tried again.
    Unavailable {
        /// What happened.
        failure: Failure,
        /// When PMH wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// Whether it was registered isn't known; the same full set may be sent again safely.
    Unknown(Failure),
}

impl Outcome {
    /// Why it isn't accepted.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Accepted { .. } => None,
            Self::Refused(failure) | Self::Unavailable { failure, .. } | Self::Unknown(failure) => {
                Some(failure)
            }
        }
    }

    /// `accepted`, `refused`, `unavailable` or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused(_) => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// An outcome with what PMH itself said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// What became of the request.
    pub outcome: Outcome,
    /// PMH's code, cleaned.
    pub code: Option<String>,
    /// PMH's message, cleaned.
    pub message: Option<String>,
}

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No connection: nothing was sent.
    Connect(Words),
    /// The connection ended, or time ran out, after sending had begun.
    Lost(Words),
    /// The payload at this path changed while it was sent: the request was broken off ahead of its end.
    Changed(PathBuf),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    serial_number: String,
}

#[derive(Deserialize)]
struct Refusal {
    code: Option<String>,
    message: Option<String>,
}

/// What a reply means.
#[must_use]
pub fn classify(reply: &Reply) -> Answer {
    let status = reply.status;
    let refusal = || serde_json::from_slice(&reply.body).unwrap_or(Refusal { code: None, message: None });
    let (outcome, refusal) = match status {
        200 => (accepted(reply), None),
        400 => (Outcome::Refused(Failure::new(&rules::REFUSED, status)), Some(refusal())),
        401 | 403 => (Outcome::Refused(Failure::new(&rules::UNAUTHORIZED, status)), Some(refusal())),
        408 | 429 | 503 => {
            let retry_after = reply.retry_after.as_deref().and_then(RetryAfter::parse);
            let failure = Failure::new(&rules::UNAVAILABLE, status);
            (Outcome::Unavailable { failure, retry_after }, Some(refusal()))
        }
        300..=499 => (Outcome::Refused(Failure::new(&rules::UNEXPECTED_ANSWER, status)), Some(refusal())),
        500..=599 => (Outcome::Unknown(Failure::new(&rules::SERVER_FAILED, status)), Some(refusal())),
        _ => (Outcome::Unknown(Failure::new(&rules::NO_SERIAL_NUMBER, status)), None),
    };
    let Refusal { code, message } = refusal.unwrap_or(Refusal { code: None, message: None });
    Answer {
        status: Some(status),
        outcome,
        code: code.map(|code| clean(&code, MAX_TOKEN)),
        message: message.map(|message| clean(&message, MAX_MESSAGE)),
    }
}

/// What a fault means.
#[must_use]
pub fn no_answer(fault: Fault) -> Answer {
    let outcome = match fault {
        Fault::Connect(reason) => {
            Outcome::Unavailable { failure: Failure::new(&rules::UNREACHABLE, reason), retry_after: None }
        }
        Fault::Lost(reason) => Outcome::Unknown(Failure::new(&rules::ANSWER_LOST, reason)),
        Fault::Changed(path) => Outcome::Unknown(Failure::new(&rules::PAYLOAD_CHANGED, path.display())),
    };
    Answer { status: None, outcome, code: None, message: None }
}

/// 200 counts when it can be PMH's: after the whole request, with a serial number.
fn accepted(reply: &Reply) -> Outcome {
    if !reply.whole {
        let reason = Words::new("it answered before it had everything", "送信が終わる前に応答がありました");
        return Outcome::Unknown(Failure::new(&rules::ANSWER_LOST, reason));
    }
    let readable = |serial: &str| {
        !serial.trim().is_empty() && serial.chars().count() <= MAX_TOKEN && printable(serial) == serial
    };
    match serde_json::from_slice(&reply.body) {
        Ok(Accepted { serial_number }) if readable(&serial_number) => Outcome::Accepted { serial_number },
        _ => Outcome::Unknown(Failure::new(&rules::NO_SERIAL_NUMBER, reply.status)),
    }
}

/// Text of another system, fit to be shown and logged.
fn clean(text: &str, longest: usize) -> String {
    let mut shown = String::new();
    let mut digits = String::new();
    // a character that can't be seen would part the digits of a My Number
    let seen =
        text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).filter(|c| !steers(*c));
    for c in seen.chain(['\0']) {
        if c.is_numeric() {
            digits.push(c);
            continue;
        }
        if digits.chars().count() >= MY_NUMBER_DIGITS {
            shown.extend(digits.chars().map(|_| '*'));
        } else {
            shown.push_str(&digits);
        }
        digits.clear();
        if c != '\0' {
            shown.push(c);
        }
    }
    let cut: String = shown.trim().chars().take(longest).collect();
    if cut.len() < shown.trim().len() { format!("{cut}…") } else { cut }
}

/// One request and what became of it, for `--format json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// `accepted`, `refused`, `unavailable` or `unknown`.
    pub outcome: &'static str,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// The serial number, where PMH took it.
    pub serial_number: Option<String>,
    /// Records in the request.
    pub records: u64,
    /// Bytes of the request's body.
    pub bytes: u64,
    /// How often it was sent.
    pub attempts: u64,
    /// PMH's code.
    pub code: Option<String>,
    /// PMH's message.
    pub message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn answer(status: u16, body: &str) -> Answer {
        classify(&Reply { status, body: body.as_bytes().to_vec(), whole: true, retry_after: None })
    }

    fn exit(answer: &Answer) -> u8 {
        answer.outcome.failure().map_or(Exit::Done, |failure| Exit::of(failure.rule)) as u8
    }

    #[test]
    fn every_status_has_its_outcome() {
        let table: [(&[u16], &str, u8); 5] = [
            (&[400, 401, 403], "refused", 4),
            (&[301, 302, 307, 308, 404, 405, 409, 411, 413, 415, 422], "refused", 4),
            (&[408, 429, 503], "unavailable", 5),
            (&[500, 501, 502, 504, 507], "unknown", 6),
            (&[201, 202, 204, 206], "unknown", 6),
        ];
        for (statuses, name, code) in table {
            for &status in statuses {
                let answer = answer(status, "");
                assert_eq!((answer.outcome.name(), exit(&answer)), (name, code), "{status}");
            }
        }
    }

    #[test]
    fn success_needs_a_serial_number() {
        let good = answer(200, r#"{"serialNumber":"2026-1","other":1}"#);
        assert_eq!(good.outcome, Outcome::Accepted { serial_number: "2026-1".to_owned() });
        for body in [
            "",
            "{}",
            "<html>",
            r#"{"serialNumber":""}"#,
            r#"{"serialNumber":1}"#,
            r#"{"serialNumber":"a\u001bb"}"#,
        ] {
            let bad = answer(200, body);
            assert_eq!((bad.outcome.name(), exit(&bad)), ("unknown", 6), "{body}");
        }
        let early =
            Reply { status: 200, body: br#"{"serialNumber":"1"}"#.to_vec(), whole: false, retry_after: None };
        assert_eq!(classify(&early).outcome.name(), "unknown");
    }

    #[test]
    fn faults_before_and_after_sending_differ() {
        let before = no_answer(Fault::Connect("pmh.example.lg.jp".into()));
        let after = no_answer(Fault::Lost("reset".into()));
        assert_eq!((before.outcome.name(), exit(&before)), ("unavailable", 5));
        assert_eq!((after.outcome.name(), exit(&after)), ("unknown", 6));
    }

    #[test]
    fn retry_after_has_two_forms() {
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::Seconds(120)));
        let time = DateTime::parse_from_rfc3339("2026-10-21T07:28:00Z").unwrap().with_timezone(&Utc);
        assert_eq!(RetryAfter::parse("Wed, 21 Oct 2026 07:28:00 GMT"), Some(RetryAfter::At(time)));
        assert_eq!(RetryAfter::parse("soon"), None);
        assert_eq!(RetryAfter::parse("-1"), None);
    }

    #[test]
    fn the_receivers_words_are_cleaned() {
        let refused = answer(
            400,
            r#"{"code":"E01\u001b","message":"bad\n1234\u200b56789018 and ０１２３４５６７８９０１, not 1234567"}"#,
        );
        assert_eq!(refused.code.as_deref(), Some("E01"));
        assert_eq!(refused.message.as_deref(), Some("bad ************ and ************, not 1234567"));
        let long = format!(r#"{{"message":"{}"}}"#, "あ".repeat(1000));
        assert_eq!(answer(400, &long).message.unwrap().chars().count(), MAX_MESSAGE + 1);
        assert_eq!(answer(400, "<html>").message, None);
    }
}
