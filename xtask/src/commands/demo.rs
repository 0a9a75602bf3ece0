//! `cargo xtask demo`: the whole way, from the records of each sample vendor to a simulated PMH.
//!
//! It works on copies in a temporary folder, with a token made up for this run, and reaches no other address than
//! this machine's own.

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use comfy_table::{CellAlignment, Table, presets};
use pmh_xtask::{Error, Result, step, target_dir, workspace_root};
use serde::Deserialize;
use tempfile::{NamedTempFile, TempDir};

use super::simulator::Simulator;
use super::{cargo, succeeds};

/// The date that the sample records are made for.
const AS_OF: &str = "2026-11-22";

/// What `pmh sync --format json` prints, as far as it is shown here.
#[derive(Deserialize)]
struct Account {
    summary: Summary,
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Summary {
    read: u64,
    accepted: u64,
    excluded: u64,
    rejected: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    serial_number: Option<String>,
    records: u64,
}

/// Says whether every vendor's records reached the simulator.
pub(crate) fn run() -> Result<bool> {
    let built =
        step("building pmh and pmh-simulator", "in the dev profile", "minutes the first time", || {
            // all of the workspace, so that the tests find their dependencies built with the same features
            succeeds(cargo("build").args(["--workspace", "--bins"]))
        })?;
    if !built {
        return Ok(false);
    }
    let folder = TempDir::with_prefix("pmh-demo-").map_err(Error::while_doing("temporary folder"))?;
    let token = token();
    let simulator = Simulator::start(&program("pmh-simulator"), &secret(folder.path(), &token)?)?;
    println!("PMH is simulated at {}; the processing date is {AS_OF}\n", simulator.url());

    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["vendor", "read", "accepted", "excluded", "rejected", "sent", "serial number"]);
    let mut serials = HashSet::new();
    let mut all_sent = true;
    for vendor in vendors()? {
        let name = vendor.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let copy = folder.path().join(&name);
        prepare(&vendor, &copy, &simulator.endpoint(), &token)?;
        let Account { summary, deliveries } = sync(&copy)?;
        let sent: u64 = deliveries.iter().filter(|d| d.serial_number.is_some()).map(|d| d.records).sum();
        let own: Vec<String> = deliveries.into_iter().filter_map(|delivery| delivery.serial_number).collect();
        all_sent &= sent == summary.accepted && sent > 0;
        let counts = [summary.read, summary.accepted, summary.excluded, summary.rejected, sent];
        let cells = counts.iter().map(ToString::to_string);
        table.add_row([name].into_iter().chain(cells).chain([own.join(" ")]));
        serials.extend(own);
    }
    for column in table.column_iter_mut().skip(1).take(5) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}\n");

    let registrations = simulator.stop()?;
    let records: u64 = registrations.iter().map(|registration| registration.records).sum();
    println!("The simulator accepted {records} records in {} registrations.", registrations.len());
    println!("Rejected records are bad on purpose. What is wrong with them, for example:");
    println!("  {}", example());
    let registered: HashSet<String> =
        registrations.into_iter().map(|registration| registration.serial_number).collect();
    if !all_sent || registered != serials {
        println!("FAILED: what was sent and what the simulator accepted are not the same");
        return Ok(false);
    }
    Ok(true)
}

fn example() -> String {
    let program = program("pmh");
    let program = program.strip_prefix(workspace_root()).unwrap_or(&program);
    let vendor = "tests/vendors/flat-romaji";
    format!(
        "{} check --profile {vendor}/profile.json --as-of {AS_OF} {vendor}/records.ndjson",
        program.display()
    )
}

fn program(name: &str) -> PathBuf {
    target_dir().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The folders in `tests/vendors` that hold a configuration, in order.
fn vendors() -> Result<Vec<PathBuf>> {
    let folder = workspace_root().join("tests/vendors");
    let entries = fs::read_dir(&folder).map_err(Error::while_doing(folder.display()))?.flatten();
    let mut vendors: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|v| v.join("pmh.toml").is_file()).collect();
    vendors.sort();
    Ok(vendors)
}

/// Copies a vendor's folder, with the simulator in the place of its endpoint.
fn prepare(vendor: &Path, copy: &Path, endpoint: &str, token: &str) -> Result<()> {
    let copying = || Error::while_doing(format!("copying {}", vendor.display()));
    fs::create_dir(copy).map_err(copying())?;
    for entry in fs::read_dir(vendor).map_err(copying())?.flatten() {
        fs::copy(entry.path(), copy.join(entry.file_name())).map_err(copying())?;
    }
    let configuration = copy.join("pmh.toml");
    let text = fs::read_to_string(&configuration).map_err(copying())?;
    fs::write(&configuration, with_url(&text, endpoint)).map_err(copying())?;
    secret(copy, token).map(drop)
}

fn with_url(configuration: &str, url: &str) -> String {
    let line = |line: &str| match line.split_once('=') {
        Some((key, _)) if key.trim() == "url" => format!("url = \"{url}\"\n"),
        _ => format!("{line}\n"),
    };
    configuration.lines().map(line).collect()
}

fn sync(folder: &Path) -> Result<Account> {
    let output = Command::new(program("pmh"))
        // the samples' day is hardly ever today
        .args(["sync", "--lang", "en", "--format", "json", "--as-of", AS_OF, "--config"])
        .arg(folder.join("pmh.toml"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(Error::while_doing("pmh sync"))?;
    serde_json::from_slice(&output.stdout).map_err(Error::while_doing(format!("pmh sync: {}", output.status)))
}

/// Writes the token where only this user reads it.
fn secret(folder: &Path, token: &str) -> Result<PathBuf> {
    let file = folder.join("token");
    let writing = || Error::while_doing(file.display().to_string());
    let mut private = NamedTempFile::new_in(folder).map_err(writing())?; // readable by its owner alone
    private.write_all(token.as_bytes()).map_err(writing())?;
    private.persist(&file).map_err(|refused| writing()(refused.error))?;
    Ok(file)
}

/// A token for one run on this machine.
fn token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("demo-{:016x}{:016x}", random(), random())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_alone_is_replaced() {
        let before = "profile = \"p\"\n[endpoint]\nurl = \"http://127.0.0.1:9/x\"\ntoken_file = \"token\"\n# url of nothing\n";
        let after = with_url(before, "http://127.0.0.1:4/x");
        assert_eq!(after, before.replace(":9/", ":4/"));
    }

    #[test]
    fn tokens_differ() {
        assert_ne!(token(), token());
    }

    #[test]
    fn the_account_is_read_as_the_runner_prints_it() {
        let account = r#"{"summary":{"read":3,"accepted":1,"excluded":1,"rejected":1,"warnings":0},
            "deliveries":[{"outcome":"accepted","status":200,"serialNumber":"0001","records":1,"bytes":9}],"stops":[]}"#;
        let account: Account = serde_json::from_str(account).unwrap();
        assert_eq!((account.summary.read, account.deliveries.len()), (3, 1));
    }
}
