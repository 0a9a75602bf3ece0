//! The key of the hashes: 32 random bytes that only this installation has.
//!
//! A body with one record is guessable: a My Number has 10^11 values. So everything that is computed from records is hashed
//! with a key, and a ledger that leaves the machine without it tells nothing. Each purpose has a key of its own.
//!
//! What could go wrong unseen: a key that is made anew because the file was deleted (nothing can be compared any more),
//! and the key of another ledger. The ledger knows the key's name, so both are refused.

use std::{
    env, fmt, fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use pmh_core::rules;
use zeroize::Zeroizing;

use crate::{
    atomic_file::AtomicFile,
    changes::beside,
    config::LedgerConfig,
    failure::{Failure, Result, Words},
    trust::{self, Role},
};

/// Bytes of a key.
const LONG: usize = 32;

/// Where the key is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum KeySource {
    /// Beside the ledger; the first run makes it.
    #[default]
    Beside,
    /// A file elsewhere; the first run makes it.
    File(PathBuf),
    /// A credential that systemd passes on, by its name; 32 bytes that the site made.
    Credential(String),
}

/// The key.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; LONG]>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads the key beside a ledger, or makes one.
    ///
    /// # Errors
    ///
    /// As [`Key::load`].
    pub fn beside(ledger: &Path) -> Result<Self> {
        let path = beside(ledger, "key");
        match Self::file(&path)? {
            Some(key) => Ok(key),
            None => Self::make(&path),
        }
    }

    /// Reads the key, or makes one if its place is a file that doesn't exist yet.
    ///
    /// # Errors
    ///
    /// `PMH6207` if others can read it, `PMH6301` and `PMH6306` if it can't be read or written, `PMH6504` if it is no
    /// key, `PMH6509` if systemd passed none on.
    pub fn load(ledger: &LedgerConfig) -> Result<Self> {
        match (Self::read(ledger)?, Self::path(ledger)) {
            (Some(key), _) => Ok(key),
            (None, Some(path)) => Self::make(&path),
            (None, None) => Err(Failure::new(&rules::KEY_ELSEWHERE, "$CREDENTIALS_DIRECTORY")),
        }
    }

    /// Reads the key if it exists, and never makes one.
    ///
    /// # Errors
    ///
    /// As [`Key::load`].
    pub fn read(ledger: &LedgerConfig) -> Result<Option<Self>> {
        match &ledger.key {
            KeySource::Credential(name) => {
                let Some(folder) = env::var_os("CREDENTIALS_DIRECTORY") else { return Ok(None) };
                // systemd keeps these from other users by itself, whatever their mode says
                open(&Path::new(&folder).join(name))
            }
            KeySource::Beside | KeySource::File(_) => {
                Self::path(ledger).map_or(Ok(None), |path| Self::file(&path))
            }
        }
    }

    /// The file that the key is kept in, unless systemd passes it on.
    #[must_use]
    pub fn path(ledger: &LedgerConfig) -> Option<PathBuf> {
        match &ledger.key {
            KeySource::Beside => Some(beside(&ledger.path, "key")),
            KeySource::File(path) => Some(path.clone()),
            KeySource::Credential(_) => None,
        }
    }

    fn file(path: &Path) -> Result<Option<Self>> {
        if !path.exists() {
            return Ok(None);
        }
        take(path, trust::open(path, Role::Secret, &rules::FILE_UNREADABLE)?).map(Some)
    }

    fn make(path: &Path) -> Result<Self> {
        let key = Self::random()?;
        let mut file = AtomicFile::create(path)?;
        file.write_all(key.0.as_ref())
            .map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        file.commit()?;
        Ok(key)
    }

    /// Reads the key in this file.
    ///
    /// # Errors
    ///
    /// As [`Key::load`].
    pub fn at(path: &Path) -> Result<Option<Self>> {
        Self::file(path)
    }

    /// The key itself, to be written into a file.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// A key that is kept nowhere.
    ///
    /// # Errors
    ///
    /// `PMH6405` if the operating system gives no random bytes.
    pub fn random() -> Result<Self> {
        let mut key = Zeroizing::new([0; LONG]);
        getrandom::fill(key.as_mut()).map_err(Failure::internal)?;
        Ok(Self(key))
    }

    /// A short keyed hash of parts, each with its length: what tells certificates and their contents apart.
    #[must_use]
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> u64 {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut short = [0; 8];
        hasher.finalize_xof().fill(&mut short);
        u64::from_le_bytes(short)
    }

    /// Tells files of another key apart, without telling the key.
    pub(crate) fn name(&self) -> [u8; 8] {
        self.hash(&[b"name of the key"]).to_le_bytes()
    }

    /// The same as text, as the ledger keeps it.
    #[must_use]
    pub fn name_text(&self) -> String {
        self.name().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    /// The key of the fingerprints of acknowledged values, as the module takes it.
    #[must_use]
    pub fn fingerprints(&self) -> FingerprintKey {
        let derived = Zeroizing::new(blake3::derive_key(
            "pmh 2026-11 fingerprints of acknowledged values",
            self.0.as_ref(),
        ));
        let digits = derived.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        FingerprintKey(Arc::new(Zeroizing::new(digits)))
    }

    /// The key of the hashes of payloads and bodies.
    #[must_use]
    pub fn bodies(&self) -> BodyKey {
        let derived =
            blake3::derive_key("pmh 2026-11 hashes of payloads and request bodies", self.0.as_ref());
        BodyKey(Arc::new(Zeroizing::new(derived)))
    }
}

