//! A folder that is opened once: what is listed and removed is in that folder, whatever its path leads to by then.
//!
//! It removes regular files only, and only those whose whole name has a form that this program generates. A file of
//! the user's whose name merely resembles ours must survive.

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// An open folder.
pub(crate) struct Folder {
    #[cfg(unix)]
    open: rustix::fd::OwnedFd,
    path: PathBuf,
}

/// A regular file in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its name.
    pub(crate) name: String,
    /// The time of its last change.
    pub(crate) modified: SystemTime,
}

impl Folder {
    /// The folder's path as it was given.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::File;

    use rustix::{
        fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat},
        io::Errno,
    };

    use super::{Entry, Folder, Path, SystemTime, io};

    impl Folder {
        /// Opens a folder.
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            Self::with(path, OFlags::empty())
        }

        /// Opens a folder that belongs to this user and isn't reached through a link at its end.
        pub(crate) fn open_own(path: &Path) -> io::Result<Option<Self>> {
            match Self::with(path, OFlags::NOFOLLOW) {
                Ok(folder) => Ok(is_own(&rustix::fs::fstat(&folder.open)?).then_some(folder)),
                // a link, or no folder at all
                Err(error) if matches!(Errno::from_io_error(&error), Some(Errno::LOOP | Errno::NOTDIR)) => {
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        }

        fn with(path: &Path, more: OFlags) -> io::Result<Self> {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | more;
            Ok(Self { open: rustix::fs::open(path, flags, Mode::empty())?, path: path.to_owned() })
        }

        /// A folder that is open already.
        pub(crate) fn from_open(open: rustix::fd::OwnedFd) -> Self {
            Self { open, path: super::PathBuf::new() }
        }

        /// The regular files of this user whose names `wanted` accepts.
        pub(crate) fn files(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
            let mut files = Vec::new();
            for entry in Dir::read_from(&self.open)? {
                let entry = entry?;
                let Some(name) = entry.file_name().to_str().ok().filter(|name| wanted(name)) else {
                    continue;
                };
                let stat = match rustix::fs::statat(&self.open, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => stat,
                    Err(Errno::NOENT) => continue,
                    Err(error) => return Err(error.into()),
                };
                if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile && is_own(&stat) {
                    files.push(Entry { name: name.to_owned(), modified: modified(&stat) });
                }
            }
            Ok(files)
        }

        /// Removes a file; that it is gone already is fine.
        pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
            match rustix::fs::unlinkat(&self.open, name, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }

        /// Opens one of its files for a lock.
        pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::openat(&self.open, name, flags, Mode::empty())?))
        }
    }

    fn is_own(stat: &Stat) -> bool {
        stat.st_uid == rustix::process::geteuid().as_raw()
    }

    fn modified(stat: &Stat) -> SystemTime {
        let seconds = u64::try_from(stat.st_mtime).unwrap_or_default();
        SystemTime::UNIX_EPOCH
            .checked_add(std::time::Duration::from_secs(seconds))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::fs::{self, File, OpenOptions};

    use super::{Entry, Folder, Path, io};

    impl Folder {
        /// Opens a folder.
        pub(crate) fn open(path: &Path) -> io::Result<Self> {
            fs::read_dir(path).map(|_| Self { path: path.to_owned() })
        }

        /// Opens a folder that isn't a link. The system's access lists say whose it is.
        pub(crate) fn open_own(path: &Path) -> io::Result<Option<Self>> {
            if fs::symlink_metadata(path)?.is_dir() { Self::open(path).map(Some) } else { Ok(None) }
        }

        /// The regular files whose names `wanted` accepts.
        pub(crate) fn files(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
            let mut files = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let entry = entry?;
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|name| wanted(name)) else { continue };
                // of the entry itself: a link isn't followed
                let metadata = match entry.metadata() {
                    Ok(metadata) => metadata,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                if metadata.is_file() {
                    files.push(Entry { name: name.to_owned(), modified: metadata.modified()? });
                }
            }
            Ok(files)
        }

        /// Removes a file; that it is gone already is fine.
        pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
            match fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        }

        /// Opens one of its files for a lock.
        pub(crate) fn open_file(&self, name: &str) -> io::Result<File> {
            OpenOptions::new().read(true).write(true).open(self.path.join(name))
        }
    }
}
