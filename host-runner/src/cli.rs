//! The command line: what can be asked, and how each question ends.
//!
//! Every way out goes through [`main`]: one place for failures, panics and exit codes. A panic's own message may quote
//! data, so it is never shown; only the place is.

use std::{
    ffi::OsString,
    fs, io,
    num::NonZeroUsize,
    panic,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{NaiveDate, Utc};
use clap::{
    ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    error::{ContextKind, ErrorKind},
};
use clap_complete::Shell;
use pmh_core::rules::{self, Lang};

pub(crate) mod operate;
mod shell;

use self::operate::{
    AcknowledgeArgs, BackupArgs, DoctorArgs, HistoryArgs, RestoreArgs, ServeArgs, SyncArgs, documents_of,
    note_in_ledger,
};
use crate::{
    acknowledged::Acknowledged,
    atomic_file::end_on_signals,
    escape::printable,
    explain::explain,
    failure::{Exit, Failure, Result, Words},
    help,
    human::{Human, Stream},
    init::init,
    input::{Input, ShapeArgs},
    key::Key,
    module::{Mode, Module, Options, Stage, Status, compiler::as_child},
    output::Sink,
    process, profile,
    report::{Report, View},
    run::{Ended, Job},
    text, time,
    ui::{self, Colour, Form, Ui},
};

#[derive(Parser)]
#[command(name = "pmh", version, propagate_version = true)]
#[command(disable_help_flag = true, disable_help_subcommand = true, disable_version_flag = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Common {
    #[arg(long, global = true, value_name = "ja|en", value_parser = ["ja", "en"])]
    lang: Option<String>,
    #[arg(long, global = true, value_name = "human|json", value_enum, default_value_t)]
    format: Form,
    #[arg(long, global = true, value_name = "auto|always|never", value_enum, default_value_t)]
    color: Colour,
    #[arg(long, short, global = true)]
    quiet: bool,
    #[arg(long, short, global = true)]
    verbose: bool,
    #[arg(long, short, global = true, action = ArgAction::Help)]
    help: Option<bool>,
    #[arg(long, short = 'V', global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

#[derive(Subcommand)]
enum Command {
    Init {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    Check(Check),
    Transform(Transform),
    Sync(SyncArgs),
    Acknowledge(AcknowledgeArgs),
    Profile {
        #[command(subcommand)]
        command: profile::Command,
    },
    Serve(ServeArgs),
    History(HistoryArgs),
    Backup(BackupArgs),
    Restore(RestoreArgs),
    Doctor(DoctorArgs),
    Explain {
        #[arg(value_name = "CODE")]
        code: Option<String>,
        #[arg(long, value_name = "TEXT", conflicts_with = "code")]
        search: Option<String>,
        #[arg(long)]
        json: bool,
    },
    Completions {
        #[arg(value_name = "SHELL", value_enum)]
        shell: Shell,
    },
    Man {
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// What `check` and `transform` share.
#[derive(Args)]
struct Source {
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<String>,
    #[command(flatten)]
    shape: ShapeArgs,
    #[arg(long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    acknowledged: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "acknowledged")]
    hash_key: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
}

#[derive(Args)]
struct Check {
    #[arg(long, short, value_name = "FILE", required_unless_present = "payload")]
    profile: Option<PathBuf>,
    #[arg(long, conflicts_with_all = ["input_format", "encoding", "delimiter", "no_header", "columns"])]
    payload: bool,
    #[command(flatten)]
    source: Source,
    #[arg(long = "config", value_name = "FILE")]
    documents_of: Option<PathBuf>,
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Args)]
struct Transform {
    #[arg(long, short, value_name = "FILE")]
    profile: PathBuf,
    #[command(flatten)]
    source: Source,
    #[arg(long, short, value_name = "FILE")]
    input: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[arg(long = "config", value_name = "FILE")]
    noted_documents_of: Option<PathBuf>,
}

/// Runs the program with these arguments, its own name first.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    process::harden();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(exit) = as_child(&arguments) {
        return ExitCode::from(exit as u8);
    }
    let ui = first_impression(&arguments);
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, "crashed");
        ui.crash(&place);
    }));
    let exit = panic::catch_unwind(|| begin(arguments, ui)).unwrap_or(Exit::Bug);
    ExitCode::from(exit as u8)
}

/// The language must be known before the arguments are understood: it is the language of what is wrong with them.
fn first_impression(arguments: &[OsString]) -> Ui {
    let arguments: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let value = |name: &str| {
        let after = |pair: &[&str]| match pair {
            [option, value] if *option == name => Some((*value).to_owned()),
            _ => None,
        };
        let joined = |argument: &&str| Some(argument.strip_prefix(name)?.strip_prefix('=')?.to_owned());
        arguments.windows(2).find_map(after).or_else(|| arguments.iter().find_map(joined))
    };
    let lang = value("--lang").and_then(|lang| Lang::parse(&lang)).unwrap_or_else(ui::locale);
    let form = if value("--format").as_deref() == Some("json") { Form::Json } else { Form::Human };
    Ui { lang, form, colour: Colour::Auto, quiet: false, verbose: false }
}

