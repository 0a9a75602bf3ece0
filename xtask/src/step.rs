//! One line before a long step, one after it.

use std::time::{Duration, Instant};

use crate::Result;

/// Says what is done, why and how long it takes, does it, and says how long it took.
///
/// # Errors
/// What `work` gives.
pub fn step<T>(what: &str, why: &str, about: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("{what}: {why} ({about})");
    let start = Instant::now();
    let result = work()?;
    eprintln!("  done in {}", seconds(start.elapsed()));
    Ok(result)
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_one_decimal() {
        assert_eq!(seconds(Duration::from_millis(61_987)), "61.9 s");
        assert_eq!(seconds(Duration::from_millis(40)), "0.0 s");
    }
}
