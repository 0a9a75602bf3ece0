//! Who is measured: the engine, the floor below it, and what would be written by hand. One that isn't installed is left out and told.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pmh_xtask::{Error, Result, on_path, step, target_dir, workspace_root};

use crate::commands::{cargo, packages, succeeds, workload};

/// The engine's own name in the tables; the others are compared with it.
pub(crate) const ENGINE: &str = "engine, native";

/// The others' names, for the targets.
pub(crate) const FLOOR: &str = "floor, no checks";
pub(crate) const PROGRAM: &str = "pmh transform (wasmtime)";
pub(crate) const PROGRAM_TWICE: &str = "pmh transform --jobs 2";
pub(crate) const NODE: &str = "Node, by hand (ajv)";
pub(crate) const MODULE_IN_NODE: &str = "module in Node";
pub(crate) const PYTHON: &str = "Python, by hand (jsonschema-rs)";
pub(crate) const JAVA: &str = "Java, by hand (networknt)";
pub(crate) const MODULE_IN_JAVA: &str = "module in Java (Chicory)";
pub(crate) const VRL: &str = "VRL";
pub(crate) const JQ: &str = "jq";
pub(crate) const JAQ: &str = "jaq";

/// What a contender writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// Every record, unchecked.
    Mapped,
    /// The same, with the keys of objects in another order.
    Reordered,
    /// The records without errors.
    Checked,
}

/// Somebody who maps the records.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) output: Output,
    /// Whether it is also measured with a million records.
    pub(crate) grows: bool,
    /// Program and arguments, in which `{in}` and `{out}` stand for the files; without `{out}` it prints.
    line: Vec<String>,
}

impl Contender {
    fn new(name: &'static str, output: Output, line: &[&dyn AsRef<Path>]) -> Self {
        let line =
            line.iter().map(|part| AsRef::<Path>::as_ref(*part).to_string_lossy().into_owned()).collect();
        Self { name, output, grows: false, line }
    }

    /// The command that maps one file to the other.
    pub(crate) fn command(&self, input: &Path, output: &Path) -> Command {
        let mut words = self.line.iter().map(|word| match word.as_str() {
            "{in}" => input.as_os_str().to_owned(),
            "{out}" => output.as_os_str().to_owned(),
            other => other.into(),
        });
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).stdout(Stdio::null());
        if let (false, Ok(file)) = (self.line.iter().any(|word| word == "{out}"), File::create(output)) {
            command.stdout(file);
        }
        command
    }
}

fn built(name: &str) -> PathBuf {
    target_dir().join("release").join(name)
}

/// `pmh explain`, the shortest thing that the program does.
pub(crate) fn explain() -> Command {
    let mut command = Command::new(built("pmh"));
    command.args(["explain", "PMH3101", "--lang", "en"]).stdout(Stdio::null());
    command
}

/// Everybody that this machine has; the engine first.
pub(crate) fn all(module: &Path) -> Result<Vec<Contender>> {
    let profile = workload::profile();
    let bench = workspace_root().join("bench");
    let openapi = workspace_root().join("spec/openapi.yaml");
    let mut all = vec![
        Contender {
            grows: true,
            ..Contender::new(ENGINE, Output::Checked, &[&built("native"), &profile, &"{in}", &"{out}"])
        },
        Contender::new(FLOOR, Output::Mapped, &[&built("floor"), &"{in}", &"{out}"]),
        Contender { grows: true, ..transform(PROGRAM, &profile, "1") },
        transform(PROGRAM_TWICE, &profile, "2"),
    ];
    if let Some(node) = node(&bench.join("node"))? {
        all.push(Contender::new(
            NODE,
            Output::Checked,
            &[&node, &bench.join("node/handwritten.mjs"), &openapi, &"{in}", &"{out}"],
        ));
        all.push(Contender::new(
            MODULE_IN_NODE,
            Output::Checked,
            &[&node, &bench.join("node/module.mjs"), &module, &profile, &"{in}", &"{out}"],
        ));
    }
    if let Some(python) = python(&bench.join("python"))? {
        all.push(Contender::new(
            PYTHON,
            Output::Checked,
            &[&python, &bench.join("python/handwritten.py"), &openapi, &"{in}", &"{out}"],
        ));
    }
    if let Some((java, path)) = java(&bench.join("java"))? {
        all.push(Contender::new(
            JAVA,
            Output::Checked,
            &[&java, &"-cp", &path, &"bench.Handwritten", &openapi, &"{in}", &"{out}"],
        ));
        let jar = packages::jar(module)?;
        // without the option the virtual machine leaves the module's longest functions to its interpreter
        let whole = "-XX:-DontCompileHugeMethods";
        let day = "2026-11-22";
        all.push(Contender::new(
            MODULE_IN_JAVA,
            Output::Checked,
            &[&java, &whole, &"-jar", &jar, &profile, &day, &"{in}", &"{out}", &"en"],
        ));
    }
    if let Some(vrl) = vrl(&bench.join("vrl"))? {
        let map = bench.join("vrl/map.vrl");
        all.push(Contender::new(VRL, Output::Reordered, &[&vrl, &map, &"{in}", &"{out}"]));
    }
    for (name, program) in [(JQ, on_path("jq")), (JAQ, jaq()?)] {
        let Some(program) = program else {
            eprintln!("{name} is left out: apt-get install {name}");
            continue;
        };
        let script = bench.join("jq/map.jq");
        let line: [&dyn AsRef<Path>; 6] = [&program, &"-c", &"-j", &"-f", &script, &"{in}"];
        all.push(Contender::new(name, Output::Mapped, &line));
    }
    Ok(all)
}

