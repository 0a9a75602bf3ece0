//! `pmh explain`: the table of rules, for people and programs. The words are the core's.

use pmh_core::rules::{self, Entry, Severity};
use serde_json::{Value, json};

use crate::{
    failure::{Exit, Failure, Result},
    human::table,
    text,
    ui::{Form, Ui},
};

/// Explains one code, or lists those whose title contains `search`, or all.
///
/// # Errors
///
/// `PMH6309` where there is no such code, `PMH6306` where standard output can't be written.
pub fn explain(code: Option<&str>, search: Option<&str>, ui: Ui) -> Result<Exit> {
    match code {
        Some(code) => {
            let entry = rules::find(code)
                .or_else(|| rules::find(&format!("PMH{code}")))
                .ok_or_else(|| Failure::new(&rules::UNKNOWN_CODE, code))?;
            match ui.form {
                Form::Json => ui.print(describe(&entry, ui))?,
                Form::Human => ui.print(page(&entry, ui))?,
            }
        }
        None => list(search.unwrap_or_default(), ui)?,
    }
    Ok(Exit::Done)
}

fn list(search: &str, ui: Ui) -> Result<()> {
    let wanted = search.to_lowercase();
    let found: Vec<Entry> =
        rules::all().filter(|entry| entry.title.get(ui.lang).to_lowercase().contains(&wanted)).collect();
    if ui.form == Form::Json {
        let described: Vec<Value> = found.iter().map(|entry| describe(entry, ui)).collect();
        return ui.print(Value::Array(described));
    }
    let mut table = table();
    for entry in found {
        table.add_row([entry.rule.code, severity(&entry, ui), entry.title.get(ui.lang)]);
    }
    ui.print(table.trim_fmt())
}

fn severity(entry: &Entry, ui: Ui) -> &'static str {
    match entry.rule.severity {
        Severity::Error => ui.say(&text::ERROR),
        Severity::Warning => ui.say(&text::WARNING),
        Severity::Off => "-",
    }
}

fn page(entry: &Entry, ui: Ui) -> String {
    let rule = entry.rule;
    let system = rule.system_help.map(|help| help.get(ui.lang));
    format!(
        "{} ({}) {}\n\n{}\n\n{}",
        rule.code,
        severity(entry, ui),
        entry.title.get(ui.lang),
        entry.explanation(ui.lang),
        text::helps(rule.help.get(ui.lang), system, ui.lang).join("\n")
    )
}

fn describe(entry: &Entry, ui: Ui) -> Value {
    let rule = entry.rule;
    json!({
        "code": rule.code,
        "severity": rule.severity,
        "fixed": rule.fixed,
        "title": entry.title.get(ui.lang),
        "message": rule.message.get(ui.lang),
        "help": rule.help.get(ui.lang),
        "systemHelp": rule.system_help.map(|help| help.get(ui.lang)),
        "explanation": entry.explanation(ui.lang),
    })
}
