//! When to try again: a pure decision from settings, tries, answer and time.
//!
//! Delays grow exponentially and are drawn at random from nothing up to that bound ("full jitter"), so that the senders
//! of a whole country don't come back at the same second. `Retry-After` is honoured in both forms, up to the end of the
//! budget: if PMH asks for longer, one last try is made shortly before the budget or the day ends, because a night that is
//! tried once more may still be accepted. It must do no I/O and read no clock: time and chance come from the caller.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pmh_core::rules;

use crate::answer::{Outcome, RetryAfter};

/// `[retry]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries of one request.
    pub max_attempts: u64,
    /// Time of one run after which no further try begins.
    pub max_elapsed: Duration,
    /// The upper bound of the first delay; it doubles with each try.
    pub min_delay: Duration,
    /// What no delay of our own goes beyond.
    pub max_delay: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 8,
            max_elapsed: Duration::from_hours(4),
            min_delay: Duration::from_secs(5),
            max_delay: Duration::from_mins(15),
        }
    }
}

/// Where a run stands when an answer has come.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Tries of this request, the one just answered included.
    pub attempts: u64,
    /// Since the run began to send, by a clock that nobody sets.
    pub elapsed: Duration,
    /// The time.
    pub time: DateTime<Utc>,
    /// When the day of the set ends in Japan.
    pub day_ends: DateTime<Utc>,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// This request is accepted: go on with the one behind it.
    GoOn,
    /// Send the same request again at this time.
    Again(DateTime<Utc>),
    /// Send nothing more in this run.
    Stop(Why),
}

/// Why nothing more is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The same bytes can't help.
    Refused,
    /// The payload is no longer what the ledger says.
    Changed,
    /// `retry.max_attempts` is used up.
    Attempts,
    /// The next try would begin after `retry.max_elapsed`.
    Elapsed,
    /// The next try would begin on another day, for which the set isn't made.
    Day,
}

/// Decides.
#[must_use]
pub fn next(retry: &Retry, now: Now, outcome: &Outcome, chance: &mut fastrand::Rng) -> Next {
    match outcome {
        Outcome::Accepted { .. } => return Next::GoOn,
        Outcome::Refused(_) => return Next::Stop(Why::Refused),
        Outcome::Unknown { failure, .. } if failure.rule == &rules::PAYLOAD_CHANGED => {
            return Next::Stop(Why::Changed);
        }
        Outcome::Unavailable { .. } | Outcome::Unknown { .. } => {}
    }
    if now.attempts >= retry.max_attempts {
        return Next::Stop(Why::Attempts);
    }
    let asked = match outcome.retry_after() {
        None => TimeDelta::zero(),
        Some(RetryAfter::Seconds(seconds)) => span(Duration::from_secs(seconds)),
        Some(RetryAfter::At(time)) => (time - now.time).max(TimeDelta::zero()),
    };
    let delay = asked.checked_add(&drawn(bound(retry, now.attempts), chance)).unwrap_or(TimeDelta::MAX);
    let budget = span(retry.max_elapsed.saturating_sub(now.elapsed));
    // a try must begin before midnight, and a little earlier than that to be a try at all
    let day = now.day_ends - now.time - TimeDelta::seconds(1);
    let (limit, why) = if day < budget { (day, Why::Day) } else { (budget, Why::Elapsed) };
    let delay = if delay <= limit {
        delay
    } else if asked.is_zero() {
        return Next::Stop(why);
    } else {
        // again drawn at random, so that not all senders of a country come at the end of their budget
        let end = retry.max_delay.min(retry.max_elapsed / LAST_SHARE);
        if limit <= span(end) {
            return Next::Stop(why);
        }
        (limit - drawn(end, chance)).max(asked.min(limit))
    };
    now.time.checked_add_signed(delay).map_or(Next::Stop(Why::Elapsed), Next::Again)
}

/// The last try is made in the last part of the budget: a quarter, or `max_delay` if that is shorter.
const LAST_SHARE: u32 = 4;

/// Any time up to a bound.
fn drawn(bound: Duration, chance: &mut fastrand::Rng) -> TimeDelta {
    let bound = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
    span(Duration::from_millis(chance.u64(0..=bound)))
}

