//! Sends request after request, try after try, with the ledger a step ahead of the network.
//!
//! "Nothing was registered" is said only if no try of the run, in this process or an earlier one, may have been: a refusal
//! after a lost answer says nothing of what PMH did with the try that it never answered.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::ProgressBar;
use pmh_core::rules::{self, Lang, Text};
use tokio::{runtime::Runtime, time::sleep};

use super::Sync;
use crate::{
    answer::{Answer, Code, Delivery, Message, Outcome},
    config::Config,
    failure::{Failure, Result, Words},
    fault,
    ledger::{Ledger, Request, State, run_state},
    retry::{self, Next, Now, Why},
    send::Client,
    signal::Stop,
    spool::Spool,
    text, time,
    ui::Ui,
};

/// Sends the requests of one run.
pub(super) struct Deliverer<'a> {
    config: &'a Config,
    client: &'a Client,
    ledger: &'a mut Ledger,
    ui: Ui,
    stop: &'a Stop,
    show_answer: bool,
    /// Whether a try of the request under way may have been registered.
    unknown: bool,
    chance: fastrand::Rng,
}

/// The end of a delivery.
pub(super) struct Delivered {
    pub(super) deliveries: Vec<Delivery>,
    pub(super) state: State,
    /// Requests of the run.
    requests: usize,
    /// The last answer, if there was one.
    last: Option<Answer>,
    end: End,
}

/// Why a run sends nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Every request is accepted.
    Accepted,
    /// By the decision after an answer.
    Decided(Why),
    /// Somebody asked.
    Asked,
}

/// Where the sending of a request ended.
type Sent = (Option<Answer>, Option<End>);

impl<'a> Deliverer<'a> {
    pub(super) fn new(sync: &'a Sync<'_>, client: &'a Client, ledger: &'a mut Ledger) -> Self {
        let Sync { config, ui, stop, show_answer, .. } = sync;
        let (ui, show_answer, chance) = (*ui, *show_answer, fastrand::Rng::new());
        Self { config, client, ledger, ui, stop, show_answer, unknown: false, chance }
    }

    /// Sends what PMH hasn't accepted yet, and stops at the first request that it doesn't accept in the end.
    pub(super) fn deliver(&mut self, run: i64, day: &str, spool: &Spool) -> Result<Delivered> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(error.kind()))?;
        let began = Instant::now();
        let requests = self.ledger.requests(run)?;
        let earlier = self.ledger.attempts(run)?;
        let progress = self.ui.progress(&text::SENDING);
        progress.set_length(requests.iter().map(|request| request.bytes).sum());
        let (mut last, mut end, mut sent) = (None, End::Accepted, 0);
        for request in &requests {
            progress.set_position(sent);
            if request.serial_number.is_none() {
                self.unknown = request.state(&earlier) == Some(State::Unknown);
                self.stop.sending(self.unknown);
                let (answer, ended) =
                    self.request(&runtime, (run, day), request, (spool, &progress, sent), began)?;
                last = answer.or(last);
                if let Some(ended) = ended {
                    end = ended;
                    break;
                }
            }
            sent = sent.saturating_add(request.bytes);
        }
        progress.finish_and_clear();
        let attempts = self.ledger.attempts(run)?;
        let (mut deliveries, mut states) = (Vec::new(), Vec::new());
        for request in self.ledger.requests(run)? {
            let state = request.state(&attempts);
            deliveries.extend(state.map(|state| delivery(&request, state, &attempts)));
            states.push(state);
        }
        if let (Some(delivery), Some(answer)) = (deliveries.last_mut(), &last) {
            delivery.code = answer.code.as_ref().and_then(Code::text).map(str::to_owned);
            delivery.code_length = answer.code.as_ref().and_then(Code::unfit);
            delivery.message = answer.message.as_ref().filter(|_| self.show_answer).map(Message::cleaned);
            delivery.message_length = answer.message.as_ref().map(Message::length);
        }
        Ok(Delivered { deliveries, state: run_state(&states), requests: states.len(), last, end })
    }

    /// Sends one request until it is accepted or nothing more shall be tried.
    fn request(
        &mut self,
        runtime: &Runtime,
        (run, day): (i64, &str),
        request: &Request,
        (spool, progress, sent): (&Spool, &ProgressBar, u64),
        began: Instant,
    ) -> Result<Sent> {
        let mut last = None;
        for attempts in 1.. {
            let now = Utc::now();
            if time::day(now) != day {
                return Ok((last, Some(End::Decided(Why::Day))));
            }
            if self.stop.asked() {
                return Ok((last, Some(End::Asked)));
            }
            let attempt = self.ledger.attempt(run, request.number, now)?;
            fault::point("attempt");
            progress.set_position(sent);
            self.stop.sending(true);
            let hash = request.hash.as_deref().unwrap_or_default();
            let answer = runtime.block_on(self.client.send(spool, &request.part, hash, progress));
            fault::point("answered");
            let time = Utc::now();
            let now = Now { attempts, elapsed: began.elapsed(), time, day_ends: time::day_ends(time) };
            let next = retry::next(&self.config.retry, now, &answer.outcome, &mut self.chance);
            let again = if let Next::Again(again) = next { Some(again) } else { None };
            let place = (run, request.number, attempt);
            self.ledger.answered(place, time, &answer, again).map_err(|failure| not_kept(&failure))?;
            self.unknown = match answer.outcome {
                Outcome::Accepted { .. } => false,
                Outcome::Unknown { .. } => true,
                Outcome::Refused(_) | Outcome::Unavailable { .. } => self.unknown,
            };
            self.stop.sending(self.unknown);
            fault::point("recorded");
            tracing::debug!(
                run,
                request = request.number,
                attempt,
                status = answer.status,
                outcome = answer.outcome.name(),
                code = answer.outcome.failure().map(|failure| failure.rule.code),
                "answered"
            );
            match next {
                Next::GoOn => return Ok((Some(answer), None)),
                Next::Stop(why) => return Ok((Some(answer), Some(End::Decided(why)))),
                Next::Again(again) => {
                    self.say_when(run, &answer, again);
                    self.wait(runtime, again - time);
                    last = Some(answer);
                }
            }
        }
        Ok((last, Some(End::Asked)))
    }

    fn say_when(&self, run: i64, answer: &Answer, again: DateTime<Utc>) {
        let Some(failure) = answer.outcome.failure() else { return };
        tracing::warn!(run, code = failure.rule.code, next = time::written(again), "not accepted yet");
        if !self.ui.quiet {
            let message = failure.message(self.ui.lang);
            let when = time::shown(again);
            self.ui.note(&text::NEXT_TRY, format_args!("{when} ({}: {message})", failure.rule.code));
        }
    }

    /// Waits, but not for somebody who asks to stop.
    fn wait(&self, runtime: &Runtime, delay: TimeDelta) {
        let delay = delay.to_std().unwrap_or_default();
        runtime.block_on(async {
            tokio::select! {
                () = sleep(delay) => {}
                () = self.stop.wait() => {}
            }
        });
    }
}

