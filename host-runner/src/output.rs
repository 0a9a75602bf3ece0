//! Where results are written: a file that appears whole or not at all, or standard output.
//!
//! Files hold personal data: they are readable by their owner alone (0600) from their first byte on.

use std::{
    io::{self, BufWriter, Write},
    path::Path,
};

use pmh_core::rules;

use crate::{
    atomic_file::{AtomicFile, sweep_beside},
    escape,
    failure::{Failure, Result},
    ui::{delivered, written},
};

/// A file, or standard output.
pub enum Sink {
    /// A file.
    File(AtomicFile),
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
    /// As [`AtomicFile::create`].
    pub fn create(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::new(io::stdout())));
        }
        sweep_beside(path);
        AtomicFile::create(path).map(Self::File)
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

    /// Writes JSON that is told: to a stream that may be a terminal, without characters that steer it.
    ///
    /// # Errors
    ///
    /// As [`Sink::put`].
    pub fn tell(&mut self, json: &[u8]) -> Result<()> {
        match (&self, std::str::from_utf8(json)) {
            (Self::Stdout(_) | Self::Reader(_) | Self::Stderr, Ok(text)) => {
                self.put(escape::json(text).as_bytes())
            }
            _ => self.put(json),
        }
    }

    /// Says that everything was written.
    ///
    /// # Errors
    ///
    /// As [`AtomicFile::commit`].
    pub fn commit(self) -> Result<()> {
        match self {
            Self::File(file) => file.commit(),
            Self::Stdout(mut stdout) => delivered(stdout.flush()),
            Self::Reader(mut stdout) => written(stdout.flush()),
            Self::Stderr => Ok(()),
        }
    }
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
