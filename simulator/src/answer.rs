//! What the simulator can be told to answer: one type, read from a word of the command line and from JSON.
//!
//! It must never get a form that one of the two can't say.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An answer to one request. Its JSON is an object with one key (`retryAfter` beside `status` apart); the word in
/// brackets is the same on the command line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Json", into = "Json")]
pub enum Answer {
    /// Judge the request and answer as PMH would. `{"normal":true}` \[`normal`\]
    Normal,
    /// Take the body, register nothing, answer this status. `{"status":503,"retryAfter":30}` \[`503`, `503:30`\]
    Status {
        /// 300 to 599. A redirect leads back to the API itself, so that a client which follows it is seen here.
        status: u16,
        /// The `Retry-After` header, if any.
        retry_after: Option<RetryAfter>,
    },
    /// Take the body, register nothing, and never answer. `{"hang":true}` \[`hang`\]
    Hang,
    /// Close the connection without an answer. `{"cut":"during"}` \[`cut-before`, `cut-during`, `cut-after`\]
    Cut(Moment),
    /// Take the body, register nothing, answer 200 with what isn't the API's answer. `{"garbage":true}` \[`garbage`\]
    Garbage,
    /// Judge and register as [`Answer::Normal`] does, and answer that many seconds later. `{"late":5}` \[`late:5`\]
    Late(u64),
}

impl Answer {
    /// A bare status.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Status { status, retry_after: None }
    }

    /// The same with a `Retry-After` of that many seconds; an answer that isn't a status stays as it is.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        match self {
            Self::Status { status, .. } => {
                Self::Status { status, retry_after: Some(RetryAfter::Seconds(seconds)) }
            }
            other => other,
        }
    }
}

/// When the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// Before any of the body is read.
    Before,
    /// After half of the announced length, or after the first piece where no length is announced.
    During,
    /// After the request was judged, and registered where it is right: an accepted registration whose answer is lost.
    After,
}

/// The two forms of a `Retry-After` header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RetryAfter {
    /// Seconds to wait.
    Seconds(u64),
    /// Any other text, meant for an HTTP-date such as `Wed, 21 Oct 2026 07:28:00 GMT`.
    Text(String),
}

/// Text or JSON that isn't an answer; it says what would be.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotAnAnswer(&'static str);

const STATUS_RANGE: NotAnAnswer = NotAnAnswer("a status to answer is 300 to 599");
const RETRY_AFTER: NotAnAnswer = NotAnAnswer("retry-after is a number of seconds or printable ascii text");

/// An answer as JSON has it.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Json {
    #[serde(skip_serializing_if = "is_false")]
    #[serde(default)]
    normal: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<RetryAfter>,
    #[serde(skip_serializing_if = "is_false")]
    #[serde(default)]
    hang: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Moment>,
    #[serde(skip_serializing_if = "is_false")]
    #[serde(default)]
    garbage: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    late: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl TryFrom<Json> for Answer {
    type Error = NotAnAnswer;

    fn try_from(json: Json) -> Result<Self, NotAnAnswer> {
        let Json { normal, status, retry_after, hang, cut, garbage, late } = json;
        match (normal, status, retry_after, hang, cut, garbage, late) {
            (true, None, None, false, None, false, None) => Ok(Self::Normal),
            (false, Some(status), retry_after, false, None, false, None) => checked(status, retry_after),
            (false, None, None, true, None, false, None) => Ok(Self::Hang),
            (false, None, None, false, Some(moment), false, None) => Ok(Self::Cut(moment)),
            (false, None, None, false, None, true, None) => Ok(Self::Garbage),
            (false, None, None, false, None, false, Some(seconds)) => Ok(Self::Late(seconds)),
            _ => Err(NotAnAnswer(
                "an answer has one of normal, status (with or without retryAfter), hang, cut, garbage, late",
            )),
        }
    }
}

