//! The payload on the disk, between transforming and sending: private (0600), whole or not there at all.
//!
//! Sending reads from it, so that memory stays flat and a later run can send the same bytes again.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::Utc;
use pmh_core::rules;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    atomic_file::AtomicFile,
    failure::{Failure, Result},
    key::{BodyHasher, BodyKey},
};

mod sweep;

pub use self::sweep::{expire, is_payload, sweep};

/// What the names of payloads begin with.
const PREFIX: &str = "payload-";

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// A payload that is still being written; it vanishes unless it is committed.
pub struct Draft {
    file: AtomicFile,
    key: BodyKey,
    hash: BodyHasher,
    length: u64,
}

impl Draft {
    /// Starts a payload in this folder.
    ///
    /// # Errors
    ///
    /// `PMH6306` where the folder can't be written to.
    pub fn create(folder: &Path, as_of: &str, key: &BodyKey) -> Result<Self> {
        let name = format!("{PREFIX}{as_of}-{}{}", Utc::now().timestamp_millis(), sweep::SUFFIX);
        let file = AtomicFile::create(&folder.join(name))?;
        Ok(Self { file, key: key.clone(), hash: key.hasher(), length: 0 })
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hash.update(bytes);
        self.length = self.length.saturating_add(bytes.len() as u64);
        self.file
            .write_all(bytes)
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, self.file.path(), &error))
    }

    /// Makes it last.
    ///
    /// # Errors
    ///
    /// As [`AtomicFile::commit`].
    pub fn commit(self) -> Result<Spool> {
        let Self { file, key, hash, length } = self;
        let path = file.path().to_owned();
        // the file that was written, and not what has its name a moment later
        let file = Arc::new(file.commit_open()?);
        Ok(Spool { path, file, key, hash: hash.finish(), length })
    }
}

/// Makes the folder of payloads, for its owner alone, where there is none.
///
/// # Errors
///
/// `PMH6306` where it can't be made.
pub fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, folder, &error))
}

fn open(path: &Path) -> Result<Arc<File>> {
    let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
    let file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Failure::new(&rules::LEDGER_MISMATCH, path.display()));
    }
    Ok(Arc::new(file))
}

/// Reads bytes of an open file from a place of its own: several readers never disturb each other.
pub(crate) struct ReadAt {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for ReadAt {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let Some(buffer) = buffer.get_mut(..most) else { return Ok(0) };
        #[cfg(unix)]
        let read = std::os::unix::fs::FileExt::read_at(&*self.file, buffer, self.at)?;
        #[cfg(windows)]
        let read = std::os::windows::fs::FileExt::seek_read(&*self.file, buffer, self.at)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Hashes what passes.
struct Hashing<R> {
    inner: R,
    hash: BodyHasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A whole payload on the disk. It is opened once: what is sent is read from the file that was checked, even if another
/// one has taken its name since.
#[derive(Debug, Clone)]
pub struct Spool {
    path: PathBuf,
    file: Arc<File>,
    key: BodyKey,
    hash: String,
    length: u64,
}

/// A request's share of the payload: the bytes between its brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The first byte, after the bracket or comma.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
    /// Records in it.
    pub records: u64,
}

impl Part {
    /// Bytes of the request's body: the share and two brackets.
    #[must_use]
    pub fn body_length(&self) -> u64 {
        self.end.saturating_sub(self.start).saturating_add(2)
    }
}

impl Spool {
    /// Where it stands.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The keyed hash of its bytes.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// How many bytes it has.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// A payload that an earlier run wrote, if it exists and still has this hash.
    ///
    /// # Errors
    ///
    /// `PMH6504` if it is another file, `PMH6301` if it can't be read.
    pub fn again(path: PathBuf, key: &BodyKey, hash: &str) -> Result<Self> {
        let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, &path, &error);
        let file = open(&path)?;
        let mut hasher = key.hasher();
        let all = ReadAt { file: Arc::clone(&file), at: 0, end: u64::MAX };
        let length = io::copy(&mut BufReader::with_capacity(PIECE, all), &mut hasher).map_err(unreadable)?;
        if hasher.finish() != hash {
            return Err(Failure::new(&rules::LEDGER_MISMATCH, path.display()));
        }
        Ok(Self { path, file, key: key.clone(), hash: hash.to_owned(), length })
    }

