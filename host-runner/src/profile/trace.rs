//! `pmh profile trace`: where each value of a record's payload came from.

use std::{cell::Cell, fmt::Write as _};

use pmh_core::{
    Fate, Finding,
    rules::{self, Severity},
    trace::{Came, Trace, Traced, Tracer},
};
use serde_json::{Value, json};

use super::{Source, Values, read};
use crate::{
    escape::printable,
    failure::{Exit, Failure, Result, Words},
    text,
    ui::{Form, Ui},
};

/// Which record is traced.
pub(super) enum Wanted {
    /// Counted from 1, as people see it.
    Number(u64),
    Key(String),
}

impl From<String> for Wanted {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl Wanted {
    fn is(&self, trace: &Trace) -> bool {
        match self {
            Self::Number(number) => trace.record.checked_add(1) == Some(*number),
            Self::Key(key) => trace.record_key.as_ref() == Some(key),
        }
    }

    /// True where no later record can be it.
    fn is_past(&self, read: u64) -> bool {
        matches!(self, Self::Number(number) if read > *number)
    }
}

/// Traces the record and prints what came of it.
pub(super) fn run(source: &Source, wanted: &Wanted, values: Values, ui: Ui) -> Result<Exit> {
    let (profile, options, mut input) = match source.open(ui)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let mut traces = Vec::new();
    let records = Cell::new(0);
    let mut run = Tracer::new(profile, options, |trace: Trace| {
        records.set(trace.record.saturating_add(1));
        if wanted.is(&trace) {
            traces.push(trace);
        }
    });
    read(&mut input, |piece| {
        run.push(piece);
        !wanted.is_past(records.get())
    })?;
    run.finish();
    if traces.is_empty() {
        let wanted = match wanted {
            Wanted::Number(0) => {
                Words::new("no. 0; records count from 1", "0件目(レコードは1件目から数えます)")
            }
            Wanted::Number(number) => Words::new(format!("no. {number}"), format!("{number}件目")),
            // what was asked for is shown, which need not be what a record holds
            Wanted::Key(key) => Words::from(printable(key)),
        };
        return Err(Failure::new(&rules::NO_SUCH_RECORD, wanted));
    }
    match ui.form {
        Form::Human => {
            let pages: Vec<String> = traces.iter().map(|trace| page(trace, values, ui)).collect();
            ui.print(pages.join("\n"))?;
        }
        Form::Json => {
            let traces: Vec<Value> = traces.iter().map(|trace| described(trace, values, ui)).collect();
            ui.print(json!({ "traces": traces }))?;
        }
    }
    Ok(Exit::Done)
}

pub(super) fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Accepted => "accepted",
        Fate::Excluded => "excluded",
        Fate::Rejected => "rejected",
    }
}

fn page(trace: &Trace, values: Values, ui: Ui) -> String {
    let mut out = String::new();
    let ordinal = trace.record.saturating_add(1);
    let key = trace.record_key.as_deref().map(printable).unwrap_or_default();
    let fate = ui.say(match trace.fate {
        Fate::Accepted => &text::ACCEPTED,
        Fate::Excluded => &text::LEFT_OUT,
        Fate::Rejected => &text::REJECTED,
    });
    // writing to a string can't fail
    let _ = match ui.lang {
        rules::Lang::En => writeln!(out, "record no. {ordinal} ({key}): {fate}\n"),
        rules::Lang::Ja => writeln!(out, "{ordinal}件目 ({key}): {fate}\n"),
    };
    // items that neither the profile nor the record speaks of
    let idle = |value: &&Traced| value.steps.is_empty() && value.value == Came::Nothing;
    for value in trace.values.iter().filter(|value| !idle(value)) {
        let target = if value.target.is_empty() { value.profile.as_str() } else { &value.target };
        let _ = writeln!(out, "{}: {}", printable(target), came(&value.value, values, ui));
        for step in &value.steps {
            let source = step.source.as_deref().map(|source| format!(" {}", printable(source)));
            let _ = writeln!(
                out,
                "  {}{}: {}  [{}]",
                step.name,
                source.unwrap_or_default(),
                came(&step.came, values, ui),
                printable(values.place(step))
            );
        }
    }
    for finding in &trace.findings {
        let _ = write!(out, "\n{}", told(finding, ui));
    }
    out
}

/// A finding for people.
fn told(finding: &Finding, ui: Ui) -> String {
    let severity = if finding.severity == Severity::Error { &text::ERROR } else { &text::WARNING };
    let place = |pointer: &Option<String>| pointer.as_deref().map(printable).unwrap_or_default();
    format!(
        "{}[{}] {} → {}: {}",
        ui.say(severity),
        finding.rule.code,
        place(&finding.source),
        place(&finding.target),
        printable(&finding.message(ui.lang))
    )
}

fn came(came: &Came, values: Values, ui: Ui) -> String {
    match came {
        Came::Value(value) => values.show(value),
        Came::Nothing => ui.say(&text::NO_VALUE).to_owned(),
        Came::Unusable => ui.say(&text::UNUSABLE).to_owned(),
        Came::Holds(true) => ui.say(&text::HOLDS).to_owned(),
        Came::Holds(false) => ui.say(&text::HOLDS_NOT).to_owned(),
    }
}

fn described(trace: &Trace, values: Values, ui: Ui) -> Value {
    let came = |came: &Came| match came {
        Came::Value(value) => json!({ "value": values.show(value) }),
        Came::Nothing => json!({ "value": null }),
        Came::Unusable => json!({ "unusable": true }),
        Came::Holds(holds) => json!({ "holds": holds }),
    };
    let with = |mut object: Value, came: Value| {
        if let (Some(object), Value::Object(came)) = (object.as_object_mut(), came) {
            object.extend(came);
        }
        object
    };
    let traced: Vec<Value> = trace
        .values
        .iter()
        .map(|value| {
            let step = |step: &pmh_core::trace::Step| {
                let place = json!({ "step": step.name, "profile": values.place(step), "source": step.source });
                with(place, came(&step.came))
            };
            let steps: Vec<Value> = value.steps.iter().map(step).collect();
            let place = json!({ "target": value.target, "source": value.source, "profile": value.profile, "steps": steps });
            with(place, came(&value.value))
        })
        .collect();
    let findings: Vec<_> = trace.findings.iter().map(|finding| finding.in_lang(ui.lang)).collect();
    json!({
        "record": trace.record,
        "recordKey": trace.record_key,
        "result": fate(trace.fate),
        "values": traced,
        "findings": findings,
    })
}
