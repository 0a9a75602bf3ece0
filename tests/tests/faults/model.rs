//! The ledger and the decisions around it against a model that knows what PMH really did: runs, answers, crashes, step after
//! step, the two compared after each.

use std::{cell::Cell, fs, path::Path, time::Duration};

use chrono::TimeDelta;
use pmh_runner::{
    answer::Answer,
    guard::{Comparison, GuardConfig, Outside, Situation, WINDOW, judge},
    ledger::{Intent, Ledger, State, run_state},
    report::Summary,
    retry::{self, Next, Now, Retry},
    spool::Part,
};
use pmh_tests::faults::{tell, wanted};
use proptest::{
    prelude::any,
    test_runner::{Config, TestRunner},
};

use crate::world::{Doing, Heard, Run, Step, World, at, day_ends, outcome, start};

/// Steps of one history.
const STEPS: u64 = 100;

const RETRY: Retry = Retry {
    max_attempts: 3,
    max_elapsed: Duration::from_hours(1),
    min_delay: Duration::ZERO,
    max_delay: Duration::ZERO,
};

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
        let last = ledger.last_accepted("e", None).unwrap();
        let nights = ledger.nights("e", None, start() - WINDOW).unwrap();
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
            input_faults: &[],
            profile: "p",
            module: "m",
            last: last.as_ref(),
            nights: &nights,
            comparison: &Comparison::None("not compared here".into()),
            outside: Outside::default(),
            usage: None,
        };
        // by the number of records, night by night; tests/tests/guards.rs has the others
        let config = GuardConfig { tolerance: 0, max_gone_percent_7d: 100, ..GuardConfig::default() };
        let stops = judge(&situation, &config, &[]).stops;
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
                    ledger.spool_removed(open.id, pmh_runner::ledger::Removed::Accepted).unwrap();
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
        assert_eq!(
            desk.ledger().last_accepted("e", None).unwrap().map(|last| (last.run, last.records)),
            last
        );
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
