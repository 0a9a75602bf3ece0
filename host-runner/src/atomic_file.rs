//! A file that appears complete or not at all, readable by its owner only (0600) from its first byte on.
//!
//! Until it is complete it has no name, if the file system can do that (Linux: `O_TMPFILE`): then nothing is left
//! however the process ends. Elsewhere it is called `.pmh-XXXXXX.part` and locked while it is written. What a killed
//! process leaves is then removed by the next run that writes into the same folder: a part whose lock is free has no
//! writer. A part that is being written must never be removed, and neither may any other file.

use std::{
    collections::BTreeSet,
    fs::{File, TryLockError},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use pmh_core::rules;
use tempfile::TempPath;

use crate::{
    failure::{Failure, Result},
    fault,
    folder::Folder,
};

/// How the name of a part begins and ends, with [`RANDOM`] letters and digits in between.
const PART: (&str, &str) = (".pmh-", ".part");

/// How many letters and digits of a part's name are random.
const RANDOM: usize = 6;

/// How often another name is tried if one is taken.
const TRIES: usize = 16;

/// Parts of this process that have a name.
static NAMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Whether a signal that ends this process removes its parts.
static ENDS_ON_SIGNALS: AtomicBool = AtomicBool::new(false);

/// A file that takes its name once it is complete.
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<Part>,
}

/// The bytes until then.
struct Part {
    file: File,
    /// Its name, if it has one; the file is removed with this.
    name: Option<Named>,
}

/// The name of a part, which a signal's handler knows too.
struct Named(Option<TempPath>);

impl AtomicFile {
    /// Starts a file that will have this path, whose folder must exist.
    ///
    /// # Errors
    ///
    /// `PMH6306` if the folder can't be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let part = Part::create(folder_of(path))
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(part) })
    }

    /// The path that the file will have.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file belong to the owner of the file that it replaces, if there is one.
    ///
    /// # Errors
    ///
    /// `PMH6306` if this user may not do so.
    pub fn keep_owner(&self) -> Result<()> {
        #[cfg(unix)]
        if let Ok(before) = std::fs::metadata(&self.path) {
            use std::os::unix::fs::{MetadataExt, fchown};
            let unwritable = |error: io::Error| Failure::file(&rules::FILE_UNWRITABLE, &self.path, &error);
            let file = &self.file.get_ref().file;
            let own = file.metadata().map_err(unwritable)?;
            if own.uid() != before.uid() {
                fchown(file, Some(before.uid()), Some(before.gid())).map_err(unwritable)?;
            }
        }
        Ok(())
    }

    /// Writes everything to the disk and gives the file its name, in place of a file that had it.
    ///
    /// # Errors
    ///
    /// `PMH6306` if that fails; the earlier file is untouched then.
    pub fn commit(self) -> Result<()> {
        self.commit_open().map(drop)
    }

    /// The same, and keeps the file open, so that what is read is what was written.
    ///
    /// # Errors
    ///
    /// As [`AtomicFile::commit`].
    pub fn commit_open(self) -> Result<File> {
        let Self { path, file } = self;
        let unwritable = |error: &io::Error| Failure::file(&rules::FILE_UNWRITABLE, &path, error);
        let part = file.into_inner().map_err(|error| unwritable(error.error()))?;
        part.file.sync_all().map_err(|error| unwritable(&error))?;
        let file = part.persist(&path).map_err(|error| unwritable(&error))?;
        sync_folder(folder_of(&path)).map_err(|error| unwritable(&error))?;
        Ok(file)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Part {
    fn create(folder: &Path) -> io::Result<Self> {
        match unnamed(folder) {
            Some(file) => Ok(Self { file, name: None }),
            None => Self::named(folder),
        }
    }

    fn named(folder: &Path) -> io::Result<Self> {
        for _ in 0..TRIES {
            let part = tempfile::Builder::new()
                .prefix(PART.0)
                .suffix(PART.1)
                .rand_bytes(RANDOM)
                .tempfile_in(folder)?;
            let (file, path) = part.into_parts();
            let name = Named::new(path);
            // a file system without locks answers with an error, to those who would remove the part as well
            let _ = file.try_lock();
            if is_linked(&file)? {
                return Ok(Self { file, name: Some(name) });
            }
            // removed between its creation and the lock
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn persist(self, path: &Path) -> io::Result<File> {
        let Self { mut file, name } = self;
        if let Some(name) = name {
            name.persist(path)?;
            return Ok(file);
        }
        if link(&file, path)? {
            return Ok(file);
        }
        // it can't get a name after all: its bytes go into a file that has one
        let mut copy = Self::named(folder_of(path))?;
        io::Seek::rewind(&mut file)?;
        io::copy(&mut file, &mut copy.file)?;
        copy.file.sync_all()?;
        copy.name.map_or(Ok(()), |name| name.persist(path))?;
        Ok(copy.file)
    }
}

impl Named {
    fn new(path: TempPath) -> Self {
        named().insert(path.to_path_buf());
        remove_on_signals();
        Self(Some(path))
    }

    fn persist(mut self, path: &Path) -> io::Result<()> {
        let Some(part) = self.0.take() else { return Ok(()) };
        let from = part.to_path_buf();
        let persisted = part.persist(path).map_err(|error| error.error);
        named().remove(&from);
        persisted
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if let Some(part) = self.0.take() {
            let path = part.to_path_buf();
            drop(part);
            named().remove(&path);
        }
    }
}

fn named() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    NAMED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file without a name in this folder, if there can be one and it can get its name later.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    if fault::is("named-part") {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(folder, flags, Mode::RUSR | Mode::WUSR).ok()?);
    rustix::fs::stat(descriptor(&file)).ok()?;
    Some(file)
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_: &Path) -> Option<File> {
    None
}

#[cfg(target_os = "linux")]
fn descriptor(file: &File) -> String {
    format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file))
}

