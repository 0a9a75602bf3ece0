//! `pmh serve`: runs `sync` at the configured times, and tells whether it lives.
//!
//! One run at a time: the next time is looked for when a run has ended, so that runs never overlap. The clock is looked at
//! again twice a minute, so that a machine that slept or whose clock was set is right within that time. It must never
//! end because a run failed.

mod health;
mod status;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use pmh_core::rules;
use tokio::time::sleep;

use self::status::Status;
use crate::{
    config::Config,
    failure::{Exit, Failure, Result},
    ledger::{Ledger, State},
    log,
    module::Module,
    schedule::{Due, due},
    signal::Stop,
    sync::Sync,
    text, time,
    ui::Ui,
};

/// How long it sleeps at most before it looks at the clock again, and how often the heartbeat beats.
const PULSE: Duration = Duration::from_secs(30);

/// The service.
pub struct Serve {
    /// Where the configuration stands, to be read again on request.
    pub path: PathBuf,
    /// The configuration.
    pub config: Config,
    /// The module that transforms.
    pub module: Module,
    /// How to talk.
    pub ui: Ui,
}

impl Serve {
    /// Serves until it is asked to stop.
    ///
    /// # Errors
    ///
    /// What keeps it from beginning: `PMH6203` where there are no times, `PMH6204` where the address can't be listened
    /// on, `PMH6306` for the log, `PMH65xx` for the ledger.
    pub fn run(mut self) -> Result<Exit> {
        if self.config.schedule.is_empty() {
            return Err(Failure::new(&rules::CONFIG_MISSING_KEY, "schedule.at"));
        }
        log::start(&self.config.log, true, self.ui)?;
        let stop = Stop::default();
        stop.listen(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
        let ended = runtime.block_on(self.serve(&stop));
        tell_systemd(Told::Stopping);
        ended
    }

    async fn serve(&mut self, stop: &Stop) -> Result<Exit> {
        let status = Arc::new(Status::new(Utc::now()));
        let (mut begun, unfinished) = last_begun(&self.config.ledger.path)?;
        if let Some(address) = self.config.serve.listen {
            let bound = health::offer(address, Arc::clone(&status)).await?;
            self.ui.note(&text::LISTENING, format_args!("http://{bound}/health http://{bound}/metrics"));
        }
        tokio::spawn(pulse(self.config.serve.heartbeat.clone(), Arc::clone(&status)));
        tracing::info!(times = self.config.schedule.len(), "serving");
        tell_systemd(Told::Ready);
        // a run that a crash cut off is as good as missed
        let mut at_once = unfinished;
        while !stop.asked() {
            let now = Utc::now();
            let next = match due(&self.config.schedule, begun, now) {
                Some(Due::At(next)) if !at_once => Some(next),
                // missed, or cut off
                _ => None,
            };
            status.set_next(next);
            let Some(next) = next else {
                at_once = false;
                begun = Some(now);
                self.job(stop, &status).await;
                continue;
            };
            if status.is_news(next) {
                tracing::info!(next = time::written(next), "waiting");
                self.ui.note(&text::NEXT_RUN, time::shown(next));
            }
            let nap = (next - now).to_std().unwrap_or_default().min(PULSE);
            tokio::select! {
                () = sleep(nap) => {}
                () = stop.wait() => {}
                () = stop.reload() => self.reload(),
            }
        }
        tracing::info!("ended");
        Ok(Exit::Done)
    }

    /// One run, beside which health and heartbeat go on.
    async fn job(&self, stop: &Stop, status: &Status) {
        status.begin(Utc::now());
        let (config, module, ui, stop) = (self.config.clone(), self.module.clone(), self.ui, stop.clone());
        let job = move || {
            let sync = Sync {
                config: &config,
                module: &module,
                as_of: None,
                dry_run: false,
                pass: Vec::new(),
                report: None,
                ui,
                stop,
            };
            sync.run().unwrap_or_else(|failure| {
                tracing::error!(code = failure.rule.code, "run failed");
                ui.fail(&failure);
                Exit::of(failure.rule)
            })
        };
        let exit = tokio::task::spawn_blocking(job).await.unwrap_or(Exit::Bug);
        tracing::info!(exit = exit as u8, "run ended");
        status.end(Utc::now(), exit);
    }

    /// Reads the configuration again; one with mistakes changes nothing. Address, heartbeat and log stay as they were.
    fn reload(&mut self) {
        tell_systemd(Told::Reloading);
        match Config::load(&self.path) {
            Ok(config) if config.schedule.is_empty() => {
                self.ui.fail(&Failure::new(&rules::CONFIG_MISSING_KEY, "schedule.at"));
            }
            Ok(config) => {
                tracing::info!("configuration read again");
                self.ui.note(&text::RELOADED, self.path.display());
                self.config = config;
            }
            Err(failures) => {
                tracing::error!(mistakes = failures.len(), "configuration not read again");
                for failure in &failures {
                    self.ui.fail(failure);
                }
            }
        }
        tell_systemd(Told::Ready);
    }
}

/// When the last run began, and whether a crash cut it off.
fn last_begun(ledger: &Path) -> Result<(Option<DateTime<Utc>>, bool)> {
    let Some(ledger) = Ledger::read(ledger)? else { return Ok((None, false)) };
    let Some(last) = ledger.runs(1)?.pop() else { return Ok((None, false)) };
    let begun = DateTime::parse_from_rfc3339(&last.started_at).ok().map(|begun| begun.to_utc());
    Ok((begun, matches!(last.state, State::Preparing | State::Sending)))
}

/// Says twice a minute that the service lives: in a file, and to systemd's watchdog.
async fn pulse(heartbeat: PathBuf, status: Arc<Status>) {
    loop {
        if let Err(failure) = status.write(&heartbeat) {
            tracing::warn!(code = failure.rule.code, "no heartbeat");
        }
        tell_systemd(Told::Alive);
        sleep(PULSE / 2).await;
    }
}

/// What systemd is told, where it is there to be told.
#[derive(Debug, Clone, Copy)]
enum Told {
    Ready,
    Reloading,
    Alive,
    Stopping,
}

#[cfg(unix)]
fn tell_systemd(told: Told) {
    use sd_notify::NotifyState;
    let states = match told {
        Told::Ready => vec![NotifyState::Ready],
        // the reload protocol asks for the time of a clock that nobody sets
        Told::Reloading => {
            NotifyState::monotonic_usec_now().map(|now| vec![NotifyState::Reloading, now]).unwrap_or_default()
        }
        Told::Alive => vec![NotifyState::Watchdog],
        Told::Stopping => vec![NotifyState::Stopping],
    };
    // without systemd there is nobody to tell
    let _ = sd_notify::notify(&states);
}

#[cfg(not(unix))]
fn tell_systemd(_: Told) {}
