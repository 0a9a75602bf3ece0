//! The commands of daily operation: all of them work by a configuration.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{date, failed, module};
use crate::{
    config::Config,
    failure::{Exit, Result},
    log,
    signal::Stop,
    sync::{Sync, passable},
    ui::Ui,
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
}

impl SyncArgs {
    pub(super) fn run(self, ui: Ui) -> Exit {
        with_config(&self.config, ui, |config| {
            let pass = self.pass.iter().map(|code| passable(code)).collect::<Result<_>>()?;
            log::start(&config.log, false, ui.verbose)?;
            let module = module(self.module.as_deref())?;
            let stop = Stop::default();
            stop.listen(false)?;
            let (report, as_of) = (self.report.as_deref(), self.as_of.clone());
            Sync { config, module: &module, as_of, dry_run: self.dry_run, pass, report, ui, stop }.run()
        })
    }
}

/// Does something by a configuration, all of whose mistakes are told at once.
fn with_config(path: &Path, ui: Ui, work: impl FnOnce(&Config) -> Result<Exit>) -> Exit {
    match Config::load(path) {
        Ok(config) => work(&config).unwrap_or_else(|failure| failed(&[failure], ui)),
        Err(failures) => failed(&failures, ui),
    }
}