/// Gives a file without a name its name, in place of a file that has it; false if the system can't.
#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<bool> {
    use rustix::{
        fs::{AtFlags, CWD, linkat, renameat, unlinkat},
        io::Errno,
    };
    let link = |to: &Path| linkat(CWD, descriptor(file), CWD, to, AtFlags::SYMLINK_FOLLOW);
    match link(path) {
        Ok(()) => return Ok(true),
        Err(Errno::EXIST) => {}
        Err(_) => return Ok(false),
    }
    // a link replaces no file, a rename does
    for _ in 0..TRIES {
        let part = folder_of(path).join(part_name());
        match link(&part) {
            Err(Errno::EXIST) => {}
            Err(_) => return Ok(false),
            Ok(()) => {
                return renameat(CWD, &part, CWD, path).map(|()| true).map_err(|error| {
                    // the error of the rename is the one to tell
                    let _ = unlinkat(CWD, &part, AtFlags::empty());
                    error.into()
                });
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(not(target_os = "linux"))]
fn link(_: &File, _: &Path) -> io::Result<bool> {
    Ok(false)
}

/// A new name for a part.
pub(crate) fn part_name() -> String {
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(RANDOM).collect();
    format!("{}{random}{}", PART.0, PART.1)
}

/// Whether this is exactly a name that [`part_name`] gives.
#[must_use]
pub fn is_part(name: &str) -> bool {
    name.strip_prefix(PART.0).and_then(|name| name.strip_suffix(PART.1)).is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Removes the parts in a folder that no process writes any more.
///
/// # Errors
///
/// What the system says about the folder.
pub(crate) fn sweep_parts(folder: &Folder) -> io::Result<()> {
    for part in folder.files(is_part)? {
        // one that can't be opened or locked may have a writer
        let Ok(file) = folder.open_file(&part.name) else { continue };
        match file.try_lock() {
            Ok(()) => folder.remove(&part.name)?,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
    Ok(())
}

/// Removes parts in the folder of a file that will be written; what can't be removed is no reason not to write.
pub(crate) fn sweep_beside(path: &Path) {
    if let Ok(folder) = Folder::open(folder_of(path)) {
        let _ = sweep_parts(&folder);
    }
}

/// Lets a signal that ends this process remove its parts first. For commands that don't handle signals themselves.
pub(crate) fn end_on_signals() {
    ENDS_ON_SIGNALS.store(true, Ordering::Relaxed);
}

/// Removes every part of this process.
fn remove_named() {
    for part in named().iter() {
        // the process is ending: there is no other place to tell
        let _ = std::fs::remove_file(part);
    }
}

/// Starts to listen for signals when there is something to remove.
fn remove_on_signals() {
    static LISTENING: AtomicBool = AtomicBool::new(false);
    if ENDS_ON_SIGNALS.load(Ordering::Relaxed) && !LISTENING.swap(true, Ordering::Relaxed) {
        listen();
    }
}

#[cfg(unix)]
fn listen() {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };
    let ignored = ignored_signals();
    let heard = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored.contains(signal));
    let Ok(mut signals) = Signals::new(heard) else { return };
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            remove_named();
            // ends the process as the signal does by itself
            let _ = emulate_default_handler(signal);
        }
    });
}

