//! `cargo xtask fuzz`: looks for inputs that break what `fuzz/src` says of every run.
//!
//! libFuzzer with coverage of the core and of the targets, on stable Rust; the core has no unsafe code that a sanitizer would watch.
//! It begins with the kept corpus and with seeds out of the vectors, and leaves what it finds in `target/fuzz`; only with
//! `--keep` does it add to the corpus in the repository. It installs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pmh_xtask::{Error, Result, on_path, step, target_dir, workspace_root};

use super::{cargo, succeeds};

/// The targets, as `fuzz/Cargo.toml` has them.
const TARGETS: [&str; 4] = ["input", "profile", "records", "hosts"];

/// Larger inputs are slower to run and find nothing else: a record is about a thousand bytes.
const LONGEST_INPUT: &str = "-max_len=16384";

/// Files larger than this aren't kept in the repository.
const LARGEST_KEPT: &str = "-max_len=4096";

/// What to do.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One of input, profile, records, hosts; all of them, one after the other, where it is left out
    target: Option<String>,
    /// How long each target runs
    #[arg(long, default_value_t = 5)]
    minutes: u32,
    /// Adds what reaches more code than the corpus does to fuzz/corpus, instead of looking for more
    #[arg(long)]
    keep: bool,
}

/// Says whether nothing was broken.
pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    let named = arguments.target.as_deref();
    let chosen: Vec<_> =
        TARGETS.into_iter().filter(|target| named.is_none_or(|name| name == *target)).collect();
    if chosen.is_empty() {
        return Err(Error::new("there is no such target: input, profile, records or hosts"));
    }
    if on_path("c++").is_none() {
        return Err(Error::new("there is no C++ compiler, which libFuzzer is built with")
            .mended_by("apt-get install g++"));
    }
    let seeds = folder("seeds", "")?;
    let built =
        step("building the targets", "for libFuzzer, in the dev profile", "minutes the first time", || {
            let mut targets = cargo("build");
            targets.args(["-p", "pmh-fuzz", "--features", "libfuzzer", "--bins"]);
            targets.env("RUSTC_WORKSPACE_WRAPPER", workspace_root().join("fuzz/instrument.sh"));
            Ok(succeeds(&mut targets)? && succeeds(cargo("build").args(["--workspace", "--examples"]))?)
        })?;
    if !(built && succeeds(Command::new(program("examples/seeds")).arg(&seeds))?) {
        return Ok(false);
    }
    let mut sound = true;
    for target in chosen {
        let corpora = Corpora {
            found: folder("corpus", target)?,
            kept: workspace_root().join("fuzz/corpus").join(target),
            seeds: seeds.join(target),
        };
        fs::create_dir_all(&corpora.kept).map_err(Error::while_doing(corpora.kept.display()))?;
        sound &= if arguments.keep {
            keep(target, &corpora)?
        } else {
            let time = format!("-max_total_time={}", u64::from(arguments.minutes) * 60);
            let folders = [&corpora.found, &corpora.kept, &corpora.seeds];
            fuzzer(target, &folders, &[LONGEST_INPUT, &time])?
        };
    }
    Ok(sound)
}

/// Where a target's inputs are.
struct Corpora {
    /// What this machine's runs have found.
    found: PathBuf,
    /// What the repository keeps.
    kept: PathBuf,
    /// What the vectors give.
    seeds: PathBuf,
}

/// Runs a target. What breaks a promise is left in `target/fuzz/broken`.
fn fuzzer(target: &str, folders: &[&PathBuf], options: &[&str]) -> Result<bool> {
    let dictionary = format!("-dict={}", workspace_root().join("fuzz/dictionary").display());
    let broken = format!("-artifact_prefix={}/", folder("broken", target)?.display());
    let mut fuzzer = Command::new(program(target));
    fuzzer.args(folders).args(["-print_final_stats=1", "-timeout=20", &dictionary, &broken]).args(options);
    succeeds(&mut fuzzer)
}

fn program(name: &str) -> PathBuf {
    target_dir().join("debug").join(name)
}

/// Adds to the kept corpus the smallest files that reach what neither it nor the seeds reach.
fn keep(target: &str, corpora: &Corpora) -> Result<bool> {
    let merged = folder("merged", target)?;
    fs::remove_dir_all(&merged).map_err(Error::while_doing(merged.display()))?;
    fs::create_dir_all(&merged).map_err(Error::while_doing(merged.display()))?;
    let known = copy(&corpora.seeds, &merged)? + copy(&corpora.kept, &merged)?;
    if !fuzzer(target, &[&merged, &corpora.found], &["-merge=1", LARGEST_KEPT])? {
        return Ok(false);
    }
    for name in [names(&corpora.seeds)?, names(&corpora.kept)?].concat() {
        let file = merged.join(name);
        fs::remove_file(&file).map_err(Error::while_doing(file.display()))?;
    }
    let new = copy(&merged, &corpora.kept)?;
    println!("{target}: {new} files kept beside {known}");
    Ok(true)
}

/// A folder under `target/fuzz`, made where it isn't there.
fn folder(kind: &str, target: &str) -> Result<PathBuf> {
    let folder = target_dir().join("fuzz").join(kind).join(target);
    fs::create_dir_all(&folder).map_err(Error::while_doing(folder.display()))?;
    Ok(folder)
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(folder).map_err(Error::while_doing(folder.display()))?.flatten();
    Ok(files.map(|file| file.file_name().to_string_lossy().into_owned()).collect())
}

fn copy(from: &Path, to: &Path) -> Result<usize> {
    let names = names(from)?;
    for name in &names {
        fs::copy(from.join(name), to.join(name)).map_err(Error::while_doing(from.display()))?;
    }
    Ok(names.len())
}
