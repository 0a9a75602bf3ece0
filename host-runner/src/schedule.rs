//! When a run is due: pure, from the times of day, the last run and the clock.

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use crate::time::{begins, in_japan};

/// When the next run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once: this time went by without a run.
    Missed(DateTime<Utc>),
    /// At this time.
    At(DateTime<Utc>),
}

/// The next run, by times of day in Japan; none where there are no times. `begun` is when the last run began: where there
/// never was one, nothing was missed either. A clock that is set back makes no run run twice.
#[must_use]
pub fn due(at: &[NaiveTime], begun: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Due> {
    let today = in_japan(now).date_naive();
    let days = [today.checked_sub_days(Days::new(1)), Some(today), today.checked_add_days(Days::new(1))];
    let slots = || {
        let times =
            |day| at.iter().map(move |time| begins(day).map(|midnight| midnight + since_midnight(*time)));
        days.into_iter().flatten().flat_map(times).flatten()
    };
    let missed = slots().filter(|slot| *slot <= now).max();
    match (missed, begun) {
        (Some(missed), Some(begun)) if begun < missed => Some(Due::Missed(missed)),
        _ => slots().filter(|slot| *slot > now && begun.is_none_or(|begun| begun < *slot)).min().map(Due::At),
    }
}

fn since_midnight(time: NaiveTime) -> TimeDelta {
    time.signed_duration_since(NaiveTime::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
    }

    fn at(times: &[&str]) -> Vec<NaiveTime> {
        times.iter().map(|time| NaiveTime::parse_from_str(time, "%H:%M").unwrap()).collect()
    }

    fn due_at(times: &[&str], begun: Option<&str>, now: &str) -> Option<Due> {
        due(&at(times), begun.map(time), time(now))
    }

    #[test]
    fn times_are_japans() {
        // 02:30 in Japan is 17:30 of the day before in UTC
        let next = Some(Due::At(time("2026-11-21T17:30:00Z")));
        assert_eq!(due_at(&["02:30"], None, "2026-11-21T17:29:59Z"), next);
        assert_eq!(due_at(&["02:30"], Some("2026-11-20T17:30:00Z"), "2026-11-21T00:00:00Z"), next);
        let tomorrow = Some(Due::At(time("2026-11-22T17:30:00Z")));
        assert_eq!(due_at(&["02:30"], None, "2026-11-21T17:30:00Z"), tomorrow);
        assert_eq!(due_at(&[], None, "2026-11-21T17:30:00Z"), None);
    }

    #[test]
    fn what_was_missed_is_due_at_once_and_once_only() {
        let missed = Some(Due::Missed(time("2026-11-21T17:30:00Z")));
        for (begun, now) in [
            ("2026-11-20T17:30:01Z", "2026-11-21T17:30:00Z"),
            ("2026-11-20T17:30:01Z", "2026-11-22T03:00:00Z"),
            // away for weeks
            ("2026-10-01T17:30:01Z", "2026-11-22T03:00:00Z"),
        ] {
            assert_eq!(due_at(&["02:30"], Some(begun), now), missed, "{begun} {now}");
        }
        let next = Some(Due::At(time("2026-11-22T17:30:00Z")));
        assert_eq!(due_at(&["02:30"], Some("2026-11-21T17:30:00Z"), "2026-11-21T17:30:00Z"), next);
        assert_eq!(due_at(&["02:30"], Some("2026-11-22T03:00:00Z"), "2026-11-22T03:00:01Z"), next);
        // the day's second time counts by itself
        let afternoon = Some(Due::At(time("2026-11-22T03:00:00Z")));
        assert_eq!(
            due_at(&["12:00", "02:30"], Some("2026-11-21T17:30:00Z"), "2026-11-21T17:40:00Z"),
            afternoon
        );
    }

    #[test]
    fn a_clock_that_is_set_back_runs_nothing_twice() {
        let begun = Some("2026-11-21T17:30:00Z");
        let next = Some(Due::At(time("2026-11-22T17:30:00Z")));
        assert_eq!(due_at(&["02:30"], begun, "2026-11-21T17:00:00Z"), next);
        assert_eq!(due_at(&["02:30"], begun, "2026-11-21T17:29:59Z"), next);
    }

    /// A month by a simulated clock that wakes up at odd moments: one run a slot, none lost, none twice.
    #[test]
    fn a_month_has_as_many_runs_as_slots() {
        let times = at(&["02:30", "12:00", "23:59"]);
        for seed in 0..50 {
            let mut chance = fastrand::Rng::with_seed(seed);
            let mut now = time("2026-11-01T00:00:00Z");
            let end = now + TimeDelta::days(30);
            let (mut begun, mut runs) = (now, 0);
            while now < end {
                match due(&times, Some(begun), now) {
                    Some(Due::Missed(_)) => {
                        begun = now;
                        runs += 1;
                    }
                    Some(Due::At(slot)) => {
                        assert!(slot > now);
                        // sleeps until then at most, often less, sometimes some minutes too long
                        let nap = TimeDelta::minutes(chance.i64(1..=90));
                        let late = TimeDelta::minutes(if chance.bool() { chance.i64(0..=30) } else { 0 });
                        now = (now + nap).min(slot) + late;
                    }
                    None => unreachable!(),
                }
            }
            assert!((89..=90).contains(&runs), "seed {seed}: {runs}");
        }
    }
}
