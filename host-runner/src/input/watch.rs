//! A file that may still be in the making: waits until it is no longer written to, and notices every later change.
//!
//! How this could end with success and harm somebody, and what is done against it:
//! - half an export, because its writer pauses: nobody can tell from outside; `input.settle` bounds the risk, `input.ready`
//!   and `input.sha256` remove it;
//! - half an export on a file server whose clock is behind, so that its time looks old: only a time that is older by a
//!   minute more than asked is trusted, every younger file is watched by this machine's own clock;
//! - another file under the same name between looking, opening and the end of reading: identity, size and times of the name
//!   and of the open file must agree all along;
//! - a rewrite of the same size within one tick of the clock of `mtime`, or one that puts `mtime` back: `ctime`;
//! - a time in the future: such a file never gets old, and shows that a clock is wrong: it is refused.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, Utc};
use pmh_core::rules;
use sha2::{Digest, Sha256};

use crate::{
    failure::{Failure, Result, Words},
    time,
};

/// How far the clock of a file server may be from this machine's when a time in the past is trusted.
const BEHIND: Duration = Duration::from_mins(1);

/// How far a file's time may lie in the future.
const AHEAD: Duration = Duration::from_mins(5);

/// How often a file is looked at while it settles.
const LOOK: Duration = Duration::from_millis(250);

/// Times the settling time after which a file that keeps changing is given up.
const PATIENCE: u32 = 10;

/// A regular file as it is at one moment: two equal stamps mean that nothing was written in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: SystemTime,
    /// The time of the last change of anything, which no program can set (Unix); elsewhere the time of creation.
    inner: Option<SystemTime>,
    /// Device and number of the file (Unix).
    identity: (u64, u64),
}

impl Stamp {
    /// The stamp of the file that a path leads to.
    ///
    /// # Errors
    ///
    /// `PMH6301` if it can't be looked at, `PMH6313` if it is no regular file.
    pub fn of(path: &Path) -> Result<Self> {
        let metadata = path.metadata();
        Self::read(path, metadata)
    }

    pub(super) fn read(path: &Path, metadata: io::Result<Metadata>) -> Result<Self> {
        let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
        let metadata = metadata.map_err(unreadable)?;
        if metadata.is_file() {
            Self::new(&metadata).map_err(unreadable)
        } else {
            Err(Failure::new(&rules::INPUT_NOT_A_FILE, path.display()))
        }
    }

    #[cfg(unix)]
    fn new(metadata: &Metadata) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = u32::try_from(metadata.ctime_nsec()).unwrap_or(0);
        let inner = DateTime::from_timestamp(metadata.ctime(), nanoseconds).map(SystemTime::from);
        let identity = (metadata.dev(), metadata.ino());
        Ok(Self { size: metadata.len(), modified: metadata.modified()?, inner, identity })
    }

    #[cfg(not(unix))]
    fn new(metadata: &Metadata) -> io::Result<Self> {
        let inner = metadata.created().ok();
        Ok(Self { size: metadata.len(), modified: metadata.modified()?, inner, identity: (0, 0) })
    }

    /// Bytes of the file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// When it was last written to, by its own account.
    #[must_use]
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified.into()
    }

    /// When anything of it last changed: a copy that keeps the original's time is new all the same.
    fn last_change(&self) -> SystemTime {
        self.inner.map_or(self.modified, |inner| inner.max(self.modified))
    }

    /// Everything in it, to be hashed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        format!("{self:?}").into_bytes()
    }
}

/// A file that is looked at again and again; times since the first look are this machine's own.
struct Settling {
    settle: Duration,
    stamp: Stamp,
    since: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Settled,
    Wait(Duration),
    GivenUp,
}

impl Settling {
    fn look(&mut self, stamp: Stamp, now: SystemTime, elapsed: Duration) -> Verdict {
        if stamp != self.stamp {
            *self = Self { stamp, since: elapsed, ..*self };
        }
        let watched = elapsed.saturating_sub(self.since);
        let age = now.duration_since(stamp.last_change()).unwrap_or_default();
        let most = self.settle.saturating_mul(PATIENCE);
        if watched >= self.settle || age >= self.settle.saturating_add(BEHIND) {
            Verdict::Settled
        } else if elapsed >= most {
            Verdict::GivenUp
        } else {
            let left = self.settle.saturating_sub(watched);
            Verdict::Wait(left.min(LOOK).min(most.saturating_sub(elapsed)))
        }
    }
}

