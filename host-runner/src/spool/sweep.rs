//! Removes payloads that are not needed any more, and what a killed process left half written.
//!
//! How this could do harm: it could remove a file of the user's whose name begins like ours, follow a link into
//! another folder, or remove a payload that a run is sending. It could also leave personal data on the disk for good
//! because no run gets far enough to sweep, or because the folder is not ours and no message says so.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use chrono::NaiveDate;
use pmh_core::rules;

use super::PREFIX;
use crate::{
    atomic_file::sweep_parts,
    failure::{Failure, Result},
    folder::Folder,
    lock,
};

/// How the name of a payload ends.
pub(super) const SUFFIX: &str = ".json";

/// Whether this is exactly a name that [`super::Draft`] gives: `payload-YYYY-MM-DD-MILLISECONDS.json`.
#[must_use]
pub fn is_payload(name: &str) -> bool {
    let Some(rest) = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)) else {
        return false;
    };
    let Some((date, millis)) = rest.split_at_checked(10) else { return false };
    let is_date = NaiveDate::parse_from_str(date, "%Y-%m-%d").is_ok_and(|day| day.to_string() == date);
    let millis = millis.strip_prefix('-').and_then(|millis| Some((millis, millis.parse::<i64>().ok()?)));
    is_date && millis.is_some_and(|(text, millis)| millis.to_string() == text)
}

/// Removes every payload of the folder that isn't among `kept`, and parts without a writer. The folder must be locked:
/// no other run may be writing there.
///
/// # Errors
///
/// `PMH6318` if the folder is a link or another user's, `PMH6306` if removing fails.
pub fn sweep(folder: &Path, kept: &[String]) -> Result<()> {
    let Some(folder) = own(folder)? else { return Ok(()) };
    remove(&folder, |name, _| !kept.iter().any(|kept| kept == name))?;
    Ok(())
}

/// Removes payloads older than `keep` and parts without a writer, unless a run is under way. It needs neither ledger
/// nor token, so that personal data goes on time even if no run can start. Returns how many payloads it removed; the
/// ledger notes them at the next run.
///
/// # Errors
///
/// As [`sweep`].
pub fn expire(folder: &Path, keep: Duration, now: SystemTime) -> Result<usize> {
    let Some(opened) = own(folder)? else { return Ok(0) };
    let Some(_lock) = lock::spool(folder)? else { return Ok(0) };
    // a time of change in the future is no age
    remove(&opened, |_, modified| now.duration_since(modified).is_ok_and(|age| age > keep))
}

/// The folder, if there is one; it must be this user's own.
fn own(path: &Path) -> Result<Option<Folder>> {
    match Folder::open_own(path) {
        Ok(Some(folder)) => Ok(Some(folder)),
        Ok(None) => Err(Failure::new(&rules::SPOOL_NOT_OWN, path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(&rules::FILE_UNWRITABLE, path, &error)),
    }
}

fn remove(folder: &Folder, ended: impl Fn(&str, SystemTime) -> bool) -> Result<usize> {
    let removed = || {
        let mut removed: usize = 0;
        for payload in folder.files(is_payload)? {
            if ended(&payload.name, payload.modified) {
                folder.remove(&payload.name)?;
                removed = removed.saturating_add(1);
            }
        }
        sweep_parts(folder)?;
        Ok(removed)
    };
    removed().map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, folder.path(), &error))
}

#[cfg(test)]
mod tests {
    use std::{fs, fs::File};

    use super::*;
    use crate::{atomic_file::AtomicFile, lock::Lock};

    const OURS: &str = "payload-2026-04-01-1775000000000.json";

    /// What must survive: names like ours, and what isn't a file.
    const OTHERS: [&str; 9] = [
        "lock",
        "notes.txt",
        "payload-2025-archive.json",
        "payload-2026-04-01-1775000000000.json.bak",
        "payload-2026-04-01-.json",
        "payload-2026-04-01-+5.json",
        "payload-2026-4-1-1775000000000.json",
        "payload-2026-02-30-1775000000000.json",
        ".pmh-notes.part",
    ];

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn full() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in OTHERS.iter().chain(&[OURS, ".pmh-a1B2c3.part"]) {
            fs::write(folder.path().join(name), "[]").unwrap();
        }
        folder
    }

    fn others() -> Vec<String> {
        let mut others = OTHERS.map(str::to_owned).to_vec();
        others.sort();
        others
    }

    #[test]
    fn what_is_not_kept_is_swept_and_nothing_of_others() {
        let folder = full();
        let kept = "payload-2026-04-01-1775000000001.json".to_owned();
        fs::write(folder.path().join(&kept), "[]").unwrap();
        let being_written = AtomicFile::create(&folder.path().join("x")).unwrap();
        sweep(folder.path(), std::slice::from_ref(&kept)).unwrap();
        assert_eq!(
            names(folder.path()),
            [others(), vec![kept]]
                .concat()
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        drop(being_written);
    }

    #[test]
    fn a_folder_or_link_with_our_name_survives() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("archive.json");
        fs::write(&kept, "[]").unwrap();
        fs::create_dir(folder.path().join(OURS)).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&kept, folder.path().join("payload-2026-04-02-1775000000000.json"))
            .unwrap();
        sweep(folder.path(), &[]).unwrap();
        assert!(kept.exists() && folder.path().join(OURS).is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn another_folder_than_our_own_is_told_and_left_alone() {
        let folder = full();
        let link = folder.path().with_extension("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert_eq!(sweep(&link, &[]).unwrap_err().rule.code, "PMH6318");
        assert_eq!(expire(&link, Duration::ZERO, SystemTime::now()).unwrap_err().rule.code, "PMH6318");
        fs::remove_file(&link).unwrap();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.path(), Some(1), None).unwrap();
            assert_eq!(sweep(folder.path(), &[]).unwrap_err().rule.code, "PMH6318");
        }
        assert!(folder.path().join(OURS).exists());
    }

    #[test]
    fn only_old_payloads_expire_and_none_during_a_run() {
        let folder = full();
        let day = Duration::from_hours(24);
        let set_age = |age: Duration| {
            let file = File::options().write(true).open(folder.path().join(OURS)).unwrap();
            file.set_modified(SystemTime::now() - age).unwrap();
        };
        let expired = || expire(folder.path(), day, SystemTime::now()).unwrap();
        set_age(day / 2);
        assert_eq!(expired(), 0);
        set_age(day * 2);
        let run = Lock::take(&folder.path().join("ledger"), folder.path()).unwrap();
        assert_eq!(expired(), 0);
        drop(run);
        fs::remove_file(folder.path().join("ledger.lock")).unwrap();
        // a clock that was set back makes nothing old
        assert_eq!(expire(folder.path(), day, SystemTime::now() - day * 9).unwrap(), 0);
        assert_eq!(expired(), 1);
        assert_eq!(names(folder.path()), others());
        assert_eq!(expire(&folder.path().join("none"), day, SystemTime::now()).unwrap(), 0);
    }
}