/// The program as it is handed out, with so many mapping sessions.
fn transform(name: &'static str, profile: &Path, jobs: &str) -> Contender {
    let report = target_dir().join("bench/report.ndjson");
    let (program, day) = (built("pmh"), "2026-11-22");
    let line: [&dyn AsRef<Path>; 15] = [
        &program,
        &"transform",
        &"--quiet",
        &"--as-of",
        &day,
        &"--jobs",
        &jobs,
        &"--profile",
        &profile,
        &"--input",
        &"{in}",
        &"--output",
        &"{out}",
        &"--report",
        &report,
    ];
    Contender::new(name, Output::Checked, &line)
}

/// Vector's language, built from a folder with a lock file of its own.
fn vrl(folder: &Path) -> Result<Option<PathBuf>> {
    let built = target_dir().join("bench/vrl");
    let mut cargo = cargo("build");
    cargo.current_dir(folder).args(["--release", "--quiet", "--target-dir"]).arg(&built);
    let done =
        step("building VRL", "a few hundred packages", "minutes the first time", || succeeds(&mut cargo))?;
    Ok(done.then(|| built.join("release/pmh-bench-vrl")))
}

/// `jaq`, installed into `target/tools` where it isn't.
fn jaq() -> Result<Option<PathBuf>> {
    let tools = target_dir().join("tools");
    let program = tools.join("bin/jaq");
    let mut cargo = cargo("install");
    cargo.args(["--quiet", "--version", "3.1.2", "jaq", "--root"]).arg(&tools);
    Ok((program.exists() || succeeds(&mut cargo)?).then_some(program))
}

/// Node, with the packages that the mapping by hand uses.
fn node(folder: &Path) -> Result<Option<PathBuf>> {
    let (Some(node), Some(npm)) = (on_path("node"), on_path("npm")) else {
        eprintln!("Node is left out: apt-get install nodejs npm");
        return Ok(None);
    };
    let mut install = Command::new(npm);
    install.arg("--prefix").arg(folder).args(["ci", "--no-audit", "--no-fund", "--silent"]);
    succeeds(&mut install).map(|installed| installed.then_some(node))
}

/// Python in an environment of its own under `target`.
fn python(folder: &Path) -> Result<Option<PathBuf>> {
    let environment = target_dir().join("bench/python");
    let own = environment.join("bin/python");
    if !own.exists() {
        let Some(python) = on_path("python3") else {
            eprintln!("Python is left out: apt-get install python3 python3-venv");
            return Ok(None);
        };
        if !succeeds(Command::new(python).args(["-m", "venv"]).arg(&environment))? {
            return Ok(None);
        }
    }
    let mut install = Command::new(&own);
    install.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(folder.join("requirements.txt"));
    succeeds(&mut install).map(|installed| installed.then_some(own))
}

/// Java, with the class path of the mapping by hand.
fn java(folder: &Path) -> Result<Option<(PathBuf, String)>> {
    let (Some(java), Some(maven)) = (on_path("java"), on_path("mvn")) else {
        eprintln!("Java is left out: apt-get install openjdk-17-jdk-headless maven");
        return Ok(None);
    };
    let built = folder.join("target");
    let mut package = Command::new(maven);
    package.args(["--quiet", "--batch-mode", "package", "--file"]).arg(folder.join("pom.xml"));
    let path = format!("{}:{}", built.join("bench-java.jar").display(), built.join("lib/*").display());
    succeeds(&mut package).map(|done| done.then_some((java, path)))
}

/// Bytes of the module, as it is and compressed with Brotli (Node has it built in).
pub(crate) fn module_size(module: &Path) -> Result<(u64, Option<u64>)> {
    let raw = fs::metadata(module).map_err(Error::while_doing(module.display()))?.len();
    let script = "process.stdout.write(String(require('zlib').brotliCompressSync(require('fs').readFileSync(process.argv[1])).length))";
    let output = Command::new("node").args(["-e", script]).arg(module).output().ok();
    Ok((raw, output.and_then(|output| String::from_utf8_lossy(&output.stdout).parse().ok())))
}

/// The machine and what ran on it, a line each.
pub(crate) fn machine() -> Vec<String> {
    let first = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'));
        line.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let says = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines()
            .next()
            .map(|line| if line.starts_with('v') { format!("node {line}") } else { line.to_owned() })
    };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut lines = vec![
        format!(
            "{}, {cores} cores, {} of memory",
            first("/proc/cpuinfo", "model name"),
            first("/proc/meminfo", "MemTotal")
        ),
        format!("load average at the end: {}", load.split(' ').take(3).collect::<Vec<_>>().join(" ")),
    ];
    let programs = [
        ("uname", "-sr"),
        ("rustc", "--version"),
        ("node", "--version"),
        ("python3", "--version"),
        ("jq", "--version"),
    ];
    lines.extend(programs.into_iter().filter_map(|(program, argument)| says(program, argument)));
    lines
}