/// The signals that the parent told this process to ignore: `nohup` must keep its meaning.
#[cfg(unix)]
fn ignored_signals() -> Vec<i32> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    match mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()) {
        Some(mask) => (1..=64).filter(|signal| mask >> (signal - 1) & 1 == 1).collect(),
        // unknown: the one that is ignored in practice
        None => vec![signal_hook::consts::SIGHUP],
    }
}

#[cfg(not(unix))]
fn listen() {
    /// The status with which Windows ends a program at Ctrl-C.
    const CONTROL_C: i32 = -1_073_741_510;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return };
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            remove_named();
            std::process::exit(CONTROL_C);
        }
    });
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn is_linked(file: &File) -> io::Result<bool> {
    Ok(std::os::unix::fs::MetadataExt::nlink(&file.metadata()?) > 0)
}

#[cfg(not(unix))]
fn is_linked(_: &File) -> io::Result<bool> {
    // an open file keeps its name there
    Ok(true)
}

/// Makes a rename survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// A file with a named part.
    fn with_named_part(path: &Path) -> AtomicFile {
        let part = Part::named(folder_of(path)).unwrap();
        AtomicFile { path: path.to_owned(), file: BufWriter::new(part) }
    }

    /// Creates a file in one of the two ways.
    type Create = fn(&Path) -> AtomicFile;

    const BOTH: [Create; 2] = [|path| AtomicFile::create(path).unwrap(), with_named_part];

    #[test]
    fn a_file_appears_complete_and_private_and_replaces_the_earlier_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payload.json");
        for create in BOTH {
            for earlier in [None, Some("earlier")] {
                let _ = fs::remove_file(&path);
                if let Some(earlier) = earlier {
                    fs::write(&path, earlier).unwrap();
                }
                let mut file = create(&path);
                file.write_all(b"[]").unwrap();
                assert_eq!(fs::read(&path).ok(), earlier.map(|text| text.as_bytes().to_vec()));
                file.commit().unwrap();
                assert_eq!(fs::read(&path).unwrap(), b"[]");
                assert_eq!(names(folder.path()), ["payload.json"]);
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt;
                    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
                }
            }
        }
    }

    #[test]
    fn an_unfinished_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        for create in BOTH {
            let mut file = create(&folder.path().join("payload.json"));
            file.write_all(b"[").unwrap();
            drop(file);
        }
        assert_eq!(names(folder.path()), [""; 0]);
        assert!(named().iter().all(|part| !part.starts_with(folder.path())));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_no_name_until_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payload.json");
        let Some(file) = unnamed(folder.path()) else { return };
        let mut file = AtomicFile { path, file: BufWriter::new(Part { file, name: None }) };
        file.write_all(b"[").unwrap();
        file.flush().unwrap();
        assert_eq!(names(folder.path()), [""; 0]);
    }

    #[test]
    fn only_parts_without_a_writer_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let written = Part::named(folder.path()).unwrap();
        let others =
            [".pmh-abc.part", ".pmh-abcdefg.part", ".pmh-ab_def.part", ".pmh-abcdef.part2", "notes.part"];
        for name in others.iter().chain(&[".pmh-abcdef.part"]) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join(".pmh-folder.part")).unwrap();
        sweep_parts(&Folder::open(folder.path()).unwrap()).unwrap();
        let left = names(folder.path());
        assert_eq!(left.len(), others.len() + 2, "{left:?}");
        assert!(!left.contains(&".pmh-abcdef.part".to_owned()));
        drop(written);
        assert_eq!(names(folder.path()).len(), others.len() + 1);
    }

    #[test]
    fn names_of_parts_are_told_exactly() {
        assert!(is_part(&part_name()));
        for name in [".pmh-.part", ".pmh-abcdef", "abcdef.part", ".pmh-あ1234.part", ".pmh-abcdef.part "] {
            assert!(!is_part(name), "{name}");
        }
    }
}
