//! `pmh serve`: runs `sync` at the configured times, and tells whether it lives.
//!
//! `plan` decides, `child` is the run, `look` sees what the ledger and the files say, `status` and `health` tell. One loop ties
//! them together; it comes round at least four times a minute, also while a run is under way. Heartbeat and watchdog are fed
//! by that loop and by nothing else: if it hangs, they stop. The service itself holds no record, and must never end because a run
//! failed.

mod child;
mod health;
mod look;
mod plan;
mod status;
mod systemd;

use std::{
    future::pending,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, NaiveTime, Utc};
use pmh_core::rules;
use tokio::time::sleep;

use self::{
    child::{Ended, Poll, Running, Start},
    look::{Aside, Look, Looker},
    plan::{Act, End, Plan},
    status::{Kept, Status},
    systemd::{Told, tell},
};
use crate::{
    config::Config,
    doctor,
    failure::{Exit, Failure, Result},
    log,
    notify::{Event, Notice},
    schedule::Slots,
    secret::Token,
    signal::{Role, Stop},
    spool, text, time, tls,
    told::Memory,
    trust,
    ui::Ui,
};

/// How long the loop sleeps at most.
const PULSE: Duration = Duration::from_secs(15);

/// How often payloads that have waited too long are removed, even if no run can start.
const SWEEP: Duration = Duration::from_hours(1);

/// The service.
pub struct Serve {
    /// Where the configuration stands, to be read again on request.
    pub path: PathBuf,
    /// The configuration.
    pub config: Config,
    /// The module that transforms; the one that the program carries unless given.
    pub module: Option<PathBuf>,
    /// How to talk.
    pub ui: Ui,
}

/// The service at work.
struct Service {
    serve: Serve,
    stop: Stop,
    status: Arc<Status>,
    plan: Plan,
    looker: Looker,
    look: Look,
    running: Option<Running>,
    /// What people were told of the slot that the run is for.
    told: Option<Memory>,
    reload: bool,
    /// The configuration's file as it was read.
    config: u64,
    swept: Option<Instant>,
    beat: Aside<Result<()>>,
    sweep: Aside<Result<usize>>,
}

impl Serve {
    /// Says what the runs would fail for as things are now. It keeps nothing from beginning: each run looks anew, and until
    /// then it may be in order.
    fn foresee(&self) {
        let Config { endpoint, profile, schedule, .. } = &self.config;
        let found = [
            trust::open(profile, trust::Role::Deciding, &rules::FILE_UNREADABLE).err(),
            Token::load(&endpoint.token).err(),
            tls::client(endpoint, None).err(),
            doctor::overlong(schedule),
        ];
        for failure in found.into_iter().flatten() {
            tracing::warn!(code = failure.rule.code, "a run would fail or be a surprise");
            self.ui.warn(&failure);
        }
    }

    /// Serves until it is asked to stop.
    ///
    /// # Errors
    ///
    /// What keeps it from beginning: `PMH6203` if there are no times, `PMH6204` if the address can't be listened on,
    /// `PMH6306` for the log, `PMH65xx` for the ledger.
    pub fn run(self) -> Result<Exit> {
        if self.config.schedule.at.is_empty() {
            return Err(Failure::new(&rules::CONFIG_MISSING_KEY, "schedule.at"));
        }
        log::start(&self.config.log, true, self.ui)?;
        self.foresee();
        let stop = Stop::default();
        stop.listen(Role::Service)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
        let ended = runtime.block_on(async { Service::start(self, stop).await?.serve().await });
        tell(Told::Stopping);
        // a look at a disk that doesn't answer would keep it from ending
        runtime.shutdown_background();
        ended
    }
}

impl Service {
    async fn start(serve: Serve, stop: Stop) -> Result<Self> {
        let now = Utc::now();
        let kept = Kept::read(&serve.config.serve.heartbeat);
        let mut looker = Looker::default();
        let look = looker.look(&serve.path, &serve.config, &Look::default()).await?;
        let plan = Plan::new(serve.config.schedule.clone(), now, kept.settled, &look.seen);
        let status = Arc::new(Status::new(now, &serve.config, kept.alarmed));
        // before the first question can come
        status.turn(&look, plan.known());
        if let Some(address) = serve.config.serve.listen {
            let bound = health::offer(address, Arc::clone(&status)).await?;
            serve.ui.note(&text::LISTENING, format_args!("http://{bound}/health http://{bound}/metrics"));
        }
        tracing::info!(times = serve.config.schedule.at.len(), site = serve.config.site, "serving");
        tell(Told::Ready);
        Ok(Self {
            serve,
            stop,
            status,
            plan,
            looker,
            config: look.config,
            look,
            running: None,
            told: None,
            reload: false,
            swept: None,
            beat: Aside::default(),
            sweep: Aside::default(),
        })
    }

