//! What the project's tests share: the vectors, the sample vendors, and the hosts that run them.
//!
//! A vector is one JSON file that a person can read. Every host runs the same files and must produce the same bytes.

use std::{fs, io, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use pmh_core::{Job, Output, Search};
use pmh_runner::module;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub mod chain;
pub mod faults;
pub mod site;
pub mod truth;

/// Anything that can go wrong in a test's own machinery.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The folder of this crate.
#[must_use]
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One case: what goes in, and what must come out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Vector {
    /// The file's name without its ending.
    #[serde(skip)]
    pub name: String,
    /// What the case shows.
    pub note: String,
    /// A profile, the name of one in `vectors/profiles`, `{"$text": …}` where it is no JSON document, or `null`.
    pub profile: Value,
    /// The options, passed on as they are.
    pub options: Value,
    /// The input.
    #[serde(flatten)]
    pub input: Input,
    /// The payload; `null` where there must be no byte of it.
    pub payload: Value,
    /// The report's findings.
    pub findings: Vec<Value>,
    /// What a second run over the same input gives as `other` of those findings that have this member, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Value>,
    /// The report's summary.
    pub summary: Value,
}

/// An input in its most readable form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// A JSON document; the input is its minified text.
    Json(Value),
    /// The text itself.
    Text(String),
    /// Bytes that are no text.
    Base64(String),
}

impl Input {
    /// The bytes.
    ///
    /// # Errors
    ///
    /// Where the Base64 is not.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Json(value) => serde_json::to_vec(value)?,
            Self::Text(text) => text.clone().into_bytes(),
            Self::Base64(text) => STANDARD.decode(text)?,
        })
    }
}

impl Vector {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Where it is not a vector.
    pub fn read(path: &std::path::Path) -> Result<Self> {
        let text = fs::read(path)?;
        let vector: Self =
            serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, ..vector })
    }

    /// The profile's bytes.
    ///
    /// # Errors
    ///
    /// Where the named profile cannot be read.
    pub fn profile_bytes(&self) -> Result<Vec<u8>> {
        match &self.profile {
            Value::Null => Ok(Vec::new()),
            Value::String(name) => {
                Ok(fs::read(root().join("vectors/profiles").join(format!("{name}.json")))?)
            }
            profile => match profile.get("$text").and_then(Value::as_str) {
                Some(text) => Ok(text.as_bytes().to_vec()),
                None => Ok(serde_json::to_vec(profile)?),
            },
        }
    }

    /// The options' bytes.
    ///
    /// # Errors
    ///
    /// Never, for what was read from a file.
    pub fn options_bytes(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&self.options)?)
    }

    /// The bytes that every host must produce.
    ///
    /// # Errors
    ///
    /// Never, for what was read from a file.
    pub fn expected(&self) -> Result<Outcome> {
        self.expected_with(&self.findings)
    }

    /// The bytes that every host must produce in a second run; `None` if there must be none.
    ///
    /// # Errors
    ///
    /// Never, for what was read from a file.
    pub fn expected_second(&self) -> Result<Option<Outcome>> {
        let (mut findings, mut others) = (self.findings.clone(), self.others.iter());
        for other in findings.iter_mut().filter_map(|finding| finding.get_mut("other")) {
            *other = others.next().cloned().unwrap_or_default();
        }
        if self.others.is_empty() { Ok(None) } else { self.expected_with(&findings).map(Some) }
    }

    fn expected_with(&self, findings: &[Value]) -> Result<Outcome> {
        let payload = if self.payload.is_null() { Vec::new() } else { serde_json::to_vec(&self.payload)? };
        let mut report = Vec::new();
        for finding in findings {
            serde_json::to_writer(&mut report, finding)?;
            report.push(b'\n');
        }
        serde_json::to_writer(&mut report, &serde_json::json!({ "summary": self.summary }))?;
        report.push(b'\n');
        Ok(Outcome { payload, report })
    }
}

