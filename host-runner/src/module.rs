//! The wasmtime host of `pmh.wasm`: moves bytes in and out, as `wasm/ABI.md` says, and nothing more.
//!
//! It must never look into a record, a profile, a payload or a report. Each session runs in an instance of its own,
//! with a limit on memory and on the time of one call; after a trap the session answers no call any more.

use std::{fs::File, io::Read, path::Path, thread, time::Duration};

use pmh_core::rules::{self, Lang};
use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmtime::{
    Config, Engine, Instance, Memory, ResourceLimiter, Store, Trap, TypedFunc, WasmParams, WasmResults,
};

use self::cache::Cache;
use crate::{
    documents::Documents,
    escape::printable,
    failure::{Failure, Result, Words},
};

mod acknowledged;
#[cfg_attr(not(unix), path = "module/uncached.rs")]
mod cache;
pub(crate) mod compiler;

pub use self::acknowledged::{AcknowledgedOptions, Raw};

/// The ABI version that this host was written for.
pub const ABI_VERSION: i32 = 1;

/// The module that the program carries.
pub const EMBEDDED: &[u8] = include_bytes!(env!("PMH_MODULE_PATH"));

/// The largest file of a module; that of a release has less than half a MiB.
const MAX_SIZE: u64 = 32 << 20;

/// The status of `pmh_locate` if there is nothing to locate.
const NOTHING_TO_LOCATE: i32 = 6;

/// How often the clock of the time limit ticks.
const TICK: Duration = Duration::from_millis(100);

/// The first size of the buffer in the module that pushed bytes are copied to.
const BUFFER: i32 = 64 * 1024;

/// Tables are for the module's own function pointers; this is far more than it has.
const MAX_TABLE_ELEMENTS: usize = 100_000;

/// What one session may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory of the instance in bytes; 256 MiB unless set, enough for about eight million records.
    pub memory: usize,
    /// Time of one call; 60 seconds unless set, where a call takes milliseconds.
    pub call: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 256 << 20, call: Duration::from_mins(1) }
    }
}

impl Limits {
    /// The time of one call in ticks of the clock.
    fn ticks(self) -> u64 {
        u64::try_from(self.call.as_millis().div_ceil(TICK.as_millis())).unwrap_or(u64::MAX)
    }
}

/// The form of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// The module looks at the first bytes.
    #[default]
    Auto,
    /// A JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
}

/// What the input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A vendor's records.
    #[default]
    Records,
    /// A finished payload, to be checked as it is.
    Payload,
}

/// Which part of a run a session does; `wasm/ABI.md`, "Stages".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// All of it.
    #[default]
    Whole,
    /// Cuts the input into shards.
    Split,
    /// Maps the records of a shard.
    Map,
    /// Joins what was mapped.
    Join,
}

impl Stage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_whole(&self) -> bool {
        *self == Self::Whole
    }
}

/// The options of a session; the report always comes as NDJSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Options {
    /// What the input is.
    pub mode: Mode,
    /// The processing date in Japan, `YYYY-MM-DD`.
    pub as_of: String,
    /// The language of the findings.
    #[serde(serialize_with = "lang_name")]
    pub lang: Lang,
    /// The form of the input.
    pub input: Form,
    /// Whether the payload is wanted.
    pub payload: bool,
    /// Which part of the run; unsaid where it is all, so that modules from before there were stages take it.
    #[serde(skip_serializing_if = "Stage::is_whole")]
    pub stage: Stage,
    /// Whether the summary tells how often the parts of the profile were used; unsaid if not, for the same reason.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub usage: bool,
    /// What the site supplies beside the profile.
    #[serde(flatten)]
    pub documents: Documents,
    /// The acknowledgements.
    #[serde(flatten)]
    pub acknowledged: AcknowledgedOptions,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn lang_name<S: serde::Serializer>(lang: &Lang, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match lang {
        Lang::Ja => "ja",
        Lang::En => "en",
    })
}

/// What a call came to. A session or argument that the module does not know is this host's bug, and a [`Failure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Go on.
    Ok,
    /// The profile has errors; the report lists them.
    Profile,
    /// The options have errors; the report lists them.
    Options,
    /// The call does not fit the session's state; the report says so.
    Order,
}

/// What one call produced; part of the whole payload and the whole report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output<'a> {
    /// How the call went.
    pub status: Status,
    /// The next bytes of the payload.
    pub payload: &'a [u8],
    /// The next bytes of the report.
    pub report: &'a [u8],
}

/// A compiled module; cheap to clone, and usable from several threads.
#[derive(Clone)]
pub struct Module {
    engine: Engine,
    code: wasmtime::Module,
    limits: Limits,
    hash: String,
}

