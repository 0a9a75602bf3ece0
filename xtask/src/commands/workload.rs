//! `cargo xtask workload`: the records that everything is measured with, and the profile that reads them.
//!
//! The same number and seed give the same bytes on every machine. Everything in them is synthetic.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pmh_xtask::{Error, Result, target_dir, workspace_root};

use super::{cargo, succeeds};

/// What to write.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many records, of about a thousand bytes each
    #[arg(long)]
    records: u64,
    /// What the records are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Of a hundred records, how many have something wrong
    #[arg(long, default_value_t = 1)]
    findings: u64,
    /// Where records.json and profile.json go; target/workload where it is left out
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// Says whether it was written.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let folder = arguments.folder.clone().unwrap_or_else(|| target_dir().join("workload"));
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    if !succeeds(cargo("build").args(["--workspace", "--bins"]))? {
        return Ok(false);
    }
    let records = folder.join("records.json");
    write(&records, arguments.records, arguments.seed, arguments.findings)?;
    let copy = folder.join("profile.json");
    fs::copy(profile(), &copy).map_err(Error::while_doing(copy.display()))?;
    println!("{}\n{}", records.display(), copy.display());
    Ok(true)
}

/// The profile of the workload's layout.
pub(crate) fn profile() -> PathBuf {
    workspace_root().join("tests/vendors/nested-japanese/profile.json")
}

/// Writes records with the sample vendors' generator, which must have been built.
pub(crate) fn write(file: &Path, records: u64, seed: u64, findings: u64) -> Result<()> {
    let generator = target_dir().join("debug/vendor_records");
    let numbers = [records, seed, findings].map(|number| number.to_string());
    if succeeds(Command::new(&generator).arg("workload").arg(file).args(numbers))? {
        return Ok(());
    }
    Err(Error::new(format!("{} wrote no records", generator.display())))
}
