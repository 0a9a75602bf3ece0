//! The ledger and the decisions around it against a model that knows what PMH really did: runs, answers, crashes, step after
//! step, the two compared after each.

use std::{cell::Cell, fs, path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use pmh_core::rules;
use pmh_runner::{
    answer::{Answer, Outcome, RetryAfter},
    failure::Failure,
    guard::{GuardConfig, Situation, judge},
    ledger::{Intent, Ledger, State, run_state},
    report::Summary,
    retry::{self, Next, Now, Retry, Why},
    spool::Part,
};
use pmh_tests::faults::{tell, wanted};
use proptest::{
    prelude::any,
    test_runner::{Config, TestRunner},
};

/// Steps of one history.
const STEPS: u64 = 100;

const RETRY: Retry = Retry {
    max_attempts: 3,
    max_elapsed: Duration::from_hours(1),
    min_delay: Duration::ZERO,
    max_delay: Duration::ZERO,
};

/// What PMH answers, and what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Accepted,
    Refused,
    /// With the minutes that PMH wants to be left alone.
    Unavailable(u8),
    /// Whether PMH took it.
    Unknown(bool),
}

#[derive(Debug, Clone)]
enum Step {
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
struct Request {
    tries: Vec<Option<&'static str>>,
    /// How often PMH took it.
    taken: usize,
    serial: Option<String>,
}

#[derive(Debug, Clone)]
struct Run {
    id: i64,
    state: State,
    payload: u8,
    records: u64,
    rejected: bool,
    requests: Vec<Request>,
    spool: bool,
    settled_by: Option<i64>,
}

/// Where the process is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Doing {
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
struct World {
    runs: Vec<Run>,
    started: i64,
    doing: Doing,
    /// What came of the last decision.
    decided: Option<Next>,
}

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_280_400, 0).unwrap_or_default()
}

/// The day of the set ends 50 minutes after it began.
fn day_ends() -> DateTime<Utc> {
    start() + TimeDelta::minutes(50)
}

fn at(minutes: u64) -> DateTime<Utc> {
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

    fn is_over(&self) -> bool {
        !matches!(self.state, State::Preparing | State::Sending)
    }
}

impl World {
    fn last_accepted(&self) -> Option<&Run> {
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
        if tries == 3 {
            Next::Stop(Why::Attempts)
        } else if minutes + wait > 60 {
            Next::Stop(Why::Elapsed)
        } else if minutes + wait >= 50 {
            Next::Stop(Why::Day)
        } else {
            Next::Again(at(minutes + wait))
        }
    }

