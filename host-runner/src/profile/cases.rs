//! `pmh profile test`: a profile's own cases, each a record and what must come of it.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use pmh_core::{
    InputFormat, Options, Profile,
    rules::{self, Lang},
    trace::{Shown, Trace, Traced, Tracer},
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{Values, load, options, trace::fate};
use crate::{
    escape::printable,
    failure::{Exit, Failure, Result, Words},
    text,
    ui::{Form, Ui},
};

/// A case as the file has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Case {
    name: String,
    as_of: String,
    record: Box<RawValue>,
    /// What becomes of it, for each payload element of the record.
    result: Option<OneOrMany<Fate>>,
    /// Parts of the payload element, for each that is written.
    fields: Option<OneOrMany<Value>>,
    /// The codes of all findings.
    #[serde(default)]
    codes: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Fate {
    Accepted,
    Excluded,
    Rejected,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Excluded => "excluded",
            Self::Rejected => "rejected",
        }
    }
}

/// Where a case's result isn't what was expected.
#[derive(Default)]
struct Verdict {
    /// Expected and found.
    results: Option<(Vec<&'static str>, Vec<&'static str>)>,
    /// Payload elements expected and found.
    count: Option<(usize, usize)>,
    differences: Vec<Difference>,
    missing: Vec<String>,
    unexpected: Vec<String>,
}

/// A value that isn't the expected one.
struct Difference {
    target: String,
    source: Option<String>,
    profile: Option<String>,
    expected: Option<Value>,
    found: Option<Value>,
}

impl Verdict {
    fn passed(&self) -> bool {
        self.results.is_none()
            && self.count.is_none()
            && self.differences.is_empty()
            && self.missing.is_empty()
            && self.unexpected.is_empty()
    }
}

/// Runs the cases beside the profile, or those of a file.
pub(super) fn run(profile: &Path, cases: Option<PathBuf>, values: Values, ui: Ui) -> Result<Exit> {
    let compiled = match load(profile, ui)? {
        Ok(compiled) => compiled,
        Err(exit) => return Ok(exit),
    };
    let path = cases.unwrap_or_else(|| profile.with_extension("tests.json"));
    let text = fs::read(&path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, &path, &error))?;
    // of serde's words only the place is shown: they may quote a record
    let cases: Vec<Case> = serde_json::from_slice(&text).map_err(|error| {
        let (path, line, column) = (path.display(), error.line(), error.column());
        let en = format!("{path}, line {line}, column {column}");
        Failure::new(&rules::CASES, Words::new(en, format!("{path} の {line} 行 {column} 文字目")))
    })?;
    if cases.is_empty() {
        let path = path.display();
        let words = Words::new(format!("{path} holds no case"), format!("{path} にケースがありません"));
        return Err(Failure::new(&rules::CASES, words));
    }
    let mut judged = Vec::new();
    for case in &cases {
        judged.push((case, judge(case, &compiled, ui)?));
    }
    let failed = judged.iter().filter(|(_, verdict)| !verdict.passed()).count();
    match ui.form {
        Form::Human => ui.print(page(&judged, failed, values, ui))?,
        Form::Json => ui.print(described(&judged, failed, values))?,
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Rejected })
}

fn judge(case: &Case, profile: &Arc<Profile>, ui: Ui) -> Result<Verdict> {
    let unusable = |_| {
        let words = Words::new(
            format!("{}: asOf: YYYY-MM-DD", case.name),
            format!("{}: asOf: YYYY-MM-DD", case.name),
        );
        Failure::new(&rules::CASES, words)
    };
    let options =
        Options { lang: ui.lang, input: InputFormat::Json, ..options(&case.as_of).map_err(unusable)? };
    let mut traces: Vec<Trace> = Vec::new();
    let mut run = Tracer::new(Arc::clone(profile), options, |trace| traces.push(trace));
    for piece in ["[", case.record.get(), "]"] {
        run.push(piece.as_bytes());
    }
    run.finish();

    let mut verdict = Verdict::default();
    let found: Vec<&str> = traces.iter().map(|trace| fate(trace.fate)).collect();
    if let Some(expected) = &case.result {
        let expected: Vec<&str> = expected.all().iter().map(|fate| fate.name()).collect();
        if expected != found {
            verdict.results = Some((expected, found));
        }
    }
    let written: Vec<(&Trace, Value)> =
        traces.iter().filter_map(|trace| Some((trace, element(trace)?))).collect();
    if let Some(expected) = &case.fields {
        let expected = expected.all();
        if expected.len() != written.len() {
            verdict.count = Some((expected.len(), written.len()));
        }
        for (expected, (trace, element)) in expected.iter().zip(&written) {
            compare(expected, Some(element), String::new(), trace, &mut verdict.differences);
        }
    }
    let codes: BTreeSet<String> =
        traces.iter().flat_map(|trace| &trace.findings).map(|finding| finding.rule.code.to_owned()).collect();
    verdict.missing = case.codes.difference(&codes).cloned().collect();
    verdict.unexpected = codes.difference(&case.codes).cloned().collect();
    Ok(verdict)
}

