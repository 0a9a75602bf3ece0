//! Counts tests from what `cargo test` prints, apart for what runs natively and what runs in the module.

use std::ops::{AddAssign, SubAssign};

/// What a test binary proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Code compiled for this machine.
    Native,
    /// The module under wasmtime, as the program `pmh` runs it.
    Wasmtime,
}

impl Suite {
    /// By the test binary's name: the program `pmh`, and what starts it.
    fn of_binary(name: &str) -> Self {
        const STARTS_THE_MODULE: &[&str] = &[
            "bad_input",
            "crash",
            "doctor",
            "faults",
            "jobs",
            "ledger",
            "module",
            "pmh",
            "pmh_runner",
            "readme",
            "secrets",
            "serve",
            "sync",
            "terminal",
            "trap",
            "vendors",
        ];
        if STARTS_THE_MODULE.contains(&name) { Self::Wasmtime } else { Self::of_test(name) }
    }

    /// By the test's own name, where a binary has tests of both.
    fn of_test(name: &str) -> Self {
        if name.contains("wasmtime") { Self::Wasmtime } else { Self::Native }
    }
}

/// How tests ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    pub(crate) ignored: u32,
    /// Test binaries that ended without saying how: a crash.
    pub(crate) crashed: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.crashed += other.crashed;
    }
}

impl SubAssign for Counts {
    fn sub_assign(&mut self, other: Self) {
        self.passed = self.passed.saturating_sub(other.passed);
        self.failed = self.failed.saturating_sub(other.failed);
        self.ignored = self.ignored.saturating_sub(other.ignored);
        self.crashed = self.crashed.saturating_sub(other.crashed);
    }
}

/// The counts of one run of `cargo test`, fed line by line.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    native: Counts,
    wasmtime: Counts,
    running: Option<Suite>,
    /// Tests of a native binary that ran in the module.
    apart: Counts,
    /// Tests that passed without checking what this machine has no means for, as they said.
    unchecked: u32,
}

impl Tally {
    /// Takes the next line of the output.
    pub(crate) fn line(&mut self, line: &str) {
        if let Some(binary) = started(line) {
            self.end();
            self.running = Some(Suite::of_binary(binary));
        } else if let Some(mut counts) = result(line) {
            counts -= self.apart;
            counts.passed = counts.passed.saturating_sub(self.unchecked);
            counts.ignored += std::mem::take(&mut self.unchecked);
            self.wasmtime += self.apart;
            *self.counts_mut(self.running.unwrap_or(Suite::Native)) += counts;
            self.running = None;
            self.apart = Counts::default();
        } else if line.starts_with("skipped: ") {
            self.unchecked += 1;
        } else if self.running == Some(Suite::Native)
            && let Some((test, counts)) = single(line)
            && Suite::of_test(test) == Suite::Wasmtime
        {
            self.apart += counts;
        }
    }

    /// Says that the output has ended.
    pub(crate) fn end(&mut self) {
        if let Some(suite) = self.running.take() {
            self.counts_mut(suite).crashed += 1;
            self.apart = Counts::default();
        }
    }

    pub(crate) fn counts(&self, suite: Suite) -> Counts {
        match suite {
            Suite::Native => self.native,
            Suite::Wasmtime => self.wasmtime,
        }
    }

    fn counts_mut(&mut self, suite: Suite) -> &mut Counts {
        match suite {
            Suite::Native => &mut self.native,
            Suite::Wasmtime => &mut self.wasmtime,
        }
    }
}

/// The binary that cargo starts: `Running unittests src/lib.rs (target/debug/deps/pmh_core-0123456789abcdef)`.
fn started(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if let Some(library) = line.strip_prefix("Doc-tests ") {
        return Some(library.trim_end());
    }
    let (_, path) = line.strip_prefix("Running ")?.trim_end().strip_suffix(')')?.rsplit_once('(')?;
    let file = path.rsplit(['/', '\\']).next()?;
    file.rsplit_once('-').map(|(name, _hash)| name)
}

/// One test that ended: `test wasmtime_gives_the_same ... ok`.
fn single(line: &str) -> Option<(&str, Counts)> {
    let (name, end) = line.strip_prefix("test ")?.trim_end().rsplit_once(" ... ")?;
    let mut counts = Counts::default();
    match end {
        "ok" => counts.passed = 1,
        "FAILED" => counts.failed = 1,
        _ => counts.ignored = 1,
    }
    Some((name, counts))
}

/// The counts in `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
fn result(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let of = |label: &str| {
        let count = counts.split("; ").find_map(|part| part.strip_suffix(label)?.trim_end().parse().ok());
        count.unwrap_or(0)
    };
    Some(Counts { passed: of("passed"), failed: of("failed"), ignored: of("ignored"), crashed: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_was_skipped_has_not_passed() {
        let mut tally = Tally::default();
        for line in [
            "     Running tests/faults/main.rs (target/debug/deps/faults-0123456789abcdef)",
            "skipped: full disk: no namespace",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            tally.line(line);
        }
        let counts = tally.counts(Suite::Wasmtime);
        assert_eq!((counts.passed, counts.ignored), (2, 1));
    }

    const OUTPUT: &str = "
   Compiling pmh-core v0.1.0 (/somewhere/core)
     Running unittests src/lib.rs (target/debug/deps/pmh_core-0123456789abcdef)

running 3 tests
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running unittests src/main.rs (target/debug/deps/pmh-0123456789abcdef)
test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running tests/vectors.rs (target/debug/deps/vectors-0123456789abcdef)
test native_gives_the_bytes ... ok
test wasmtime_gives_the_bytes ... FAILED
test wasmtime_gives_them_again ... ok
test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
     Running tests/crashing.rs (target/debug/deps/crashing-0123456789abcdef)
   Doc-tests pmh_core
test result: ok. 7 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s
";

    #[test]
    fn tests_are_counted_where_they_ran() {
        let mut tally = Tally::default();
        OUTPUT.lines().for_each(|line| tally.line(line));
        tally.end();
        assert_eq!(tally.counts(Suite::Native), Counts { passed: 11, failed: 0, ignored: 1, crashed: 1 });
        assert_eq!(tally.counts(Suite::Wasmtime), Counts { passed: 6, failed: 3, ignored: 0, crashed: 0 });
    }

    #[test]
    fn a_binary_cut_off_at_the_end_has_crashed() {
        let mut tally = Tally::default();
        tally.line("     Running tests/wasmtime.rs (target/debug/deps/wasmtime-0123456789abcdef)");
        tally.end();
        assert_eq!(tally.counts(Suite::Wasmtime).crashed, 1);
    }

    #[test]
    fn what_a_test_prints_is_not_counted() {
        assert_eq!(result("the test result: ok. 3 passed; 0 failed"), None);
        assert_eq!(started("Running late"), None);
    }
}
