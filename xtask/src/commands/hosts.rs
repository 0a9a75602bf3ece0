//! The tests of the hosts that are not Rust, each run by its own language's tools.
//!
//! Every one leaves `JUnit` reports, which are what is counted: a run that leaves none has not passed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pmh_xtask::{Error, Result, Toolchain, on_path, target_dir, workspace_root};

use super::packages::{self, Python, npm_in};
use super::tally::Counts;
use super::{junit, npm, succeeds};

/// What is not installed, as the command that installs it.
pub(crate) struct Missing(pub(crate) &'static str);

/// What the hosts' tests run; each finds it by the names of `PMH_MODULE` and `PMH_TEST_TRAP`.
#[derive(Clone)]
pub(crate) struct Modules {
    /// The file that is handed out.
    pub(crate) module: PathBuf,
    /// The folder of the modules that trap on request.
    pub(crate) test_trap: PathBuf,
}

impl Modules {
    fn told<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("PMH_MODULE", &self.module).env("PMH_TEST_TRAP", &self.test_trap)
    }
}

type Probe = std::result::Result<String, Missing>;

/// The first line that a program prints of its version.
fn version(program: &str, arguments: &[&str], missing: Missing) -> Probe {
    let Ok(output) = Command::new(program).args(arguments).output() else { return Err(missing) };
    if !output.status.success() {
        return Err(missing);
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A folder for a host's reports, empty.
fn reports(host: &str) -> Result<PathBuf> {
    let folder = target_dir().join("reports").join(host);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    Ok(folder)
}

/// What a run's reports count; one that failed without a failed test has not run to its end.
fn counted(succeeded: bool, reports: &Path) -> Result<Counts> {
    let mut counts = junit::count(reports)?;
    if !succeeded && counts.failed == 0 {
        counts.crashed = 1;
    }
    Ok(counts)
}

pub(crate) fn maven() -> Probe {
    let missing = || Missing("apt-get install maven default-jdk-headless");
    on_path("javac").ok_or_else(missing)?;
    on_path("mvn").ok_or_else(missing)?;
    version("javac", &["--version"], missing())
}

pub(crate) fn java(modules: &Modules) -> Result<Counts> {
    let reports = reports("java")?;
    let told = format!("-Dpmh.reports={}", reports.display());
    let trap = format!("-Dpmh.testTrap={}", modules.test_trap.display());
    let passed = succeeds(&mut packages::maven(&modules.module, &[&told, &trap, "verify"]))?;
    counted(passed, &reports)
}

pub(crate) fn python_version() -> Probe {
    let asked = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
    let missing = || Missing("apt-get install python3 python3-venv (3.10 or newer)");
    version("python3", &["-c", asked], missing())?;
    version("python3", &["--version"], missing())
}

pub(crate) fn python(modules: &Modules) -> Result<Counts> {
    let reports = reports("python")?;
    let python = Python::new(&modules.module)?;
    let install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"];
    let passed = succeeds(python.run("pip").args(install).arg(python.wheel()?))?
        && succeeds(
            modules
                .told(&mut python.run("pytest"))
                .arg("--quiet")
                .arg(format!("--junit-xml={}", reports.join("pytest.xml").display())),
        )?;
    counted(passed, &reports)
}

pub(crate) fn node_version() -> Probe {
    let missing = || Missing("apt-get install nodejs npm (20.19 or newer)");
    on_path("npm").ok_or_else(missing)?;
    version("node", &["--version"], missing()).map(|version| format!("node {version}"))
}

/// Builds the npm package, which the browser's tests use too.
pub(crate) fn node(toolchain: &Toolchain, modules: &Modules) -> Result<Counts> {
    npm::run(toolchain)?;
    packages::npm_install("js-example")?;
    javascript("node", "check", modules)
}

pub(crate) fn chromium() -> Probe {
    node_version()?;
    let missing = || Missing("apt-get install chromium");
    let program = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path);
    let program = program.ok_or_else(missing)?;
    version(&program.to_string_lossy(), &["--version"], missing())
}

/// Runs behind [`node`], with the package that it built.
pub(crate) fn browser(modules: &Modules) -> Result<Counts> {
    javascript("checker", "build", modules)
}

/// One of the JavaScript examples: a script that makes it ready, then its tests.
fn javascript(example: &str, prepare: &str, modules: &Modules) -> Result<Counts> {
    let reports = reports(example)?;
    let folder = workspace_root().join("js-example").join(example);
    let passed = succeeds(&mut npm_in("js-example", &["run", "--silent", prepare, "--workspace", example]))?
        && succeeds(
            modules
                .told(&mut Command::new("node"))
                .current_dir(&folder)
                .args(["--expose-gc", "--test"])
                .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
                .arg("--test-reporter=junit")
                .arg(format!("--test-reporter-destination={}", reports.join("node.xml").display()))
                .args(test_files(&folder.join("test"))?),
        )?;
    counted(passed, &reports)
}

/// The files of a folder that hold tests.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(Error::while_doing(folder.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with(".test.js"));
    files.sort();
    Ok(files)
}

pub(crate) fn openapi_lint() -> Result<Counts> {
    packages::npm_install("spec")?;
    let clean = succeeds(&mut npm_in("spec", &["run", "lint"]))?;
    Ok(Counts { passed: u32::from(clean), failed: u32::from(!clean), ..Counts::default() })
}
