//! `pmh profile coverage`: what of a profile no record of a file reached.

use std::fmt::Write as _;

use pmh_core::{
    rules::{Lang, Text},
    trace::{CoverageRun, Part, Reach},
};
use serde_json::{Value, json};

use super::{Source, read};
use crate::{
    escape::printable,
    failure::{Exit, Result},
    text,
    ui::{Form, Ui},
};

/// Measures the file and prints what it doesn't reach.
pub(super) fn run(source: &Source, ui: Ui) -> Result<Exit> {
    let (profile, options, mut input) = match source.open(ui)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    let mut run = CoverageRun::new(profile, options);
    read(&mut input, |piece| {
        run.push(piece);
        true
    })?;
    let (summary, coverage) = run.finish();
    let missed: Vec<&Part> = coverage.parts.iter().filter(|part| part.count == 0).collect();
    let (all, reached) = (coverage.parts.len(), coverage.parts.len().saturating_sub(missed.len()));
    match ui.form {
        Form::Json => {
            let parts: Vec<Value> = missed.iter().map(|part| described(part)).collect();
            ui.print(json!({
                "read": summary.read,
                "complete": summary.complete,
                "parts": all,
                "reached": reached,
                "unreached": parts,
            }))?;
        }
        Form::Human => {
            let mut out = String::new();
            for part in missed {
                let source = part.source.as_deref().map(|source| format!(" {{{}}}", printable(source)));
                // writing to a string can't fail
                let _ = writeln!(
                    out,
                    "{}{}: {}",
                    printable(&part.profile),
                    source.unwrap_or_default(),
                    ui.say(words(part.reach))
                );
            }
            let read = summary.read;
            let _ = match ui.lang {
                Lang::En => {
                    write!(out, "{reached} of {all} parts of the profile were reached by {read} records")
                }
                Lang::Ja => write!(
                    out,
                    "プロファイルの {all} か所のうち {reached} か所が使われました(レコード {read} 件)"
                ),
            };
            if !summary.complete {
                let _ = write!(out, "\n{}", ui.say(&text::INCOMPLETE));
            }
            ui.print(out)?;
        }
    }
    Ok(Exit::Done)
}

fn described(part: &Part) -> Value {
    json!({ "profile": part.profile, "reach": part.reach.name(), "source": part.source })
}

/// What it means that a part was not reached.
fn words(reach: Reach) -> &'static Text {
    match reach {
        Reach::Source => &text::COVERAGE_SOURCE,
        Reach::Placeholder => &text::COVERAGE_PLACEHOLDER,
        Reach::Alternative => &text::COVERAGE_ALTERNATIVE,
        Reach::Loop => &text::COVERAGE_LOOP,
        Reach::Refused => &text::COVERAGE_REFUSED,
        Reach::Entry => &text::COVERAGE_ENTRY,
        Reach::Otherwise => &text::COVERAGE_OTHERWISE,
        Reach::NotInTable => &text::COVERAGE_NOT_IN_TABLE,
        Reach::Default => &text::COVERAGE_DEFAULT,
        Reach::Holds => &text::COVERAGE_HOLDS,
        Reach::Fails => &text::COVERAGE_FAILS,
    }
}
