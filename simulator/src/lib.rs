//! Stands in for PMH: a real HTTP/1.1 server on a loopback address that judges what a sender delivers.
//!
//! It reads the API from `spec/openapi.yaml` and shares no code with the product, so that a mistake of the product
//! can't hide in its own test. It can be told to fail in every way that a network and a server fail.
//!
//! It must never listen on an address that others can reach, never show a value of a body in an answer, a list or a
//! log, and never use `pmh-core`.
//!
//! ```
//! use pmh_simulator::{Answer, Config, Simulator};
//!
//! let simulator = Simulator::start(Config::default())?;
//! simulator.answer_next([Answer::status(503).retry_after(1), Answer::Hang]);
//! // … send to `simulator.endpoint()` with the bearer token `simulator.token()` …
//! assert!(simulator.registrations().is_empty());
//! # std::io::Result::Ok(())
//! ```

mod answer;
mod body;
mod book;
pub mod contract;
mod refusal;
mod server;
mod service;
mod unique;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

pub use answer::{Answer, Moment, NotAnAnswer, RetryAfter};
pub use book::{Registration, Request};

/// The path that registrations are posted to.
pub const API_PATH: &str = "/medicalSubsidiesTargetPersons";

/// The token that is asked for where none is configured. It protects nothing: the simulator holds test data only.
pub const DEFAULT_TOKEN: &str = "simulator-token";

/// How a simulator is to run.
#[derive(Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one. Anything but a loopback address is refused.
    pub listen: SocketAddr,
    /// The bearer token that a request must carry.
    pub token: String,
    /// The answer to every request that the queue of [`Handle::answer_next`] has none for.
    pub answer: Answer,
    /// Whether the bodies of registrations are kept, for [`Registration::body`]. They are in memory, and nowhere else.
    pub keep_bodies: bool,
}

impl Default for Config {
    /// A free port of 127.0.0.1, [`DEFAULT_TOKEN`], normal answers, no bodies kept.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: DEFAULT_TOKEN.to_owned(),
            answer: Answer::Normal,
            keep_bodies: false,
        }
    }
}

/// The way to start one; see [`Simulator::start`].
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Starts a simulator on a thread of its own. It answers by the time this returns.
    ///
    /// # Errors
    /// `InvalidInput` where the address isn't a loopback one or the token is empty; otherwise what binding the address
    /// or starting the thread gives.
    pub fn start(config: Config) -> io::Result<Handle> {
        if !config.listen.ip().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "only a loopback address may be listened on",
            ));
        }
        if config.token.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the token is empty"));
        }
        let contract = Arc::new(contract::Contract::load()?);
        let listener = std::net::TcpListener::bind(config.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let state = Arc::new(service::State { config, contract, book: book::Book::default() });
        let served = Arc::clone(&state);
        let thread = std::thread::Builder::new().name("pmh-simulator".to_owned()).spawn(move || {
            runtime.block_on(server::run(listener, served, stopped));
            runtime.shutdown_timeout(Duration::from_secs(5));
        })?;
        let url = format!("http://{address}");
        Ok(Handle { url, state, stop: Some(stop), thread: Some(thread) })
    }
}

/// A running simulator. Dropping it closes every connection and stops it.
pub struct Handle {
    url: String,
    state: Arc<service::State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Handle {
    /// The address without a path or a closing slash, such as `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL that registrations are posted to.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}{API_PATH}", self.url)
    }

    /// The bearer token that a request must carry.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.state.config.token
    }

    /// Puts answers at the end of the queue: each is used for one request to the API, in order.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state.book.queue(answers);
    }

    /// What was accepted so far, in the order of acceptance.
    #[must_use]
    pub fn registrations(&self) -> Vec<Registration> {
        self.state.book.registrations()
    }

    /// Every request so far but those to `/_simulator/`, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state.book.requests()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
