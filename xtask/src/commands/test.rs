//! `cargo xtask test`: every test on every host that this machine has, and one line for each host at the end.
//!
//! A host is an entry of [`HOSTS`]. One that is not installed is told with the command that installs it, and never
//! counts as passed.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::Stdio;

use pmh_xtask::{Error, Result, Toolchain, build_module, target_dir};

use super::hosts::{self, Missing, Modules};
use super::tally::{Counts, Suite, Tally};
use super::{cargo, test_trap};

/// Something that the tests run on.
struct Host {
    name: &'static str,
    /// Which version is there to run on, or else the command that installs it.
    probe: fn() -> std::result::Result<String, Missing>,
    run: fn(&mut Tests<'_>) -> Result<Counts>,
}

const HOSTS: [Host; 7] = [
    Host { name: "native", probe: built_in, run: |tests| tests.of_cargo(Suite::Native) },
    Host { name: "wasmtime", probe: built_in, run: |tests| tests.of_cargo(Suite::Wasmtime) },
    Host { name: "Java", probe: hosts::maven, run: |tests| hosts::java(&tests.modules()?) },
    Host { name: "Python", probe: hosts::python_version, run: |tests| hosts::python(&tests.modules()?) },
    Host {
        name: "Node",
        probe: hosts::node_version,
        run: |tests| hosts::node(tests.toolchain, &tests.modules()?),
    },
    Host { name: "browser", probe: hosts::chromium, run: |tests| hosts::browser(&tests.modules()?) },
    Host { name: "OpenAPI lint", probe: hosts::node_version, run: |_| hosts::openapi_lint() },
];

/// Says whether everything that could run passed.
pub(crate) fn run(toolchain: &Toolchain) -> Result<bool> {
    let mut tests = Tests { toolchain, cargo: None, modules: None };
    let mut lines = Vec::new();
    let (mut total, mut skipped) = (Counts::default(), 0);
    for host in &HOSTS {
        let (counts, told) = match (host.probe)() {
            Ok(version) => {
                let counts = (host.run)(&mut tests)?;
                (counts, told(counts, &version))
            }
            Err(Missing(command)) => {
                skipped += 1;
                (Counts::default(), format!("not installed: {command}"))
            }
        };
        total += counts;
        lines.push(format!("{:<14}{told}", host.name));
    }
    println!("\n{}\n", lines.join("\n"));
    let failed = total.failed + total.crashed;
    println!("{} passed, {failed} failed, {} skipped", total.passed, total.ignored + skipped);
    Ok(failed == 0)
}

fn told(counts: Counts, version: &str) -> String {
    let Counts { passed, failed, ignored, crashed } = counts;
    let version = if version.is_empty() { String::new() } else { format!(" ({version})") };
    let ignored = if ignored == 0 { String::new() } else { format!(", {ignored} ignored") };
    match (passed, failed, crashed) {
        (passed, 0, 0) => format!("ran{version}, {passed} passed{ignored}"),
        (passed, failed, 0) => format!("FAILED{version}, {failed} of {}{ignored}", passed + failed),
        (passed, failed, _) => {
            format!("FAILED{version}, did not run to the end: {passed} passed, {failed} failed")
        }
    }
}

/// What the hosts' tests share.
struct Tests<'t> {
    toolchain: &'t Toolchain,
    /// `cargo test` of the whole workspace, run once however many hosts read from it.
    cargo: Option<Tally>,
    /// Built once.
    modules: Option<Modules>,
}

impl Tests<'_> {
    /// The module that the other hosts embed, under the name that it is handed out with, and the one that traps.
    fn modules(&mut self) -> Result<Modules> {
        if let Some(modules) = &self.modules {
            return Ok(modules.clone());
        }
        let built = build_module(self.toolchain, &target_dir().join("module-build"))?;
        let module = target_dir().join("reports/pmh.wasm");
        fs::create_dir_all(target_dir().join("reports")).map_err(Error::while_doing("target/reports"))?;
        fs::copy(&built, &module).map_err(Error::while_doing(built.display()))?;
        let modules = Modules { module, test_trap: test_trap::run(self.toolchain)? };
        Ok(self.modules.insert(modules).clone())
    }

    /// The counts of a suite; one without any test has not been run to the end.
    fn of_cargo(&mut self, suite: Suite) -> Result<Counts> {
        let tally = match self.cargo.take() {
            Some(tally) => tally,
            None => cargo_test()?,
        };
        let mut counts = self.cargo.insert(tally).counts(suite);
        if counts == Counts::default() {
            counts.crashed = 1;
        }
        Ok(counts)
    }
}

/// Shows the output as it comes, and counts.
fn cargo_test() -> Result<Tally> {
    let while_testing = || Error::while_doing("cargo test");
    let (reader, writer) = io::pipe().map_err(while_testing())?;
    let mut child = {
        let mut command = cargo("test");
        let errors = writer.try_clone().map_err(while_testing())?;
        command.args(["--workspace", "--no-fail-fast"]).env("CARGO_TERM_COLOR", "never");
        command.stdin(Stdio::null()).stdout(writer).stderr(errors);
        command.spawn().map_err(while_testing())?
        // the command goes, and with it this side's ends of the pipe: reading ends when cargo's are closed
    };
    let mut tally = Tally::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line.map_err(while_testing())?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        tally.line(&line);
    }
    tally.end();
    child.wait().map_err(while_testing())?;
    Ok(tally)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a host's probe")]
fn built_in() -> std::result::Result<String, Missing> {
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_to_the_end_without_failures_is_called_ran() {
        let counts = |passed, failed, crashed| Counts { passed, failed, ignored: 0, crashed };
        assert_eq!(told(counts(3, 0, 0), ""), "ran, 3 passed");
        assert_eq!(told(counts(1, 0, 0), "node v20"), "ran (node v20), 1 passed");
        assert_eq!(told(counts(3, 1, 0), ""), "FAILED, 1 of 4");
        assert!(told(counts(3, 0, 1), "").starts_with("FAILED, did not run to the end"));
    }

    #[test]
    fn a_suite_without_tests_did_not_run() {
        let toolchain = pmh_xtask::find_wasm_toolchain().unwrap();
        let mut tests = Tests { toolchain: &toolchain, cargo: Some(Tally::default()), modules: None };
        assert_eq!(tests.of_cargo(Suite::Wasmtime).unwrap().crashed, 1);
    }
}
