//! How the program talks: language, form, colour, and what goes to which stream.
//!
//! Results go to standard output, failures and progress to standard error. With `--format json` a failure is one JSON
//! object a line. It must never print a record's value or a token, or let text of others steer the terminal: everything
//! is cleaned here, on its way out.

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::Path,
};

use clap::{
    ValueEnum,
    builder::styling::{AnsiColor, Style},
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use pmh_core::rules::{self, Lang, Text};

use crate::{
    escape,
    failure::{Failure, Result},
    text,
};

/// The form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Form {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal that isn't `dumb`, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Everything that the common options decide.
#[derive(Debug, Clone, Copy)]
pub struct Ui {
    /// The language of everything printed.
    pub lang: Lang,
    /// The form of results and failures.
    pub form: Form,
    /// When to use colour.
    pub colour: Colour,
    /// Nothing but failures.
    pub quiet: bool,
    /// More findings, and where failures come from.
    pub verbose: bool,
}

/// Colours of the parts of a message; all plain where colour is off.
#[derive(Debug, Clone, Copy, Default)]
pub struct Palette {
    /// Errors.
    pub error: Style,
    /// Warnings.
    pub warning: Style,
    /// Success.
    pub good: Style,
    /// Less important.
    pub faint: Style,
}

impl Palette {
    const COLOURS: Self = Self {
        error: AnsiColor::Red.on_default().bold(),
        warning: AnsiColor::Yellow.on_default().bold(),
        good: AnsiColor::Green.on_default().bold(),
        faint: Style::new().dimmed(),
    };

    /// What these styles print, beginnings and ends.
    fn written(self) -> Vec<String> {
        let Self { error, warning, good, faint } = self;
        [error, warning, good, faint]
            .into_iter()
            .flat_map(|style| [format!("{style}"), format!("{style:#}")])
            .collect()
    }
}

/// Whether somebody watches, on a terminal that understands more than lines.
fn is_capable(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The language that the environment asks for: Japanese or English.
#[must_use]
pub fn locale() -> Lang {
    match sys_locale::get_locale() {
        Some(locale) if locale.to_ascii_lowercase().starts_with("ja") => Lang::Ja,
        _ => Lang::En,
    }
}

impl Ui {
    /// A text in the chosen language.
    #[must_use]
    pub fn say(&self, text: &Text) -> &'static str {
        text.get(self.lang)
    }

    /// The colours for a stream.
    #[must_use]
    pub fn palette(&self, stream: &impl IsTerminal) -> Palette {
        let wanted = match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                is_capable(stream) && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        if wanted { Palette::COLOURS } else { Palette::default() }
    }

    /// A bar with rate and remaining time that follows bytes on standard error; hidden where nobody watches.
    #[must_use]
    pub fn progress(&self, label: &Text) -> ProgressBar {
        if self.quiet || self.form == Form::Json || !is_capable(&io::stderr()) {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let remaining = self.say(&text::REMAINING);
        let template = format!(
            "{{msg}} {{bar:30}} {{decimal_bytes}}/{{decimal_total_bytes}} {{decimal_bytes_per_sec}} {remaining} {{eta_precise}}"
        );
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.set_style(style);
        }
        bar.with_message(self.say(label))
    }

    /// Prints a failure: code, message and what to do.
    pub fn fail(&self, failure: &Failure) {
        let red = self.palette(&io::stderr()).error;
        self.tell(failure, &text::ERROR, red);
    }

    /// Prints what went wrong without changing how the program ends.
    pub fn warn(&self, failure: &Failure) {
        let yellow = self.palette(&io::stderr()).warning;
        self.tell(failure, &text::WARNING, yellow);
    }

    fn tell(self, failure: &Failure, label: &Text, style: Style) {
        let mut stderr = io::stderr().lock();
        // nothing is left to report to when standard error fails
        let _ = match self.form {
            Form::Json => serde_json::to_string(&failure.told(self.lang))
                .map_err(io::Error::from)
                .and_then(|told| writeln!(stderr, "{}", escape::json(&told))),
            Form::Human => {
                let faint = self.palette(&stderr).faint;
                writeln!(
                    stderr,
                    "{style}{}[{}]{style:#}: {}\n  {faint}→ {}{faint:#}",
                    self.say(label),
                    failure.rule.code,
                    escape::printable(&failure.message(self.lang)),
                    failure.help(self.lang)
                )
            }
        };
    }

    /// Says that the program crashed, and where; what it was about to say may quote data.
    pub fn crash(&self, place: &str) {
        // as above
        let _ = writeln!(
            io::stderr().lock(),
            "{} {place} (pmh {})\n  → {}",
            self.say(&text::CRASHED),
            env!("CARGO_PKG_VERSION"),
            self.say(&text::CRASHED_HELP)
        );
    }

    /// Prints a line beside a failure; programs find it in the result.
    pub fn note(&self, label: &Text, words: impl std::fmt::Display) {
        if self.form == Form::Human {
            // as above
            let words = escape::cleaned(words.to_string());
            let _ = writeln!(io::stderr().lock(), "  {}: {words}", self.say(label));
        }
    }

    /// Prints a result to standard output: lines for people, or JSON.
    ///
    /// # Errors
    ///
    /// `PMH6306` if standard output can't be written.
    pub fn print(&self, result: impl std::fmt::Display) -> Result<()> {
        let mut stdout = io::stdout().lock();
        let result = result.to_string();
        let result = match self.form {
            Form::Json => escape::json(&result).into_owned(),
            Form::Human => escape::lines(&result, &self.palette(&stdout).written()),
        };
        written(writeln!(stdout, "{result}").and_then(|()| stdout.flush()))
    }
}

/// What came of writing to a standard stream. Whoever closed it has read enough (`pmh … | head`): the run ends as it came to.
///
/// # Errors
///
/// `PMH6306` where it can't be written for another reason.
pub(crate) fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => delivered(result),
    }
}

/// What came of writing to standard output what must arrive whole.
///
/// # Errors
///
/// `PMH6306` where it can't be written, its reader having left included.
pub(crate) fn delivered(result: io::Result<()>) -> Result<()> {
    result.map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, Path::new("stdout"), &error))
}
