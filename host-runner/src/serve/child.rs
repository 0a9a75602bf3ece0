//! One run of the service: `pmh sync` as a process of its own, with limits of time and memory.
//!
//! Asked to stop, or after its time, the run gets SIGTERM: it begins nothing new, and lets a request under way come to its
//! answer. One that doesn't end is killed: after a short time if it sends nothing, and after `endpoint.timeout` if it does.
//! The run outlives a service that is killed, so that no request is cut off; the next service then finds the ledger locked.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use pmh_core::rules::{self, Lang};
use tokio::process::{Child, Command};

use super::look::Look;
use crate::{
    config::Config,
    failure::{Failure, Result, Words, reason},
    ledger::{Ledger, State},
    lock::Lock,
    secret, spool, time,
    told::Memory,
    ui::{Colour, Form, Ui},
};

/// How long a run that sends nothing may take to end.
const GRACE: Duration = Duration::from_secs(3);

/// How old a look at the ledger may be that says that nothing is being sent.
const FRESH: Duration = Duration::from_secs(2);

/// How long a run is spared while the ledger can't be read.
const BLIND: Duration = Duration::from_mins(1);

/// A run under way.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// When it began, by the clock.
    pub(super) begun: DateTime<Utc>,
    started: Instant,
    /// What its set is made from.
    pub(super) print: u64,
    stopping: Option<(Instant, Why)>,
    killed: Option<Instant>,
}

/// Why a run is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// Somebody asked the service to stop.
    Asked,
    /// It took longer than `serve.max_run`.
    Time,
}

/// How a run ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// By itself, with this exit code.
    Exit(u8),
    /// By force.
    Killed(Failure),
}

/// What is to be done about a run.
#[derive(Debug)]
pub(super) enum Poll {
    Ended(Ended),
    /// Look again after this time at the latest.
    Wait(Duration),
}

/// What a run is started with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) config: &'a Config,
    pub(super) path: &'a Path,
    pub(super) module: Option<&'a Path>,
    /// What people were told of the slot that it is for.
    pub(super) told: Option<&'a Memory>,
    pub(super) ui: Ui,
}

impl Running {
    /// Starts a run.
    pub(super) fn start(start: Start<'_>, begun: DateTime<Utc>, print: u64) -> Result<Self> {
        let failed = |error: io::Error| {
            let reason = reason(&error);
            let words = Words::new(reason.get(Lang::En), reason.get(Lang::Ja));
            Failure::new(&rules::RUN_NOT_STARTED, words)
        };
        let child = command(start).map_err(failed)?.spawn().map_err(failed)?;
        limit(&child, start.config.serve.max_memory);
        Ok(Self { child, begun, started: Instant::now(), print, stopping: None, killed: None })
    }

    /// Ends when the run has ended.
    pub(super) async fn wait(&mut self) {
        // an error would come again in `poll`
        let _ = self.child.wait().await;
    }

    /// Looks after the run; `asked` says how often the service was asked to stop.
    pub(super) fn poll(&mut self, asked: u32, look: &Look, config: &Config) -> Poll {
        if let Ok(Some(status)) = self.child.try_wait() {
            return Poll::Ended(self.judge(status, config));
        }
        if let Some(killed) = self.killed {
            // a process in a system call that never returns can't even be killed
            return if killed.elapsed() < GRACE {
                Poll::Wait(Duration::from_millis(100))
            } else {
                Poll::Ended(Ended::Killed(self.killed_because(config, None)))
            };
        }
        let Some((since, _)) = self.stopping else {
            let left = config.serve.max_run.saturating_sub(self.started.elapsed());
            let why = match (asked, left) {
                (0, Duration::ZERO) => Why::Time,
                (0, left) => return Poll::Wait(left),
                _ => Why::Asked,
            };
            self.stopping = Some((Instant::now(), why));
            self.signal(false);
            return Poll::Wait(Duration::from_millis(100));
        };
        let patience = if asked > 1 { Duration::ZERO } else { self.patience(look, config, since) };
        if since.elapsed() < patience {
            return Poll::Wait(Duration::from_millis(500));
        }
        self.signal(true);
        self.killed = Some(Instant::now());
        Poll::Wait(Duration::from_millis(100))
    }

    /// How long after being asked it may go on.
    fn patience(&self, look: &Look, config: &Config, since: Instant) -> Duration {
        let sending = look.sending.is_some_and(|begun| begun >= self.begun);
        let fresh = look.read.is_some_and(|read| read > since && read.elapsed() < FRESH);
        match (sending, fresh) {
            (true, _) => config.endpoint.timeout.saturating_add(GRACE),
            (false, true) => GRACE,
            (false, false) => BLIND,
        }
    }

    fn judge(&self, status: ExitStatus, config: &Config) -> Ended {
        match status.code().and_then(|code| u8::try_from(code).ok()) {
            Some(code) if self.killed.is_none() => Ended::Exit(code),
            _ => Ended::Killed(self.killed_because(config, Some(status))),
        }
    }

