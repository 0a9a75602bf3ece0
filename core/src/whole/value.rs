//! `serde_json` values in and out: for programs that build their records, and for tests.
//!
//! A value is a text that has been read once, so what only a text can have is lost: a key that stands twice keeps its last
//! value, and the offsets of findings count bytes of the value's shortest text.

use serde_json::Value;

use super::text;

/// What became of an input; [`transform`] has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The payload, an array; `null` where there is none.
    pub payload: Value,
    /// The report, one object: `summary` and `findings`.
    pub report: Value,
}

/// Runs a job over its whole input, as [`text::transform`] does; the report is always one object. A `null` profile is none.
///
/// ```
/// use pmh_core::value::transform;
/// use serde_json::{Value, json};
///
/// let payload = json!([{"myNumber": "1"}]);
/// let done = transform(&Value::Null, &json!({"asOf": "2026-11-22", "mode": "payload"}), &payload);
/// assert_eq!(done.payload, Value::Null);
/// assert_eq!(done.report["summary"]["rejected"], 1);
/// ```
#[must_use]
pub fn transform(profile: &Value, options: &Value, input: &Value) -> Answer {
    let profile = if profile.is_null() { String::new() } else { profile.to_string() };
    let mut options = options.clone();
    if let Value::Object(options) = &mut options {
        options.insert("report".to_owned(), Value::from("json"));
    }
    let text::Answer { payload, report } =
        text::transform(&profile, &options.to_string(), &input.to_string());
    let read = |text: String| serde_json::from_str(&text).unwrap_or_default();
    Answer { payload: read(payload), report: read(report) }
}

/// A rule in both languages, as [`text::explain`] has it.
///
/// ```
/// assert_eq!(pmh_core::value::explain("pmh3101").unwrap()["code"], "PMH3101");
/// ```
#[must_use]
pub fn explain(code: &str) -> Option<Value> {
    serde_json::from_str(&text::explain(code)?).ok()
}
