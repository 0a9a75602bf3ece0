//! The commands of daily operation: all of them work by a configuration.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::Args;
use pmh_core::rules;

use super::{date, failed};
use crate::{
    config::{Config, LedgerConfig},
    doctor,
    failure::{Exit, Result},
    history, log,
    module::Module,
    serve::Serve,
    signal::{Role, Stop},
    spool,
    sync::{Sync, passable},
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
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    #[arg(long, hide = true)]
    served: bool,
}

impl SyncArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        with_config(&self.config, ui, |config| {
            let mut pass = self.pass.iter().map(|code| passable(code)).collect::<Result<Vec<_>>>()?;
            if self.as_of.is_some() {
                // who names the day means it; the ledger notes that it was passed
                pass.push(&rules::OTHER_DAY);
            }
            log::start(&config.log, self.served, ui)?;
            if !self.dry_run {
                // before anything that can keep the run from starting
                let LedgerConfig { spool_dir, keep_undelivered, .. } = &config.ledger;
                spool::expire(spool_dir, *keep_undelivered, SystemTime::now())?;
            }
            let module = open(self.module.as_deref(), config)?;
            let stop = Stop::default();
            stop.listen(if self.served { Role::Run } else { Role::Command })?;
            let (report, as_of) = (self.report.as_deref(), self.as_of.clone());
            Sync { config, module: &module, as_of, dry_run: self.dry_run, pass, report, ui, stop }.run()
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
    #[arg(value_name = "verify", value_parser = ["verify"], conflicts_with_all = ["run", "limit"])]
    action: Option<String>,
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
    #[arg(long, value_name = "NUMBER", conflicts_with = "limit")]
    run: Option<i64>,
    #[arg(long, value_name = "COUNT")]
    limit: Option<u32>,
    #[arg(long)]
    json: bool,
}

impl HistoryArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        let ui = in_json(ui, self.json);
        with_config(&self.config, ui, |config| match (&self.action, self.run) {
            (Some(_), _) => history::verify(config, ui),
            (None, Some(run)) => history::one(config, run, ui),
            (None, None) => history::list(config, self.limit.unwrap_or(history::LISTED), ui),
        })
    }
}

#[derive(Args)]
pub(super) struct DoctorArgs {
    #[arg(long, short, value_name = "FILE")]
    config: PathBuf,
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
        Ok(config) => work(&config).unwrap_or_else(|failure| failed(&[failure], ui)),
        Err(failures) => failed(&failures, ui),
    }
}
