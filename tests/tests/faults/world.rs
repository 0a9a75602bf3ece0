//! The model: what the ledger should say, and what PMH really did. It is not told what the ledger does.

use chrono::{DateTime, TimeDelta, Utc};
use pmh_core::rules;
use pmh_runner::{
    answer::{Outcome, RetryAfter},
    failure::Failure,
    ledger::State,
    retry::{Next, Why},
};

/// What PMH answers, and what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    Accepted,
    Refused,
    /// With the minutes that PMH wants to be left alone.
    Unavailable(u8),
    /// Whether PMH took it.
    Unknown(bool),
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// A process starts and transforms: this payload of so many records in so many requests. With `same` nothing has
    /// changed since the last run, which is then taken up again where it may be.
    Start { payload: u8, records: u64, requests: usize, rejected: bool, same: bool },
    /// It fails while it transforms.
    Fail,
    /// It has transformed; the guards decide.
    Judge,
    /// It sends the next request.
    Send,
    /// The answer comes, after so many minutes.
    Hear(Heard, u8),
    /// The process is killed; PMH may have taken what was under way.
    Crash(bool),
    /// What is older than everything so far is forgotten.
    Forget,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    pub(crate) tries: Vec<Option<&'static str>>,
    /// How often PMH took it.
    pub(crate) taken: usize,
    pub(crate) serial: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) id: i64,
    pub(crate) state: State,
    pub(crate) payload: u8,
    pub(crate) records: u64,
    pub(crate) rejected: bool,
    pub(crate) requests: Vec<Request>,
    pub(crate) spool: bool,
    pub(crate) settled_by: Option<i64>,
}

/// Where the process is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Doing {
    #[default]
    Nothing,
    Preparing(usize),
    /// A request of a run is next, after so many tries and minutes.
    Ready {
        run: usize,
        request: usize,
        tries: u64,
        minutes: u64,
    },
    Waiting {
        run: usize,
        request: usize,
        tries: u64,
        minutes: u64,
    },
}

/// What should be known, and what PMH knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) runs: Vec<Run>,
    pub(crate) started: i64,
    pub(crate) doing: Doing,
    /// What came of the last decision.
    pub(crate) decided: Option<Next>,
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_280_400, 0).unwrap_or_default()
}

/// The day of the set ends 50 minutes after it began.
pub(crate) fn day_ends() -> DateTime<Utc> {
    start() + TimeDelta::minutes(50)
}

pub(crate) fn at(minutes: u64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(i64::try_from(minutes).unwrap_or(0))
}

impl Request {
    /// In other words than the ledger's.
    fn state(&self) -> Option<State> {
        let any = |word| self.tries.contains(&word);
        match self.tries.last()? {
            _ if any(Some("accepted")) => Some(State::Accepted),
            _ if any(None) || any(Some("unknown")) => Some(State::Unknown),
            Some("refused") => Some(State::Refused),
            _ => Some(State::Unavailable),
        }
    }
}

impl Run {
    fn outcome(&self) -> State {
        let states: Vec<_> = self.requests.iter().map(Request::state).collect();
        if states.contains(&Some(State::Unknown)) {
            State::Unknown
        } else if states.contains(&Some(State::Refused)) {
            State::Refused
        } else if states.contains(&None) || states.contains(&Some(State::Unavailable)) {
            State::Unavailable
        } else {
            State::Accepted
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        !matches!(self.state, State::Preparing | State::Sending)
    }
}

impl World {
    pub(crate) fn last_accepted(&self) -> Option<&Run> {
        self.runs.iter().rev().find(|run| run.state == State::Accepted)
    }

    /// What the guards should say of a set.
    fn may_be_sent(&self, run: &Run) -> bool {
        let before = self.last_accepted().map_or(0, |last| last.records);
        !run.rejected && run.records > 0 && run.records * 10 >= before * 9
    }

    /// The run that a new process takes up: the newest whose sending may go on.
    fn open(&self) -> Option<usize> {
        self.runs
            .iter()
            .rposition(|run| run.spool && matches!(run.state, State::Unavailable | State::Unknown))
    }

    /// What a new process finds out of runs that had not ended.
    fn close(&mut self) {
        for run in &mut self.runs {
            run.state = match run.state {
                State::Preparing => State::Failed,
                State::Sending => run.outcome(),
                other => other,
            };
        }
    }

    fn end(&mut self, run: usize) {
        let (id, payload) = (self.runs[run].id, self.runs[run].payload);
        let state = self.runs[run].outcome();
        self.runs[run].state = state;
        self.doing = Doing::Nothing;
        if state == State::Accepted {
            for other in self.runs.iter_mut().filter(|other| other.id < id && other.payload == payload) {
                if matches!(other.state, State::Unknown | State::Unavailable | State::Refused) {
                    other.settled_by = other.settled_by.or(Some(id));
                }
            }
            self.runs.iter_mut().for_each(|run| run.spool = false);
        }
    }

    fn next_request(&self, run: usize) -> Option<usize> {
        self.runs[run].requests.iter().position(|request| request.serial.is_none())
    }

    /// What should be done after an answer, worked out apart from `retry::next`.
    fn next(heard: Heard, tries: u64, minutes: u64) -> Next {
        let wait = match heard {
            Heard::Accepted => return Next::GoOn,
            Heard::Refused => return Next::Stop(Why::Refused),
            Heard::Unavailable(wait) => u64::from(wait),
            Heard::Unknown(_) => 0,
        };
        // the day ends ahead of the budget of an hour
        if tries == 3 {
            Next::Stop(Why::Attempts)
        } else if minutes + wait < 50 {
            Next::Again(at(minutes + wait))
        } else if wait == 0 || minutes >= 50 {
            Next::Stop(Why::Day)
        } else {
            // asked to wait for longer than that: one last try, as late as may be
            Next::Again(day_ends() - TimeDelta::seconds(1))
        }
    }

