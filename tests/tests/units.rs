//! The units of `deploy/`: what systemd says of them, and `pmh` under the filter of system calls that they ask for.
//!
//! What would look well and be wrong: a unit with a key that systemd passes over with a warning; a filter under which the child
//! that compiles a module, or the run that the service limits, is killed at night, on the site's machine only.
//!
//! No systemd runs here: namespaces (`PrivateUsers`, `ProcSubset`), credentials and the watchdog are not tried.
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeSet,
    fs,
    io::Read,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use chrono::{TimeDelta, Utc};
use pmh_tests::{Result, faults::skip, pmh, root, site::Site};

const UNITS: [&str; 3] = ["pmh-serve.service", "pmh-sync.service", "pmh-sync.timer"];

/// What a program prints, or nothing if it isn't there.
fn asked(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The units in a folder of their own, with the program of the tests in the place of the installed one.
fn units(folder: &Path) -> Result<()> {
    let program = pmh::command([""; 0]).get_program().to_string_lossy().into_owned();
    for name in UNITS {
        let text = fs::read_to_string(root().join("../deploy").join(name))?;
        fs::write(folder.join(name), text.replace("/usr/local/bin/pmh", &program))?;
    }
    Ok(())
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() -> Result<()> {
    if asked("systemd-analyze", &["--version"]).is_none() {
        skip("units", "no systemd-analyze on this machine");
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    units(folder.path())?;
    for name in UNITS {
        let unit = folder.path().join(name);
        let verified = Command::new("systemd-analyze")
            .args(["verify", "--man=no", "--recursive-errors=no"])
            .arg(&unit)
            .output()?;
        let said = String::from_utf8_lossy(&verified.stderr);
        // a key that it doesn't know is only a line
        assert!(verified.status.success() && !said.contains(name), "{name}: {said}");
        if name.ends_with(".service") {
            // 1.3 of 10; a key that is taken away shows
            let judged = Command::new("systemd-analyze")
                .args(["security", "--offline=true", "--threshold=15"])
                .arg(&unit)
                .output()?;
            let said = String::from_utf8_lossy(&judged.stdout);
            assert!(judged.status.success(), "{name}: {}", said.lines().last().unwrap_or_default());
        }
    }
    Ok(())
}

/// The system calls of a group, with those of the groups in it.
fn calls(group: &str, into: &mut BTreeSet<String>) -> Option<()> {
    let text = asked("systemd-analyze", &["syscall-filter", group])?;
    for name in text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if name.starts_with('@') {
            calls(name, into)?;
        } else {
            into.insert(name.to_owned());
        }
    }
    Some(())
}

/// The system calls that a unit allows, as systemd reads `SystemCallFilter`.
fn allowed(unit: &str) -> Option<BTreeSet<String>> {
    let mut allowed = BTreeSet::new();
    calls("@default", &mut allowed)?;
    for line in unit.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (taken, groups) = line.strip_prefix('~').map_or((false, line), |groups| (true, groups));
        for group in groups.split_whitespace() {
            let mut named = BTreeSet::new();
            calls(group, &mut named)?;
            if taken { allowed.retain(|name| !named.contains(name)) } else { allowed.append(&mut named) }
        }
    }
    Some(allowed)
}

/// Runs a program under a filter that answers every other call as the unit says.
const UNDER: &str = "
import errno, os, seccomp, sys
names, program = sys.argv[1].split(), sys.argv[2:]
filter = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
for name in names:
    try:
        filter.add_rule(seccomp.ALLOW, name)
    except (RuntimeError, ValueError, OSError):
        pass  # not on this machine
filter.load()
os.execv(program[0], program)
";

#[test]
fn runs_and_compiling_work_under_the_filter_of_the_units() -> Result<()> {
    let python = "/usr/bin/python3";
    let unit = fs::read_to_string(root().join("../deploy/pmh-serve.service"))?;
    let other = fs::read_to_string(root().join("../deploy/pmh-sync.service"))?;
    let filter = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("SystemCall")).map(str::to_owned).collect()
    };
    assert_eq!(filter(&unit), filter(&other));
    assert!(unit.contains("\nSystemCallErrorNumber=EPERM\n"), "a call that is left out must not kill");
    let allowed = allowed(&unit).filter(|_| asked(python, &["-c", "import seccomp"]).is_some());
    let Some(allowed) = allowed else {
        skip("the units' filter", "no systemd-analyze, or no python3-seccomp, on this machine");
        return Ok(());
    };
    assert!(allowed.contains("openat") && !allowed.contains("setrlimit") && !allowed.contains("mount"));
    let names = allowed.into_iter().collect::<Vec<_>>().join(" ");
    let under = |inner: &Command| {
        let mut command = Command::new(python);
        command.args(["-c", UNDER, &names]).arg(inner.get_program()).args(inner.get_args());
        command
    };
    // the filter is there: a call that it leaves out fails
    let nice = under(Command::new("/usr/bin/nice").args(["-n", "5", "true"])).output()?;
    assert!(String::from_utf8_lossy(&nice.stderr).contains("cannot set niceness"), "{nice:?}");

    // a module from a file is compiled in a child that limits itself
    let site = Site::new("flat-romaji")?;
    let module = site.path("pmh.wasm");
    fs::write(&module, pmh_runner::module::EMBEDDED)?;
    let done = site.done(under(&site.sync_command(&["--module", &module.to_string_lossy()])))?;
    assert_eq!(done.code, 0, "{done:?}");

    // the service starts a run, and limits its memory
    let at = (Utc::now() + TimeDelta::hours(9) + TimeDelta::seconds(3)).format("%H:%M:%S");
    site.change("[guard]", &format!("[schedule]\nat = [\"{at}\"]\n\n[guard]"))?;
    let mut service =
        under(&site.command(&["serve"])).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let begun = Instant::now();
    while site.pmh.registrations().len() < 2 && begun.elapsed() < Duration::from_mins(1) {
        thread::sleep(Duration::from_millis(50));
    }
    assert!(Command::new("kill").args(["-TERM", &service.id().to_string()]).status()?.success());
    let mut said = String::new();
    service.stderr.take().ok_or("no stderr")?.read_to_string(&mut said)?;
    assert_eq!((service.wait()?.code(), site.pmh.registrations().len()), (Some(0), 2), "{said}");
    assert!(!said.contains("could not be set") && !said.contains("PMH6610"), "{said}");
    Ok(())
}
