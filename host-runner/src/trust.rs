//! Who may write what decides, and who may read what is secret: looked at on the open file that is then read.
//!
//! It could end with success and still harm somebody: a configuration that another user can write sends token and
//! records elsewhere under a valid certificate; a check by path looks at one file and reads another; a file's owner
//! changes it whatever its mode says. Symbolic links are followed (they are usual in `/etc` and in containers): what
//! counts is the file at the end, its folder, and the folder of the link.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use pmh_core::rules::{self, Rule};
use zeroize::Zeroizing;

use crate::failure::{Failure, Result};

/// What a file is to `pmh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It decides what is sent, or whom TLS trusts: nobody else may write it.
    Deciding,
    /// It holds a secret: nobody else may read it either.
    Secret,
}

/// Opens a file and checks mode, owner and folder of what was opened.
///
/// # Errors
///
/// `unreadable` if it can't be opened; `PMH6207`, `PMH6209` and `PMH6210` for permissions and owner.
pub fn open(path: &Path, role: Role, unreadable: &'static Rule) -> Result<File> {
    let failed = |error: io::Error| Failure::file(unreadable, path, &error);
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() || (role == Role::Secret && !metadata.is_file()) {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    examine(path, &metadata, role)?;
    Ok(file)
}

/// Reads a whole file that [`open`] finds in order.
///
/// # Errors
///
/// As [`open`].
pub fn read(path: &Path, role: Role, unreadable: &'static Rule) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    open(path, role, unreadable)?
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::file(unreadable, path, &error))?;
    Ok(bytes)
}

/// Reads a whole file as text.
///
/// # Errors
///
/// As [`open`]; text that is not UTF-8 is unreadable.
pub fn read_text(path: &Path, role: Role, unreadable: &'static Rule) -> Result<Zeroizing<String>> {
    let bytes = read(path, role, unreadable)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Failure::file(unreadable, path, &io::ErrorKind::InvalidData.into())),
    }
}

/// How open a file or folder of the run's own state is to other users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// For its owner only.
    Private,
    /// Others can read it.
    Readable,
}

/// Whether every user of the machine can write a file, or put another in its place. Of what the exporting system writes, no
/// more can be asked: another account than ours owns it.
#[must_use]
pub fn is_anybodys(path: &Path) -> bool {
    unix::is_anybodys(path)
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::Metadata,
        os::unix::fs::{MetadataExt, PermissionsExt},
    };

    use super::{Exposure, Failure, Path, Result, Role, fs, io, rules};
    use crate::failure::Words;

    /// Bits by which group and others write.
    const WRITE: u32 = 0o022;

    /// Bits by which group and others do anything.
    const ANY: u32 = 0o077;

    /// Write for others, and the bit that keeps them from replacing what isn't theirs.
    const WORLD: (u32, u32) = (0o002, 0o1000);

    pub(super) fn examine(path: &Path, metadata: &Metadata, role: Role) -> Result<()> {
        let mode = metadata.permissions().mode();
        if role == Role::Secret && mode & ANY != 0 {
            return Err(Failure::new(&rules::SECRET_EXPOSED, path.display()));
        }
        if mode & WRITE != 0 {
            return Err(Failure::new(&rules::FILE_EXPOSED, path.display()));
        }
        if metadata.uid() != 0 && metadata.uid() != own() {
            return Err(foreign(path, metadata.uid()));
        }
        // a pipe has no folder
        if !metadata.is_file() {
            return Ok(());
        }
        folder(path)?;
        match fs::canonicalize(path) {
            Ok(real) if real != path => folder(&real),
            _ => Ok(()),
        }
    }

    /// In a folder that everybody can write, everybody can put another file in this one's place.
    fn folder(path: &Path) -> Result<()> {
        let folder = super::parent(path);
        let Ok(metadata) = fs::metadata(folder) else { return Ok(()) };
        let mode = metadata.permissions().mode();
        if mode & WORLD.0 != 0 && mode & WORLD.1 == 0 && !is_read_only(folder) {
            return Err(Failure::new(&rules::FILE_EXPOSED, folder.display()));
        }
        Ok(())
    }

    pub(super) fn is_anybodys(path: &Path) -> bool {
        let is_open = fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & WORLD.0 != 0);
        is_open || folder(path).is_err()
    }

    /// A configuration map of a container platform is a world-writable folder on a read-only mount.
    fn is_read_only(folder: &Path) -> bool {
        rustix::fs::statvfs(folder)
            .is_ok_and(|mount| mount.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY))
    }

    pub(super) fn own() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    fn foreign(path: &Path, owner: u32) -> Failure {
        let (path, own) = (path.display(), own());
        let words = Words::new(
            format!("{path} (owner: uid {owner}; this is uid {own})"),
            format!("{path}(所有者のUID: {owner}、実行中のUID: {own})"),
        );
        Failure::new(&rules::FILE_FOREIGN, words)
    }

    pub(super) fn is_own(path: &Path) -> Result<()> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.uid() != own() => Err(foreign(path, metadata.uid())),
            _ => Ok(()),
        }
    }

    pub(super) fn exposure(path: &Path) -> Result<Exposure> {
        let Ok(metadata) = fs::metadata(path) else { return Ok(Exposure::Private) };
        is_own(path)?;
        let mode = metadata.permissions().mode();
        if mode & WRITE != 0 {
            return Err(Failure::new(&rules::FILE_EXPOSED, path.display()));
        }
        Ok(if mode & ANY == 0 { Exposure::Private } else { Exposure::Readable })
    }

    pub(super) fn close(path: &Path) -> io::Result<()> {
        let mut permissions = fs::metadata(path)?.permissions();
        permissions.set_mode(permissions.mode() & !ANY);
        fs::set_permissions(path, permissions)
    }
}

