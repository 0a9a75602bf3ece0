//! Being asked to stop: once is a request, twice is an order.
//!
//! The first SIGINT or SIGTERM lets a request under way come to its answer and begins nothing new; the second ends the
//! program at once. The service passes both on to its run. What is on the disk at any moment is enough for the next run to go
//! on from.

use std::{
    process,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{Notify, watch};

use crate::failure::{Exit, Failure, Result};

/// Two signals to the run of a service within this time are one: systemd may send its own to all processes of the unit.
const ECHO: Duration = Duration::from_secs(2);

/// Who listens to the signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A command of a person or a timer.
    Command,
    /// The service.
    Service,
    /// A run of the service.
    Run,
}

/// Whether to stop, and to reload; clones share it.
#[derive(Debug, Clone)]
pub struct Stop(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    asked: watch::Sender<u32>,
    first: OnceLock<Instant>,
    sending: AtomicBool,
    reload: Notify,
}

impl Default for Stop {
    fn default() -> Self {
        let (asked, _) = watch::channel(0);
        let (first, sending) = (OnceLock::new(), AtomicBool::new(false));
        Self(Arc::new(Shared { asked, first, sending, reload: Notify::new() }))
    }
}

impl Stop {
    /// Whether somebody asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.times() > 0
    }

    /// How often somebody asked.
    #[must_use]
    pub fn times(&self) -> u32 {
        *self.0.asked.borrow()
    }

    /// Ends when somebody asks.
    pub async fn wait(&self) {
        self.wait_for_more(0).await;
    }

    /// Ends when somebody has asked more often than this.
    pub async fn wait_for_more(&self, times: u32) {
        // the sender lives as long as this does
        let _ = self.0.asked.subscribe().wait_for(|asked| *asked > times).await;
    }

    /// Ends when the configuration shall be read again.
    pub async fn reload(&self) {
        self.0.reload.notified().await;
    }

    /// Says whether a request is under way: then ending at once leaves its outcome unknown.
    pub fn sending(&self, sending: bool) {
        self.0.sending.store(sending, Ordering::Relaxed);
    }

    /// Asks. The second time ends the program; a service first ends its run, and the third time ends it.
    pub fn ask(&self, role: Role) {
        let first = *self.0.first.get_or_init(Instant::now);
        if role == Role::Run && self.asked() && first.elapsed() < ECHO {
            return;
        }
        let patience = if role == Role::Service { 2 } else { 1 };
        let before = self.times();
        self.0.asked.send_modify(|times| *times = times.saturating_add(1));
        if before >= patience {
            let exit = if self.0.sending.load(Ordering::Relaxed) { Exit::Unknown } else { Exit::Guard };
            process::exit(i32::from(exit as u8));
        }
    }

    /// Listens to the signals of this process from now on.
    ///
    /// # Errors
    ///
    /// `PMH6405` where the system gives no thread or no signals.
    pub fn listen(&self, role: Role) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
        let stop = self.clone();
        let (ready, started) = std::sync::mpsc::channel();
        let listening = move || runtime.block_on(listen(stop, role, ready));
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listening)
            .map_err(|error| Failure::internal(error.kind()))?;
        started.recv().unwrap_or(false).then_some(()).ok_or_else(|| Failure::internal("signals"))
    }
}

#[cfg(unix)]
async fn listen(stop: Stop, role: Role, ready: std::sync::mpsc::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        let _ = ready.send(false);
        return;
    };
    // whoever runs `pmh sync` by hand expects that hanging up ends it
    let mut hangup = if role == Role::Service { signal(SignalKind::hangup()).ok() } else { None };
    let _ = ready.send(true);
    loop {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => stop.ask(role),
            _ = terminate.recv() => stop.ask(role),
            _ = hung_up => stop.0.reload.notify_one(),
        }
    }
}

#[cfg(not(unix))]
async fn listen(stop: Stop, role: Role, ready: std::sync::mpsc::Sender<bool>) {
    let _ = ready.send(true);
    while tokio::signal::ctrl_c().await.is_ok() {
        stop.ask(role);
    }
}