fn begin(arguments: Vec<OsString>, ui: Ui) -> Exit {
    let command = help::localise(Cli::command(), ui.lang);
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error, ui),
    };
    let Common { format, color, quiet, verbose, .. } = cli.common;
    let ui = Ui { form: format, colour: color, quiet, verbose, ..ui };
    if matches!(
        cli.command,
        Command::Check(_) | Command::Transform(_) | Command::Acknowledge(_) | Command::Profile { .. }
    ) {
        end_on_signals();
    }
    let result = match cli.command {
        Command::Init { dir } => init(&dir, ui),
        Command::Check(check) => check.run(ui),
        Command::Transform(transform) => transform.run(ui),
        Command::Sync(sync) => return sync.run(ui),
        Command::Acknowledge(acknowledge) => return acknowledge.run(ui),
        Command::Profile { command } => command.run(ui),
        Command::Serve(serve) => return serve.run(ui),
        Command::History(history) => return history.run(ui),
        Command::Backup(backup) => return backup.run(ui),
        Command::Restore(restore) => return restore.run(ui),
        Command::Doctor(doctor) => return doctor.run(ui),
        Command::Explain { code, search, json } => {
            let ui = Ui { form: if json { Form::Json } else { ui.form }, ..ui };
            explain(code.as_deref(), search.as_deref(), ui)
        }
        Command::Completions { shell } => shell::completions(shell, ui),
        Command::Man { dir } => shell::man(&dir, ui),
    };
    result.unwrap_or_else(|failure| failed(&[failure], ui))
}

/// Shows failures; the first decides how the program ends.
fn failed(failures: &[Failure], ui: Ui) -> Exit {
    for failure in failures {
        ui.fail(failure);
    }
    failures.first().map_or(Exit::Bug, |failure| Exit::of(failure.rule))
}

/// What a run of the module is about.
#[derive(Clone, Copy)]
struct Task<'a> {
    mode: Mode,
    profile: Option<&'a Path>,
    /// The configuration whose table of characters and masters are used.
    config: Option<&'a Path>,
    file: &'a Path,
}

impl Source {
    /// Runs the input through the module.
    fn run(&self, task: Task<'_>, payload: Option<&mut Sink>, stream: Stream, ui: Ui) -> Result<Ended> {
        let Task { mode, profile, config, file } = task;
        let read = |path: &Path| {
            fs::read(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))
        };
        let profile = profile.map(read).transpose()?.unwrap_or_default();
        let acknowledged = self.acknowledged()?;
        let documents = config.map(documents_of).transpose()?.unwrap_or_default();
        let progress = ui.progress(&text::READING);
        let mut input = Input::open(file, &self.shape.shape()?, &progress)?;
        let options = Options {
            mode,
            as_of: self.as_of.clone().unwrap_or_else(today),
            lang: ui.lang,
            input: input.form(),
            payload: payload.is_some(),
            stage: Stage::Whole,
            usage: false,
            documents,
            acknowledged: acknowledged.as_ref().map(Acknowledged::options).unwrap_or_default(),
        };
        let module = Module::open(self.module.as_deref(), None)?;
        let job = Job { module: &module, profile: &profile, options, jobs: self.jobs };
        let mut session = job.open()?;
        let view = match (ui.form, stream) {
            (Form::Human, _) => View::Human(Human::new(ui, stream)),
            (Form::Json, Stream::Stdout) => View::json(Sink::reader()),
            (Form::Json, Stream::Stderr) => View::json(Sink::Stderr),
        };
        let mut views = vec![view];
        views.extend(self.report.as_deref().map(View::file).transpose()?);
        let report = Report::new(views).of_table(input.places(), ui.lang);
        let ended = match payload {
            Some(sink) => job.run(&mut session, &mut input, report, |bytes| sink.put(bytes)),
            None => job.run(&mut session, &mut input, report, |_| Ok(())),
        }?;
        progress.finish_and_clear();
        if let Some(failure) = input.cut_off() {
            ui.fail(&failure);
        }
        for note in input.notes().iter().filter(|_| !ui.quiet) {
            ui.warn(note);
        }
        Ok(ended)
    }
}

impl Source {
    /// The acknowledgements, with the key that their fingerprints were made with.
    fn acknowledged(&self) -> Result<Option<Acknowledged>> {
        let missing =
            |path: &Path| Failure::file(&rules::FILE_UNREADABLE, path, &io::ErrorKind::NotFound.into());
        let key = match &self.hash_key {
            Some(path) => Some(Key::at(path)?.ok_or_else(|| missing(path))?),
            None => None,
        };
        Acknowledged::configured(self.acknowledged.as_deref(), key.as_ref())
    }
}

impl Check {
    fn run(&self, ui: Ui) -> Result<Exit> {
        let mode = if self.payload { Mode::Payload } else { Mode::Records };
        let (profile, config) = (self.profile.as_deref(), self.documents_of.as_deref());
        let task = Task { mode, profile, config, file: &self.file };
        self.source.run(task, None, Stream::Stdout, ui).map(|ended| exit(&ended))
    }
}

