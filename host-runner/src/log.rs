//! Structured logs: what happened when, for machines and for the morning after.
//!
//! Only this program's own events are written, at whatever level: what libraries say of headers and bodies has no way
//! in. An event holds numbers, codes, hashes and times; never a record's value, a token or PMH's words. That the log can't
//! be written must never stop a run.

mod files;

use std::path::PathBuf;

use clap::ValueEnum;
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use self::files::{LogFiles, StandardError};
use crate::{failure::Result, ui::Ui};

/// `[log]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// The folder of the log files; one file per day. Without one, `pmh serve` logs to standard error.
    pub dir: Option<PathBuf>,
    /// The form of a line.
    pub format: LogFormat,
    /// How much is written.
    pub level: Level,
    /// How many files are kept.
    pub keep: u64,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// How much is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Level {
    /// What needs a person.
    Error,
    /// And what may.
    Warn,
    /// And each step of a run.
    #[default]
    Info,
    /// And each try of a request.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// Starts the log. `service` is for a program that runs unattended: without a folder it logs to standard error.
///
/// # Errors
///
/// `PMH6306` if the folder can't be written to for another reason than a full disk.
pub fn start(config: &LogConfig, service: bool, ui: Ui) -> Result<()> {
    let level =
        if ui.verbose { config.level.filter().max(LevelFilter::DEBUG) } else { config.level.filter() };
    let layer = match &config.dir {
        Some(dir) => layer(config.format, LogFiles::open(dir, config.keep, ui)?),
        None if service => layer(config.format, StandardError),
        None => return Ok(()),
    };
    let own = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    // a second start, in a test's own process, changes nothing
    let _ = tracing_subscriber::registry().with(layer.with_filter(own)).try_init();
    Ok(())
}

fn layer<W>(format: LogFormat, writer: W) -> Box<dyn Layer<Registry> + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // its own words about errors would go to standard error, and end the program if that is closed
    let layer = fmt::layer().with_ansi(false).log_internal_errors(false).with_writer(writer);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}