/// Elsewhere, who may read and write a file is a matter of the folder's access list.
#[cfg(not(unix))]
mod unix {
    use std::fs::Metadata;

    use super::{Exposure, Path, Result, Role, io};

    pub(super) fn examine(_: &Path, _: &Metadata, _: Role) -> Result<()> {
        Ok(())
    }

    pub(super) fn is_anybodys(_: &Path) -> bool {
        false
    }

    pub(super) fn is_own(_: &Path) -> Result<()> {
        Ok(())
    }

    pub(super) fn exposure(_: &Path) -> Result<Exposure> {
        Ok(Exposure::Private)
    }

    pub(super) fn close(_: &Path) -> io::Result<()> {
        Ok(())
    }
}

use unix::examine;

/// Checks that a file of the run's own state, if there is one, belongs to the user that `pmh` runs as.
///
/// # Errors
///
/// `PMH6210` if it doesn't.
pub fn is_own(path: &Path) -> Result<()> {
    unix::is_own(path)
}

/// How open a file or folder of the run's own state is, if there is one.
///
/// # Errors
///
/// `PMH6209` if others can write it: what it says can't be relied on. `PMH6210` if it belongs to another user.
pub fn exposure(path: &Path) -> Result<Exposure> {
    unix::exposure(path)
}

/// Closes a file or folder of the run's own state that others can read; gives whether that was needed.
///
/// # Errors
///
/// As [`exposure`]; `PMH6306` if the permission can't be taken away.
pub fn close(path: &Path) -> Result<bool> {
    if exposure(path)? == Exposure::Private {
        return Ok(false);
    }
    unix::close(path).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
    Ok(true)
}

/// The folder that a path lies in.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// The files of the run's own state: ledger, key, hashes, locks and payloads.
#[must_use]
pub fn state_files(ledger: &Path, spool_dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let name = ledger.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let within = |folder: &Path, wanted: &dyn Fn(&str) -> bool| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let named = entries.filter(|entry| wanted(&entry.file_name().to_string_lossy()));
        named.map(|entry| entry.path()).collect()
    };
    files.extend(within(parent(ledger), &|other| {
        let rest = other.strip_prefix(&name);
        rest.is_some_and(|rest| {
            ["", "-wal", "-shm", ".key", ".lock"].contains(&rest) || rest.starts_with(".set-")
        })
    }));
    files.extend(within(spool_dir, &|other| other == "lock" || crate::spool::is_payload(other)));
    files.sort();
    files
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn set(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn code(path: &Path, role: Role) -> Option<&'static str> {
        open(path, role, &rules::FILE_UNREADABLE).err().map(|failure| failure.rule.code)
    }

    #[test]
    fn modes_of_file_folder_and_link_target_count() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pmh.toml");
        fs::write(&path, "x").unwrap();
        for (mode, deciding, secret) in [
            (0o600, None, None),
            (0o400, None, None),
            (0o644, None, Some("PMH6207")),
            (0o664, Some("PMH6209"), Some("PMH6207")),
            (0o602, Some("PMH6209"), Some("PMH6207")),
        ] {
            set(&path, mode);
            assert_eq!(code(&path, Role::Deciding), deciding, "{mode:o}");
            assert_eq!(code(&path, Role::Secret), secret, "{mode:o}");
        }
        set(&path, 0o600);
        for (mode, expected) in [(0o777, Some("PMH6209")), (0o1777, None), (0o755, None)] {
            set(folder.path(), mode);
            assert_eq!(code(&path, Role::Deciding), expected, "{mode:o}");
        }
        // through a link, the folder of the target counts as well
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(code(&link, Role::Deciding), None);
        set(folder.path(), 0o777);
        assert_eq!(code(&link, Role::Deciding), Some("PMH6209"));
        set(folder.path(), 0o700);
        set(&path, 0o646);
        assert_eq!(code(&link, Role::Deciding), Some("PMH6209"));
    }

    #[test]
    fn the_owner_counts() {
        if rustix::process::geteuid().as_raw() != 0 {
            return; // only root can give a file away
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "x").unwrap();
        set(&path, 0o600);
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
        assert_eq!(code(&path, Role::Secret), Some("PMH6210"));
        assert_eq!(code(&path, Role::Deciding), Some("PMH6210"));
        assert_eq!(is_own(&path).unwrap_err().rule.code, "PMH6210");
    }

    #[test]
    fn what_others_can_read_is_closed_and_what_they_can_write_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        assert!(!close(&path).unwrap(), "nothing is there yet");
        fs::create_dir(&path).unwrap();
        set(&path, 0o755);
        assert!(close(&path).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        set(&path, 0o770);
        assert_eq!(close(&path).unwrap_err().rule.code, "PMH6209");
    }
}
