//! Sends request after request, try after try, with the ledger a step ahead of the network.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use indicatif::ProgressBar;
use pmh_core::rules;
use tokio::{runtime::Runtime, time::sleep};

use crate::{
    answer::{Answer, Delivery, Outcome},
    config::Config,
    failure::{Exit, Failure, Result, Words},
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
    chance: fastrand::Rng,
}

/// What became of a run.
pub(super) struct Delivered {
    pub(super) deliveries: Vec<Delivery>,
    pub(super) state: State,
    /// The last answer, where there was one.
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
    pub(super) fn new(
        config: &'a Config,
        client: &'a Client,
        ledger: &'a mut Ledger,
        ui: Ui,
        stop: &'a Stop,
    ) -> Self {
        Self { config, client, ledger, ui, stop, chance: fastrand::Rng::new() }
    }

    /// Sends what PMH hasn't accepted yet, and stops at the first request that it doesn't accept in the end.
    pub(super) fn deliver(&mut self, run: i64, day: &str, spool: &Spool) -> Result<Delivered> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(error.kind()))?;
        let began = Instant::now();
        let requests = self.ledger.requests(run)?;
        let progress = self.ui.progress(&text::SENDING);
        progress.set_length(requests.iter().map(|request| request.bytes).sum());
        let (mut last, mut end, mut sent) = (None, End::Accepted, 0);
        for request in &requests {
            progress.set_position(sent);
            if request.serial_number.is_none() {
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
            delivery.code.clone_from(&answer.code);
            delivery.message.clone_from(&answer.message);
        }
        Ok(Delivered { deliveries, state: run_state(&states), last, end })
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
            self.stop.sending(false);
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
    /// The exit code: a refusal needs a person at once; otherwise what isn't known is told before what isn't available.
    pub(super) fn exit(&self) -> Exit {
        match (self.state, self.end) {
            (State::Accepted, _) => Exit::Done,
            (_, End::Decided(Why::Refused)) => Exit::Refused,
            (State::Unknown, _) => Exit::Unknown,
            // nothing was tried
            _ if self.last.is_none() => Exit::Guard,
            _ => Exit::Unavailable,
        }
    }

    /// Says why it isn't accepted, in our words and PMH's, and where the payload waits.
    pub(super) fn explain(&self, day: &str, spool: &Spool, ui: Ui) {
        match (&self.last, self.end) {
            (None, End::Decided(Why::Day)) => ui.fail(&Failure::new(&rules::OTHER_DAY, day)),
            (None, End::Asked) => {
                let doing = Words::new("about to send", "送信の直前");
                ui.fail(&Failure::new(&rules::INTERRUPTED, doing));
            }
            _ => {}
        }
        if let Some(answer) = &self.last {
            if let Some(failure) = answer.outcome.failure() {
                ui.fail(failure);
            }
            if let Some(code) = &answer.code {
                ui.note(&text::PMH_CODE, code);
            }
            if let Some(message) = &answer.message {
                ui.note(&text::PMH_MESSAGE, message);
            }
            if let Outcome::Unavailable { retry_after: Some(time), .. } = &answer.outcome {
                ui.note(&text::RETRY_AFTER, time);
            }
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
        message: None,
    }
}

/// An answer that the ledger doesn't know: for later runs it never came.
pub(super) fn not_kept(failure: &Failure) -> Failure {
    Failure::new(&rules::OUTCOME_NOT_KEPT, failure.detail.clone())
}
