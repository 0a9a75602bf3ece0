//! The commands of daily operation: all of them work by a configuration.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use chrono::Utc;
use clap::{Args, ValueEnum};
use pmh_core::rules::{self, Rule};

use super::{date, failed, today};
use crate::{
    acknowledged::{Wanted, Wish, acknowledge},
    backup,
    config::{Config, LedgerConfig},
    doctor,
    documents::Documents,
    failure::{Exit, Failure, Result},
    history,
    ledger::Ledger,
    log,
    module::Module,
    notify::Event,
    receipt::{self, Signed},
    secret,
    serve::Serve,
    signal::{Role, Stop},
    spool,
    sync::{
        Sync, passable,
        trace::{self, Trace},
    },
    told::Memory,
    ui::{Form, Ui},
};

#[derive(Args)]
pub(super) struct SyncArgs {
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<String>,
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pass: Vec<String>,
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[arg(long)]
    show_answer: bool,
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    #[arg(long, hide = true)]
    served: bool,
    #[arg(long, hide = true, requires = "slot")]
    told: Option<PathBuf>,
    #[arg(long, hide = true)]
    slot: Option<String>,
}

impl SyncArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        let memory = self.told.clone().zip(self.slot.clone()).map(|(file, slot)| Memory::new(file, slot));
        let told = memory.as_ref();
        let config = match Config::load(&self.config) {
            Ok(config) => config,
            Err(failures) if self.dry_run => return failed(&failures, ui),
            Err(failures) => return trace::misconfigured(&self.config, &failures, told, ui),
        };
        match self.ready(&config, ui) {
            Ok((module, pass, stop)) => {
                let (report, as_of) = (self.report.as_deref(), self.as_of.clone());
                let Self { dry_run, show_answer, .. } = self;
                let (config, module) = (&config, &module);
                Sync { config, module, as_of, dry_run, pass, report, show_answer, told, ui, stop }.run()
            }
            Err(failure) => {
                let failures = [failure];
                let exit = failed(&failures, ui);
                if !self.dry_run {
                    let trace = Trace::of(&config, told, ui);
                    trace.keep(self.as_of.as_deref(), &failures);
                    trace.tell(exit, &failures, Event::Failure, None);
                }
                exit
            }
        }
    }

    /// Everything that must be in order before the run itself; the log first, so that what isn't is in it.
    fn ready(&self, config: &Config, ui: Ui) -> Result<(Module, Vec<&'static Rule>, Stop)> {
        if !self.dry_run {
            log::start(&config.log, self.served, ui)?;
            // before anything that can keep the run from starting
            let LedgerConfig { spool_dir, keep_undelivered, .. } = &config.ledger;
            spool::expire(spool_dir, *keep_undelivered, SystemTime::now())?;
        }
        let mut pass = self.pass.iter().map(|code| passable(code)).collect::<Result<Vec<_>>>()?;
        if self.as_of.is_some() {
            // who names the day means it; the ledger notes that it was passed
            pass.push(&rules::OTHER_DAY);
        }
        let module = open(self.module.as_deref(), config)?;
        let stop = Stop::default();
        stop.listen(if self.served { Role::Run } else { Role::Command })?;
        Ok((module, pass, stop))
    }
}

#[derive(Args)]
pub(super) struct AcknowledgeArgs {
    #[arg(value_name = "CODE")]
    code: String,
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long, value_name = "KEY", required_unless_present = "number")]
    record_key: Option<String>,
    #[arg(long, value_name = "NUMBER", conflicts_with = "record_key")]
    number: Option<String>,
    #[arg(long, value_name = "NUMBER", requires = "number")]
    payer_number: Option<String>,
    #[arg(long, value_name = "POINTER")]
    target: Option<String>,
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[arg(long, value_name = "NAME")]
    by: String,
    #[arg(long, value_name = "DATE", value_parser = date)]
    until: String,
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<String>,
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
}

impl AcknowledgeArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        let Self { code, record_key, number, payer_number, target, reason, by, until, .. } = self;
        let wanted = match number {
            Some(number) => Wanted::Number { number, payer: payer_number },
            None => Wanted::Record(record_key.unwrap_or_default()),
        };
        let wish = Wish { code, wanted, target, reason, by, until };
        let as_of = self.as_of.unwrap_or_else(today);
        with_config(&self.config, ui, |config| {
            acknowledge(config, &open(self.module.as_deref(), config)?, &wish, &as_of, ui)
        })
    }
}

#[derive(Args)]
pub(super) struct ServeArgs {
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
}

impl ServeArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        with_config(&self.config, ui, |config| {
            // each run opens it anew: this says now what would fail tonight
            drop(open(self.module.as_deref(), config)?);
            Serve { path: self.config.clone(), config: config.clone(), module: self.module.clone(), ui }.run()
        })
    }
}