impl Module {
    /// The module that this program carries, compiled once and then kept in the user's cache folder.
    ///
    /// # Errors
    ///
    /// `PMH6401` if it was not built for this host.
    pub fn embedded() -> Result<Self> {
        Self::open(None, None)
    }

    /// The module in a file, kept likewise. Compiling has no limit in time: for files that the program trusts.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file can't be read, `PMH6406` if it is too large, `PMH6401` if it is no module for this host.
    pub fn from_file(path: &Path) -> Result<Self> {
        let bytes = read(path)?;
        let compile = |engine: &Engine| compile_here(engine, &bytes);
        Self::load(&bytes, Limits::default(), Cache::of_user().as_ref(), compile)
    }

    /// The module in a file, compiled in a child process of `pmh`, or else the one that this program carries; `pin` is
    /// the SHA-256 that it must have.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file can't be read, `PMH6406` if it is too large, `PMH6407` if it has another hash, `PMH6401` if
    /// it is no module for this host.
    pub(crate) fn open(file: Option<&Path>, pin: Option<&str>) -> Result<Self> {
        let read = file.map(read).transpose()?;
        let bytes = read.as_deref().unwrap_or(EMBEDDED);
        let hash = hash(bytes);
        if pin.is_some_and(|pin| pin != hash) {
            return Err(Failure::new(&rules::MODULE_NOT_PINNED, hash));
        }
        let compile = |engine: &Engine| match &read {
            Some(bytes) => compiler::compile_apart(engine, bytes),
            None => compile_here(engine, EMBEDDED),
        };
        let cache = Cache::of_user();
        Self::load(bytes, Limits::default(), cache.as_ref(), compile)
    }

    /// Compiles a module and checks that it is one for this host.
    ///
    /// # Errors
    ///
    /// `PMH6401`: not core WebAssembly, an import, a missing export or another ABI version.
    pub fn from_bytes(bytes: &[u8], limits: Limits) -> Result<Self> {
        Self::load(bytes, limits, None, |engine| compile_here(engine, bytes))
    }

    /// Takes the compiled module from the cache, or compiles it.
    fn load(
        bytes: &[u8],
        limits: Limits,
        cache: Option<&Cache>,
        compile: impl FnOnce(&Engine) -> Result<wasmtime::Module>,
    ) -> Result<Self> {
        let engine = engine().map_err(unfit)?;
        let code = match cache {
            Some(cache) => cache.load(&engine, bytes, || compile(&engine)),
            None => compile(&engine),
        }?;
        if let Some(import) = code.imports().next() {
            let name = printable(&format!("{}.{}", import.module(), import.name()));
            let words = Words::new(format!("it imports {name}"), format!("{name} をインポートしています"));
            return Err(Failure::new(&rules::MODULE_UNFIT, words));
        }
        start_clock(&engine);
        let module = Self { engine, code, limits, hash: hash(bytes) };
        let mut instance = Running::new(&module)?;
        let version = instance.export::<(), i32>("pmh_abi_version")?;
        match instance.call(&version, ())? {
            ABI_VERSION => Ok(module),
            other => Err(Failure::new(
                &rules::MODULE_UNFIT,
                Words::new(
                    format!("its ABI has version {other}, this program needs version {ABI_VERSION}"),
                    format!("ABIのバージョンは {other} ですが、このプログラムには {ABI_VERSION} が必要です"),
                ),
            )),
        }
    }

    /// SHA-256 of the module's bytes.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Opens a session; look at its [`Session::output`] for the status and the first bytes.
    ///
    /// # Errors
    ///
    /// `PMH64xx` where the module fails. A profile with errors is no failure but a [`Status`].
    pub fn session(&self, profile: &[u8], options: &Options) -> Result<Session> {
        let options = serde_json::to_vec(options).map_err(Failure::internal)?;
        self.session_with(profile, &options)
    }

    /// Opens a session with options that are JSON already.
    ///
    /// # Errors
    ///
    /// As [`Module::session`].
    pub fn session_with(&self, profile: &[u8], options: &[u8]) -> Result<Session> {
        Session::open(self, profile, options)
    }
}

/// The settings under which modules are compiled and run.
fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.epoch_interruption(true).wasm_simd(false).wasm_relaxed_simd(false);
    Engine::new(&config)
}

fn compile_here(engine: &Engine, bytes: &[u8]) -> Result<wasmtime::Module> {
    wasmtime::Module::from_binary(engine, bytes).map_err(unfit)
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn unfit(error: wasmtime::Error) -> Failure {
    Failure::new(&rules::MODULE_UNFIT, printable(&error.to_string()))
}

/// Reads a module's file, which may not be larger than any module is.
fn read(path: &Path) -> Result<Vec<u8>> {
    let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_SIZE + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        let most = MAX_SIZE >> 20;
        let words =
            Words::new(format!("it is larger than {most} MiB"), format!("ファイルが{most}MiBを超えています"));
        return Err(Failure::new(&rules::MODULE_TOO_LARGE, words));
    }
    Ok(bytes)
}