/// The stamp of a file that hasn't changed for `settle`. While it waits, it calls `pause` with the time until the next look.
///
/// # Errors
///
/// `PMH6110` if the file keeps changing or bears a time in the future, what `pause` fails with, and as [`Stamp::of`].
pub fn settled(
    path: &Path,
    settle: Duration,
    mut pause: impl FnMut(Duration) -> Result<()>,
) -> Result<Stamp> {
    let begun = Instant::now();
    let mut settling = Settling { settle, stamp: Stamp::of(path)?, since: Duration::ZERO };
    loop {
        match settling.look(Stamp::of(path)?, SystemTime::now(), begun.elapsed()) {
            Verdict::Settled => break,
            Verdict::Wait(time) => pause(time)?,
            Verdict::GivenUp => {
                let (path, most) = (path.display(), settle.saturating_mul(PATIENCE).as_secs());
                return Err(unsettled(
                    format!("{path} was still changing after {most} seconds (input.settle)"),
                    format!("{path} は {most} 秒待っても書き込みが続いています。input.settle"),
                ));
            }
        }
    }
    let stamp = settling.stamp;
    if stamp.modified.duration_since(SystemTime::now()).is_ok_and(|ahead| ahead > AHEAD) {
        let (path, modified) = (path.display(), time::shown(stamp.modified()));
        return Err(unsettled(
            format!("{path} was changed in the future ({modified} in Japan)"),
            format!("{path} の更新日時 {modified} が未来です"),
        ));
    }
    Ok(stamp)
}

fn unsettled(en: String, ja: String) -> Failure {
    Failure::new(&rules::INPUT_UNSETTLED, Words::new(en, ja))
}

/// Bytes that were read, and their hash.
#[derive(Default)]
struct Tally {
    bytes: u64,
    hash: Sha256,
}

/// An open file whose name must lead to it, unchanged, from before it is opened until after it was read.
pub struct Watched {
    path: PathBuf,
    file: Arc<File>,
    stamp: Stamp,
    tally: Arc<Mutex<Tally>>,
}

impl Watched {
    /// Opens a file that has this stamp.
    ///
    /// # Errors
    ///
    /// `PMH6110` if it is another one by now, `PMH6301` if it can't be opened, and as [`Stamp::of`].
    pub fn open(path: &Path, stamp: Stamp) -> Result<Self> {
        let file = File::open(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))?;
        let watched = Self { path: path.to_owned(), file: Arc::new(file), stamp, tally: Arc::default() };
        watched.is_unchanged()?;
        Ok(watched)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it was like when it had settled.
    #[must_use]
    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// Its bytes; they are counted and hashed as they are read, once.
    pub(super) fn reader(&self) -> impl Read + Send + use<> {
        Counting { file: Arc::clone(&self.file), tally: Arc::clone(&self.tally) }
    }

    fn is_unchanged(&self) -> Result<()> {
        let open = Stamp::read(&self.path, self.file.metadata())?;
        if open == self.stamp && Stamp::of(&self.path).is_ok_and(|named| named == self.stamp) {
            return Ok(());
        }
        let path = self.path.display();
        Err(unsettled(
            format!("{path} was changed or replaced in the meantime"),
            format!("{path} が処理の間に変更または置き換えられました"),
        ))
    }

    /// The SHA-256 of the bytes, after all of them were read.
    ///
    /// # Errors
    ///
    /// `PMH6110` if the file has changed in the meantime, or not all of it was read.
    pub fn finish(&self) -> Result<String> {
        self.is_unchanged()?;
        let Tally { bytes, hash } =
            std::mem::take(&mut *self.tally.lock().unwrap_or_else(PoisonError::into_inner));
        if bytes == self.stamp.size {
            return Ok(format!("{:x}", hash.finalize()));
        }
        let (path, size) = (self.path.display(), self.stamp.size);
        Err(unsettled(
            format!("{bytes} of {size} bytes of {path} were read"),
            format!("{path} の {size} バイトのうち、読み取れたのは {bytes} バイトです"),
        ))
    }
}

struct Counting {
    file: Arc<File>,
    tally: Arc<Mutex<Tally>>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (&*self.file).read(buffer)?;
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.bytes = tally.bytes.saturating_add(count as u64);
        tally.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn stamp(size: u64, modified: SystemTime) -> Stamp {
        Stamp { size, modified, inner: None, identity: (1, 1) }
    }

