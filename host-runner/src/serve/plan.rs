//! What the service does next: a state machine without clock, files or processes.
//!
//! Each slot comes to exactly one of three ends: a set that PMH accepted at or after it, a newer slot or
//! `schedule.until` without one (missed, and said so), or a reload that took it out. What would look well and be wrong:
//!
//! - a slot is passed over because the ledger knows nothing: what came while the service lived counts as a slot anyway;
//! - a slot is taken as done because something began after it: only acceptance settles it;
//! - the clock was far ahead, and everything until that day counts as done: marks in the far future are dropped;
//! - a reload, a failure or a run that takes long swallows a slot that came in the meantime;
//! - a refused set is sent again and again, or one that PMH took each time without saying so, thirty times a day.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::{Schedule, Slots};

/// How far a clock may be set back so that nothing runs twice. Further back, a second set of the same day is better than a
/// night without one.
const SLACK: TimeDelta = TimeDelta::hours(1);

/// The longest wait of ours between two tries of a set whose outcome is unknown.
const UNKNOWN: TimeDelta = TimeDelta::hours(2);

/// The least step between two times.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

/// What the ledger and the files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen {
    /// When the last run ended that PMH accepted and whose processing date was its own day.
    pub(super) accepted: Option<DateTime<Utc>>,
    /// The last run.
    pub(super) last: Option<Tried>,
    /// The number of a run that ended without saying so, and on which no process works.
    pub(super) cut_off: Option<i64>,
    /// What a set is made from (input, profile, configuration, token), as a number that changes with it.
    pub(super) print: u64,
}

/// A run that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tried {
    pub(super) begun: DateTime<Utc>,
    /// None for one that never said how it ended.
    pub(super) ended: Option<DateTime<Utc>>,
    /// PMH refused it, and nothing that it was made from has changed since.
    pub(super) refused: bool,
}

/// How a run of the service ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// PMH accepted the set.
    Accepted,
    /// PMH refused it: the same again can't help.
    Refused,
    /// PMH may have accepted it: each try may have been a whole registration.
    Unknown,
    /// Anything else.
    Failed,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Start a run: for a slot, or for what a crash left open.
    Run(Option<DateTime<Utc>>),
    /// Say that these slots are missed, and ask again.
    Missed(Slots),
    /// Ask again later; the next run is expected at this time.
    Wait(Option<DateTime<Utc>>),
}

/// The slots that are done, and the one that is worked on.
#[derive(Debug)]
pub(super) struct Plan {
    schedule: Schedule,
    /// Every slot up to this time has come to its end, or is the open one, or isn't ours.
    known: DateTime<Utc>,
    open: Option<Open>,
    missed: VecDeque<Slots>,
    /// The acceptance of the ledger that is no news: taken into account already, our own, or from a future that a wrong clock
    /// had reached.
    heard: Option<DateTime<Utc>>,
    /// The last run that was taken up after a crash.
    taken_up: Option<i64>,
}

/// The newest slot, not settled yet.
#[derive(Debug, Clone, Copy)]
struct Open {
    slot: DateTime<Utc>,
    next: Next,
    /// How long after a try the next one comes; it doubles while the outcome is unknown.
    delay: TimeDelta,
}

/// When the open slot is tried.
#[derive(Debug, Clone, Copy)]
enum Next {
    /// At once, even after the deadline: it was never tried.
    Now,
    /// At this time.
    At(DateTime<Utc>),
    /// At a time, or at an earlier one if another set would be sent.
    AtOrChanged { time: DateTime<Utc>, print: u64, from: DateTime<Utc> },
    /// When another set would be sent, and not before a time.
    Changed { print: u64, from: DateTime<Utc> },
}

impl Plan {
    /// A plan from now on. `known` is what [`Plan::known`] gave to an earlier service.
    pub(super) fn new(
        schedule: Schedule,
        now: DateTime<Utc>,
        known: Option<DateTime<Utc>>,
        seen: &Seen,
    ) -> Self {
        let believed = |time: &DateTime<Utc>| *time <= now + SLACK;
        let last = seen.last.map(|last| last.begun).filter(believed);
        // what came before the last run was others' business, but the slot that it was for isn't settled by a try
        let last = last.map(|begun| schedule.latest(begun).map_or(begun, |slot| slot - TICK));
        // where nothing is known, only what comes from now on counts
        let known = known.filter(believed).max(last).unwrap_or(now - TICK);
        Self { schedule, known, open: None, missed: VecDeque::new(), heard: None, taken_up: None }
    }

    /// The time up to which every slot has come to its end: to be kept for the next service.
    pub(super) fn known(&self) -> DateTime<Utc> {
        // a slot that a reload took out would be no slot to the next service, and times of before the reload would be some
        let open = self.open.filter(|open| self.schedule.latest(open.slot) == Some(open.slot));
        open.map_or(self.known, |open| open.slot - TICK)
    }

