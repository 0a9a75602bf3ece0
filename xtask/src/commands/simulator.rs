//! `pmh-simulator` as a child process that never outlives its parent.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use pmh_xtask::{Error, Result};
use serde::Deserialize;

/// A running simulator.
pub(crate) struct Simulator {
    child: Child,
    output: BufReader<ChildStdout>,
    url: String,
}

/// What it accepted, as far as it is shown here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    pub(crate) serial_number: String,
    pub(crate) records: u64,
}

/// The last line that it prints.
#[derive(Deserialize)]
struct Lists {
    registrations: Vec<Registration>,
}

impl Simulator {
    /// Starts it on a free port of this machine, and waits until it says where it listens.
    pub(crate) fn start(program: &Path, token_file: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["--print-url", "--token-file"])
            .arg(token_file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::while_doing(program.display()))?;
        let output = child.stdout.take().ok_or_else(|| Error::new("pmh-simulator has no output"))?;
        let mut simulator = Self { child, output: BufReader::new(output), url: String::new() };
        let url = simulator.line()?;
        if url.is_empty() {
            return Err(Error::new("pmh-simulator ended before it said where it listens"));
        }
        simulator.url = url;
        Ok(simulator)
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where registrations are posted to.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}/medicalSubsidiesTargetPersons", self.url)
    }

    /// Ends it, and gives what it accepted.
    pub(crate) fn stop(mut self) -> Result<Vec<Registration>> {
        let ended = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status();
        ended.map_err(Error::while_doing("ending pmh-simulator"))?;
        let lists = self.line()?;
        let lists: Lists =
            serde_json::from_str(&lists).map_err(Error::while_doing("pmh-simulator's last line"))?;
        Ok(lists.registrations)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(Error::while_doing("pmh-simulator"))?;
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // it may have ended already, and nothing is left to be said about it
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
