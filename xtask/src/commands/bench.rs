//! `cargo xtask bench`: how fast the engine is beside what would be written by hand, measured in one run and written to `docs`.
//!
//! Contenders take turns on the same records, and each that checks must give the engine's bytes. `--check` measures no time at
//! all: it counts instructions, which don't depend on what else the machine does.

mod contenders;
mod delivery;
mod document;
mod instructions;
mod process;
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use pmh_xtask::{Error, Result, Toolchain, build_module, step, target_dir};

use self::contenders::{Contender, Output};
use self::process::{Spent, measure, middle};
use super::{cargo, succeeds, workload};

/// Records whose output is compared.
const COMPARED: u64 = 5_000;

/// How often each count of records is taken for growth, at most: the last one takes half a minute.
const GROWTH_ROUNDS: usize = 3;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many records each contender maps
    #[arg(long, default_value_t = 100_000)]
    records: u64,
    /// How often each contender takes its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Ten times as many records for growth; 0 leaves growth out
    #[arg(long, default_value_t = 1_000_000)]
    growth: u64,
    /// Counts instructions instead, and fails where they are 5 % above bench/instructions.json
    #[arg(long)]
    check: bool,
    /// With --check: writes bench/instructions.json anew
    #[arg(long, requires = "check")]
    accept: bool,
}

/// Says whether every contender gave the bytes it should, or whether the instructions stayed within bounds.
pub(crate) fn run(toolchain: &Toolchain, arguments: &Arguments) -> Result<bool> {
    let folder = target_dir().join("bench");
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    if arguments.check {
        build(&["pmh-bench"])?;
        return instructions::check(&folder, &toolchain.describe(), arguments.accept);
    }
    build(&["pmh-bench", "pmh-runner", "pmh-simulator"])?;
    let module = build_module(toolchain, &target_dir().join("module-build"))?;
    let contenders: Vec<Contender> = contenders::all(&module)?;
    let records = folder.join("records.json");
    workload::write(&records, arguments.records, 1, 1)?;
    let mut spent: Vec<Vec<Spent>> = contenders.iter().map(|_| Vec::new()).collect();
    for round in 1..=arguments.rounds {
        for (contender, spent) in contenders.iter().zip(&mut spent) {
            eprintln!("round {round} of {}: {}", arguments.rounds, contender.name);
            spent.push(measure(&mut contender.command(&records, &folder.join("measured.json")))?);
        }
    }
    let growth = growth(&contenders, &folder, arguments)?;
    let start_up = start_up(&contenders, &folder, arguments.rounds)?;
    let delivery = delivery::run(&folder, arguments.growth).unwrap_or_else(|error| {
        eprintln!("delivery is left out: {error}"); // the rest took minutes to measure
        None
    });
    let first_record = first_record(&folder)?;
    // last, since it takes much memory: a process that is started then would begin with it as its peak
    let same = compare(&contenders, &folder)?;
    let figures = document::Figures {
        records: arguments.records,
        rounds: arguments.rounds,
        input: size(&records)?,
        output: size(&folder.join("expected.json")).map(|bytes| bytes / COMPARED)?,
        rows: contenders.iter().map(|contender| contender.name).zip(spent).collect(),
        start_up,
        module: contenders::module_size(&module)?,
        growth,
        delivery,
        first_record,
    };
    document::write(&figures, &contenders::machine())?;
    Ok(same)
}

/// Builds the generator of records, and what is measured as it is handed out.
fn build(packages: &[&str]) -> Result<()> {
    step("building", "what is measured, in the release profile", "minutes the first time", || {
        let mut measured = cargo("build");
        measured.arg("--release").args(packages.iter().flat_map(|package| ["-p", package]));
        let built = succeeds(cargo("build").args(["--workspace", "--bins"]))? && succeeds(&mut measured)?;
        if built { Ok(()) } else { Err(Error::new("it does not compile: see above")) }
    })
}

