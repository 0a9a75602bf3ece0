//! The compiled module kept between runs, so that a run starts in milliseconds.
//!
//! The cache is a convenience and never a condition: if an entry can't be read, written or trusted, the module is
//! compiled anew. An entry is named by the hash of the module and of what compiled it, and starts with the hash of its
//! own content. Both are anybody's to compute, and machine code is run as it is. So an entry is loaded only if no other
//! user (but root) could have written it: folder and entry are opened without following links that others made, and
//! what is open is checked, not a path.
//!
//! How this could do harm: code of another user runs with this user's rights; a check looks at one folder and the file
//! comes from another; an entry that is a pipe makes the program wait for ever; making room removes the user's files.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
    time::{Duration, SystemTime},
};

use rustix::{
    fd::OwnedFd,
    fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, mkdirat, openat, readlinkat, renameat, statat},
    io::Errno,
};
use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use crate::{
    atomic_file::{is_part, part_name},
    folder::Folder,
};

/// Entries that are kept: one per version of `pmh` in use, and then some.
const KEPT: usize = 8;

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// The end of an entry's name.
const SUFFIX: &str = ".cwasm";

/// The largest entry that is read.
const LARGEST: u64 = 256 << 20;

/// Links on the way to the folder.
const MAX_LINKS: usize = 16;

/// The age of a part that is surely not being written any more.
const STALE: Duration = Duration::from_hours(1);

/// What nobody but the owner may have: the right to write.
const OTHERS_WRITE: u32 = 0o022;

/// The bit of a folder in which only the owner of a file may rename or remove it.
const STICKY: u32 = 0o1000;

/// The folder of compiled modules.
pub(super) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// The cache in the user's own folder for such things, if there is one.
    pub(super) fn of_user() -> Option<Self> {
        dirs::cache_dir().map(|folder| Self { folder: folder.join("pmh") })
    }

    #[cfg(test)]
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The module of these bytes, from the cache or compiled and then kept.
    ///
    /// # Errors
    ///
    /// What `compile` fails with.
    pub(super) fn load<E>(
        &self,
        engine: &Engine,
        bytes: &[u8],
        compile: impl FnOnce() -> Result<Module, E>,
    ) -> Result<Module, E> {
        let Ok(folder) = open_trusted(&self.folder) else { return compile() };
        let name = name(engine, bytes);
        if let Some(module) = read(&folder, &name).and_then(|code| deserialize(engine, &code)) {
            return Ok(module);
        }
        let module = compile()?;
        if let Ok(code) = module.serialize() {
            // a full disk or a folder that can't be written to costs time at the next start, no more
            let _ = make_room(&folder).and_then(|()| write(&folder, &name, &code));
        }
        Ok(module)
    }
}

/// Takes code that [`read`] gave, or the compiling child of this process.
pub(super) fn deserialize(engine: &Engine, code: &[u8]) -> Option<Module> {
    #[expect(unsafe_code, reason = "wasmtime has no safe way to take compiled code")]
    // SAFETY: the bytes are what `Module::serialize` gave. They come from a child of this process that runs this same
    // program, or from a file that bears their hash, in a folder and under parents that no other user but root may write
    // to. Wasmtime itself refuses what another version, another configuration or another kind of processor compiled.
    unsafe { Module::deserialize(engine, code) }.ok()
}

/// The content of an entry, if no other user could have written it.
fn read(folder: &OwnedFd, name: &str) -> Option<Vec<u8>> {
    // a pipe must not make this wait
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = openat(folder, name, flags, Mode::empty()).ok()?;
    let stat = fstat(&file).ok()?;
    let is_sound = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
        && stat.st_nlink == 1
        && is_own(&stat)
        && mode(&stat) & OTHERS_WRITE == 0;
    if !is_sound {
        return None;
    }
    let mut entry = Vec::new();
    File::from(file).take(LARGEST).read_to_end(&mut entry).ok()?;
    let (hash, code) = entry.split_first_chunk::<HASH>()?;
    (Sha256::digest(code).as_slice() == hash).then(|| code.to_vec())
}

/// Writes an entry; it appears complete.
fn write(folder: &OwnedFd, name: &str, code: &[u8]) -> io::Result<()> {
    let part = part_name();
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, &part, flags, Mode::RUSR | Mode::WUSR)?);
    let written = file
        .write_all(&Sha256::digest(code))
        .and_then(|()| file.write_all(code))
        .and_then(|()| Ok(renameat(folder, &part, folder, name)?));
    if written.is_err() {
        // the error of the writing is the one to tell
        let _ = rustix::fs::unlinkat(folder, &part, AtFlags::empty());
    }
    written
}

