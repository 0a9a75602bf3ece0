//! `pmh doctor`: looks at everything that a nightly run needs, one thing after the other, and sends no record.
//!
//! What doesn't work is a failure with the same code that the run would end with, so that one explanation serves both.
//! The endpoint is asked with `HEAD` and without the token.

mod network;

use std::{fs, path::Path};

use chrono::Utc;
use pmh_core::rules::{self, Severity, Text};
use serde::{Deserialize, Serialize};

use crate::{
    config::Config,
    failure::{Exit, Failure, Result, Words},
    input,
    ledger::Ledger,
    module::{Form as InputForm, Mode, Module, Options, Stage, Status},
    secret::Token,
    text, time,
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
    name: &'static str,
    title: &'static Text,
    outcome: Outcome,
}

/// A check as programs see it.
#[derive(Serialize)]
struct Printed<'a> {
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
struct Examination(Vec<Check>);

impl Examination {
    /// Notes how a check ended, and whether well.
    fn note(&mut self, name: &'static str, title: &'static Text, result: Result<Words>) -> bool {
        let fine = result.is_ok();
        let outcome = match result {
            Ok(seen) => Outcome::Fine(seen),
            Err(failure) => Outcome::Bad(failure),
        };
        self.0.push(Check { name, title, outcome });
        fine
    }

    fn skip(&mut self, name: &'static str, title: &'static Text) {
        self.0.push(Check { name, title, outcome: Outcome::Skipped });
    }
}

/// Looks at everything and prints what was seen; the first thing that is wrong decides the exit code.
///
/// # Errors
///
/// `PMH6306` where standard output can't be written.
pub fn examine(path: &Path, module: impl FnOnce(&Config) -> Result<Module>, ui: Ui) -> Result<Exit> {
    let mut seen = Examination::default();
    match Config::load(path) {
        Ok(config) => {
            seen.note("configuration", &text::CHECK_CONFIGURATION, Ok(path.display().into()));
            files(&mut seen, &config, module, ui);
            network::examine(&mut seen, &config)?;
        }
        Err(mistakes) => {
            for mistake in mistakes {
                seen.note("configuration", &text::CHECK_CONFIGURATION, Err(mistake));
            }
        }
    }
    seen.print(ui)
}

/// What is on this machine.
fn files(seen: &mut Examination, config: &Config, module: impl FnOnce(&Config) -> Result<Module>, ui: Ui) {
    seen.note("token", &text::CHECK_TOKEN, Token::load(&config.endpoint.token).map(|_| fine()));
    let module = module(config);
    let loaded = module.as_ref().map(|module| Words::from(module.hash().get(..12).unwrap_or_default()));
    seen.note("module", &text::CHECK_MODULE, loaded.map_err(Clone::clone));
    match &module {
        Ok(module) => drop(seen.note("profile", &text::CHECK_PROFILE, profile(config, module, ui))),
        Err(_) => seen.skip("profile", &text::CHECK_PROFILE),
    }
    let found = input::resolve(&config.input.path);
    let size =
        found.as_ref().ok().and_then(|path| fs::metadata(path).ok()).map_or(0, |metadata| metadata.len());
    seen.note("input", &text::CHECK_INPUT, found.and_then(|path| readable(&path)));
    seen.note("ledger", &text::CHECK_LEDGER, ledger(config));
    seen.note("modes", &text::CHECK_MODES, modes(config));
    seen.note("space", &text::CHECK_SPACE, space(config, size));
}

fn fine() -> Words {
    Words::from("")
}

/// A finding about the profile, as far as it is looked at here.
#[derive(Deserialize)]
struct Mistake {
    code: String,
}

/// Compiles the profile as a run does.
fn profile(config: &Config, module: &Module, ui: Ui) -> Result<Words> {
    let path = &config.profile;
    let profile = fs::read(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))?;
    let as_of = time::day(Utc::now());
    let options = Options {
        mode: Mode::Records,
        as_of,
        lang: ui.lang,
        input: InputForm::Auto,
        payload: false,
        stage: Stage::Whole,
    };
    let session = module.session(&profile, &options)?;
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