/// The longest delay after so many tries.
fn bound(retry: &Retry, attempts: u64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    retry.min_delay.saturating_mul(2_u32.saturating_pow(doublings)).min(retry.max_delay)
}

fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn unavailable(retry_after: Option<RetryAfter>) -> Outcome {
        Outcome::Unavailable { failure: Failure::new(&rules::UNAVAILABLE, 503), retry_after }
    }

    fn unknown() -> Outcome {
        Outcome::Unknown { failure: Failure::new(&rules::SERVER_FAILED, 500), retry_after: None }
    }

    fn time(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    /// 02:30 in Japan; the day ends at 15:00 UTC.
    const START: &str = "2026-11-21T17:30:00Z";
    const MIDNIGHT: &str = "2026-11-22T15:00:00Z";

    /// Runs against a simulated clock; each try takes a second. Gives the delays, and why it ended.
    fn schedule(
        retry: &Retry,
        seed: u64,
        answer: impl Fn(u64, DateTime<Utc>) -> Outcome,
    ) -> (Vec<TimeDelta>, Next) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let (start, day_ends) = (time(START), time(MIDNIGHT));
        let (mut clock, mut delays) = (start, Vec::new());
        for attempts in 1.. {
            clock += TimeDelta::seconds(1);
            let elapsed = (clock - start).to_std().unwrap();
            let now = Now { attempts, elapsed, time: clock, day_ends };
            match next(retry, now, &answer(attempts, clock), &mut chance) {
                Next::Again(again) => {
                    delays.push(again - clock);
                    clock = again;
                }
                end => return (delays, end),
            }
        }
        unreachable!()
    }

    #[test]
    fn the_whole_schedule_keeps_its_bounds() {
        let retry = Retry { max_attempts: 20, ..Retry::default() };
        let mut longest = vec![TimeDelta::zero(); 19];
        for seed in 0..500 {
            let (delays, end) = schedule(&retry, seed, |_, _| unknown());
            assert_eq!((delays.len(), end), (19, Next::Stop(Why::Attempts)));
            for (i, delay) in delays.iter().enumerate() {
                let bound = TimeDelta::seconds((5 << i).min(900));
                assert!(*delay >= TimeDelta::zero() && *delay <= bound, "seed {seed}, delay {i}: {delay}");
                longest[i] = longest[i].max(*delay);
            }
        }
        // full jitter uses the whole span, and the span grows up to its cap
        for (i, longest) in longest.iter().enumerate() {
            assert!(*longest > TimeDelta::seconds((5 << i).min(900)) * 9 / 10, "delay {i}: {longest}");
        }
    }

    #[test]
    fn the_budget_ends_it_whatever_the_attempts() {
        let retry = Retry { max_attempts: 1000, max_elapsed: Duration::from_hours(1), ..Retry::default() };
        for seed in 0..100 {
            let (delays, end) = schedule(&retry, seed, |_, _| unavailable(None));
            let elapsed =
                delays.iter().sum::<TimeDelta>() + TimeDelta::seconds(i64::try_from(delays.len()).unwrap());
            assert_eq!(end, Next::Stop(Why::Elapsed));
            assert!(
                elapsed <= TimeDelta::hours(1) && elapsed > TimeDelta::minutes(40),
                "seed {seed}: {elapsed}"
            );
        }
    }

    #[test]
    fn pmh_is_never_asked_earlier_than_it_wants() {
        for seed in 0..100 {
            let (delays, _) =
                schedule(&Retry::default(), seed, |_, _| unavailable(Some(RetryAfter::Seconds(120))));
            assert!(delays.iter().all(|delay| *delay >= TimeDelta::seconds(120)), "{delays:?}");
            let at = time("2026-11-21T18:00:00Z");
            let (delays, _) = schedule(&Retry::default(), seed, |_, _| unavailable(Some(RetryAfter::At(at))));
            assert!(time(START) + delays[0] + TimeDelta::seconds(1) >= at, "{delays:?}");
            // once that time has passed it asks for nothing more
            assert!(delays[1] <= TimeDelta::seconds(10), "{delays:?}");
        }
    }

    /// However long PMH asks for, there is one more try, near the end of what is allowed, and no second one.
    #[test]
    fn a_wish_beyond_the_budget_or_the_day_leaves_one_last_try() {
        let asks = |seconds| move |_, _| unavailable(Some(RetryAfter::Seconds(seconds)));
        let late = time("2030-01-01T00:00:00Z");
        let patient = Retry { max_elapsed: Duration::from_hours(48), ..Retry::default() };
        let (budget, day) = (TimeDelta::hours(4), time(MIDNIGHT) - time(START));
        for seed in 0..200 {
            for (retry, seconds, end, why) in [
                (Retry::default(), 5 * 60 * 60, budget, Why::Elapsed),
                (Retry::default(), u64::MAX, budget, Why::Elapsed),
                (patient, 24 * 60 * 60, day, Why::Day),
            ] {
                let (delays, ended) = schedule(&retry, seed, asks(seconds));
                assert_eq!((delays.len(), ended), (1, Next::Stop(why)), "{seconds}");
                let begun = TimeDelta::seconds(1) + delays[0];
                assert!(begun <= end && begun >= end - TimeDelta::minutes(16), "{seconds}: {begun}");
            }
            let (delays, _) =
                schedule(&Retry::default(), seed, |_, _| unavailable(Some(RetryAfter::At(late))));
            assert_eq!(delays.len(), 1);
        }
    }

    /// A wish that just fits is honoured though the random part would not fit any more.
    #[test]
    fn a_wish_within_the_budget_is_honoured_to_the_second() {
        for seed in 0..200 {
            let nearly = 4 * 60 * 60 - 2;
            let (delays, _) =
                schedule(&Retry::default(), seed, |_, _| unavailable(Some(RetryAfter::Seconds(nearly))));
            assert!(delays[0] >= TimeDelta::seconds(i64::try_from(nearly).unwrap()), "{delays:?}");
            assert!(delays[0] <= TimeDelta::seconds(4 * 60 * 60 - 1), "{delays:?}");
        }
    }

    /// A failed server's wish counts as much as an unavailable one's.
    #[test]
    fn an_unknown_outcome_waits_as_it_is_asked() {
        let asked = |_, _| Outcome::Unknown {
            failure: Failure::new(&rules::SERVER_FAILED, 502),
            retry_after: Some(RetryAfter::Seconds(600)),
        };
        let (delays, _) = schedule(&Retry::default(), 1, asked);
        assert!(
            !delays.is_empty() && delays.iter().all(|delay| *delay >= TimeDelta::seconds(600)),
            "{delays:?}"
        );
    }

    #[test]
    fn what_cannot_help_is_not_tried() {
        let refused = |_, _| Outcome::Refused(Failure::new(&rules::UNAUTHORIZED, 401));
        assert_eq!(schedule(&Retry::default(), 1, refused), (vec![], Next::Stop(Why::Refused)));
        let accepted = |attempts, _| match attempts {
            3 => Outcome::Accepted { serial_number: "1".to_owned() },
            _ => unknown(),
        };
        let (delays, end) = schedule(&Retry::default(), 1, accepted);
        assert_eq!((delays.len(), end), (2, Next::GoOn));
    }

    #[test]
    fn a_clock_that_is_set_changes_no_budget() {
        let mut chance = fastrand::Rng::with_seed(7);
        let mut decide = |elapsed, clock: &str| {
            let now = Now { attempts: 2, elapsed, time: time(clock), day_ends: time(MIDNIGHT) };
            next(&Retry::default(), now, &unknown(), &mut chance)
        };
        // set back by a year after five hours; set forward by hours, but not out of the day, after a second
        assert_eq!(decide(Duration::from_hours(5), "2025-11-21T17:30:00Z"), Next::Stop(Why::Elapsed));
        assert!(matches!(decide(Duration::from_secs(1), "2026-11-22T14:00:00Z"), Next::Again(_)));
        assert_eq!(decide(Duration::from_secs(1), "2026-11-23T14:00:00Z"), Next::Stop(Why::Day));
    }
}