    /// The bytes of a request between its brackets, and the hash that they are added to.
    pub(crate) fn share(&self, part: &Part) -> (ReadAt, BodyHasher) {
        (ReadAt { file: Arc::clone(&self.file), at: part.start, end: part.end }, self.key.hasher())
    }

    /// The keyed hash of a request's body.
    ///
    /// # Errors
    ///
    /// `PMH6301` if it can't be read.
    pub fn body_hash(&self, part: &Part) -> Result<String> {
        let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, &self.path, &error);
        let (share, mut hash) = self.share(part);
        hash.update(b"[");
        io::copy(&mut BufReader::with_capacity(PIECE, share), &mut hash).map_err(unreadable)?;
        hash.update(b"]");
        Ok(hash.finish())
    }

    /// Divides it into requests, as [`divide`] does.
    ///
    /// # Errors
    ///
    /// `PMH6301` if it can't be read, `PMH6504` if it is no longer what was written, and as [`divide`].
    pub fn parts(
        &self,
        most: u64,
        records: u64,
        look: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<Vec<(Part, String)>> {
        let all = ReadAt { file: Arc::clone(&self.file), at: 0, end: u64::MAX };
        let hashing = Hashing { inner: all, hash: self.key.hasher() };
        let mut reader = BufReader::with_capacity(PIECE, hashing);
        let parts = divide(&mut reader, most, &self.key, look)?;
        io::copy(&mut reader, &mut io::sink())
            .map_err(|error| Failure::file(&rules::FILE_UNREADABLE, &self.path, &error))?;
        if reader.get_ref().hash.finish() != self.hash {
            return Err(Failure::new(&rules::LEDGER_MISMATCH, self.path.display()));
        }
        are_all(&parts, self.length, records)?;
        Ok(parts)
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails.
    pub fn remove(self) -> Result<()> {
        fs::remove_file(&self.path)
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &self.path, &error))
    }
}

/// Divides a payload at record boundaries into requests of at most `most` records; 0 is one request with all of them. Each
/// comes with the hash of its body, and each record passes `look` on the way.
///
/// # Errors
///
/// `PMH6405` where it isn't an array; what `look` fails with.
pub fn divide(
    payload: impl Read,
    most: u64,
    key: &BodyKey,
    look: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<Vec<(Part, String)>> {
    let mut json = serde_json::Deserializer::from_reader(payload);
    let most = if most == 0 { u64::MAX } else { most };
    let mut looked = Ok(());
    let mut looking = |record: &str| {
        looked = look(record);
        looked.is_ok()
    };
    let divided = Divider { most, key, look: &mut looking }.deserialize(&mut json);
    looked?;
    divided
        .map_err(|error| Failure::internal(format_args!("the payload is not JSON: {:?}", error.classify())))
}

/// Fails unless the requests are the whole of a compact payload of so many bytes and records.
///
/// # Errors
///
/// `PMH6405`.
pub fn are_all(parts: &[(Part, String)], length: u64, records: u64) -> Result<()> {
    let counted: u64 = parts.iter().map(|(part, _)| part.records).sum();
    match parts.last() {
        Some((last, _)) if last.end == length.saturating_sub(1) && counted == records => Ok(()),
        _ => Err(Failure::internal("payload and report count different records")),
    }
}

/// Walks over an array, one element in memory at a time.
struct Divider<'a> {
    most: u64,
    key: &'a BodyKey,
    /// Sees each element; false ends the walk.
    look: &'a mut dyn FnMut(&str) -> bool,
}