fn hash(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// Ticks for as long as the engine lives.
fn start_clock(engine: &Engine) {
    let engine = engine.weak();
    thread::spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(TICK);
        }
    });
}

/// Says no to what goes beyond the limits, and remembers that it did.
struct Guard {
    limits: Limits,
    denied: bool,
}

impl ResourceLimiter for Guard {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= self.limits.memory;
        self.denied |= !allowed;
        Ok(allowed)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        1
    }

    fn memories(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        4
    }
}

/// One instance with its memory.
struct Running {
    store: Store<Guard>,
    instance: Instance,
    memory: Memory,
    /// After a trap the instance is in an unknown state.
    dead: bool,
}

impl Running {
    fn new(module: &Module) -> Result<Self> {
        let mut store = Store::new(&module.engine, Guard { limits: module.limits, denied: false });
        store.limiter(|guard| guard);
        store.set_epoch_deadline(module.limits.ticks());
        let instance = Instance::new(&mut store, &module.code, &[]).map_err(unfit)?;
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| missing("memory"))?;
        Ok(Self { store, instance, memory, dead: false })
    }

    fn export<P: WasmParams, R: WasmResults>(&mut self, name: &str) -> Result<TypedFunc<P, R>> {
        self.instance.get_typed_func(&mut self.store, name).map_err(|_| missing(name))
    }

    fn call<P, R>(&mut self, function: &TypedFunc<P, R>, parameters: P) -> Result<R>
    where
        P: WasmParams + Sync,
        R: WasmResults + Sync,
    {
        if self.dead {
            return Err(Failure::internal("a session was used after its module had failed"));
        }
        self.store.set_epoch_deadline(self.store.data().limits.ticks());
        function.call(&mut self.store, parameters).map_err(|error| {
            self.dead = true;
            self.trapped(&error)
        })
    }

    fn trapped(&self, error: &wasmtime::Error) -> Failure {
        let Guard { limits, denied } = self.store.data();
        match error.downcast_ref::<Trap>() {
            _ if *denied => Failure::new(&rules::MODULE_MEMORY_LIMIT, limits.memory >> 20),
            Some(Trap::Interrupt) => Failure::new(&rules::MODULE_TIME_LIMIT, limits.call.as_secs()),
            Some(trap) => Failure::new(&rules::MODULE_TRAPPED, trap),
            None => Failure::new(&rules::MODULE_TRAPPED, error.root_cause()),
        }
    }

    fn write(&mut self, pointer: i32, bytes: &[u8]) -> Result<()> {
        self.memory
            .write(&mut self.store, pointer.cast_unsigned() as usize, bytes)
            .map_err(|_| Failure::internal("pmh_alloc gave a place outside the memory"))
    }
}

fn missing(name: &str) -> Failure {
    Failure::new(
        &rules::MODULE_UNFIT,
        Words::new(format!("it does not export {name}"), format!("{name} がエクスポートされていません")),
    )
}

/// Which output of a session.
#[derive(Clone, Copy)]
enum Which {
    Payload = 0,
    Report = 1,
}

/// One input on its way through the module, in an instance of its own.
pub struct Session {
    running: Running,
    id: i32,
    status: Status,
    /// Where pushed bytes are copied to: place and length in the module's memory.
    buffer: (i32, i32),
    alloc: TypedFunc<i32, i32>,
    free: TypedFunc<(i32, i32), ()>,
    push: TypedFunc<(i32, i32, i32), i32>,
    finish: TypedFunc<i32, i32>,
    reset: TypedFunc<i32, i32>,
    /// Modules from before there was a second run lack it.
    locate: Option<TypedFunc<i32, i32>>,
    /// Place and length of each output after the last call.
    outputs: [(usize, usize); 2],
    output_ptr: TypedFunc<(i32, i32), i32>,
    output_len: TypedFunc<(i32, i32), i32>,
}

