//! Being asked to stop: once is a request, twice is an order.
//!
//! The first SIGINT or SIGTERM lets a request under way come to its answer and begins nothing new; the second ends the
//! program at once. What is on the disk at any moment is enough for the next run to go on from.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use tokio::sync::{Notify, watch};

use crate::failure::{Exit, Failure, Result};

/// Whether to stop, and to reload; clones share it.
#[derive(Debug, Clone)]
pub struct Stop(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    asked: watch::Sender<bool>,
    sending: AtomicBool,
    reload: Notify,
}

impl Default for Stop {
    fn default() -> Self {
        let (asked, _) = watch::channel(false);
        Self(Arc::new(Shared { asked, sending: AtomicBool::new(false), reload: Notify::new() }))
    }
}

impl Stop {
    /// Whether somebody asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        *self.0.asked.borrow()
    }

    /// Ends when somebody asks.
    pub async fn wait(&self) {
        // the sender lives as long as this does
        let _ = self.0.asked.subscribe().wait_for(|asked| *asked).await;
    }

    /// Ends when the configuration shall be read again.
    pub async fn reload(&self) {
        self.0.reload.notified().await;
    }

    /// Says whether a request is under way: then ending at once leaves its outcome unknown.
    pub fn sending(&self, sending: bool) {
        self.0.sending.store(sending, Ordering::Relaxed);
    }

    /// Asks; the second time ends the program.
    pub fn ask(&self) {
        if self.0.asked.send_replace(true) {
            let exit = if self.0.sending.load(Ordering::Relaxed) { Exit::Unknown } else { Exit::Guard };
            process::exit(i32::from(exit as u8));
        }
    }

    /// Listens to the signals of this process from now on.
    ///
    /// # Errors
    ///
    /// `PMH6405` where the system gives no thread or no signals.
    pub fn listen(&self, service: bool) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::internal(error.kind()))?;
        let stop = self.clone();
        let (ready, started) = std::sync::mpsc::channel();
        let listening = move || runtime.block_on(listen(stop, service, ready));
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(listening)
            .map_err(|error| Failure::internal(error.kind()))?;
        started.recv().unwrap_or(false).then_some(()).ok_or_else(|| Failure::internal("signals"))
    }
}

#[cfg(unix)]
async fn listen(stop: Stop, service: bool, ready: std::sync::mpsc::Sender<bool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        let _ = ready.send(false);
        return;
    };
    // whoever runs `pmh sync` by hand expects that hanging up ends it
    let mut hangup = if service { signal(SignalKind::hangup()).ok() } else { None };
    let _ = ready.send(true);
    loop {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => stop.ask(),
            _ = terminate.recv() => stop.ask(),
            _ = hung_up => stop.0.reload.notify_one(),
        }
    }
}

#[cfg(not(unix))]
async fn listen(stop: Stop, _service: bool, ready: std::sync::mpsc::Sender<bool>) {
    let _ = ready.send(true);
    while tokio::signal::ctrl_c().await.is_ok() {
        stop.ask();
    }
}
