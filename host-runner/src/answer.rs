//! The meaning of PMH's answers: a pure table from status and body to an outcome.
//!
//! It decides whether a set may be sent again and how the program ends, so it does no I/O and is tested line by line.
//! PMH's own words may quote a record. They are kept nowhere; a person who asks for them sees them cleaned (no control
//! characters, no digits that could be a My Number, bounded), and everybody else only how long they are.

use std::{fmt, path::PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use pmh_core::rules;
use serde::{Deserialize, Serialize};

use crate::{
    escape::printable,
    failure::{Failure, Words},
};

/// The longest message of PMH that is shown, in characters.
const MAX_MESSAGE: usize = 500;

/// The longest serial number.
const MAX_SERIAL_NUMBER: usize = 64;

/// The longest code.
const MAX_CODE: usize = 32;

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
    Unknown {
        /// What happened.
        failure: Failure,
        /// When PMH wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
}

impl Outcome {
    /// Why it isn't accepted.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Accepted { .. } => None,
            Self::Refused(failure) | Self::Unavailable { failure, .. } | Self::Unknown { failure, .. } => {
                Some(failure)
            }
        }
    }

    /// When PMH wants to be asked again.
    #[must_use]
    pub fn retry_after(&self) -> Option<RetryAfter> {
        match self {
            Self::Accepted { .. } | Self::Refused(_) => None,
            Self::Unavailable { retry_after, .. } | Self::Unknown { retry_after, .. } => *retry_after,
        }
    }

    fn unknown(failure: Failure) -> Self {
        Self::Unknown { failure, retry_after: None }
    }

    /// `accepted`, `refused`, `unavailable` or `unknown`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Refused(_) => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::Unknown { .. } => "unknown",
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
    /// PMH's code.
    pub code: Option<Code>,
    /// PMH's message.
    pub message: Option<Message>,
}

/// PMH's code: what doesn't have the form of one may be anything, and only its length is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// At most 32 ASCII letters, digits, dots, hyphens and underscores, and fewer digits than a My Number has.
    Fit(String),
    /// Anything else; its length in characters.
    Unfit(usize),
}

impl Code {
    /// The code, if it has the form of one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Fit(text) => Some(text),
            Self::Unfit(_) => None,
        }
    }

    /// Its length in characters, if it doesn't have the form of a code.
    #[must_use]
    pub fn unfit(&self) -> Option<usize> {
        match self {
            Self::Fit(_) => None,
            Self::Unfit(length) => Some(*length),
        }
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        if is_name(text, MAX_CODE) && digits < MY_NUMBER_DIGITS {
            Self::Fit(text.to_owned())
        } else {
            Self::Unfit(text.chars().count())
        }
    }
}

/// PMH's message. It may quote a record, so that `Debug` doesn't show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Its length in characters.
    #[must_use]
    pub fn length(&self) -> usize {
        self.0.chars().count()
    }

    /// The message for the person who asked for it.
    #[must_use]
    pub fn cleaned(&self) -> String {
        clean(&self.0)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} characters)", self.length())
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Whether a text is nothing but ASCII letters, digits, dots, hyphens and underscores.
fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
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

/// The meaning of a reply.
#[must_use]
pub fn classify(reply: &Reply) -> Answer {
    let status = reply.status;
    let retry_after = reply.retry_after.as_deref().and_then(RetryAfter::parse);
    let (outcome, may_explain) = match status {
        200 => (accepted(reply), false),
        400 => (Outcome::Refused(Failure::new(&rules::REFUSED, status)), true),
        401 | 403 => (Outcome::Refused(Failure::new(&rules::UNAUTHORIZED, status)), true),
        408 | 429 | 503 => {
            (Outcome::Unavailable { failure: Failure::new(&rules::UNAVAILABLE, status), retry_after }, true)
        }
        300..=499 => (Outcome::Refused(Failure::new(&rules::UNEXPECTED_ANSWER, status)), true),
        500..=599 => {
            (Outcome::Unknown { failure: Failure::new(&rules::SERVER_FAILED, status), retry_after }, true)
        }
        _ => (Outcome::unknown(Failure::new(&rules::NO_SERIAL_NUMBER, status)), false),
    };
    let refusal: Option<Refusal> = if may_explain { serde_json::from_slice(&reply.body).ok() } else { None };
    let Refusal { code, message } = refusal.unwrap_or(Refusal { code: None, message: None });
    Answer {
        status: Some(status),
        outcome,
        code: code.as_deref().map(Code::from),
        message: message.as_deref().map(Message::from),
    }
}

/// The meaning of a fault.
#[must_use]
pub fn no_answer(fault: Fault) -> Answer {
    let outcome = match fault {
        Fault::Connect(reason) => {
            Outcome::Unavailable { failure: Failure::new(&rules::UNREACHABLE, reason), retry_after: None }
        }
        Fault::Lost(reason) => Outcome::unknown(Failure::new(&rules::ANSWER_LOST, reason)),
        Fault::Changed(path) => Outcome::unknown(Failure::new(&rules::PAYLOAD_CHANGED, path.display())),
    };
    Answer { status: None, outcome, code: None, message: None }
}

/// 200 counts when it can be PMH's: after the whole request, with a serial number. What doesn't have the form of one may
/// be a relay's page or a person's name, and would stay in the ledger for years.
fn accepted(reply: &Reply) -> Outcome {
    if !reply.whole {
        let reason = Words::new("it answered before it had everything", "送信が終わる前に応答がありました");
        return Outcome::unknown(Failure::new(&rules::ANSWER_LOST, reason));
    }
    match serde_json::from_slice(&reply.body) {
        Ok(Accepted { serial_number }) if is_name(&serial_number, MAX_SERIAL_NUMBER) => {
            Outcome::Accepted { serial_number }
        }
        _ => Outcome::unknown(Failure::new(&rules::NO_SERIAL_NUMBER, reply.status)),
    }
}