impl<'de> DeserializeSeed<'de> for Divider<'_> {
    type Value = Vec<(Part, String)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Divider<'_> {
    type Value = Vec<(Part, String)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let too_long = || A::Error::custom("too long");
        let body = || {
            let mut hash = self.key.hasher();
            hash.update(b"[");
            hash
        };
        let closed = |mut body: BodyHasher| {
            body.update(b"]");
            body.finish()
        };
        let mut parts = Vec::new();
        let (mut part, mut hash) = (Part { start: 1, end: 1, records: 0 }, body());
        while let Some(record) = elements.next_element::<Box<RawValue>>()? {
            if part.records == self.most {
                parts.push((part, closed(std::mem::replace(&mut hash, body()))));
                let start = part.end.checked_add(1).ok_or_else(too_long)?;
                part = Part { start, end: start, records: 0 };
            } else if part.records > 0 {
                hash.update(b",");
                part.end = part.end.checked_add(1).ok_or_else(too_long)?;
            }
            if !(self.look)(record.get()) {
                return Err(A::Error::custom("ended"));
            }
            hash.update(record.get().as_bytes());
            part.end = part.end.checked_add(record.get().len() as u64).ok_or_else(too_long)?;
            part.records = part.records.checked_add(1).ok_or_else(too_long)?;
        }
        parts.push((part, closed(hash)));
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> BodyKey {
        static KEY: std::sync::OnceLock<BodyKey> = std::sync::OnceLock::new();
        KEY.get_or_init(|| crate::key::Key::random().unwrap().bodies()).clone()
    }

    fn spool(payload: &str) -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("spool");
        make_folder(&spool).unwrap();
        let mut draft = Draft::create(&spool, "2026-04-01", &key()).unwrap();
        draft.put(payload.as_bytes()).unwrap();
        let spool = draft.commit().unwrap();
        (folder, spool)
    }

    fn shares(payload: &str, most: u64, records: u64) -> Vec<String> {
        let (_folder, spool) = spool(payload);
        assert_eq!(spool.hash(), key().hash(payload.as_bytes()));
        let mut seen = 0;
        let parts = spool
            .parts(most, records, &mut |_| {
                seen += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(seen, records);
        let share = |(part, hash): &(Part, String)| {
            let place = usize::try_from(part.start).unwrap()..usize::try_from(part.end).unwrap();
            let body = format!("[{}]", &payload[place]);
            assert_eq!((body.len() as u64, hash.clone()), (part.body_length(), key().hash(body.as_bytes())));
            body
        };
        parts.iter().map(share).collect()
    }

    #[test]
    fn requests_are_divided_between_records() {
        let payload = r#"[{"a":"},{"},{"b":[1]},{"氏":"c"}]"#;
        assert_eq!(shares(payload, 0, 3), [payload]);
        assert_eq!(shares(payload, 3, 3), [payload]);
        assert_eq!(shares(payload, 2, 3), [r#"[{"a":"},{"},{"b":[1]}]"#, r#"[{"氏":"c"}]"#]);
        assert_eq!(shares(payload, 1, 3).concat(), r#"[{"a":"},{"}][{"b":[1]}][{"氏":"c"}]"#);
        assert_eq!(shares("[]", 0, 0), ["[]"]);
    }

    #[test]
    fn a_payload_that_is_not_what_the_report_says_is_never_sent() {
        for payload in ["", "{}", "[{},{}", "[{} ,{},{}]", "[{},{}]", "[{},{},{},{}]"] {
            let (_folder, spool) = spool(payload);
            for most in [0, 2, 3] {
                assert!(spool.parts(most, 3, &mut |_| Ok(())).is_err(), "{payload}");
            }
        }
    }

    #[test]
    fn a_file_that_was_changed_is_not_taken_up_again() {
        let (_folder, spool) = spool("[1]");
        let again = || Spool::again(spool.path().to_owned(), &key(), spool.hash());
        assert_eq!(again().unwrap().length(), spool.length());
        fs::write(spool.path(), "[2]").unwrap();
        assert_eq!(again().unwrap_err().rule.code, "PMH6504");
        fs::remove_file(spool.path()).unwrap();
        assert_eq!(again().unwrap_err().rule.code, "PMH6301");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, spool) = spool("[]");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(spool.path()), mode(spool.path().parent().unwrap())), (0o600, 0o700));
        let path = spool.path().to_owned();
        spool.remove().unwrap();
        assert!(!path.exists());
    }
}