    /// What happens next, by what was drawn: any draw means something wherever the process is, so that a history that shows
    /// a mistake can be cut shorter.
    pub(crate) fn draw(&self, [kind, a, b, c, d]: [u8; 5]) -> Step {
        match (self.doing, kind) {
            (Doing::Nothing, 0..20) => Step::Forget,
            (Doing::Nothing, _) => Step::Start {
                payload: a % 3,
                // none, more or less than nine tenths of the others, all but the same
                records: [0, 80 + u64::from(b % 40), 100, 101][usize::from(b >> 6)],
                requests: 1 + usize::from(c % 3),
                rejected: d < 32,
                same: d % 2 == 0,
            },
            (_, 0..25) => Step::Crash(a % 2 == 0),
            (Doing::Preparing(_), 25..50) => Step::Fail,
            (Doing::Preparing(_), _) => Step::Judge,
            (Doing::Ready { .. }, _) => Step::Send,
            (Doing::Waiting { .. }, _) => {
                let heard = match a % 9 {
                    0..4 => Heard::Accepted,
                    4 => Heard::Refused,
                    5 | 6 => Heard::Unavailable(b % 70),
                    _ => Heard::Unknown(b % 2 == 0),
                };
                Step::Hear(heard, c % 15)
            }
        }
    }

    pub(crate) fn apply(mut self, step: &Step) -> Self {
        let world = &mut self;
        world.decided = None;
        match (world.doing, step) {
            (Doing::Nothing, Step::Start { payload, records, requests, rejected, same }) => {
                world.close();
                if let (Some(run), true) = (world.open(), *same)
                    && let Some(request) = world.next_request(run)
                {
                    // the ledger says again that it is being sent only with the next try
                    world.doing = Doing::Ready { run, request, tries: 0, minutes: 0 };
                    return self;
                }
                world.started += 1;
                world.runs.push(Run {
                    id: world.started,
                    state: State::Preparing,
                    payload: *payload,
                    records: *records,
                    rejected: *rejected,
                    requests: vec![Request::default(); *requests],
                    spool: false,
                    settled_by: None,
                });
                world.doing = Doing::Preparing(world.runs.len() - 1);
            }
            (Doing::Preparing(run), Step::Fail) => {
                world.runs[run].state = State::Failed;
                world.doing = Doing::Nothing;
            }
            (Doing::Preparing(run), Step::Judge) => {
                if world.may_be_sent(&world.runs[run]) {
                    world.runs[run].state = State::Sending;
                    world.runs[run].spool = true;
                    world.doing = Doing::Ready { run, request: 0, tries: 0, minutes: 0 };
                } else {
                    world.runs[run].state = State::Stopped;
                    world.doing = Doing::Nothing;
                }
            }
            (Doing::Ready { run, request, tries, minutes }, Step::Send) => {
                world.runs[run].state = State::Sending;
                world.runs[run].requests[request].tries.push(None);
                world.doing = Doing::Waiting { run, request, tries: tries + 1, minutes };
            }
            (Doing::Waiting { run, request, tries, minutes }, Step::Hear(heard, took)) => {
                let minutes = minutes + u64::from(*took);
                let at_hand = &mut world.runs[run].requests[request];
                at_hand.taken += usize::from(matches!(heard, Heard::Accepted | Heard::Unknown(true)));
                if let Some(last) = at_hand.tries.last_mut() {
                    *last = Some(outcome(*heard, "").name());
                }
                let next = Self::next(*heard, tries, minutes);
                world.decided = Some(next);
                match next {
                    Next::GoOn => {
                        world.runs[run].requests[request].serial = Some(serial(&world.runs[run], request));
                        match world.next_request(run) {
                            Some(request) => world.doing = Doing::Ready { run, request, tries: 0, minutes },
                            None => world.end(run),
                        }
                    }
                    Next::Again(_) => world.doing = Doing::Ready { run, request, tries, minutes },
                    Next::Stop(_) => world.end(run),
                }
            }
            (doing, Step::Crash(taken)) => {
                if let Doing::Waiting { run, request, .. } = doing {
                    world.runs[run].requests[request].taken += usize::from(*taken);
                }
                world.doing = Doing::Nothing;
            }
            (_, Step::Forget) => {
                let last = world.last_accepted().map(|run| run.id);
                world.runs.retain(|run| !run.is_over() || Some(run.id) == last);
            }
            (doing, step) => unreachable!("{step:?} while {doing:?}"),
        }
        self
    }
}

pub(crate) fn serial(run: &Run, request: usize) -> String {
    format!("S-{}-{request}-{}", run.id, run.requests[request].taken)
}

pub(crate) fn outcome(heard: Heard, serial: &str) -> Outcome {
    match heard {
        Heard::Accepted => Outcome::Accepted { serial_number: serial.to_owned() },
        Heard::Refused => Outcome::Refused(Failure::new(&rules::UNAUTHORIZED, 401)),
        Heard::Unavailable(minutes) => Outcome::Unavailable {
            failure: Failure::new(&rules::UNAVAILABLE, 503),
            retry_after: Some(RetryAfter::Seconds(u64::from(minutes) * 60)),
        },
        Heard::Unknown(_) => {
            Outcome::Unknown { failure: Failure::new(&rules::SERVER_FAILED, 500), retry_after: None }
        }
    }
}