/// Text of another system, fit to be shown: of digits that together could be a My Number, none is left, whatever stands
/// between them. Only a letter ends a run of digits: a space, a hyphen or an invisible character doesn't.
fn clean(text: &str) -> String {
    let mut shown: Vec<char> = Vec::new();
    // where in `shown` the digits of the present run are
    let mut digits: Vec<usize> = Vec::new();
    let hide = |shown: &mut Vec<char>, digits: &mut Vec<usize>| {
        if digits.len() >= MY_NUMBER_DIGITS {
            for &place in digits.iter() {
                if let Some(digit) = shown.get_mut(place) {
                    *digit = '*';
                }
            }
        }
        digits.clear();
    };
    // what separates digits goes first: an escape in its place would have letters, and letters end a number
    let seen = text.chars().filter(|c| !is_invisible(*c)).map(|c| if c.is_control() { ' ' } else { c });
    for c in printable(&seen.collect::<String>()).chars() {
        if c.is_numeric() || KANJI_DIGITS.contains(c) {
            digits.push(shown.len());
        } else if c.is_alphabetic() {
            hide(&mut shown, &mut digits);
        }
        shown.push(c);
    }
    hide(&mut shown, &mut digits);
    let shown: String = shown.into_iter().collect();
    let cut: String = shown.trim().chars().take(MAX_MESSAGE).collect();
    if cut.len() < shown.trim().len() { format!("{cut}…") } else { cut }
}

/// Digits that Unicode counts as letters.
const KANJI_DIGITS: &str = "零一二三四五六七八九";

/// Whether a character takes no room of its own: Unicode's format characters, fillers and selectors.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// One request and its outcome, for `--format json`.
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
    /// PMH's code, if it has the form of one.
    pub code: Option<String>,
    /// The length in characters of what stood in its place otherwise.
    pub code_length: Option<usize>,
    /// PMH's message, cleaned; only with `--show-answer`.
    pub message: Option<String>,
    /// The length in characters of PMH's message.
    pub message_length: Option<usize>,
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
            r#"{"serialNumber":"山田太郎 123456789018"}"#,
            r#"{"serialNumber":"2026 1"}"#,
            r#"{"serialNumber":"2026-1\n"}"#,
            &format!(r#"{{"serialNumber":"{}"}}"#, "1".repeat(65)),
        ] {
            let bad = answer(200, body);
            assert_eq!((bad.outcome.name(), exit(&bad)), ("unknown", 6), "{body}");
        }
        let longest = format!(r#"{{"serialNumber":"{}"}}"#, "1".repeat(64));
        assert_eq!(answer(200, &longest).outcome.name(), "accepted");
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

    /// The contract names six statuses; a relay may send it with others.
    #[test]
    fn a_wish_for_later_counts_whatever_the_failure() {
        for status in [408, 429, 500, 502, 503, 504] {
            let reply = Reply { status, retry_after: Some("7".to_owned()), ..Reply::default() };
            assert_eq!(classify(&reply).outcome.retry_after(), Some(RetryAfter::Seconds(7)), "{status}");
        }
    }

    #[test]
    fn a_code_has_a_form() {
        let code = |body: &str| answer(400, body).code;
        assert_eq!(code(r#"{"code":"E01"}"#), Some(Code::Fit("E01".to_owned())));
        for (unfit, length) in
            [("山田太郎", 4), ("E 01", 4), ("", 0), ("E01\\u001b", 4), ("E-123456789018", 14)]
        {
            assert_eq!(code(&format!(r#"{{"code":"{unfit}"}}"#)), Some(Code::Unfit(length)), "{unfit}");
        }
        assert_eq!(code(&format!(r#"{{"code":"{}"}}"#, "E".repeat(33))), Some(Code::Unfit(33)));
        assert_eq!(code(r#"{"code":1}"#), None);
    }

    #[test]
    fn the_receivers_words_are_cleaned() {
        let refused =
            answer(400, r#"{"message":"bad\n123456789018 and ０１２３４５６７８９０１, not 1234567"}"#);
        let message = refused.message.clone().unwrap();
        assert_eq!(message.cleaned(), "bad ************ and ************, not 1234567");
        assert!(!format!("{refused:?}").contains("bad"), "{refused:?}");
        let long = Message::from("あ".repeat(1000).as_str());
        assert_eq!((long.cleaned().chars().count(), long.length()), (MAX_MESSAGE + 1, 1000));
        assert_eq!(answer(400, "<html>").message, None);
    }

    /// However the digits of a My Number are set apart, none of them is shown.
    #[test]
    fn a_number_is_found_across_what_separates_its_digits() {
        for separator in [
            "", " ", "-", "\u{a0}", "\u{3000}", "\u{200b}", "\u{2011}", "\u{feff}", "\u{ad}", "\u{3164}",
            ". ", "・",
        ] {
            for digits in ["123456789018", "１２３４５６７８９０１８", "一二三四五六七八九〇一八"]
            {
                let apart: Vec<String> = digits.chars().map(String::from).collect();
                let cleaned = Message::from(format!("番号{}は", apart.join(separator)).as_str()).cleaned();
                assert_eq!(cleaned.matches('*').count(), 12, "{separator:?} {cleaned}");
                assert!(!cleaned.chars().any(|c| digits.contains(c)), "{separator:?} {cleaned}");
            }
        }
        assert_eq!(Message::from("E01: 3 of 1234567 records").cleaned(), "E01: 3 of 1234567 records");
    }
}