    /// The next act. A run must be answered by [`Plan::ended`] before the next question.
    pub(super) fn step(&mut self, now: DateTime<Utc>, seen: &Seen) -> Act {
        self.mind_the_clock(now);
        self.settle(now, seen);
        self.open_newest(now, seen);
        if let Some(slots) = self.missed.pop_front() {
            return Act::Missed(slots);
        }
        let coming = self.schedule.next(self.known.max(now));
        let Some(open) = self.open else {
            return match seen.cut_off {
                Some(run) if self.taken_up != Some(run) => {
                    self.taken_up = Some(run);
                    Act::Run(None)
                }
                _ => Act::Wait(coming),
            };
        };
        let deadline = self.schedule.deadline(open.slot);
        let due = match open.next {
            Next::Now => return Act::Run(Some(open.slot)),
            _ if now >= deadline => {
                self.open = None;
                return Act::Missed(Slots::one(open.slot));
            }
            Next::At(time) => Some(time),
            Next::AtOrChanged { time, print, from } => Some(if print == seen.print { time } else { from }),
            Next::Changed { print, from } => (print != seen.print).then_some(from),
        };
        match due {
            Some(time) if time <= now => Act::Run(Some(open.slot)),
            Some(time) if time < deadline => Act::Wait(Some(time).min(coming.or(Some(time)))),
            _ => Act::Wait(coming),
        }
    }

    /// Takes the end of a run that began at a time, made from what `print` stands for; `seen` is what is seen after it.
    pub(super) fn ended(
        &mut self,
        begun: DateTime<Utc>,
        now: DateTime<Utc>,
        end: End,
        print: u64,
        seen: &Seen,
    ) {
        let again = now + self.retry();
        match (end, &mut self.open) {
            (End::Accepted, _) => {
                self.open = None;
                self.known = self.known.max(begun.min(now));
                self.heard = seen.accepted;
            }
            (_, None) => {}
            (End::Refused, Some(open)) => open.next = Next::Changed { print, from: again },
            (End::Unknown, Some(open)) => {
                open.next = Next::AtOrChanged { time: now + open.delay, print, from: again };
                open.delay = (open.delay + open.delay).min(UNKNOWN).max(again - now);
            }
            (End::Failed, Some(open)) => open.next = Next::At(again),
        }
    }

    /// Goes on by another schedule. A slot that has come stays what it is; times of the new schedule count from now on.
    pub(super) fn reload(&mut self, schedule: Schedule, now: DateTime<Utc>, seen: &Seen) {
        self.open_newest(now, seen);
        self.known = self.known.max(now);
        self.schedule = schedule;
    }

    fn retry(&self) -> TimeDelta {
        TimeDelta::from_std(self.schedule.retry).unwrap_or(TimeDelta::MAX)
    }

    /// Forgets what a clock that was far ahead has left.
    fn mind_the_clock(&mut self, now: DateTime<Utc>) {
        let limit = now + SLACK;
        if self.known > limit {
            self.known = now;
        }
        if self.open.is_some_and(|open| open.slot > limit) {
            self.open = None;
        }
        let again = now + self.retry();
        let Some(open) = &mut self.open else { return };
        match &mut open.next {
            Next::At(time) | Next::Changed { from: time, .. } => *time = again.min(*time),
            Next::AtOrChanged { time, from, .. } => {
                // the delay has been doubled for the try after the next one
                (*time, *from) = ((now + open.delay).min(*time), again.min(*from));
            }
            Next::Now => {}
        }
    }

    /// Takes what others delivered, a person by hand for one.
    fn settle(&mut self, now: DateTime<Utc>, seen: &Seen) {
        let Some(accepted) = seen.accepted.filter(|_| seen.accepted != self.heard) else { return };
        if accepted > now {
            if accepted > now + SLACK {
                self.heard = Some(accepted);
            }
            return;
        }
        self.heard = Some(accepted);
        // what came between the last look and the acceptance is settled by it, and what came before is missed
        self.open_newest(accepted, seen);
        self.known = self.known.max(accepted);
        self.open = self.open.filter(|open| open.slot > accepted);
    }

    /// Lets the newest slot take the place of older ones.
    fn open_newest(&mut self, now: DateTime<Utc>, seen: &Seen) {
        let Some(slot) = self.schedule.latest(now).filter(|slot| *slot > self.known) else { return };
        let before = self.open.take().map(|open| Slots::one(open.slot));
        let passed = self.schedule.between(self.known, slot);
        let missed = match (before, passed) {
            (Some(before), Some(passed)) => Some(before.and(passed)),
            (before, passed) => before.or(passed),
        };
        self.missed.extend(missed);
        self.known = slot;
        let again = now + self.retry();
        let next = match seen.last {
            Some(Tried { begun, ended: Some(ended), refused })
                // the clock may have been set back a little during the run
                if slot <= begun && begun.max(ended) <= now && begun <= ended + SLACK =>
            {
                let from = (ended + self.retry()).min(again);
                if refused { Next::Changed { print: seen.print, from } } else { Next::At(from) }
            }
            _ => Next::Now,
        };
        self.open = Some(Open { slot, next, delay: self.retry() });
    }
}

#[cfg(test)]
mod model;