    async fn serve(mut self) -> Result<Exit> {
        while let Some(nap) = self.turn().await {
            let (asked, running) = (self.stop.times(), &mut self.running);
            let run = async {
                match running {
                    Some(running) => running.wait().await,
                    None => pending().await,
                }
            };
            tokio::select! {
                () = sleep(nap.min(PULSE).min(self.serve.config.schedule.retry)) => {}
                () = run => {}
                () = self.stop.wait_for_more(asked) => {}
                () = self.stop.reload() => self.reload = true,
            }
        }
        tracing::info!("ended");
        Ok(Exit::Done)
    }

    /// One turn of the loop; gives how long it may sleep, or nothing if it shall end.
    async fn turn(&mut self) -> Option<Duration> {
        self.look().await;
        self.status.turn(&self.look, self.plan.known());
        self.beat().await;
        if let Some(running) = &mut self.running {
            match running.poll(self.stop.times(), &self.look, &self.serve.config) {
                Poll::Wait(nap) => {
                    self.alarm();
                    return Some(nap);
                }
                Poll::Ended(ended) => self.end(ended).await,
            }
        }
        if self.stop.asked() {
            return None;
        }
        if self.reload {
            self.reload();
        }
        self.alarm();
        self.sweep().await;
        loop {
            let now = Utc::now();
            match self.plan.step(now, &self.look.seen) {
                Act::Missed(slots) => self.missed(slots),
                Act::Run(slot) => {
                    self.begin(slot, now);
                    return Some(Duration::ZERO);
                }
                Act::Wait(next) => {
                    self.status.set_next(next);
                    let Some(next) = next else { return Some(PULSE) };
                    if self.status.is_news(next) {
                        tracing::info!(next = time::written(next), "waiting");
                        self.serve.ui.note(&text::NEXT_RUN, time::shown(next));
                    }
                    // a little more than the rest, since timers count in milliseconds
                    let nap = (next - now).to_std().unwrap_or_default();
                    return Some(nap.saturating_add(Duration::from_millis(2)));
                }
            }
        }
    }

    async fn look(&mut self) {
        match self.looker.look(&self.serve.path, &self.serve.config, &self.look).await {
            Ok(look) => self.look = look,
            Err(failure) => tracing::warn!(code = failure.rule.code, "ledger not readable"),
        }
    }

    /// Says that the service lives: in a file, and to systemd's watchdog.
    async fn beat(&mut self) {
        tell(Told::Alive);
        let (status, path) = (Arc::clone(&self.status), self.serve.config.serve.heartbeat.clone());
        if let Some(Err(failure)) = self.beat.ask(move || status.write(&path)).await {
            tracing::warn!(code = failure.rule.code, "no heartbeat");
        }
    }

    fn begin(&mut self, slot: Option<DateTime<Utc>>, now: DateTime<Utc>) {
        if self.look.config != self.config {
            // the run reads the file as it is now; so must its ledger and limits be known here
            self.reload();
        }
        let Serve { path, config, module, ui } = &self.serve;
        tracing::info!(slot = slot.map(time::written), "run begins");
        if let Some(slot) = slot {
            ui.note(&text::RUN_STARTED, time::shown(slot));
        }
        self.status.begin();
        let memory = Memory::file(&config.serve.heartbeat);
        self.told = slot.map(|slot| Memory::new(memory, time::written(slot)));
        let start = Start { config, path, module: module.as_deref(), told: self.told.as_ref(), ui: *ui };
        let print = self.look.seen.print;
        match Running::start(start, now, print) {
            Ok(running) => self.running = Some(running),
            Err(failure) => {
                tracing::error!(code = failure.rule.code, "run not started");
                ui.fail(&failure);
                self.notify(Event::Failure, failure.clone(), self.told.clone());
                self.status.end(&Ended::Killed(failure), &self.look);
                self.plan.ended(now, Utc::now(), End::Failed, print, &self.look.seen);
            }
        }
    }

    /// Takes the end of the run.
    async fn end(&mut self, ended: Ended) {
        let Some(running) = self.running.take() else { return };
        let ui = self.serve.ui;
        if let Ended::Killed(failure) = &ended {
            tracing::error!(code = failure.rule.code, "run killed");
            let (config, failure) = (self.serve.config.clone(), failure.clone());
            let (begun, told) = (running.begun, failure.clone());
            let noting = move || child::record(&config, begun, &failure);
            if let Some(Err(failure)) = Aside::default().ask(noting).await {
                tracing::warn!(code = failure.rule.code, "killed run not noted in the ledger");
            }
            ui.fail(&told);
            self.notify(Event::Failure, told, self.told.clone());
        }
        self.look().await;
        let refused = self
            .look
            .seen
            .last
            .is_some_and(|last| last.refused && last.ended.is_some_and(|ended| ended >= running.begun));
        let end = match &ended {
            Ended::Exit(code) if *code == Exit::Done as u8 => End::Accepted,
            Ended::Exit(code) if *code == Exit::Refused as u8 || refused => End::Refused,
            Ended::Exit(code) if *code == Exit::Unknown as u8 => End::Unknown,
            _ => End::Failed,
        };
        if let Ended::Exit(code) = &ended {
            tracing::info!(exit = code, "run ended");
            ui.note(&text::RUN_ENDED, code);
        }
        self.plan.ended(running.begun, Utc::now(), end, running.print, &self.look.seen);
        self.status.end(&ended, &self.look);
        self.status.turn(&self.look, self.plan.known());
    }

