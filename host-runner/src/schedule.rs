//! The times of day at which a set is sent, by Japan's clocks: pure.
//!
//! A slot is one such time on one day. Japan has no summer time, so that a slot is one moment.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::time::{begins, in_japan};

/// `[schedule]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The times of day.
    pub at: Vec<NaiveTime>,
    /// How long after a failed run the same slot is tried again.
    pub retry: Duration,
    /// The time of day after which a slot is given up.
    pub until: NaiveTime,
}

/// Slots in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slots {
    /// The earliest.
    pub first: DateTime<Utc>,
    /// The latest.
    pub last: DateTime<Utc>,
    /// How many.
    pub count: u64,
}

impl Slots {
    /// One slot.
    #[must_use]
    pub fn one(slot: DateTime<Utc>) -> Self {
        Self { first: slot, last: slot, count: 1 }
    }

    /// These and later ones.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self { first: self.first, last: later.last, count: self.count.saturating_add(later.count) }
    }
}

impl Schedule {
    /// The latest slot at or before a time.
    #[must_use]
    pub fn latest(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.around(now).filter(|slot| *slot <= now).max()
    }

    /// The first slot after a time.
    #[must_use]
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.around(after).filter(|slot| *slot > after).min()
    }

    /// When a slot is given up: the first `until` after it.
    #[must_use]
    pub fn deadline(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        let ends = days_around(slot).filter_map(|day| moment(day, self.until));
        ends.filter(|end| *end > slot).min().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The times of day that are tried for more than 18 hours because [`Schedule::until`] is one of the next day.
    #[must_use]
    pub fn overlong(&self) -> Vec<NaiveTime> {
        let over_midnight = |at: NaiveTime| self.until <= at && at - self.until < TimeDelta::hours(6);
        self.at.iter().copied().filter(|at| over_midnight(*at)).collect()
    }

    /// The slots after one time and before another.
    #[must_use]
    pub fn between(&self, after: DateTime<Utc>, before: DateTime<Utc>) -> Option<Slots> {
        let last = in_japan(before).date_naive();
        let days = in_japan(after).date_naive().iter_days().take_while(|day| *day <= last);
        let slots = days.flat_map(|day| self.at.iter().filter_map(move |time| moment(day, *time)));
        // in order, since the times are
        let slots = slots.filter(|slot| *slot > after && *slot < before);
        slots.map(Slots::one).reduce(Slots::and)
    }

    /// The slots of yesterday, today and tomorrow.
    fn around(&self, time: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        days_around(time).flat_map(|day| self.at.iter().filter_map(move |time| moment(day, *time)))
    }
}

fn days_around(time: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
    let today = in_japan(time).date_naive();
    let days = [today.checked_sub_days(Days::new(1)), Some(today), today.checked_add_days(Days::new(1))];
    days.into_iter().flatten()
}

fn moment(day: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    begins(day).map(|midnight| midnight + since_midnight(time))
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

    fn of_day(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    #[test]
    fn only_a_slot_that_lasts_nearly_a_day_is_overlong() {
        let overlong = |at: &str, until: &str| {
            let schedule = Schedule { until: of_day(until), ..schedule(&[at]) };
            !schedule.overlong().is_empty()
        };
        for (at, until, expected) in [
            ("02:30", "18:00", false),
            ("02:30", "02:31", false),
            ("02:30", "02:30", true),
            ("02:30", "02:00", true),
            ("02:30", "00:00", true),
            ("23:00", "05:00", false),
            ("23:00", "17:00", false),
            ("23:00", "17:01", true),
            ("19:00", "18:00", true),
            ("00:30", "23:59", false),
        ] {
            assert_eq!(overlong(at, until), expected, "{at} {until}");
        }
    }

    fn schedule(at: &[&str]) -> Schedule {
        let at = at.iter().map(|time| of_day(time)).collect();
        Schedule { at, retry: Duration::from_mins(30), until: of_day("18:00") }
    }

    #[test]
    fn times_are_japans() {
        // 02:30 in Japan is 17:30 of the day before in UTC
        let (slot, nightly) = (time("2026-11-21T17:30:00Z"), schedule(&["02:30"]));
        assert_eq!(nightly.next(time("2026-11-21T17:29:59Z")), Some(slot));
        assert_eq!(nightly.next(slot), Some(time("2026-11-22T17:30:00Z")));
        assert_eq!(nightly.latest(slot), Some(slot));
        assert_eq!(nightly.latest(time("2026-11-21T17:29:59Z")), Some(time("2026-11-20T17:30:00Z")));
        assert_eq!((schedule(&[]).next(slot), schedule(&[]).latest(slot)), (None, None));
    }

    #[test]
    fn a_slot_is_given_up_at_the_first_until_after_it() {
        for (slot, deadline) in [
            ("2026-11-21T17:30:00Z", "2026-11-22T09:00:00Z"),
            ("2026-11-22T08:59:00Z", "2026-11-22T09:00:00Z"),
            // at that time or later in the day: until the next day's
            ("2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z"),
            ("2026-11-22T14:30:00Z", "2026-11-23T09:00:00Z"),
        ] {
            assert_eq!(schedule(&[]).deadline(time(slot)), time(deadline), "{slot}");
        }
    }

    #[test]
    fn slots_between_two_times_are_counted() {
        let twice = schedule(&["02:30", "12:00"]);
        let (after, before) = (time("2026-11-21T17:30:00Z"), time("2026-11-23T17:30:00Z"));
        let slots = twice.between(after, before).unwrap();
        assert_eq!(slots.count, 3);
        assert_eq!((slots.first, slots.last), (time("2026-11-22T03:00:00Z"), time("2026-11-23T03:00:00Z")));
        assert_eq!(twice.between(after, time("2026-11-22T03:00:00Z")), None);
        assert_eq!(twice.between(before, after), None);
    }
}