/// Every vector, in the order of their names.
///
/// # Errors
///
/// Where one of them cannot be read.
pub fn vectors() -> Result<Vec<Vector>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root().join("vectors"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| Vector::read(path)).collect()
}

/// What a run produced.
#[derive(Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The report's bytes.
    pub report: Vec<u8>,
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "payload: {}", String::from_utf8_lossy(&self.payload))?;
        write!(f, "report: {}", String::from_utf8_lossy(&self.report))
    }
}

impl Outcome {
    /// The lines of an NDJSON report: the findings, and the summary last.
    ///
    /// # Errors
    ///
    /// Where the report is no NDJSON.
    pub fn report_lines(&self) -> Result<(Vec<Value>, Value)> {
        let text = std::str::from_utf8(&self.report)?;
        let mut lines = text.lines().map(serde_json::from_str).collect::<serde_json::Result<Vec<Value>>>()?;
        let summary = lines.pop().and_then(|line| line.get("summary").cloned()).ok_or("no summary")?;
        Ok((lines, summary))
    }

    /// The codes of the findings, in order.
    ///
    /// # Errors
    ///
    /// Where the report is no NDJSON.
    pub fn codes(&self) -> Result<Vec<String>> {
        let (findings, _) = self.report_lines()?;
        Ok(findings.iter().filter_map(|finding| finding["code"].as_str().map(str::to_owned)).collect())
    }
}

/// Something that runs the core.
pub trait Host {
    /// Its name in messages.
    fn name(&self) -> &'static str;

    /// Runs one input, pushed in these pieces.
    ///
    /// # Errors
    ///
    /// Where the host itself fails. Bad data, a bad profile and bad options are no failures.
    fn run(&self, profile: &[u8], options: &[u8], pieces: &[&[u8]]) -> Result<Outcome> {
        Ok(self.run_twice(profile, options, pieces)?.0)
    }

    /// Runs one input and, if there are other records to be named, runs it a second time.
    ///
    /// # Errors
    ///
    /// As [`Host::run`].
    fn run_twice(
        &self,
        profile: &[u8],
        options: &[u8],
        pieces: &[&[u8]],
    ) -> Result<(Outcome, Option<Outcome>)>;
}

/// The core as a Rust library.
pub struct Native;

impl Host for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn run_twice(
        &self,
        profile: &[u8],
        options: &[u8],
        pieces: &[&[u8]],
    ) -> Result<(Outcome, Option<Outcome>)> {
        let job = match Job::from_json(profile, options) {
            Ok(job) => job,
            Err(invalid) => return Ok((Outcome { payload: Vec::new(), report: invalid.report() }, None)),
        };
        let once = |search| {
            let (mut session, mut out) = (job.session().searching(search), Output::default());
            for piece in pieces {
                session.push(piece, &mut out);
            }
            let (_, search) = session.finish_first(&mut out);
            (Outcome { payload: out.payload, report: out.report }, search)
        };
        let (first, search) = once(Search::default());
        let second = (!search.is_empty()).then(|| once(search));
        if let Some((_, search)) = &second {
            assert!(search.is_empty(), "a third run has nothing to search for");
        }
        Ok((first, second.map(|(second, _)| second)))
    }
}

/// The plain module under wasmtime, through the runner's own host.
pub struct Wasmtime(module::Module);

impl Wasmtime {
    /// The module that the runner carries.
    ///
    /// # Errors
    ///
    /// Where it does not load.
    pub fn embedded() -> Result<Self> {
        Ok(Self(module::Module::embedded().map_err(other)?))
    }
}

fn other(error: impl std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{error:?}"))
}