/// Removes the oldest entries, and what a killed process left half written.
fn make_room(folder: &OwnedFd) -> io::Result<()> {
    let folder = Folder::from_open(folder.try_clone()?);
    let mut entries = folder.files(is_entry)?;
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.modified));
    let now = SystemTime::now();
    let stale = |modified| now.duration_since(modified).is_ok_and(|age| age > STALE);
    let parts = folder.files(is_part)?.into_iter().filter(|part| stale(part.modified));
    entries.into_iter().skip(KEPT - 1).chain(parts).try_for_each(|file| folder.remove(&file.name))
}

/// The name of an entry: what was compiled, and by what.
fn name(engine: &Engine, bytes: &[u8]) -> String {
    let mut compiler = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut compiler);
    format!("{:x}-{:016x}{SUFFIX}", Sha256::digest(bytes), compiler.finish())
}

/// Whether this is exactly a name that [`name`] gives.
fn is_entry(name: &str) -> bool {
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    name.strip_suffix(SUFFIX)
        .and_then(|name| name.split_once('-'))
        .is_some_and(|(module, compiler)| is_hex(module, 2 * HASH) && is_hex(compiler, 16))
}

/// Opens a folder of this user's own, making what is missing, as `ssh` does with its keys: no other user but root may
/// write to it or to any folder above it, and no other user made a link on the way.
fn open_trusted(path: &Path) -> io::Result<OwnedFd> {
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    if !path.is_absolute() {
        return Err(refused());
    }
    let mut way = steps(path);
    let mut links: usize = 0;
    let mut folder = root()?;
    check_parent(&fstat(&folder)?)?;
    while let Some(step) = way.pop() {
        if step == "/" {
            folder = root()?;
            continue;
        }
        let is_last = way.is_empty();
        let next = match open_step(&folder, &step, is_last) {
            Err(Errno::NOENT) => match mkdirat(&folder, &step, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => open_step(&folder, &step, is_last),
                Err(error) => Err(error),
            },
            other => other,
        };
        folder = match next {
            Ok(next) => next,
            // the folder itself must be no link; those above it may be, if root or this user made them
            Err(Errno::LOOP | Errno::NOTDIR) if !is_last && links < MAX_LINKS => {
                let stat = statat(&folder, &step, AtFlags::SYMLINK_NOFOLLOW)?;
                if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink || !is_own_or_root(&stat) {
                    return Err(refused());
                }
                let target = readlinkat(&folder, &step, Vec::new())?;
                let target = <OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(target.to_bytes());
                way.extend(steps(Path::new(target)));
                links += 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        check_parent(&fstat(&folder)?)?;
    }
    let stat = fstat(&folder)?;
    if is_own(&stat) && mode(&stat) & OTHERS_WRITE == 0 { Ok(folder) } else { Err(refused()) }
}

/// The steps of a path, the last one first.
fn steps(path: &Path) -> Vec<OsString> {
    let step = |component: Component<'_>| match component {
        Component::CurDir | Component::Prefix(_) => None,
        component => Some(component.as_os_str().to_owned()),
    };
    let mut steps: Vec<OsString> = path.components().filter_map(step).collect();
    steps.reverse();
    steps
}

fn root() -> io::Result<OwnedFd> {
    Ok(rustix::fs::open("/", PASSING | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?)
}

/// How a folder above is opened: passing through needs no right to list it.
#[cfg(target_os = "linux")]
const PASSING: OFlags = OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const PASSING: OFlags = OFlags::RDONLY;

fn open_step(folder: &OwnedFd, step: &OsStr, is_last: bool) -> rustix::io::Result<OwnedFd> {
    let how = if is_last { OFlags::RDONLY } else { PASSING };
    openat(folder, step, how | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// Fails if another user could exchange what is in this folder.
fn check_parent(stat: &Stat) -> io::Result<()> {
    let is_closed = mode(stat) & OTHERS_WRITE == 0 || mode(stat) & STICKY != 0;
    if is_own_or_root(stat) && is_closed { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

fn is_own(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}

fn is_own_or_root(stat: &Stat) -> bool {
    stat.st_uid == 0 || is_own(stat)
}

#[cfg_attr(
    target_os = "linux",
    expect(clippy::useless_conversion, reason = "the type differs between systems")
)]
fn mode(stat: &Stat) -> u32 {
    stat.st_mode.into()
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