impl Delivered {
    /// Says why it isn't accepted, in our words and, if asked for, in PMH's, what may have been registered, and where the
    /// payload waits. The failures come back; the first one decides how the program ends.
    pub(super) fn explain(&self, run: i64, day: &str, spool: &Spool, sync: &Sync<'_>) -> Vec<Failure> {
        let ui = sync.ui;
        let failures = self.failures(run, day);
        for failure in &failures {
            ui.fail(failure);
        }
        if let Some(answer) = &self.last {
            match &answer.code {
                Some(Code::Fit(code)) => ui.note(&text::PMH_CODE, code),
                Some(Code::Unfit(length)) => ui.note(&text::PMH_CODE, hidden(*length, &text::NOT_A_CODE, ui)),
                None => {}
            }
            match &answer.message {
                Some(message) if sync.show_answer => ui.note(&text::PMH_MESSAGE, message.cleaned()),
                Some(message) => {
                    ui.note(&text::PMH_MESSAGE, hidden(message.length(), &text::SHOW_ANSWER, ui));
                }
                None => {}
            }
            if let Some(time) = answer.outcome.retry_after() {
                ui.note(&text::RETRY_AFTER, time);
            }
        }
        let accepted = self.deliveries.iter().filter(|delivery| delivery.serial_number.is_some()).count();
        if accepted > 0 {
            ui.note(&text::PARTLY_REGISTERED, format_args!("{accepted} / {}", self.requests));
        } else if self.state != State::Unknown {
            ui.note(&text::NOTE, ui.say(&text::NOTHING_REGISTERED));
        }
        let why = match self.end {
            End::Decided(Why::Attempts) => Some(&text::WHY_ATTEMPTS),
            End::Decided(Why::Elapsed) => Some(&text::WHY_ELAPSED),
            End::Decided(Why::Day) => Some(&text::WHY_DAY),
            End::Asked => Some(&text::WHY_ASKED),
            End::Accepted | End::Decided(Why::Refused | Why::Changed) => None,
        };
        if let Some(why) = why {
            ui.note(&text::NO_FURTHER_TRY, ui.say(why));
        }
        ui.note(&text::SPOOL_KEPT, spool.path().display());
        failures
    }

    /// What ended it: first that an earlier try may have been registered, if the last answer doesn't say so itself.
    fn failures(&self, run: i64, day: &str) -> Vec<Failure> {
        let last = self.last.as_ref().and_then(|answer| answer.outcome.failure().map(|_| &answer.outcome));
        let mut failures = Vec::new();
        if self.state == State::Unknown && !matches!(last, Some(Outcome::Unknown { .. })) {
            failures.push(Failure::new(&rules::EARLIER_TRY_UNKNOWN, run));
        }
        failures.extend(last.and_then(Outcome::failure).cloned());
        // nothing was tried, or only what was accepted
        if last.is_none() {
            match self.end {
                End::Decided(Why::Day) => failures.push(Failure::new(&rules::OTHER_DAY, day)),
                End::Asked => {
                    let doing = Words::new("about to send", "送信の直前");
                    failures.push(Failure::new(&rules::INTERRUPTED, doing));
                }
                End::Accepted | End::Decided(_) => {}
            }
        }
        failures
    }
}

/// A text that isn't shown: its length, and why.
fn hidden(length: usize, why: &Text, ui: Ui) -> String {
    let why = ui.say(why);
    match ui.lang {
        Lang::En => format!("{length} characters ({why})"),
        Lang::Ja => format!("{length} 文字({why})"),
    }
}

fn delivery(request: &Request, state: State, attempts: &[crate::ledger::Attempt]) -> Delivery {
    let own: Vec<_> = attempts.iter().filter(|attempt| attempt.request == request.number).collect();
    Delivery {
        outcome: state.name(),
        status: own.last().and_then(|attempt| attempt.status),
        serial_number: request.serial_number.clone(),
        records: request.records,
        bytes: request.bytes,
        attempts: own.len() as u64,
        code: None,
        code_length: None,
        message: None,
        message_length: None,
    }
}

/// An answer that the ledger doesn't know: for later runs it never came.
pub(super) fn not_kept(failure: &Failure) -> Failure {
    Failure::new(&rules::OUTCOME_NOT_KEPT, failure.detail.clone())
}