    #[test]
    fn an_old_file_is_settled_at_once_and_a_young_one_is_watched() {
        let now = SystemTime::now();
        let settling = |stamp| Settling { settle: 5 * SECOND, stamp, since: Duration::ZERO };
        for (age, expected) in [
            (3600, Verdict::Settled),
            (65, Verdict::Settled),
            // a file server's clock may be behind
            (64, Verdict::Wait(LOOK)),
            (0, Verdict::Wait(LOOK)),
        ] {
            let stamp = stamp(1, now - age * SECOND);
            assert_eq!(settling(stamp).look(stamp, now, Duration::ZERO), expected, "{age}");
        }
        // a time in the future neither counts as age nor makes it wait for ever
        let future = stamp(1, now + 3600 * SECOND);
        assert_eq!(settling(future).look(future, now, Duration::ZERO), Verdict::Wait(LOOK));
        assert_eq!(settling(future).look(future, now, 5 * SECOND), Verdict::Settled);
        // without a settling time nothing is waited for
        let none = &mut Settling { settle: Duration::ZERO, ..settling(future) };
        assert_eq!(none.look(future, now, Duration::ZERO), Verdict::Settled);
    }

    #[test]
    fn every_change_begins_the_wait_anew_and_patience_ends() {
        let now = SystemTime::now();
        let mut settling = Settling { settle: 5 * SECOND, stamp: stamp(0, now), since: Duration::ZERO };
        for second in 0..50 {
            let look = settling.look(stamp(u64::from(second), now), now, second * SECOND);
            assert_eq!(look, Verdict::Wait(LOOK), "{second}");
        }
        assert_eq!(settling.look(stamp(50, now), now, 50 * SECOND), Verdict::GivenUp);
        // it ends as soon as the file is quiet
        let mut settling = Settling { settle: 5 * SECOND, stamp: stamp(0, now), since: Duration::ZERO };
        assert_eq!(settling.look(stamp(1, now), now, 44 * SECOND), Verdict::Wait(LOOK));
        assert_eq!(settling.look(stamp(1, now), now, 49 * SECOND), Verdict::Settled);
    }

    #[test]
    fn every_kind_of_change_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        let again = || {
            let _ = fs::remove_file(&path);
            fs::write(&path, "12345").unwrap();
            let watched = Watched::open(&path, Stamp::of(&path).unwrap()).unwrap();
            let mut text = String::new();
            watched.reader().read_to_string(&mut text).unwrap();
            watched
        };
        assert_eq!(again().finish().unwrap(), format!("{:x}", Sha256::digest("12345")));
        let changes: [(&str, &dyn Fn()); 6] = [
            ("appended", &|| fs::write(&path, "123456").unwrap()),
            ("cut", &|| fs::write(&path, "1234").unwrap()),
            ("replaced", &|| {
                fs::write(folder.path().join("other"), "12345").unwrap();
                fs::rename(folder.path().join("other"), &path).unwrap();
            }),
            ("removed", &|| fs::remove_file(&path).unwrap()),
            ("touched", &|| {
                let file = File::options().append(true).open(&path).unwrap();
                file.set_modified(SystemTime::now() + SECOND).unwrap();
            }),
            ("rewritten, with its old time", &|| {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                // past the granularity of the file system's clock
                std::thread::sleep(Duration::from_millis(20));
                fs::write(&path, "54321").unwrap();
                let file = File::options().append(true).open(&path).unwrap();
                file.set_modified(modified).unwrap();
            }),
        ];
        for (what, change) in changes {
            if cfg!(not(unix)) && what.starts_with("re") {
                continue;
            }
            let watched = again();
            change();
            assert_eq!(watched.finish().unwrap_err().rule.code, "PMH6110", "{what}");
        }
        // not all of it was read
        let watched = Watched::open(&path, Stamp::of(&path).unwrap()).unwrap();
        assert_eq!(watched.finish().unwrap_err().rule.code, "PMH6110");
    }

    #[test]
    fn a_file_that_was_switched_before_it_was_opened_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records");
        fs::write(&path, "12345").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        fs::write(folder.path().join("other"), "123456").unwrap();
        fs::rename(folder.path().join("other"), &path).unwrap();
        assert_eq!(Watched::open(&path, stamp).err().unwrap().rule.code, "PMH6110");
    }
}
