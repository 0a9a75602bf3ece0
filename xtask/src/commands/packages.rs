//! The packages of the other languages: each built by its own tool, around the module that it is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pmh_xtask::{Error, Result, target_dir, workspace_root};

use super::succeeds;

/// A package, or that its tool has said on standard error why there is none.
fn built(succeeded: bool, package: PathBuf) -> Result<PathBuf> {
    if succeeded {
        Ok(package)
    } else {
        Err(Error::new(format!("{} does not build: see above", package.display())))
    }
}

/// The goals of Maven in the Java project, with this module.
pub(crate) fn maven(module: &Path, goals: &[&str]) -> Command {
    let mut maven = Command::new("mvn");
    maven
        .args(["--batch-mode", "--quiet", "--file"])
        .arg(workspace_root().join("java-example/pom.xml"))
        .arg(format!("-Dpmh.module={}", module.display()))
        .args(goals);
    maven
}

/// The jar.
pub(crate) fn jar(module: &Path) -> Result<PathBuf> {
    let jar = format!("java-example/target/pmh-java-{}.jar", env!("CARGO_PKG_VERSION"));
    built(succeeds(&mut maven(module, &["package", "-DskipTests"]))?, workspace_root().join(jar))
}

/// A Python with the locked packages; it runs in the Python project, with this module.
pub(crate) struct Python<'m> {
    environment: PathBuf,
    module: &'m Path,
}

impl<'m> Python<'m> {
    /// Makes the environment where there is none yet.
    pub(crate) fn new(module: &'m Path) -> Result<Self> {
        let environment = target_dir().join("python-venv");
        let made =
            environment.exists() || succeeds(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let python = Self { environment, module };
        let locked = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
        if made && succeeds(python.run("pip").args(locked).arg("requirements.txt"))? {
            Ok(python)
        } else {
            Err(Error::new("there can be no Python environment: see above"))
        }
    }

    /// A module of Python's.
    pub(crate) fn run(&self, name: &str) -> Command {
        let mut command = Command::new(self.environment.join("bin/python"));
        command.current_dir(workspace_root().join("python-example"));
        command.env("PMH_MODULE", self.module).args(["-m", name]);
        command
    }

    /// The wheel.
    pub(crate) fn wheel(&self) -> Result<PathBuf> {
        let folder = target_dir().join("wheel");
        let wheel = folder.join(format!("pmh_core-{}-py3-none-any.whl", env!("CARGO_PKG_VERSION")));
        built(succeeds(self.run("hatchling").args(["build", "-t", "wheel", "-d"]).arg(folder))?, wheel)
    }
}

/// `npm` in a folder of the repository.
pub(crate) fn npm_in(folder: &str, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(workspace_root().join(folder)).args(arguments);
    npm
}

/// Installs what a folder's lock file names; no package's own script runs.
pub(crate) fn npm_install(folder: &str) -> Result<()> {
    if succeeds(&mut npm_in(folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]))? {
        Ok(())
    } else {
        Err(Error::new(format!("the packages of {folder} do not install: see above")))
    }
}

/// The browser's payload checker, one file; built from the npm package that [`super::npm`] left.
pub(crate) fn checker() -> Result<PathBuf> {
    npm_install("js-example")?;
    let build = ["run", "--silent", "build", "--workspace", "checker"];
    let page = workspace_root().join("js-example/checker/dist/pmh-checker.html");
    built(succeeds(&mut npm_in("js-example", &build))?, page)
}

/// Copies a finished package into a folder, under its own name.
pub(crate) fn copy_into(folder: &Path, file: &Path) -> Result<()> {
    let copy = folder.join(file.file_name().unwrap_or_default());
    fs::copy(file, copy).map(drop).map_err(Error::while_doing(file.display()))
}