fn readable(path: &Path) -> Result<Words> {
    let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
    let metadata = fs::File::open(path).and_then(|file| file.metadata()).map_err(unreadable)?;
    let changed = metadata.modified().map(|changed| time::shown(changed.into())).unwrap_or_default();
    let shown = path.display();
    Ok(Words::new(
        format!("{shown}, {} bytes, changed {changed} (Japan)", metadata.len()),
        format!("{shown}、{} バイト、更新 {changed}", metadata.len()),
    ))
}

/// Opens the ledger and checks it as a run does, but writes nothing.
fn ledger(config: &Config) -> Result<Words> {
    let path = &config.ledger.path;
    let Some(ledger) = Ledger::read(path)? else {
        writable(path.parent().unwrap_or(Path::new(".")))?;
        return Ok(Words::new("none yet; the first run makes one", "まだありません(初回の実行時に作成)"));
    };
    let last = ledger
        .last_accepted(config.endpoint.url.as_str(), config.site.as_deref())?
        .map_or_else(|| "-".to_owned(), |last| last.run.to_string());
    let runs = ledger.runs(1)?.first().map_or(0, |run| run.id);
    Ok(Words::new(
        format!("sound; last run {runs}, last accepted {last}"),
        format!("正常。最後の実行 {runs}、最後に受け付けられた実行 {last}"),
    ))
}

fn writable(folder: &Path) -> Result<()> {
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, folder, &error))
}

/// Files that hold secrets or payloads must be for their owner alone.
#[cfg(unix)]
fn modes(config: &Config) -> Result<Words> {
    use std::os::unix::fs::PermissionsExt;
    let beside = |ending| crate::changes::beside(&config.ledger.path, ending);
    let mut paths = vec![config.ledger.path.clone(), beside("key"), config.ledger.spool_dir.clone()];
    paths.extend(config.endpoint.identity.iter().map(|(_, key)| key.clone()));
    for path in paths {
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Failure::new(&rules::SECRET_EXPOSED, path.display()));
        }
    }
    Ok(fine())
}

/// Elsewhere who may read a file is the folder's business.
#[cfg(not(unix))]
fn modes(_: &Config) -> Result<Words> {
    Ok(fine())
}

/// The payload is about as large as the input; twice that and some more is comfortable.
fn space(config: &Config, input: u64) -> Result<Words> {
    let folder = config.ledger.spool_dir.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    writable(folder)?;
    let free = fs4::available_space(folder)
        .map_err(|error| Failure::file(&rules::FILE_UNREADABLE, folder, &error))?;
    enough(free, input.saturating_mul(2).saturating_add(100 << 20), folder)
}

fn enough(free: u64, wanted: u64, folder: &Path) -> Result<Words> {
    let mib = |bytes: u64| bytes >> 20;
    let words = format!("{} MiB", mib(free));
    if free < wanted {
        let words = format!("{words} < {} MiB ({})", mib(wanted), folder.display());
        return Err(Failure::new(&rules::DISK_SPACE, words));
    }
    Ok(words.into())
}

impl Examination {
    fn print(&self, ui: Ui) -> Result<Exit> {
        let bad = |check: &Check| match &check.outcome {
            Outcome::Bad(failure) if failure.rule.severity == Severity::Error => Some(Exit::of(failure.rule)),
            _ => None,
        };
        let exit = self.0.iter().find_map(bad).unwrap_or(Exit::Done);
        if ui.form == Form::Json {
            let checks: Vec<Printed<'_>> = self.0.iter().map(|check| check.printed(ui)).collect();
            ui.print(serde_json::json!({ "ok": exit == Exit::Done, "checks": checks }))?;
            return Ok(exit);
        }
        let colours = ui.palette(&std::io::stdout());
        for check in &self.0 {
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
        let blank =
            Printed { check: self.name, state: "ok", detail: None, code: None, message: None, help: None };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_is_told_with_both_numbers() {
        let folder = Path::new("/spool");
        assert!(enough(300 << 20, 300 << 20, folder).is_ok());
        let little = enough((300 << 20) - 1, 300 << 20, folder).unwrap_err();
        assert_eq!(little.to_string(), "PMH6603: free space for the spool: 299 MiB < 300 MiB (/spool)");
    }
}
