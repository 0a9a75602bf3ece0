//! Compiles a module that a file holds, in a child process with limits: compiling can't be interrupted, and a module
//! made for the purpose takes hours and gigabytes.
//!
//! The child is this same program. It reads the module from standard input and writes the code to standard output. It
//! limits its own processor time and memory, so that it ends even if its parent is gone; the parent ends it when the
//! clock has gone on for too long, whatever it is doing.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Read, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc::sync_channel,
    thread,
    time::Duration,
};

use pmh_core::rules;
use wasmtime::{Engine, Module};

use super::{cache::deserialize, engine, unfit};
use crate::failure::{Exit, Failure, Result, Words};

/// The argument by which this program is started as the child.
const ARGUMENT: &str = "__compile-module";

/// The processor time of the child in seconds; a module of a release takes one or two.
const SECONDS: u64 = 60;

/// The time by the clock, also for a machine that is busy.
const WAIT: Duration = Duration::from_mins(3);

/// The memory of the child.
#[cfg(target_os = "linux")]
const MEMORY: u64 = 1 << 30;

/// The largest code that the child may give.
const LARGEST: u64 = 256 << 20;

/// Compiles in a child process.
///
/// # Errors
///
/// `PMH6401` for bytes that are no module, `PMH6406` beyond the limits.
pub(super) fn compile_apart(engine: &Engine, bytes: &[u8]) -> Result<Module> {
    // checking is quick, unlike compiling
    Module::validate(engine, bytes).map_err(unfit)?;
    let code = in_child(bytes).map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => beyond(),
        kind => Failure::internal(format_args!("compiling in a child process: {kind}")),
    })?;
    code.and_then(|code| deserialize(engine, &code)).ok_or_else(beyond)
}

fn beyond() -> Failure {
    Failure::new(
        &rules::MODULE_TOO_LARGE,
        Words::new(
            format!("it can't be compiled within {SECONDS} s of processor time and 1 GiB of memory"),
            format!("CPU時間{SECONDS}秒、メモリー1 GiB以内ではコンパイルできません"),
        ),
    )
}

/// What the child gives, or nothing if it failed.
fn in_child(bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut child = Command::new(program()?)
        .arg(ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map(Ended)?;
    let (Some(mut input), Some(output)) = (child.0.stdin.take(), child.0.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let (sender, receiver) = sync_channel(1);
    // both end when the child does
    thread::Builder::new().spawn(move || {
        let mut code = Vec::new();
        let read = output.take(LARGEST).read_to_end(&mut code).map(|_| code);
        // the receiver has gone if it took too long
        let _ = sender.send(read);
    })?;
    let bytes = bytes.to_vec();
    thread::Builder::new().spawn(move || {
        // a child that has failed reads no more
        let _ = input.write_all(&bytes);
    })?;
    let code = receiver.recv_timeout(WAIT).map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(child.0.wait()?.success().then_some(code))
}

/// A child that is ended with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// This program; on Linux also after its file was replaced.
fn program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { env::current_exe() }
}

/// Does the child's work, if these are the child's arguments.
pub(crate) fn as_child(arguments: &[OsString]) -> Option<Exit> {
    match arguments {
        [_, argument] if argument == OsStr::new(ARGUMENT) => {
            Some(compile().map_or(Exit::Usage, |()| Exit::Done))
        }
        _ => None,
    }
}

fn compile() -> io::Result<()> {
    limit();
    let mut bytes = Vec::new();
    io::stdin().lock().take(super::MAX_SIZE).read_to_end(&mut bytes)?;
    let engine = engine().map_err(|_| io::ErrorKind::Unsupported)?;
    let module = Module::from_binary(&engine, &bytes).map_err(|_| io::ErrorKind::InvalidData)?;
    let code = module.serialize().map_err(|_| io::ErrorKind::InvalidData)?;
    let mut output = io::stdout().lock();
    output.write_all(&code)?;
    output.flush()
}

/// Limits this process; if the system doesn't let it, the parent's clock is still there.
#[cfg(unix)]
fn limit() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |resource, most| {
        let _ = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    // a tool of the tests must not take a minute
    limit(Resource::Cpu, if crate::fault::is("short-compile") { 1 } else { SECONDS });
    limit(Resource::Core, 0);
    #[cfg(target_os = "linux")]
    limit(Resource::Data, MEMORY);
}

#[cfg(not(unix))]
fn limit() {}
