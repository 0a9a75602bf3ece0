//! Instructions a record, counted by callgrind on a fixed workload: the same on a busy machine and on an idle one.

use std::fs;
use std::path::Path;
use std::process::Command;

use pmh_xtask::{Error, Result, on_path, target_dir, workspace_root};
use serde::{Deserialize, Serialize};

use crate::commands::workload;

/// What is counted: the difference between the two leaves out what is done once.
const RECORDS: [u64; 2] = [1_000, 2_000];

/// `bench/instructions.json`
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Accepted {
    /// The compiler that it was counted with: another one gives other counts.
    compiler: String,
    /// Of the engine compiled for the machine.
    instructions_per_record: u64,
    /// Of the floor, for comparison.
    floor_instructions_per_record: u64,
}

/// Says whether the count is at most 5 % above the accepted one.
pub(crate) fn check(folder: &Path, compiler: &str, accept: bool) -> Result<bool> {
    if on_path("valgrind").is_none() {
        return Err(Error::new("there is no valgrind, which counts").mended_by("apt-get install valgrind"));
    }
    let file = workspace_root().join("bench/instructions.json");
    let profile = workload::profile();
    let counted = Accepted {
        compiler: compiler.split(" with ").next().unwrap_or_default().to_owned(),
        instructions_per_record: per_record(folder, "native", &[&profile])?,
        floor_instructions_per_record: per_record(folder, "floor", &[])?,
    };
    let Accepted { instructions_per_record: now, floor_instructions_per_record: floor, .. } = counted;
    println!("{now} instructions a record; the floor: {floor}");
    if accept {
        let text = serde_json::to_string_pretty(&counted).map_err(Error::while_doing("JSON"))?;
        fs::write(&file, text + "\n").map_err(Error::while_doing(file.display()))?;
        return Ok(true);
    }
    let text = fs::read(&file).map_err(Error::while_doing(file.display()))?;
    let accepted: Accepted = serde_json::from_slice(&text).map_err(Error::while_doing(file.display()))?;
    if accepted.compiler != counted.compiler {
        println!("counted with {}, accepted with {}", counted.compiler, accepted.compiler);
    }
    let within = is_within(now, accepted.instructions_per_record);
    if !within {
        println!(
            "more than 5 % above the accepted {}; cargo xtask bench --check --accept takes it",
            accepted.instructions_per_record
        );
    }
    Ok(within)
}

fn is_within(now: u64, accepted: u64) -> bool {
    now.saturating_mul(100) <= accepted.saturating_mul(105)
}

fn per_record(folder: &Path, program: &str, arguments: &[&Path]) -> Result<u64> {
    let mut counts = Vec::new();
    for records in RECORDS {
        let file = folder.join(format!("counted-{records}.json"));
        workload::write(&file, records, 1, 1)?;
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
        valgrind.arg(target_dir().join("release").join(program)).args(arguments).arg(file).arg("/dev/null");
        let output = valgrind.output().map_err(Error::while_doing("valgrind"))?;
        counts.push(collected(&String::from_utf8_lossy(&output.stderr)));
    }
    match counts[..] {
        [Some(fewer), Some(more)] => Ok(more.saturating_sub(fewer) / (RECORDS[1] - RECORDS[0])),
        _ => Err(Error::new(format!("valgrind counted nothing for {program}"))),
    }
}

/// The count in callgrind's `==123== Collected : 456`.
fn collected(printed: &str) -> Option<u64> {
    printed.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_percent_is_the_limit() {
        assert!(is_within(105, 100) && is_within(90, 100));
        assert!(!is_within(106, 100));
    }

    #[test]
    fn the_count_is_read() {
        assert_eq!(collected("==1== Events    : Ir\n==1== Collected : 456\n"), Some(456));
        assert_eq!(collected("valgrind: no such file"), None);
    }
}