/// Compares what the contenders write: with the engine's output, where they check as it does; on records without faults
/// where they don't.
fn compare(contenders: &[Contender], folder: &Path) -> Result<bool> {
    let mut same = true;
    for findings in [10, 0] {
        let (records, expected) = (folder.join("compared.json"), folder.join("expected.json"));
        workload::write(&records, COMPARED, 2, findings)?;
        for (number, contender) in contenders.iter().enumerate() {
            if findings > 0 && contender.output != Output::Checked {
                continue;
            }
            let written = if number == 0 { expected.clone() } else { folder.join("written.json") };
            measure(&mut contender.command(&records, &written))?;
            let (written, expected) = (read(&written)?, read(&expected)?);
            let differs = match contender.output {
                Output::Reordered => value(&written)? != value(&expected)?,
                Output::Mapped | Output::Checked => written != expected,
            };
            if differs {
                eprintln!("{} writes other bytes than {}", contender.name, contenders::ENGINE);
                same = false;
            }
        }
    }
    Ok(same)
}

/// Ten times the records against the records: the engine, and the program with its peak memory.
fn growth(contenders: &[Contender], folder: &Path, arguments: &Arguments) -> Result<Vec<document::Growth>> {
    if arguments.growth == 0 {
        return Ok(Vec::new());
    }
    let counts = [arguments.growth / 100, arguments.growth / 10, arguments.growth];
    let mut files = Vec::new();
    for count in counts {
        let file = folder.join(format!("records-{count}.json"));
        workload::write(&file, count, 3, 1)?;
        files.push(file);
    }
    let chosen = contenders.iter().filter(|contender| contender.grows);
    let grown = chosen
        .map(|contender| {
            let mut spent: Vec<Vec<Spent>> = files.iter().map(|_| Vec::new()).collect();
            for round in 1..=arguments.rounds.min(GROWTH_ROUNDS) {
                eprintln!("growth, round {round}: {}", contender.name);
                for (file, spent) in files.iter().zip(&mut spent) {
                    spent.push(measure(&mut contender.command(file, &folder.join("grown.json")))?);
                }
            }
            let spent = spent.into_iter().filter_map(middle).collect();
            Ok(document::Growth { name: contender.name, counts, spent })
        })
        .collect();
    files.push(folder.join("grown.json"));
    for file in files {
        fs::remove_file(&file).map_err(Error::while_doing(file.display()))?;
    }
    grown
}

/// From the start of the process to its end, for `pmh explain` and for a single record.
fn start_up(
    contenders: &[Contender],
    folder: &Path,
    rounds: usize,
) -> Result<Vec<(&'static str, Vec<Spent>)>> {
    let one = folder.join("one.json");
    workload::write(&one, 1, 1, 0)?;
    let mut commands: Vec<(&'static str, PathBuf)> = vec![("pmh explain PMH3101", PathBuf::new())];
    commands.extend(contenders.iter().map(|contender| (contender.name, one.clone())));
    let mut spent = Vec::new();
    for (name, file) in commands {
        let times: Result<Vec<Spent>> = (0..rounds.max(3))
            .map(|_| match contenders.iter().find(|contender| contender.name == name) {
                Some(contender) => measure(&mut contender.command(&file, &folder.join("written.json"))),
                None => measure(&mut contenders::explain()),
            })
            .collect();
        spent.push((name, times?));
    }
    Ok(spent)
}

/// From a profile's bytes to the first record's payload, as the example prints it.
fn first_record(folder: &Path) -> Result<Option<u64>> {
    let one = folder.join("one.ndjson");
    workload::write(&one, 1, 1, 0)?;
    let mut example = cargo("run");
    example.args(["--quiet", "--release", "-p", "pmh-runner", "--example", "first_record"]);
    let output = example.arg(workload::profile()).arg(&one).output();
    let output = output.map_err(Error::while_doing("first_record"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

fn value(json: &[u8]) -> Result<serde_json::Value> {
    serde_json::from_slice(json).map_err(Error::while_doing("a payload"))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(Error::while_doing(file.display()))
}

pub(crate) fn size(file: &Path) -> Result<u64> {
    fs::metadata(file).map(|metadata| metadata.len()).map_err(Error::while_doing(file.display()))
}
