//! `pmh profile`: the tools of a profile's author.
//!
//! They run the core that this program is linked with, not the module: they watch a run from inside, and the module has no way to be
//! watched. What they print holds a record's values only where `--show-values` asks for them.

mod cases;
mod coverage;
mod trace;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use pmh_core::{
    InputFormat, Options, Profile, ReportFormat, failure,
    rules::{self, Lang},
    trace::{Shown, Step},
};

use crate::{
    cli,
    escape::printable,
    failure::{Exit, Failure, Result},
    human::{Human, Stream},
    input::{Input, ShapeArgs},
    module,
    output::Sink,
    report::{Report, View},
    text,
    ui::{Form, Ui},
};

/// How much of an input is read at a time.
const PIECE: usize = 256 * 1024;

#[derive(Subcommand)]
pub(crate) enum Command {
    Test {
        #[arg(value_name = "PROFILE")]
        profile: PathBuf,
        #[arg(value_name = "CASES")]
        cases: Option<PathBuf>,
        #[arg(long)]
        show_values: bool,
    },
    Trace {
        #[command(flatten)]
        source: Source,
        #[arg(long, value_name = "N", required_unless_present = "key")]
        record: Option<u64>,
        #[arg(long, value_name = "KEY", conflicts_with = "record")]
        key: Option<String>,
        #[arg(long)]
        show_values: bool,
        #[arg(long = "config", value_name = "FILE", requires = "show_values")]
        note_in: Option<PathBuf>,
    },
    Coverage {
        #[command(flatten)]
        source: Source,
    },
    Schema,
}

/// A profile, and records to watch it with.
#[derive(Args)]
pub(crate) struct Source {
    #[arg(value_name = "PROFILE")]
    profile: PathBuf,
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_name = "DATE", value_parser = cli::date)]
    as_of: Option<String>,
    #[command(flatten)]
    shape: ShapeArgs,
}

impl Command {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// `PMH6301` and `PMH6306` for files, `PMH9201` for cases that can't be read, `PMH9202` where no record is the one asked for.
    pub(crate) fn run(self, ui: Ui) -> Result<Exit> {
        match self {
            Self::Test { profile, cases, show_values } => {
                cases::run(&profile, cases, Values { shown: show_values, lang: ui.lang }, ui)
            }
            Self::Trace { source, record, key, show_values, note_in } => {
                if let Some(config) = &note_in {
                    cli::operate::note_in_ledger(config, "trace --show-values", &source.profile)?;
                }
                let wanted = record.map_or_else(|| key.unwrap_or_default().into(), trace::Wanted::Number);
                trace::run(&source, &wanted, Values { shown: show_values, lang: ui.lang }, ui)
            }
            Self::Coverage { source } => coverage::run(&source, ui),
            Self::Schema => {
                ui.print(Profile::schema().trim_end())?;
                Ok(Exit::Done)
            }
        }
    }
}

impl Source {
    /// Reads the profile and opens the records: their pieces go to what `run` is given.
    fn open(&self, ui: Ui) -> Result<Opened> {
        let profile = match load(&self.profile, ui)? {
            Ok(profile) => profile,
            Err(exit) => return Ok(Err(exit)),
        };
        let progress = ui.progress(&text::READING);
        let input = Input::open(&self.file, &self.shape.shape()?, &progress)?;
        let form = match input.form() {
            module::Form::Auto => InputFormat::Auto,
            module::Form::Json => InputFormat::Json,
            module::Form::Ndjson => InputFormat::Ndjson,
        };
        let as_of = self.as_of.clone().unwrap_or_else(cli::today);
        let options = Options { lang: ui.lang, input: form, ..options(&as_of)? };
        Ok(Ok((profile, options, input)))
    }
}

/// What a run needs, or how the program ends without one.
type Opened = std::result::Result<(Arc<Profile>, Options, Input), Exit>;

/// Options of a run as of a day.
fn options(as_of: &str) -> Result<Options> {
    let day: NaiveDate = as_of.parse().map_err(|_| Failure::new(&rules::USAGE, "YYYY-MM-DD"))?;
    Ok(Options::new(day))
}

/// Hands on the whole input; `take` says whether more is wanted.
fn read(input: &mut Input, mut take: impl FnMut(&[u8]) -> bool) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = input.read(&mut piece)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() || !take(bytes) {
            return Ok(());
        }
    }
}

/// A profile that compiles, or how the program ends: all its mistakes were shown then.
fn load(path: &Path, ui: Ui) -> Result<std::result::Result<Arc<Profile>, Exit>> {
    let document = fs::read(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))?;
    match Profile::compile(&document) {
        Ok(profile) => Ok(Ok(Arc::new(profile))),
        Err(findings) => {
            let view = match ui.form {
                Form::Human => View::Human(Human::new(ui, Stream::Stdout)),
                Form::Json => View::json(Sink::reader()),
            };
            let mut report = Report::new(vec![view]);
            report.push(&failure(&findings, ReportFormat::Ndjson, ui.lang))?;
            report.end()?;
            Ok(Err(Exit::Usage))
        }
    }
}

/// How a record's values are shown.
#[derive(Debug, Clone, Copy)]
struct Values {
    shown: bool,
    lang: Lang,
}

impl Values {
    fn show(self, value: &Shown) -> String {
        if self.shown { printable(value.reveal()) } else { value.masked(self.lang) }
    }

    /// Where the profile speaks of a step. The entry of a value table is the record's value, so it is named only where values are shown.
    fn place(self, step: &Step) -> &str {
        match step.profile.rsplit_once('/') {
            Some((table, _)) if step.name == "map" && step.profile.contains("/map/") && !self.shown => table,
            _ => &step.profile,
        }
    }
}
