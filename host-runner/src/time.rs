//! Days and times: what Japan calls today, and how times are written down.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, SecondsFormat, Utc};

/// Seconds that Japan is ahead of UTC; it has had no summer time since 1951.
const JST: i32 = 9 * 60 * 60;

/// A time as Japan's clocks show it.
#[must_use]
pub fn in_japan(time: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(JST) {
        Some(japan) => time.with_timezone(&japan),
        None => time.fixed_offset(),
    }
}

/// The date in Japan, `YYYY-MM-DD`.
#[must_use]
pub fn day(time: DateTime<Utc>) -> String {
    in_japan(time).date_naive().to_string()
}

/// When a date in Japan begins.
#[must_use]
pub fn begins(date: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    Some(midnight.and_local_timezone(FixedOffset::east_opt(JST)?).single()?.with_timezone(&Utc))
}

/// When the day of this time ends in Japan.
#[must_use]
pub fn day_ends(time: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = in_japan(time).date_naive().checked_add_days(Days::new(1));
    tomorrow.and_then(begins).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// As the ledger and logs have it: UTC, milliseconds.
#[must_use]
pub fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// As people in Japan read it.
#[must_use]
pub fn shown(time: DateTime<Utc>) -> String {
    in_japan(time).format("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_and_end_in_japan() {
        for (utc, today, ends) in [
            ("2026-03-31T14:59:59Z", "2026-03-31", "2026-03-31T15:00:00.000Z"),
            ("2026-03-31T15:00:00Z", "2026-04-01", "2026-04-01T15:00:00.000Z"),
        ] {
            let time = DateTime::parse_from_rfc3339(utc).unwrap().with_timezone(&Utc);
            assert_eq!((day(time).as_str(), written(day_ends(time)).as_str()), (today, ends), "{utc}");
        }
    }
}