#[derive(Args)]
pub(super) struct HistoryArgs {
    #[arg(value_name = "verify|receipt|keygen", value_enum)]
    action: Option<Action>,
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit")]
    run: Option<i64>,
    #[arg(long, value_name = "COUNT", conflicts_with = "action")]
    limit: Option<u32>,
    #[arg(long, value_name = "FILE", requires = "action")]
    signing_key: Option<PathBuf>,
    #[arg(long, value_name = "FILE", requires = "action")]
    receipt: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

/// What `pmh history` does other than listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    Verify,
    Receipt,
    Keygen,
}

impl HistoryArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        let ui = in_json(ui, self.json);
        let (receipt, key) = (self.receipt.as_deref(), self.signing_key.as_deref());
        with_config(&self.config, ui, |config| match (self.action, receipt, key, self.run) {
            (Some(Action::Verify), None, None, None) => history::verify(config, None, ui),
            (Some(Action::Verify), Some(receipt), Some(key), None) => {
                history::verify(config, Some(&Signed::read(receipt, key)?), ui)
            }
            (Some(Action::Receipt), Some(receipt), Some(key), run) => {
                receipt::make(config, key, run, receipt, ui)
            }
            (Some(Action::Keygen), None, Some(key), None) => receipt::keygen(key, ui),
            (Some(action), ..) => Err(Failure::new(&rules::USAGE, action.usage())),
            (None, _, _, Some(run)) => history::one(config, run, ui),
            (None, ..) => history::list(config, self.limit.unwrap_or(history::LISTED), ui),
        })
    }
}

impl Action {
    /// How it is asked for.
    fn usage(self) -> &'static str {
        match self {
            Self::Verify => "pmh history verify [--receipt FILE --signing-key FILE.pub]",
            Self::Receipt => "pmh history receipt --receipt FILE --signing-key FILE [--run NUMBER]",
            Self::Keygen => "pmh history keygen --signing-key FILE",
        }
    }
}

#[derive(Args)]
pub(super) struct BackupArgs {
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long)]
    with_key: bool,
}

impl BackupArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        with_config(&self.config, ui, |config| backup::backup(config, &self.backup, self.with_key, ui))
    }
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
}

impl RestoreArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        with_config(&self.config, ui, |config| backup::restore(config, &self.backup, ui))
    }
}

/// Notes in a configuration's ledger that records are about to be shown or written outside of a run.
///
/// # Errors
///
/// `PMH6501` to `PMH6503` and `PMH6507`, so that nothing is shown that isn't noted; what is wrong with the configuration.
pub(crate) fn note_in_ledger(config: &Path, kind: &str, profile: &Path) -> Result<()> {
    let config = load(config)?;
    let profile =
        std::fs::read(profile).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, profile, &error))?;
    let (endpoint, site) = (config.endpoint.url.as_str(), config.site.as_deref());
    Ledger::open_own(&config.ledger.path, Some(endpoint), site)?.note_use(Utc::now(), kind, &profile)
}

/// The table of characters and the masters of a configuration.
///
/// # Errors
///
/// As [`Documents::load`]; what is wrong with the configuration.
pub(super) fn documents_of(config: &Path) -> Result<Documents> {
    Documents::load(&load(config)?.documents)
}

/// A configuration, or the first of its mistakes.
fn load(config: &Path) -> Result<Config> {
    Config::load(config).map_err(|failures| {
        failures.into_iter().next().unwrap_or_else(|| Failure::internal("no configuration"))
    })
}

#[derive(Args)]
pub(super) struct DoctorArgs {
    #[arg(long, short, value_name = "FILE", required = true)]
    config: Vec<PathBuf>,
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    #[arg(long)]
    json: bool,
}

impl DoctorArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        let ui = in_json(ui, self.json);
        doctor::examine(&self.config, |config| open(self.module.as_deref(), config), ui)
            .unwrap_or_else(|failure| failed(&[failure], ui))
    }
}

/// The module that a configuration lets run.
fn open(file: Option<&Path>, config: &Config) -> Result<Module> {
    Module::open(file, config.module_sha256.as_deref())
}

fn in_json(ui: Ui, json: bool) -> Ui {
    Ui { form: if json { Form::Json } else { ui.form }, ..ui }
}

/// Does something by a configuration, all of whose mistakes are told at once.
fn with_config(path: &Path, ui: Ui, work: impl FnOnce(&Config) -> Result<Exit>) -> Exit {
    match Config::load(path) {
        Ok(config) => {
            secret::take_from_environment(&config.endpoint.token);
            work(&config).unwrap_or_else(|failure| failed(&[failure], ui))
        }
        Err(failures) => failed(&failures, ui),
    }
}
