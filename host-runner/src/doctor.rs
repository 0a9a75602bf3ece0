//! `pmh doctor`: looks at everything that a nightly run needs, one thing after the other, and sends no record.
//!
//! What doesn't work is a failure with the same code that the run would end with, so that one explanation serves both.
//!
//! It could end with success and still harm somebody: it says ✓ and the run at night fails, because it only looked
//! where the run writes, or was started by another user; it changes a file, wakes a watcher, or stands in the way of a
//! run under way; it calls a service broken that is only at work. So every file is opened as a run opens it and nothing
//! is left behind, no lock is taken, and what a running `pmh serve` holds is recognised.

mod files;
mod network;
mod sample;
mod service;
mod shared;

pub(crate) use self::service::overlong;

use std::path::PathBuf;

use chrono::Utc;
use pmh_core::rules::{self, Severity, Text};
use serde::{Deserialize, Serialize};

use crate::{
    config::Config,
    documents::Documents,
    escape::printable,
    failure::{Exit, Failure, Result, Words},
    module::{AcknowledgedOptions, Form as InputForm, Mode, Module, Options, Stage, Status},
    process,
    secret::{self, Token},
    text, time,
    trust::{self, Role},
    ui::{Form, Ui},
};

/// How a check ended.
enum Outcome {
    /// Well, and what was seen.
    Fine(Words),
    /// Not well; a rule of severity warning keeps no run from succeeding.
    Bad(Failure),
    /// It can't be made before another one ends well.
    Skipped,
}

/// One thing that was looked at.
struct Check {
    /// The configuration, if several are looked at.
    config: Option<String>,
    name: &'static str,
    title: &'static Text,
    outcome: Outcome,
}

/// A check as programs see it.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a str>,
    check: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

/// Everything that was looked at.
#[derive(Default)]
struct Examination {
    checks: Vec<Check>,
    config: Option<String>,
}

impl Examination {
    /// Notes how a check ended, and gives whether well.
    fn note(&mut self, name: &'static str, title: &'static Text, result: Result<Words>) -> bool {
        let fine = result.is_ok();
        let outcome = match result {
            Ok(seen) => Outcome::Fine(seen),
            Err(failure) => Outcome::Bad(failure),
        };
        self.push(name, title, outcome);
        fine
    }

    /// Notes each failure of a check, or that there is none.
    fn note_all(&mut self, name: &'static str, title: &'static Text, failures: Vec<Failure>, seen: Words) {
        if failures.is_empty() {
            self.push(name, title, Outcome::Fine(seen));
        }
        for failure in failures {
            self.push(name, title, Outcome::Bad(failure));
        }
    }

    fn skip(&mut self, name: &'static str, title: &'static Text) {
        self.push(name, title, Outcome::Skipped);
    }

    fn push(&mut self, name: &'static str, title: &'static Text, outcome: Outcome) {
        self.checks.push(Check { config: self.config.clone(), name, title, outcome });
    }
}

/// Looks at everything and prints what was seen; the first thing that is wrong decides the exit code.
///
/// # Errors
///
/// `PMH6306` if standard output can't be written.
pub fn examine(paths: &[PathBuf], module: impl Fn(&Config) -> Result<Module>, ui: Ui) -> Result<Exit> {
    let mut seen = Examination::default();
    let loaded: Vec<_> = paths.iter().map(|path| (path, Config::load(path))).collect();
    for (_, config) in &loaded {
        if let Ok(config) = config {
            secret::take_from_environment(&config.endpoint.token);
        }
    }
    for (path, config) in &loaded {
        let shown = printable(&path.display().to_string());
        seen.config = (paths.len() > 1).then(|| shown.clone());
        match config {
            Ok(config) => {
                seen.note("configuration", &text::CHECK_CONFIGURATION, Ok(shown.into()));
                machine(&mut seen, config, &module(config), ui);
                let others: Vec<_> = loaded
                    .iter()
                    .filter(|(other, _)| other != path)
                    .filter_map(|(other, config)| Some((other.as_path(), config.as_ref().ok()?)))
                    .collect();
                seen.note_all("shared", &text::CHECK_SHARED, shared::found(path, config, &others), fine());
                network::examine(&mut seen, config)?;
            }
            Err(mistakes) => {
                for mistake in mistakes {
                    seen.note("configuration", &text::CHECK_CONFIGURATION, Err(mistake.clone()));
                }
            }
        }
    }
    seen.print(ui)
}