    /// What happens next, by what was drawn: any draw means something wherever the process is, so that a history that shows
    /// a mistake can be cut shorter.
    fn draw(&self, [kind, a, b, c, d]: [u8; 5]) -> Step {
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

    fn apply(mut self, step: &Step) -> Self {
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

fn serial(run: &Run, request: usize) -> String {
    format!("S-{}-{request}-{}", run.id, run.requests[request].taken)
}

fn outcome(heard: Heard, serial: &str) -> Outcome {
    match heard {
        Heard::Accepted => Outcome::Accepted { serial_number: serial.to_owned() },
        Heard::Refused => Outcome::Refused(Failure::new(&rules::UNAUTHORIZED, 401)),
        Heard::Unavailable(minutes) => Outcome::Unavailable {
            failure: Failure::new(&rules::UNAVAILABLE, 503),
            retry_after: Some(RetryAfter::Seconds(u64::from(minutes) * 60)),
        },
        Heard::Unknown(_) => Outcome::Unknown(Failure::new(&rules::SERVER_FAILED, 500)),
    }
}

/// The real ledger, driven as `pmh sync` drives it.
struct Desk {
    folder: tempfile::TempDir,
    ledger: Option<Ledger>,
    /// The number of the try under way.
    attempt: i64,
    /// Its run, request, tries and the minutes before it.
    under_way: (usize, usize, u64, u64),
}

impl Desk {
    fn ledger(&mut self) -> &mut Ledger {
        let path = self.folder.path().join("ledger.sqlite3");
        self.ledger.get_or_insert_with(|| Ledger::open(&path).unwrap())
    }

    /// As `Sync::resume` begins: with a run that is taken up again, or with a new one.
    fn start(&mut self, run: &Run, new: bool) {
        let ledger = self.ledger();
        let mut open = None;
        for mut earlier in ledger.unfinished().unwrap() {
            ledger.close(&mut earlier, start()).unwrap();
            if earlier.spool.is_some() && matches!(earlier.state, State::Unavailable | State::Unknown) {
                open = open.or(Some(earlier.id));
            }
        }
        if new {
            assert_eq!(ledger.begin(start(), "2026-11-22", "2026-11-22", "e").unwrap(), run.id);
        } else {
            assert_eq!(open, Some(run.id));
        }
    }

    /// As `Preparation::make` goes on.
    fn judge(&mut self, world: &World, run: &Run) {
        let ledger = self.ledger();
        ledger.found(run.id, "p", "m", "{}").unwrap();
        let last = ledger.last_accepted().unwrap();
        let summary = Summary {
            read: run.records,
            accepted: run.records,
            rejected: u64::from(run.rejected),
            complete: true,
            ..Summary::default()
        };
        let (as_of, now) = ("2026-11-22", start());
        let situation = Situation {
            summary: &summary,
            as_of,
            today: as_of,
            now,
            input_changed: None,
            profile: "p",
            module: "m",
            last: last.as_ref(),
        };
        let stops = judge(&situation, &GuardConfig::default(), &[]).stops;
        assert_eq!(stops.is_empty(), run.state == State::Sending, "{world:?}: {stops:?}");
        if run.state == State::Stopped {
            ledger.give_up(run.id, now, State::Stopped, &["PMH6101"]).unwrap();
            return;
        }
        let payload = run.payload.to_string();
        let intent =
            Intent { source: "s", payload: &payload, bytes: 9, spool: "file", changes: None, passed: vec![] };
        let count = run.requests.len() as u64;
        let part = |number| Part {
            start: number,
            end: number,
            records: if number == 0 {
                run.records - run.records / count * (count - 1)
            } else {
                run.records / count
            },
        };
        let parts: Vec<_> = (0..count).map(|number| (part(number), "h".to_owned())).collect();
        ledger.intend(run.id, &intent, &parts).unwrap();
    }

    /// As `Deliverer::request` goes on when an answer has come.
    fn hear(&mut self, heard: Heard, world: &World, (run, request): (&Run, usize), tries: u64, minutes: u64) {
        let serial = run.requests[request].serial.clone().unwrap_or_default();
        let answer = Answer { status: None, outcome: outcome(heard, &serial), code: None, message: None };
        let now = Now {
            attempts: tries,
            elapsed: Duration::from_secs(minutes * 60),
            time: at(minutes),
            day_ends: day_ends(),
        };
        let next = retry::next(&RETRY, now, &answer.outcome, &mut fastrand::Rng::with_seed(0));
        assert_eq!(Some(next), world.decided, "{heard:?} after {tries} tries, {minutes} minutes");
        let again = if let Next::Again(again) = next { Some(again) } else { None };
        let place = (run.id, i64::try_from(request).unwrap() + 1, self.attempt);
        self.ledger().answered(place, at(minutes), &answer, again).unwrap();
        if world.doing == Doing::Nothing {
            let ledger = self.ledger();
            let attempts = ledger.attempts(run.id).unwrap();
            let states: Vec<_> =
                ledger.requests(run.id).unwrap().iter().map(|request| request.state(&attempts)).collect();
            ledger.end(run.id, at(minutes), run_state(&states)).unwrap();
            if run.state == State::Accepted {
                for open in ledger.unfinished().unwrap() {
                    ledger.spool_removed(open.id).unwrap();
                }
            }
        }
    }

    /// The ledger says of a run what it should, and nothing that PMH knows otherwise.
    fn compare(&mut self, run: &Run) {
        let ledger = self.ledger();
        let kept = ledger.run(run.id).unwrap();
        assert_eq!(
            (kept.state, kept.spool.is_some(), kept.settled_by),
            (run.state, run.spool, run.settled_by)
        );
        assert_eq!(kept.ended_at.is_some(), run.is_over(), "{run:?}");
        let attempts = ledger.attempts(run.id).unwrap();
        let requests = ledger.requests(run.id).unwrap();
        for (request, number) in run.requests.iter().zip(1..) {
            let own = attempts.iter().filter(|attempt| attempt.request == number);
            let tries: Vec<_> = own.map(|attempt| attempt.outcome.as_deref()).collect();
            assert_eq!(tries, request.tries, "{run:?}");
            let Some(kept) = requests.iter().find(|kept| kept.number == number) else {
                assert!(request.tries.is_empty(), "sent without an intent: {run:?}");
                continue;
            };
            assert_eq!(kept.serial_number, request.serial);
            // against the truth
            let unheard = tries.iter().filter(|try_| try_.is_none_or(|word| word == "unknown")).count();
            let surplus = request.taken - usize::from(request.serial.is_some());
            assert!(surplus <= unheard, "{surplus} duplicates, {unheard} unknown: {run:?}");
            match kept.state(&attempts) {
                Some(State::Accepted) => assert!(request.taken > 0),
                Some(State::Unknown) => {}
                _ => assert_eq!(request.taken, 0, "PMH has it, and the ledger has forgotten: {run:?}"),
            }
        }
        if run.state == State::Accepted {
            assert!(run.requests.iter().all(|request| request.taken > 0), "made up: {run:?}");
        }
    }
}

impl Desk {
    fn new() -> Self {
        // in memory where there is such a place: a hundred thousand synchronous writes wear a disk for nothing
        let memory = Path::new("/dev/shm");
        let folder =
            if fs::metadata(memory).is_ok() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        Self { folder: folder.unwrap(), ledger: None, attempt: 0, under_way: (0, 0, 0, 0) }
    }

    fn apply(mut self, world: &World, step: &Step) -> Self {
        let desk = &mut self;
        let at_hand = |run: usize| &world.runs[run];
        match step {
            Step::Start { .. } => match world.doing {
                Doing::Preparing(run) => desk.start(at_hand(run), true),
                Doing::Ready { run, .. } => desk.start(at_hand(run), false),
                doing => unreachable!("{doing:?}"),
            },
            Step::Fail => {
                let run = world.runs.last().unwrap().id;
                desk.ledger().give_up(run, start(), State::Failed, &["PMH6301"]).unwrap();
            }
            Step::Judge => desk.judge(world, world.runs.last().unwrap()),
            Step::Send => {
                let Doing::Waiting { run, request, tries, minutes } = world.doing else { unreachable!() };
                desk.under_way = (run, request, tries, minutes);
                let request = i64::try_from(request).unwrap() + 1;
                desk.attempt = desk.ledger().attempt(at_hand(run).id, request, start()).unwrap();
            }
            Step::Hear(heard, took) => {
                let (run, request, tries, minutes) = desk.under_way;
                desk.hear(*heard, world, (at_hand(run), request), tries, minutes + u64::from(*took));
            }
            Step::Crash(_) => desk.ledger = None,
            Step::Forget => {
                desk.ledger().forget_before(start() + TimeDelta::days(1)).unwrap();
            }
        }
        let last = world.last_accepted().map(|run| (run.id, run.records));
        assert_eq!(desk.ledger().last_accepted().unwrap().map(|last| (last.run, last.records)), last);
        let latest = world.runs.len().checked_sub(1);
        let touched = match step {
            Step::Send | Step::Hear(..) => [Some(desk.under_way.0), None],
            // and what a start found open
            Step::Start { .. } => [latest, latest.and_then(|latest| latest.checked_sub(1))],
            Step::Judge | Step::Fail | Step::Forget => [latest, None],
            Step::Crash(_) => [None, None],
        };
        for run in touched.into_iter().flatten().filter_map(|run| world.runs.get(run)) {
            desk.compare(run);
        }
        self
    }
}

#[test]
fn model() {
    let steps = wanted("steps of the model");
    let cases = u32::try_from(steps.div_ceil(STEPS)).unwrap();
    let config = Config { cases, max_shrink_iters: 10_000, failure_persistence: None, ..Config::default() };
    let (done, lengths) = (Cell::new(0), usize::try_from(STEPS).unwrap());
    let histories = proptest::collection::vec(any::<[u8; 5]>(), lengths);
    let ran = TestRunner::new(config).run(&histories, |draws| {
        let (mut world, mut desk) = (World::default(), Desk::new());
        for draw in draws {
            let step = world.draw(draw);
            world = world.apply(&step);
            desk = desk.apply(&world, &step);
            done.set(done.get() + 1);
        }
        world.runs.iter().for_each(|run| desk.compare(run));
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
    tell("steps of the model", done.get());
}
