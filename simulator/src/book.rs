//! What the simulator remembers: the requests, what it accepted, and the answers it is still to give.
//!
//! It must never remember a token, and a body only where the configuration says so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::answer::Answer;

/// An accepted registration.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Registration {
    /// The serial number (処理通番) that the sender was, or was to be, told.
    pub serial_number: String,
    /// The number of the [`Request`] that brought it.
    pub request: u64,
    /// When it was accepted, in milliseconds since 1970-01-01 UTC.
    pub accepted_at_unix_millis: u64,
    /// Number of recipients.
    pub records: u64,
    /// Length of the body.
    pub bytes: u64,
    /// SHA-256 of the body, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The body, where bodies are kept. It is never shown over HTTP.
    #[serde(skip)]
    pub body: Option<Arc<[u8]>>,
}

/// A request, and what became of it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Request {
    /// 1 for the first request.
    pub number: u64,
    /// When its head arrived, in milliseconds since 1970-01-01 UTC.
    pub arrived_at_unix_millis: u64,
    /// The method.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// The answer that the simulator was told to give to it, if any.
    pub told: Option<Answer>,
    /// The status of the answer; none where the connection was cut, broke or hangs, and while the request goes on.
    pub status: Option<u16>,
    /// The serial number of its registration, if it was accepted, whether or not the answer was given.
    pub serial_number: Option<String>,
    /// The simulator's code of what is wrong with it, if it was judged and refused.
    pub code: Option<String>,
    /// The same in words, without a value of the body.
    pub message: Option<String>,
}

/// What a body turned out to be.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) body: Option<Vec<u8>>,
}

/// The memory, shared by all connections.
#[derive(Default)]
pub(crate) struct Book(Mutex<Pages>);

#[derive(Default)]
struct Pages {
    registrations: Vec<Registration>,
    requests: Vec<Request>,
    answers: VecDeque<Answer>,
}

impl Book {
    /// Writes down a new request, and gives its number.
    pub(crate) fn arrived(&self, method: &str, path: &str) -> u64 {
        let mut pages = self.pages();
        let number = count(pages.requests.len());
        pages.requests.push(Request {
            number,
            arrived_at_unix_millis: now(),
            method: method.to_owned(),
            path: path.to_owned(),
            told: None,
            status: None,
            serial_number: None,
            code: None,
            message: None,
        });
        number
    }

    /// Adds to what is known of a request.
    pub(crate) fn note(&self, number: u64, add: impl FnOnce(&mut Request)) {
        if let Some(request) = self.pages().requests.iter_mut().rev().find(|request| request.number == number)
        {
            add(request);
        }
    }

    /// Registers an accepted body, and gives its serial number.
    pub(crate) fn register(&self, request: u64, accepted: Accepted) -> String {
        let mut pages = self.pages();
        let serial_number = format!("SIM{:09}", count(pages.registrations.len()));
        pages.registrations.push(Registration {
            serial_number: serial_number.clone(),
            request,
            accepted_at_unix_millis: now(),
            records: accepted.records,
            bytes: accepted.bytes,
            sha256: accepted.sha256,
            body: accepted.body.map(Arc::from),
        });
        serial_number
    }

    /// Puts answers at the end of the queue, and gives its length.
    pub(crate) fn queue(&self, answers: impl IntoIterator<Item = Answer>) -> usize {
        let mut pages = self.pages();
        pages.answers.extend(answers);
        pages.answers.len()
    }

    /// Takes the next answer of the queue.
    pub(crate) fn next_answer(&self) -> Option<Answer> {
        self.pages().answers.pop_front()
    }

    pub(crate) fn registrations(&self) -> Vec<Registration> {
        self.pages().registrations.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.pages().requests.clone()
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The number of the next of so many things.
fn count(before: usize) -> u64 {
    u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
