//! Where results are written: a file that appears whole or not at all, or standard output.
//!
//! Files hold personal data: they are readable by their owner alone (0600) from their first byte on.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use pmh_core::rules;
use tempfile::NamedTempFile;

use crate::{
    failure::{Failure, Result},
    ui::{delivered, written},
};

/// How the name of an unfinished file begins and ends.
const DRAFT: (&str, &str) = (".pmh-", ".part");

/// Whether a file of this name is one that a killed process left unfinished.
#[must_use]
pub fn is_draft(name: &str) -> bool {
    name.starts_with(DRAFT.0) && name.ends_with(DRAFT.1)
}

/// A file that takes its name once it is complete.
pub struct Whole {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Whole {
    /// Starts a file that will stand at `path`, whose folder must exist.
    ///
    /// # Errors
    ///
    /// `PMH6306` where the folder can't be written to.
    pub fn create(path: &Path) -> Result<Self> {
        let temporary = tempfile::Builder::new()
            .prefix(DRAFT.0)
            .suffix(DRAFT.1)
            .tempfile_in(folder(path))
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(temporary) })
    }

    /// Where the file will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes everything to the disk and gives the file its name, over what stood there.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails; what stood there is untouched then.
    pub fn commit(self) -> Result<()> {
        let Self { path, file } = self;
        let unwritable = |error: &io::Error| Failure::file(&rules::FILE_UNWRITABLE, &path, error);
        let file = file.into_inner().map_err(|error| unwritable(error.error()))?;
        file.as_file().sync_all().map_err(|error| unwritable(&error))?;
        file.persist(&path).map_err(|error| unwritable(&error.error))?;
        sync_folder(folder(&path)).map_err(|error| unwritable(&error))
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A file, or standard output.
pub enum Sink {
    /// A file.
    File(Whole),
    /// Standard output, all of which must arrive.
    Stdout(BufWriter<io::Stdout>),
    /// Standard output for a reader who may leave once it has enough.
    Reader(BufWriter<io::Stdout>),
    /// Standard error.
    Stderr,
}

impl Sink {
    /// A file at `path`, or standard output for `-`.
    ///
    /// # Errors
    ///
    /// As [`Whole::create`].
    pub fn create(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        }
        Whole::create(path).map(Self::File)
    }

    /// Standard output for what is told, not handed over: its reader may leave before the end.
    #[must_use]
    pub fn reader() -> Self {
        Self::Reader(BufWriter::new(io::stdout()))
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::File(file) => file
                .write_all(bytes)
                .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, file.path(), &error)),
            Self::Stdout(stdout) => delivered(stdout.write_all(bytes)),
            Self::Reader(stdout) => written(stdout.write_all(bytes)),
            Self::Stderr => written(io::stderr().write_all(bytes)),
        }
    }

    /// Says that everything was written.
    ///
    /// # Errors
    ///
    /// As [`Whole::commit`].
    pub fn commit(self) -> Result<()> {
        match self {
            Self::File(file) => file.commit(),
            Self::Stdout(mut stdout) => delivered(stdout.flush()),
            Self::Reader(mut stdout) => written(stdout.flush()),
            Self::Stderr => Ok(()),
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Makes a rename survive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_appears_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("payload.json");
        fs::write(&path, "old").unwrap();
        let mut sink = Sink::create(&path).unwrap();
        sink.put(b"[]").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        sink.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"[]");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn an_unfinished_file_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::create(&folder.path().join("payload.json")).unwrap();
        sink.put(b"[").unwrap();
        drop(sink);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