impl Host for Wasmtime {
    fn name(&self) -> &'static str {
        "wasmtime"
    }

    fn run_twice(
        &self,
        profile: &[u8],
        options: &[u8],
        pieces: &[&[u8]],
    ) -> Result<(Outcome, Option<Outcome>)> {
        let mut session = self.0.session_with(profile, options).map_err(other)?;
        let once = |session: &mut module::Session| {
            let mut outcome = Outcome { payload: Vec::new(), report: Vec::new() };
            let mut take = |output: module::Output<'_>| {
                outcome.payload.extend_from_slice(output.payload);
                outcome.report.extend_from_slice(output.report);
                output.status
            };
            if take(session.output().map_err(other)?) == module::Status::Ok {
                for piece in pieces {
                    take(session.push(piece).map_err(other)?);
                }
                take(session.finish().map_err(other)?);
            }
            Ok::<_, io::Error>(outcome)
        };
        let first = once(&mut session)?;
        let second = if session.locate().map_err(other)? { Some(once(&mut session)?) } else { None };
        Ok((first, second))
    }
}

/// A host whose sessions share a run: one splits the input, one maps, one joins.
pub struct Staged<H>(pub H);

impl<H: Host> Host for Staged<H> {
    fn name(&self) -> &'static str {
        "in stages"
    }

    fn run_twice(
        &self,
        profile: &[u8],
        options: &[u8],
        pieces: &[&[u8]],
    ) -> Result<(Outcome, Option<Outcome>)> {
        let Ok(Value::Object(mut staged)) = serde_json::from_slice(options) else {
            return self.0.run_twice(profile, options, pieces);
        };
        let mut stage = |name: &str, pieces: &[&[u8]]| {
            staged.insert("stage".to_owned(), name.into());
            self.0.run_twice(profile, &serde_json::to_vec(&staged)?, pieces)
        };
        let (split, _) = stage("split", pieces)?;
        if !split.report.is_empty() {
            return Ok((split, None)); // profile or options are refused
        }
        let mut joined = Vec::new();
        let mut rest = &split.payload[..];
        while let Some(length) = rest.first_chunk() {
            let behind = usize::try_from(u32::from_le_bytes(*length))? + length.len();
            let (shard, others) = rest.split_at(behind);
            joined.push([shard, &stage("map", &[shard])?.0.payload].concat());
            rest = others;
        }
        stage("join", &joined.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// The program `pmh` as a process.
pub mod pmh {
    use std::{
        ffi::OsStr,
        path::{Path, PathBuf},
        process::{Command, Output},
    };

    use super::Result;

    /// The program, as `src/bin/pmh-under-test.rs` builds it: it stands beside the folder of the running test.
    fn binary() -> PathBuf {
        let own = std::env::current_exe().unwrap_or_default();
        let folder = own.ancestors().nth(2).map(PathBuf::from).unwrap_or_default();
        folder.join(format!("pmh-under-test{}", std::env::consts::EXE_SUFFIX))
    }

    /// What the program did.
    #[derive(Debug)]
    pub struct Done {
        /// Its exit code.
        pub code: i32,
        /// What it printed.
        pub stdout: String,
        /// What it said.
        pub stderr: String,
    }

    impl Done {
        /// Standard output as JSON.
        ///
        /// # Errors
        ///
        /// Where it is none.
        pub fn json(&self) -> Result<serde_json::Value> {
            serde_json::from_str(&self.stdout).map_err(|error| format!("{error}: {self:?}").into())
        }
    }

    /// Runs the program in English.
    ///
    /// # Errors
    ///
    /// Where it can't be started, or printed what is no text.
    pub fn run(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Done> {
        run_in(Path::new("."), arguments)
    }

    /// Runs the program in English in this folder.
    ///
    /// # Errors
    ///
    /// As [`run`].
    pub fn run_in(folder: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<Done> {
        done(command(arguments).current_dir(folder).output()?)
    }

    /// The program with these arguments, in English, to be started by the test itself.
    #[must_use]
    pub fn command(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).args(["--lang", "en"]);
        command
    }

    /// What a process that has ended did.
    ///
    /// # Errors
    ///
    /// Where a signal ended it, or it printed what is no text.
    pub fn done(output: Output) -> Result<Done> {
        let Output { status, stdout, stderr } = output;
        let code = status.code().ok_or("ended by a signal")?;
        Ok(Done { code, stdout: String::from_utf8(stdout)?, stderr: String::from_utf8(stderr)? })
    }
}
