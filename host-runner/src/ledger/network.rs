//! Whether a file is on a disk of another machine, where SQLite's locks and write-ahead log don't hold.

use std::path::Path;

/// The kind of network file system that a path is on, such as `NFS`; none for a local disk, and if it can't be told.
#[must_use]
pub fn on_network_disk(path: &Path) -> Option<&'static str> {
    let existing = path.ancestors().find(|path| path.exists())?;
    kind(if existing == Path::new("") { Path::new(".") } else { existing })
}

#[cfg(target_os = "linux")]
fn kind(path: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(path).ok()?.f_type;
    // the width of the number differs between machines; 32 bits of it count
    named(u64::try_from(kind & 0xffff_ffff).ok()?)
}

/// By the numbers of statfs(2).
#[cfg(any(target_os = "linux", test))]
fn named(number: u64) -> Option<&'static str> {
    Some(match number {
        0x6969 => "NFS",
        0x517b => "SMB",
        0xff53_4d42 => "CIFS",
        0xfe53_4d42 => "SMB2",
        0x6573_5546 => "FUSE",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x00c3_6400 => "Ceph",
        0x0102_1997 => "9P",
        0x0bd0_0bd0 => "Lustre",
        0x7461_636f => "OCFS2",
        0x0116_1970 => "GFS2",
        0x7375_7245 => "Coda",
        _ => return None,
    })
}

/// A path of the form `\\\\server\\share` is on another machine.
#[cfg(windows)]
fn kind(path: &Path) -> Option<&'static str> {
    use std::path::{Component, Prefix};
    let path = path.canonicalize().ok()?;
    match path.components().next()? {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => Some("SMB"),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
fn kind(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_disks_are_told_from_local_ones() {
        for (number, name) in
            [(0x6969, Some("NFS")), (0xff53_4d42, Some("CIFS")), (0xef53, None), (0x0102_1994, None)]
        {
            assert_eq!(named(number), name);
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(on_network_disk(&folder.path().join("not/yet/ledger")), on_network_disk(folder.path()));
        #[cfg(target_os = "linux")]
        if Path::new("/dev/shm").exists() {
            assert_eq!(on_network_disk(Path::new("/dev/shm/ledger")), None);
        }
    }
}
