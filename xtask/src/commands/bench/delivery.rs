//! `pmh sync` sending a set from its spool, against `curl` posting the same file to the same simulator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use pmh_xtask::{Error, Result, on_path, target_dir};

use super::process::measure;
use crate::commands::simulator::Simulator;
use crate::commands::workload;

/// Made up; the simulator asks for it.
const TOKEN: &str = "bench-token";

/// How long both took, from start to end of the process.
pub(crate) struct Delivery {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) sync: Duration,
    pub(crate) curl: Duration,
}

/// `None` where there is no curl.
pub(crate) fn run(folder: &Path, records: u64) -> Result<Option<Delivery>> {
    let Some(curl) = on_path("curl") else {
        eprintln!("delivery is left out: apt-get install curl");
        return Ok(None);
    };
    let folder = folder.join("delivery");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    workload::write(&folder.join("records.json"), records, 4, 0)?;
    let token = secret(&folder)?;
    let release = target_dir().join("release");
    let simulator = Simulator::start(&release.join("pmh-simulator"), &token)?;
    let config = configure(&folder, &simulator.endpoint())?;
    let sync = || {
        let mut sync = Command::new(release.join("pmh"));
        sync.args(["sync", "--quiet", "--as-of", "2026-11-22", "--config"]).arg(&config);
        sync.stdout(Stdio::null());
        sync
    };

    // the first try is turned away, so that the second has nothing to do but to send what is spooled
    let busy = format!("{}/_simulator/answers", simulator.url());
    measure(
        Command::new(&curl)
            .args(["--silent", "--fail", "--data", "[{\"status\":503}]", &busy])
            .stdout(Stdio::null()),
    )?;
    let refused = sync().stderr(Stdio::null()).status().map_err(Error::while_doing("pmh sync"))?;
    if refused.code() != Some(5) {
        return Err(Error::new(format!("pmh sync ended with {refused} where PMH was busy")));
    }
    let spooled = spooled(&folder.join("spool"))?;
    let copy = folder.join("spooled.json");
    fs::copy(&spooled, &copy).map_err(Error::while_doing(spooled.display()))?;
    eprintln!("delivery: pmh sync");
    let sync = measure(&mut sync())?.elapsed;
    eprintln!("delivery: curl");
    let curl = measure(
        Command::new(&curl)
            .args(["--silent", "--fail", "--request", "POST", "--header", "Content-Type: application/json"])
            .arg("--header")
            .arg(format!("Authorization: Bearer {TOKEN}"))
            .arg("--upload-file")
            .arg(&copy)
            .arg(simulator.endpoint())
            .stdout(Stdio::null()),
    )?
    .elapsed;
    let accepted = simulator.stop()?;
    // of so many people some are drawn twice, and rejected
    let [sent, posted] = accepted.as_slice() else {
        return Err(Error::new("the simulator did not accept both deliveries"));
    };
    if sent.records != posted.records {
        return Err(Error::new("the two deliveries differ"));
    }
    let records = sent.records;
    let bytes = super::size(&copy)?;
    fs::remove_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    Ok(Some(Delivery { records, bytes, sync, curl }))
}

/// A token file that nobody else may read.
fn secret(folder: &Path) -> Result<PathBuf> {
    use std::io::Write as _;
    let file = folder.join("token");
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written =
        options.write(true).create_new(true).open(&file).and_then(|mut to| to.write_all(TOKEN.as_bytes()));
    written.map_err(Error::while_doing(file.display()))?;
    Ok(file)
}

fn configure(folder: &Path, endpoint: &str) -> Result<PathBuf> {
    let file = folder.join("pmh.toml");
    let text = format!(
        "profile = \"{}\"\n[input]\npath = \"records.json\"\nformat = \"json\"\nsettle = \"0s\"\n[endpoint]\nurl = \"{endpoint}\"\ntoken_file = \"token\"\n\
         [guard]\nmax_rejected = 100000\n[retry]\nmax_attempts = 1\n[ledger]\npath = \"ledger.sqlite3\"\nspool_dir = \"spool\"\n",
        workload::profile().display()
    );
    fs::write(&file, text).map_err(Error::while_doing(file.display()))?;
    Ok(file)
}

/// The one file of a set that waits: the longest.
fn spooled(folder: &Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).map_err(Error::while_doing(folder.display()))?;
    let files = entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.len(), entry.path())));
    files.max().map(|(_, file)| file).ok_or_else(|| Error::new("nothing is spooled"))
}
