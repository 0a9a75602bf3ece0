//! Runs a process and says what it took.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use pmh_xtask::{Error, Result};
use wait4::Wait4;

/// What a process took.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    /// From its start to its end.
    pub(crate) elapsed: Duration,
    /// Of all processors, in the program and in the system on its behalf.
    pub(crate) processor: Duration,
    /// Peak resident memory in bytes.
    pub(crate) memory: u64,
}

/// Runs a process to its end. `pmh transform` ends with 3 where a record is rejected, which is what the records ask for.
pub(crate) fn measure(command: &mut Command) -> Result<Spent> {
    let name = command.get_program().to_string_lossy().into_owned();
    let while_running = || Error::while_doing(name.clone());
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().map_err(while_running())?;
    let used = child.wait4().map_err(while_running())?;
    let elapsed = start.elapsed();
    if !matches!(used.status.code(), Some(0 | 3)) {
        return Err(Error::new(format!("{command:?} ended with {}", used.status)));
    }
    Ok(Spent { elapsed, processor: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss })
}

/// The run in the middle by its processor time.
pub(crate) fn middle(mut runs: Vec<Spent>) -> Option<Spent> {
    runs.sort_unstable_by_key(|run| run.processor);
    runs.get(runs.len() / 2).copied()
}

/// The middle one.
pub(crate) fn median<T: Ord + Copy>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert_eq!(median([9, 1, 5]), Some(5));
        assert_eq!(median::<u8>([]), None);
    }

    #[test]
    fn a_process_that_fails_is_no_measurement() {
        assert!(measure(&mut Command::new("false")).is_err());
        assert!(measure(Command::new("true").stdout(Stdio::null())).is_ok());
    }
}