fn element(trace: &Trace) -> Option<Value> {
    serde_json::from_str(trace.element.as_ref()?.reveal()).ok()
}

/// Members that the case doesn't name may be anything; lists must be of one length.
fn compare(expected: &Value, found: Option<&Value>, at: String, trace: &Trace, out: &mut Vec<Difference>) {
    let below = |token: &str| format!("{at}/{}", token.replace('~', "~0").replace('/', "~1"));
    match (expected, found) {
        (Value::Object(members), Some(Value::Object(found))) => {
            for (key, expected) in members {
                compare(expected, found.get(key), below(key), trace, out);
            }
        }
        (Value::Array(items), Some(Value::Array(found))) if items.len() == found.len() => {
            for (index, (expected, found)) in items.iter().zip(found).enumerate() {
                compare(expected, Some(found), below(&index.to_string()), trace, out);
            }
        }
        (expected, Some(found)) if expected == found => {}
        (expected, found) => {
            let traced = of_target(trace, &at);
            out.push(Difference {
                source: traced.and_then(|traced| traced.source.clone()),
                profile: traced.map(|traced| traced.profile.clone()),
                target: at,
                expected: Some(expected.clone()),
                found: found.cloned(),
            });
        }
    }
}

/// The traced value at a place of the payload.
fn of_target<'t>(trace: &'t Trace, target: &str) -> Option<&'t Traced> {
    trace.values.iter().find(|traced| traced.target == target && !target.is_empty())
}

/// A value of the payload without what it says: its kind and length alone.
fn shown(value: Option<&Value>, values: Values) -> String {
    match value {
        None => "-".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(value) if values.shown => printable(&value.to_string()),
        Some(Value::String(text)) => values.show(&Shown::of(text)),
        Some(value) => values.show(&Shown::of(&value.to_string())),
    }
}

fn page(judged: &[(&Case, Verdict)], failed: usize, values: Values, ui: Ui) -> String {
    let mut out = String::new();
    for (case, verdict) in judged {
        let word = if verdict.passed() { &text::CASE_PASSED } else { &text::CASE_FAILED };
        // writing to a string can't fail
        let _ = writeln!(out, "{} {}", ui.say(word), printable(&case.name));
        let (expected, found) = (ui.say(&text::CASE_EXPECTED), ui.say(&text::CASE_FOUND));
        if let Some((wanted, got)) = &verdict.results {
            let _ = writeln!(out, "  result: {expected} {}, {found} {}", wanted.join(" "), got.join(" "));
        }
        if let Some((wanted, got)) = verdict.count {
            let _ = writeln!(out, "  fields: {expected} {wanted}, {found} {got}");
        }
        for difference in &verdict.differences {
            let place =
                |pointer: &Option<String>| pointer.as_deref().map_or_else(|| "-".to_owned(), printable);
            let _ = writeln!(
                out,
                "  {} ← {}  [{}]\n    {expected} {}\n    {found} {}",
                printable(&difference.target),
                place(&difference.source),
                place(&difference.profile),
                shown(difference.expected.as_ref(), values),
                shown(difference.found.as_ref(), values)
            );
        }
        for code in &verdict.missing {
            let _ = writeln!(out, "  {} {}", printable(code), ui.say(&text::CASE_CODE_MISSING));
        }
        for code in &verdict.unexpected {
            let _ = writeln!(out, "  {code} {}", ui.say(&text::CASE_CODE_UNEXPECTED));
        }
    }
    let passed = judged.len().saturating_sub(failed);
    let _ = match ui.lang {
        Lang::En => write!(out, "{passed} passed, {failed} failed"),
        Lang::Ja => write!(out, "合格 {passed} 件、不合格 {failed} 件"),
    };
    out
}

fn described(judged: &[(&Case, Verdict)], failed: usize, values: Values) -> Value {
    let difference = |difference: &Difference| {
        json!({
            "target": difference.target,
            "source": difference.source,
            "profile": difference.profile,
            "expected": shown(difference.expected.as_ref(), values),
            "found": shown(difference.found.as_ref(), values),
        })
    };
    let case = |(case, verdict): &(&Case, Verdict)| {
        let pair = |pair: &Option<(Vec<&str>, Vec<&str>)>| {
            pair.as_ref().map(|(expected, found)| json!({ "expected": expected, "found": found }))
        };
        json!({
            "name": case.name,
            "passed": verdict.passed(),
            "result": pair(&verdict.results),
            "elements": verdict.count.map(|(expected, found)| json!({ "expected": expected, "found": found })),
            "differences": verdict.differences.iter().map(difference).collect::<Vec<_>>(),
            "missingCodes": verdict.missing,
            "unexpectedCodes": verdict.unexpected,
        })
    };
    json!({
        "passed": judged.len().saturating_sub(failed),
        "failed": failed,
        "cases": judged.iter().map(case).collect::<Vec<_>>(),
    })
}
