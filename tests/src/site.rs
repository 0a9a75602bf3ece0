//! A municipality in a folder: a sample vendor's records and configuration, and a simulated PMH that it sends to.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use pmh_runner::key::Key;
use pmh_simulator::{Config, Handle, Registration, Simulator};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Result,
    pmh::{self, Done},
    root,
};

/// The day that the sample records are made for.
pub const AS_OF: &str = "2026-11-22";

/// A folder with a vendor's configuration that leads to a running simulator.
pub struct Site {
    folder: TempDir,
    /// The simulator.
    pub pmh: Handle,
}

impl Site {
    /// Copies a vendor's folder and starts a simulator. One try a request, so that no test waits.
    ///
    /// # Errors
    ///
    /// Where files or the simulator fail, as everywhere below.
    pub fn new(vendor: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        for entry in fs::read_dir(root().join("vendors").join(vendor))? {
            let entry = entry?;
            let copy = folder.path().join(entry.file_name());
            fs::copy(entry.path(), &copy)?;
            // whatever the umask of the checkout was: a run refuses what others can write
            #[cfg(unix)]
            fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        }
        let pmh = Simulator::start(Config {
            token: "a-token-of-the-tests".to_owned(),
            keep_bodies: true,
            ..Config::default()
        })?;
        let site = Self { folder, pmh };
        site.write_token(site.pmh.token())?;
        site.change("[guard]", "[retry]\nmax_attempts = 1\nmin_delay = \"1s\"\n\n[guard]")?;
        site.change("http://127.0.0.1:9/medicalSubsidiesTargetPersons", &site.pmh.endpoint())?;
        Ok(site)
    }

    /// A file of the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a token where its owner alone can read it.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn write_token(&self, token: &str) -> Result<()> {
        fs::write(self.path("token"), token)?;
        #[cfg(unix)]
        fs::set_permissions(self.path("token"), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(())
    }

    /// Replaces a part of the configuration that must be there.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn change(&self, from: &str, to: &str) -> Result<()> {
        let text = fs::read_to_string(self.path("pmh.toml"))?;
        if !text.contains(from) {
            return Err(format!("{from} is not in pmh.toml").into());
        }
        Ok(fs::write(self.path("pmh.toml"), text.replace(from, to))?)
    }

    /// `pmh` with these arguments and this configuration.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = pmh::command(arguments);
        command.arg("--config").arg(self.path("pmh.toml"));
        command
    }

    /// `pmh sync` for the day of the records, whatever today is.
    #[must_use]
    pub fn sync_command(&self, more: &[&str]) -> Command {
        let day = ["sync", "--as-of", AS_OF];
        self.command(&[&day, more].concat())
    }

    /// Runs `pmh` with these arguments and this configuration; it must not show the token.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn run(&self, arguments: &[&str]) -> Result<Done> {
        self.done(self.command(arguments))
    }

    /// Runs `pmh sync` for the day of the records; the result is JSON.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn sync(&self, more: &[&str]) -> Result<Done> {
        self.done(self.sync_command(&[&["--format", "json"], more].concat()))
    }

    /// What a command does; it must not show the token.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn done(&self, mut command: Command) -> Result<Done> {
        let done = pmh::done(command.output()?)?;
        let shown = format!("{}{}", done.stdout, done.stderr);
        if shown.contains(self.pmh.token()) { Err("the token is shown".into()) } else { Ok(done) }
    }

    /// The runs of the ledger, the oldest first.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn history(&self) -> Result<Vec<Value>> {
        let done = self.run(&["history", "--json", "--limit", "100000"])?;
        let mut runs: Vec<Value> = serde_json::from_value(done.json()?)?;
        runs.reverse();
        Ok(runs)
    }

    /// One run of the ledger with its requests and attempts.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn history_of(&self, run: &Value) -> Result<Value> {
        self.run(&["history", "--json", "--run", &run["id"].to_string()])?.json()
    }

    /// The hash that the ledger must have of a registration's body: by the bytes that PMH received.
    ///
    /// # Errors
    ///
    /// As above; if there is no key or no body.
    pub fn hash(&self, registration: &Registration) -> Result<String> {
        let text = fs::read_to_string(self.path("pmh.toml"))?;
        let ledger =
            text.lines().skip_while(|line| *line != "[ledger]").find_map(|line| line.strip_prefix("path = "));
        let path = self.path(&format!("{}.key", ledger.ok_or("no ledger.path")?.trim_matches('"')));
        let key = Key::at(&path).map_err(|failure| failure.to_string())?.ok_or("no key")?;
        Ok(key.bodies().hash(registration.body.as_ref().ok_or("no body")?))
    }

    /// The names of the files in the spool folder, wherever the configuration has it.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn spool(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(self.path("pmh.toml"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("spool_dir = "));
        self.files(line.ok_or("no spool_dir")?.trim_matches('"'))
    }

    /// The names of the files in a folder of the site.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn files(&self, folder: &str) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(folder))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// The bytes of every file in the folder and those below, but for those of the vendor and the token.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn written(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let given = ["records", "token", "expected", "profile", "README"];
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_dir() {
                    folders.push(path);
                } else if !given.iter().any(|given| name.starts_with(given)) {
                    files.push((path.clone(), fs::read(&path)?));
                }
            }
        }
        Ok(files)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