impl Transform {
    fn run(&self, ui: Ui) -> Result<Exit> {
        let config = self.noted_documents_of.as_deref();
        if let Some(config) = config {
            note_in_ledger(config, "transform", &self.profile)?;
        }
        let stream = if self.output == Path::new("-") { Stream::Stderr } else { Stream::Stdout };
        let mut payload = Sink::create(&self.output)?;
        let task = Task { mode: Mode::Records, profile: Some(&self.profile), config, file: &self.input };
        let ended = self.source.run(task, Some(&mut payload), stream, ui)?;
        if ended.status == Status::Ok {
            payload.commit()?;
        }
        Ok(exit(&ended))
    }
}

/// How `check` and `transform` end.
fn exit(ended: &Ended) -> Exit {
    match ended.status {
        Status::Ok if ended.summary.rejected > 0 || !ended.summary.complete => Exit::Rejected,
        Status::Ok => Exit::Done,
        Status::Profile | Status::Options | Status::Order => Exit::Usage,
    }
}

/// Today in Japan.
pub(crate) fn today() -> String {
    time::day(Utc::now())
}

pub(crate) fn date(text: &str) -> Result<String, String> {
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if date.to_string() == text => Ok(text.to_owned()),
        _ => Err("YYYY-MM-DD".to_owned()),
    }
}

/// Help and version are what was asked for; anything else is a failure in the chosen language.
fn misunderstood(error: &clap::Error, ui: Ui) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render().to_string();
            ui.print(text.trim_end()).map_or_else(|failure| failed(&[failure], ui), |()| Exit::Done)
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // clap prints to standard error; nobody is left to tell when that fails
            let _ = error.print();
            Exit::Usage
        }
        _ => failed(&[Failure::new(&rules::USAGE, usage(error))], ui),
    }
}

/// What is wrong with the arguments.
fn usage(error: &clap::Error) -> Words {
    let context = |kind| error.get(kind).map(|value| printable(&value.to_string())).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::InvalidValue if value.is_empty() => {
            Words::new(format!("{argument} needs a value"), format!("{argument} に値を指定してください"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = context(ContextKind::ValidValue);
            let form = std::error::Error::source(error).map_or(valid, ToString::to_string);
            Words::new(
                format!("{value} is not a value for {argument}; give {form}"),
                format!("{argument} に「{value}」は指定できません(指定できるもの: {form})"),
            )
        }
        ErrorKind::UnknownArgument => Words::new(
            format!("there is no option {argument}"),
            format!("「{argument}」というオプションはありません"),
        ),
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand);
            Words::new(format!("there is no command {name}"), format!("「{name}」というコマンドはありません"))
        }
        ErrorKind::MissingRequiredArgument => {
            Words::new(format!("missing: {argument}"), format!("必要な指定がありません: {argument}"))
        }
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg);
            Words::new(
                format!("{argument} cannot be used with {other}"),
                format!("{argument} と {other} は同時に指定できません"),
            )
        }
        _ => Words::new(format!("cannot understand {argument}"), format!("指定を解釈できません {argument}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(arguments: &[&str], lang: Lang) -> String {
        let command = help::localise(Cli::command(), lang);
        let error = command.try_get_matches_from([&["pmh"], arguments].concat()).unwrap_err();
        usage(&error).get(lang).to_owned()
    }

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn mistakes_are_told_in_both_languages() {
        assert_eq!(message(&["send"], Lang::En), "there is no command send");
        assert_eq!(message(&["send"], Lang::Ja), "「send」というコマンドはありません");
        assert_eq!(
            message(&["check", "--as-of", "2026/4/1"], Lang::En),
            "2026/4/1 is not a value for --as-of <DATE>; give YYYY-MM-DD"
        );
        assert_eq!(
            message(&["check", "--format", "xml"], Lang::Ja),
            "--format <human|json> に「xml」は指定できません(指定できるもの: human, json)"
        );
        assert_eq!(message(&["check", "--nonsense"], Lang::Ja), "「--nonsense」というオプションはありません");
        assert_eq!(message(&["sync"], Lang::En), "missing: --config <FILE>");
        assert_eq!(
            message(&["explain", "PMH1001", "--search", "x"], Lang::En),
            "[CODE] cannot be used with --search <TEXT>"
        );
    }

    #[test]
    fn the_language_is_found_before_anything_else() {
        let lang = |arguments: &[&str]| {
            first_impression(&arguments.iter().map(OsString::from).collect::<Vec<_>>()).lang
        };
        assert_eq!(lang(&["pmh", "--lang", "ja"]), Lang::Ja);
        assert_eq!(lang(&["pmh", "check", "--lang=en", "x"]), Lang::En);
    }

    #[test]
    fn dates_have_one_form() {
        assert!(date("2026-04-01").is_ok());
        for wrong in ["2026-4-1", "2026/04/01", "20260401", "2026-02-30", "令和8年4月1日"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
        assert!(date(&today()).is_ok());
    }
}