fn open(path: &Path) -> Result<Option<Key>> {
    match fs::File::open(path) {
        Ok(file) => take(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(&rules::FILE_UNREADABLE, path, &error)),
    }
}

/// Reads a key from its open file.
fn take(path: &Path, mut file: fs::File) -> Result<Key> {
    let unreadable = |error: io::Error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
    // one byte more than a key has, so that a longer file is noticed
    let mut bytes = Zeroizing::new([0; LONG + 1]);
    let mut length = 0;
    while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(unreadable)? {
            0 => break,
            read => length = length.saturating_add(read),
        }
    }
    match bytes.first_chunk::<LONG>().filter(|_| length == LONG) {
        Some(key) => Ok(Key(Zeroizing::new(*key))),
        None => Err(Failure::new(
            &rules::LEDGER_MISMATCH,
            Words::new(
                format!("{} (not {LONG} bytes)", path.display()),
                format!("{}({LONG}バイトではありません)", path.display()),
            ),
        )),
    }
}

/// The key of fingerprints: 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerprintKey(Arc<Zeroizing<String>>);

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(…)")
    }
}

impl serde::Serialize for FingerprintKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The key of the hashes of payloads and request bodies.
#[derive(Clone)]
pub struct BodyKey(Arc<Zeroizing<[u8; LONG]>>);

impl fmt::Debug for BodyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BodyKey(…)")
    }
}

impl BodyKey {
    /// A hash that bytes are added to.
    #[must_use]
    pub fn hasher(&self) -> BodyHasher {
        BodyHasher(Box::new(blake3::Hasher::new_keyed(&self.0)))
    }

    /// The hash of these bytes.
    #[must_use]
    pub fn hash(&self, bytes: &[u8]) -> String {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        hasher.finish()
    }
}

/// A keyed BLAKE3 hash under way.
#[derive(Clone)]
pub struct BodyHasher(Box<blake3::Hasher>);

impl BodyHasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes so far, in 64 hexadecimal digits.
    #[must_use]
    pub fn finish(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

impl Write for BodyHasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_if_its_place_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let config = |key| LedgerConfig {
            path: folder.path().join("ledger"),
            spool_dir: folder.path().into(),
            key,
            keep_runs: None,
            keep_undelivered: std::time::Duration::from_secs(1),
        };
        let beside = config(KeySource::Beside);
        assert!(Key::read(&beside).unwrap().is_none());
        assert!(!folder.path().join("ledger.key").exists(), "reading made one");
        let name = Key::load(&beside).unwrap().name_text();
        assert_eq!(Key::load(&beside).unwrap().name_text(), name);
        let elsewhere = config(KeySource::File(folder.path().join("other")));
        assert_ne!(Key::load(&elsewhere).unwrap().name_text(), name);
        let credential = config(KeySource::Credential("key".into()));
        assert_eq!(Key::load(&credential).unwrap_err().rule.code, "PMH6509");
        for wrong in [&b"short"[..], &[7; LONG + 1]] {
            fs::write(folder.path().join("ledger.key"), wrong).unwrap();
            assert_eq!(Key::load(&beside).unwrap_err().rule.code, "PMH6504");
        }
    }

    #[test]
    fn hashes_depend_on_the_key_and_its_purpose() {
        let (one, other) = (Key::random().unwrap(), Key::random().unwrap());
        let hash = one.bodies().hash(b"[{}]");
        assert_eq!(hash, one.bodies().hash(b"[{}]"));
        assert_eq!(hash.len(), 64);
        assert_ne!(hash, other.bodies().hash(b"[{}]"));
        assert_ne!(hash, blake3::hash(b"[{}]").to_hex().to_string());
        assert_ne!(hash, blake3::keyed_hash(&one.0, b"[{}]").to_hex().to_string());
        assert_eq!(format!("{one:?} {:?}", one.bodies()), "Key(…) BodyKey(…)");
    }
}