    /// Says that slots passed without an accepted set.
    fn missed(&mut self, slots: Slots) {
        self.status.missed(slots.last);
        let (first, last) = (time::shown(slots.first), time::shown(slots.last));
        let words = if slots.count == 1 { last } else { format!("{first} – {last} ({})", slots.count) };
        let failure = Failure::new(&rules::SLOT_MISSED, words);
        tracing::error!(code = failure.rule.code, slots = slots.count, "missed");
        self.serve.ui.fail(&failure);
        self.notify(Event::Failure, failure, None);
    }

    /// Says once a day that nothing was accepted in time.
    fn alarm(&mut self) {
        let Some(by) = self.serve.config.notify.not_accepted_by else { return };
        let accepted = self.look.accepted.map(|(_, time)| time);
        let now = Utc::now();
        if is_late(by, now, accepted) {
            let today = time::in_japan(now).date_naive();
            if self.status.alarmed() != Some(today) {
                self.status.alarm(today);
                let failure = Failure::new(&rules::NOT_ACCEPTED_BY, by.format("%H:%M"));
                tracing::error!(code = failure.rule.code, "not accepted in time");
                self.serve.ui.fail(&failure);
                self.notify(Event::NotAccepted, failure, None);
            }
        }
    }

    /// Runs the site's command beside the loop; not for an end of a run that people know of.
    fn notify(&self, event: Event, failure: Failure, told: Option<Memory>) {
        let (config, site, ui) =
            (self.serve.config.notify.clone(), self.serve.config.site.clone(), self.serve.ui);
        drop(tokio::task::spawn_blocking(move || {
            let failures = [failure];
            let notice =
                Notice { event, site: site.as_deref(), exit: None, failures: &failures, result: None };
            config.tell_news(&notice, told.as_ref(), ui);
        }));
    }

    /// Removes payloads that have waited too long, once an hour, while no run needs the lock.
    async fn sweep(&mut self) {
        if self.swept.is_some_and(|swept| swept.elapsed() < SWEEP) {
            return;
        }
        self.swept = Some(Instant::now());
        let ledger = &self.serve.config.ledger;
        let (folder, keep) = (ledger.spool_dir.clone(), ledger.keep_undelivered);
        match self.sweep.ask(move || spool::expire(&folder, keep, SystemTime::now())).await {
            Some(Ok(0)) | None => {}
            Some(Ok(removed)) => tracing::info!(removed, "payloads removed after ledger.keep_undelivered"),
            Some(Err(failure)) => tracing::warn!(code = failure.rule.code, "payloads not removed"),
        }
    }

    /// Reads the configuration again; one with mistakes changes nothing. Address, heartbeat and log stay as they were.
    fn reload(&mut self) {
        self.reload = false;
        self.config = self.look.config;
        let ui = self.serve.ui;
        tell(Told::Reloading);
        match Config::load(&self.serve.path) {
            Ok(config) if config.schedule.at.is_empty() => {
                ui.fail(&Failure::new(&rules::CONFIG_MISSING_KEY, "schedule.at"));
            }
            Ok(mut config) => {
                tracing::info!("configuration read again");
                ui.note(&text::RELOADED, self.serve.path.display());
                config.serve.heartbeat.clone_from(&self.serve.config.serve.heartbeat);
                if config.schedule != self.serve.config.schedule {
                    self.plan.reload(config.schedule.clone(), Utc::now(), &self.look.seen);
                }
                self.status.configure(&config);
                self.serve.config = config;
            }
            Err(failures) => {
                tracing::error!(mistakes = failures.len(), "configuration not read again");
                for failure in &failures {
                    ui.fail(failure);
                }
            }
        }
        tell(Told::Ready);
    }
}

/// Whether nothing of today was accepted although it is later than a time of day in Japan.
fn is_late(by: NaiveTime, now: DateTime<Utc>, accepted: Option<DateTime<Utc>>) -> bool {
    let now = time::in_japan(now);
    let today = accepted.is_some_and(|time| time::in_japan(time).date_naive() == now.date_naive());
    now.time() >= by && !today
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_late_when_nothing_of_today_was_accepted() {
        let utc = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let by = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
        // 07:00 in Japan is 22:00 of the day before in UTC
        let (before, after) = (utc("2026-11-21T21:59:59Z"), utc("2026-11-21T22:00:00Z"));
        assert!(!is_late(by, before, None));
        assert!(is_late(by, after, None));
        assert!(is_late(by, after, Some(utc("2026-11-21T14:59:59Z"))), "accepted yesterday");
        assert!(!is_late(by, after, Some(utc("2026-11-21T17:41:00Z"))));
    }
}