impl Session {
    fn open(module: &Module, profile: &[u8], options: &[u8]) -> Result<Self> {
        let mut running = Running::new(module)?;
        let open = running.export::<(i32, i32, i32, i32), i32>("pmh_open")?;
        let status = running.export::<i32, i32>("pmh_status")?;
        let mut session = Self {
            id: 0,
            status: Status::Ok,
            buffer: (0, 0),
            alloc: running.export("pmh_alloc")?,
            free: running.export("pmh_free")?,
            push: running.export("pmh_push")?,
            finish: running.export("pmh_finish")?,
            reset: running.export("pmh_reset")?,
            locate: running.export("pmh_locate").ok(),
            outputs: [(0, 0); 2],
            output_ptr: running.export("pmh_output_ptr")?,
            output_len: running.export("pmh_output_len")?,
            running,
        };
        let (profile_ptr, profile_len) = session.lend(profile)?;
        let (options_ptr, options_len) = session.lend(options)?;
        session.id = session.running.call(&open, (profile_ptr, profile_len, options_ptr, options_len))?;
        session.give_back(profile_ptr, profile_len)?;
        session.give_back(options_ptr, options_len)?;
        let outcome = session.running.call(&status, session.id)?;
        session.settle(outcome)?;
        Ok(session)
    }

    /// How the last call went, and what it produced.
    ///
    /// # Errors
    ///
    /// `PMH6405` where the module points outside its memory.
    pub fn output(&self) -> Result<Output<'_>> {
        let memory = self.running.memory.data(&self.running.store);
        let [payload, report] = self.outputs.map(|(start, len)| memory.get(start..start.checked_add(len)?));
        match (payload, report) {
            (Some(payload), Some(report)) => Ok(Output { status: self.status, payload, report }),
            _ => Err(Failure::internal("an output lies outside the module's memory")),
        }
    }

    /// Hands over the next bytes of the input, cut anywhere.
    ///
    /// # Errors
    ///
    /// `PMH64xx` where the module fails; the session is of no use then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Output<'_>> {
        let len = length(bytes)?;
        if len > self.buffer.1 || self.buffer.0 == 0 {
            let (pointer, size) = self.buffer;
            if pointer != 0 {
                self.give_back(pointer, size)?;
            }
            let size = len.max(BUFFER);
            self.buffer = (0, 0);
            self.buffer = (self.allocate(size)?, size);
        }
        self.running.write(self.buffer.0, bytes)?;
        let outcome = self.running.call(&self.push, (self.id, self.buffer.0, len))?;
        self.settle(outcome)?;
        self.output()
    }

    /// Says that the input has ended.
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub fn finish(&mut self) -> Result<Output<'_>> {
        let outcome = self.running.call(&self.finish, self.id)?;
        self.settle(outcome)?;
        self.output()
    }

    /// Back to the state after opening, with the same profile and options.
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub fn reset(&mut self) -> Result<Output<'_>> {
        let outcome = self.running.call(&self.reset, self.id)?;
        self.settle(outcome)?;
        self.output()
    }

    /// After [`Session::finish`]: goes back to the state after opening if a second run over the same input would name other records, and says whether it
    /// does.
    ///
    /// # Errors
    ///
    /// As [`Session::push`].
    pub fn locate(&mut self) -> Result<bool> {
        let Some(locate) = &self.locate else { return Ok(false) };
        match self.running.call(locate, self.id)? {
            NOTHING_TO_LOCATE => Ok(false),
            outcome => self.settle(outcome).map(|()| self.status == Status::Ok),
        }
    }

    /// Takes note of a call's status and of where its outputs lie.
    fn settle(&mut self, outcome: i32) -> Result<()> {
        self.status = match outcome {
            0 => Status::Ok,
            1 => Status::Profile,
            2 => Status::Options,
            3 => Status::Order,
            other => return Err(Failure::internal(format_args!("the module answered with status {other}"))),
        };
        self.outputs = [self.place(Which::Payload)?, self.place(Which::Report)?];
        Ok(())
    }

    fn place(&mut self, which: Which) -> Result<(usize, usize)> {
        let which = which as i32;
        let pointer = self.running.call(&self.output_ptr, (self.id, which))?;
        let len = self.running.call(&self.output_len, (self.id, which))?;
        Ok((pointer.cast_unsigned() as usize, len.cast_unsigned() as usize))
    }

    fn lend(&mut self, bytes: &[u8]) -> Result<(i32, i32)> {
        let len = length(bytes)?;
        let pointer = self.allocate(len)?;
        self.running.write(pointer, bytes)?;
        Ok((pointer, len))
    }

    fn allocate(&mut self, len: i32) -> Result<i32> {
        match self.running.call(&self.alloc, len)? {
            0 if len > 0 => {
                let limit = self.running.store.data().limits.memory >> 20;
                Err(Failure::new(&rules::MODULE_MEMORY_LIMIT, limit))
            }
            pointer => Ok(pointer),
        }
    }

    fn give_back(&mut self, pointer: i32, len: i32) -> Result<()> {
        self.running.call(&self.free, (pointer, len))
    }
}

fn length(bytes: &[u8]) -> Result<i32> {
    i32::try_from(bytes.len()).map_err(|_| Failure::internal("more than 2 GiB in one piece"))
}

#[cfg(test)]
mod tests;