    fn killed_because(&self, config: &Config, status: Option<ExitStatus>) -> Failure {
        let words = match self.stopping {
            Some((_, Why::Time)) => {
                let limit = config.serve.max_run.as_secs();
                Words::new(
                    format!("it took longer than serve.max_run, {limit} s"),
                    format!("serve.max_run の {limit} 秒を超えました"),
                )
            }
            Some((_, Why::Asked)) => Words::new(
                "the service was asked to stop, and the run did not end",
                "停止の指示を受けましたが、終了しませんでした",
            ),
            None => {
                let status = status.map_or_else(String::new, |status| status.to_string());
                let most = config.serve.max_memory;
                Words::new(
                    format!("{status}; its memory is limited by serve.max_memory, {most} MiB"),
                    format!("{status}。メモリーの上限は serve.max_memory の {most} MiB です"),
                )
            }
        };
        Failure::new(&rules::RUN_KILLED, words)
    }

    /// Asks the run to end, or ends it and all that it has started.
    fn signal(&mut self, kill: bool) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process, kill_process_group};
            let pid = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            // one that has ended in the meantime is found by the next look
            let _ = match pid {
                Some(pid) if kill => kill_process_group(pid, Signal::KILL),
                Some(pid) => kill_process(pid, Signal::TERM),
                None => Ok(()),
            };
        }
        #[cfg(not(unix))]
        if kill {
            let _ = self.child.start_kill();
        }
    }
}

/// `pmh sync`, by the program that this is. It has a process group of its own: Ctrl+C reaches the service alone, which asks
/// the run once.
fn command(Start { config, path, module, told, ui }: Start<'_>) -> io::Result<Command> {
    let mut command = Command::new(program()?);
    // the service has taken it out of the environment: no other program that it starts inherits it
    secret::hand_to(command.as_std_mut(), &config.endpoint.token);
    command.arg("sync").arg("--served").arg("--config").arg(path);
    if let Some(module) = module {
        command.arg("--module").arg(module);
    }
    if let Some((file, slot)) = told.map(Memory::parts) {
        command.arg("--told").arg(file).args(["--slot", slot]);
    }
    let lang = if ui.lang == Lang::Ja { "ja" } else { "en" };
    command.args(["--lang", lang]);
    match ui.colour {
        Colour::Auto => {}
        Colour::Always => drop(command.args(["--color", "always"])),
        Colour::Never => drop(command.args(["--color", "never"])),
    }
    if ui.form == Form::Json {
        command.args(["--format", "json"]);
    }
    if ui.quiet {
        command.arg("--quiet");
    }
    if ui.verbose {
        command.arg("--verbose");
    }
    command.stdin(Stdio::null());
    #[cfg(unix)]
    command.process_group(0);
    Ok(command)
}

/// The program that runs now, even after its file was replaced by another version's.
fn program() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let replaced = cfg!(target_os = "linux") && !program.exists();
    Ok(if replaced { PathBuf::from("/proc/self/exe") } else { program })
}

/// Limits the memory that a run may write to, and keeps its records out of core dumps. What a module only reserves doesn't
/// count.
#[cfg(target_os = "linux")]
fn limit(child: &Child, mebibytes: u64) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else { return };
    let most = |most| Rlimit { current: Some(most), maximum: Some(most) };
    for (resource, limit) in
        [(Resource::Data, most(mebibytes.saturating_mul(1 << 20))), (Resource::Core, most(0))]
    {
        if prlimit(Some(pid), resource, limit).is_err() {
            tracing::warn!("a limit of the run could not be set");
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn limit(_: &Child, _: u64) {}

/// Notes in the ledger how far a killed run had come. Where another process has the ledger, the next run does so.
pub(super) fn record(config: &Config, begun: DateTime<Utc>, failure: &Failure) -> Result<()> {
    spool::make_folder(&config.ledger.spool_dir)?;
    let _lock = Lock::take(&config.ledger.path, &config.ledger.spool_dir)?;
    // a ledger is made by a run, which binds it to the endpoint
    if Ledger::read(&config.ledger.path)?.is_none() {
        return Ok(());
    }
    let (endpoint, site) = (config.endpoint.url.as_str(), config.site.as_deref());
    let mut ledger = Ledger::open_own(&config.ledger.path, Some(endpoint), site)?;
    let now = Utc::now();
    let mut open = false;
    for mut run in ledger.unfinished()?.into_iter().filter(|run| run.ended_at.is_none()) {
        open = true;
        if run.state == State::Preparing {
            ledger.give_up(run.id, now, State::Failed, &[failure.rule.code])?;
        } else {
            ledger.close(&mut run, now)?;
        }
    }
    if !open {
        // it hung before the ledger knew of it
        let day = time::day(begun);
        let run = ledger.begin(begun, &day, &day, endpoint)?;
        ledger.give_up(run, now, State::Failed, &[failure.rule.code])?;
    }
    Ok(())
}