impl From<Answer> for Json {
    fn from(answer: Answer) -> Self {
        let none = Self::default();
        match answer {
            Answer::Normal => Self { normal: true, ..none },
            Answer::Status { status, retry_after } => Self { status: Some(status), retry_after, ..none },
            Answer::Hang => Self { hang: true, ..none },
            Answer::Cut(moment) => Self { cut: Some(moment), ..none },
            Answer::Garbage => Self { garbage: true, ..none },
            Answer::Late(seconds) => Self { late: Some(seconds), ..none },
        }
    }
}

impl FromStr for Answer {
    type Err = NotAnAnswer;

    fn from_str(word: &str) -> Result<Self, NotAnAnswer> {
        let (name, argument) = match word.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (word, None),
        };
        match (name, argument) {
            ("normal", None) => Ok(Self::Normal),
            ("hang", None) => Ok(Self::Hang),
            ("garbage", None) => Ok(Self::Garbage),
            ("cut-before", None) => Ok(Self::Cut(Moment::Before)),
            ("cut-during", None) => Ok(Self::Cut(Moment::During)),
            ("cut-after", None) => Ok(Self::Cut(Moment::After)),
            ("late", Some(seconds)) => seconds
                .parse()
                .map(Self::Late)
                .map_err(|_| NotAnAnswer("late takes a number of seconds: late:5")),
            (status, argument) => {
                let status = status.parse().map_err(|_| {
                    NotAnAnswer("an answer is normal, a status, 503:30, hang, cut-before, cut-during, cut-after, garbage or late:5")
                })?;
                let text =
                    |text: &str| text.parse().map_or(RetryAfter::Text(text.to_owned()), RetryAfter::Seconds);
                checked(status, argument.map(text))
            }
        }
    }
}

fn checked(status: u16, retry_after: Option<RetryAfter>) -> Result<Answer, NotAnAnswer> {
    if !(300..=599).contains(&status) {
        return Err(STATUS_RANGE);
    }
    if let Some(RetryAfter::Text(text)) = &retry_after
        && (text.is_empty() || !text.chars().all(|c| matches!(c, ' '..='~')))
    {
        return Err(RETRY_AFTER);
    }
    Ok(Answer::Status { status, retry_after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        let dated = Answer::Status { status: 503, retry_after: Some(RetryAfter::Text(date.to_owned())) };
        for (word, json, answer) in [
            ("normal", r#"{"normal":true}"#, Answer::Normal),
            ("400", r#"{"status":400}"#, Answer::status(400)),
            ("503:30", r#"{"status":503,"retryAfter":30}"#, Answer::status(503).retry_after(30)),
            (&format!("503:{date}"), &format!(r#"{{"status":503,"retryAfter":"{date}"}}"#), dated),
            ("hang", r#"{"hang":true}"#, Answer::Hang),
            ("cut-before", r#"{"cut":"before"}"#, Answer::Cut(Moment::Before)),
            ("cut-during", r#"{"cut":"during"}"#, Answer::Cut(Moment::During)),
            ("cut-after", r#"{"cut":"after"}"#, Answer::Cut(Moment::After)),
            ("garbage", r#"{"garbage":true}"#, Answer::Garbage),
            ("late:5", r#"{"late":5}"#, Answer::Late(5)),
        ] {
            assert_eq!(word.parse::<Answer>().unwrap(), answer, "{word}");
            assert_eq!(serde_json::from_str::<Answer>(json).unwrap(), answer, "{json}");
            assert_eq!(serde_json::to_string(&answer).unwrap(), json);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for word in ["", "200", "600", "503:", "503:\n", "hang:1", "late", "late:-1", "cut", "cut-later"] {
            assert!(word.parse::<Answer>().is_err(), "{word}");
        }
        for json in [
            "{}",
            r#"{"status":200}"#,
            r#"{"retryAfter":1}"#,
            r#"{"hang":false}"#,
            r#"{"hang":true,"late":1}"#,
            r#"{"hang":true,"retryAfter":1}"#,
            r#"{"cut":"later"}"#,
            r#"{"other":1}"#,
        ] {
            assert!(serde_json::from_str::<Answer>(json).is_err(), "{json}");
        }
    }
}