/// What is on this machine.
fn machine(seen: &mut Examination, config: &Config, module: &Result<Module>, ui: Ui) {
    let protected = process::unprotected()
        .map_or_else(|| Ok(fine()), |missing| Err(Failure::new(&rules::NOT_HARDENED, missing)));
    seen.note("process", &text::CHECK_PROCESS, protected);
    seen.note("token", &text::CHECK_TOKEN, Token::load(&config.endpoint.token).map(|_| fine()));
    let loaded = module.as_ref().map(|module| Words::from(module.hash().get(..12).unwrap_or_default()));
    seen.note("module", &text::CHECK_MODULE, loaded.map_err(Clone::clone));
    let usable = if let Ok(module) = module {
        seen.note("profile", &text::CHECK_PROFILE, profile(config, module, ui)).then_some(module)
    } else {
        seen.skip("profile", &text::CHECK_PROFILE);
        None
    };
    let size = sample::examine(seen, config, usable, ui);
    files::examine(seen, config, size);
    service::examine(seen, config);
}

fn fine() -> Words {
    Words::from("")
}

/// A finding about the profile, as far as it is looked at here.
#[derive(Deserialize)]
struct Mistake {
    code: String,
}

/// Options for looking at records as a run of today would.
fn options(config: &Config, input: InputForm, ui: Ui) -> Result<Options> {
    let as_of = time::day(Utc::now());
    Ok(Options {
        mode: Mode::Records,
        as_of,
        lang: ui.lang,
        input,
        payload: false,
        stage: Stage::Whole,
        usage: false,
        documents: Documents::load(&config.documents)?,
        acknowledged: AcknowledgedOptions::default(),
    })
}

/// Compiles the profile, and reads what is supplied beside it, as a run does.
fn profile(config: &Config, module: &Module, ui: Ui) -> Result<Words> {
    let path = &config.profile;
    let profile = trust::read(path, Role::Deciding, &rules::FILE_UNREADABLE)?;
    let session = module.session(&profile, &options(config, InputForm::Auto, ui)?)?;
    let output = session.output()?;
    if output.status == Status::Ok {
        return Ok(path.display().into());
    }
    let first = output.report.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let rule = serde_json::from_slice(first).ok().and_then(|Mistake { code }| rules::find(&code));
    let words = Words::new(
        format!("{}; pmh check lists every mistake", path.display()),
        format!("{}。すべての誤りは pmh check で表示できます", path.display()),
    );
    Err(Failure::new(rule.map_or(&rules::INTERNAL, |entry| entry.rule), words))
}

impl Examination {
    fn print(&self, ui: Ui) -> Result<Exit> {
        let bad = |check: &Check| match &check.outcome {
            Outcome::Bad(failure) if failure.rule.severity == Severity::Error => Some(Exit::of(failure.rule)),
            _ => None,
        };
        let exit = self.checks.iter().find_map(bad).unwrap_or(Exit::Done);
        if ui.form == Form::Json {
            let checks: Vec<Printed<'_>> = self.checks.iter().map(|check| check.printed(ui)).collect();
            ui.print(serde_json::json!({ "ok": exit == Exit::Done, "checks": checks }))?;
            return Ok(exit);
        }
        let colours = ui.palette(&std::io::stdout());
        let mut heading = None;
        for check in &self.checks {
            if check.config != heading {
                heading.clone_from(&check.config);
                ui.print(heading.as_deref().unwrap_or_default())?;
            }
            let (colour, sign, rest) = match &check.outcome {
                Outcome::Fine(_) if ui.quiet => continue,
                Outcome::Fine(seen) => (colours.good, "✓", seen.get(ui.lang).to_owned()),
                Outcome::Skipped => (colours.faint, "-", ui.say(&text::SKIPPED).to_owned()),
                Outcome::Bad(failure) => {
                    let warning = failure.rule.severity == Severity::Warning;
                    let (colour, sign) =
                        if warning { (colours.warning, "!") } else { (colours.error, "✗") };
                    let (message, help) = (failure.message(ui.lang), failure.help(ui.lang));
                    (colour, sign, format!("{} {message}\n    → {help}", failure.rule.code))
                }
            };
            ui.print(
                format_args!("{colour}{sign}{colour:#} {}  {rest}", ui.say(check.title))
                    .to_string()
                    .trim_end(),
            )?;
        }
        Ok(exit)
    }
}

impl Check {
    fn printed(&self, ui: Ui) -> Printed<'_> {
        let blank = Printed {
            config: self.config.as_deref(),
            check: self.name,
            state: "ok",
            detail: None,
            code: None,
            message: None,
            help: None,
        };
        match &self.outcome {
            Outcome::Fine(seen) => Printed { detail: Some(seen.get(ui.lang)), ..blank },
            Outcome::Skipped => Printed { state: "skipped", ..blank },
            Outcome::Bad(failure) => Printed {
                state: if failure.rule.severity == Severity::Warning { "warning" } else { "failed" },
                code: Some(failure.rule.code),
                message: Some(failure.message(ui.lang)),
                help: Some(failure.help(ui.lang)),
                ..blank
            },
        }
    }
}
