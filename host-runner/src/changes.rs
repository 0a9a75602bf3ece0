//! What changed since the last accepted set, from keyed hashes: nothing of a record is kept.
//!
//! Beside the ledger there is a key (0600) and, for each set that may still be compared with, 16 bytes per certificate: the
//! hash of whose it is and the hash of its contents. Without the key they tell nothing.
//!
//! Whose it is: payer's number and recipient's number, so that a renewed certificate with the same number is a change and
//! not a loss. The My Number is only part of the contents: a hash of few guessable values would give it back to whoever has
//! the key.

use std::{
    borrow::Cow,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use pmh_core::rules;
use serde::Deserialize;

pub use crate::key::Key;
use crate::{
    atomic_file::AtomicFile,
    failure::{Failure, Result},
    ledger::Changes,
};

/// What the file begins with.
const MAGIC: &[u8] = b"pmh-set2";

/// What it began with when the first hash told certificates apart, not recipients.
const OUTDATED: &[u8] = b"pmh-set1";

/// Bytes of a checksum.
const LONG: usize = 32;

/// Bytes of a certificate: two hashes.
const ENTRY: usize = 16;

/// A file beside the ledger.
#[must_use]
pub fn beside(ledger: &Path, ending: &str) -> PathBuf {
    let mut path = ledger.as_os_str().to_owned();
    path.push(".");
    path.push(ending);
    PathBuf::from(path)
}

/// The parts of a payload element that the runner looks at.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Element<'a> {
    /// The payer's number (公費負担者番号).
    #[serde(borrow)]
    pub medical_subsidy_registration_number: Cow<'a, str>,
    /// The recipient's number (受給者番号).
    #[serde(borrow)]
    pub medical_subsidy_certification_number: Cow<'a, str>,
    /// The municipality that the recipient lives in.
    #[serde(borrow)]
    pub address_city: Cow<'a, str>,
}

impl<'a> Element<'a> {
    /// Reads an element.
    ///
    /// # Errors
    ///
    /// `PMH6405` if it is none.
    pub fn parse(element: &'a str) -> Result<Self> {
        serde_json::from_str(element)
            .map_err(|error| Failure::internal(format_args!("unreadable payload: {:?}", error.classify())))
    }
}

/// The hashes of a set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hashes(Vec<(u64, u64)>);

/// The hashes of an earlier set, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// The hashes.
    Hashes(Hashes),
    /// There is no file.
    Missing,
    /// They were made with another key.
    OtherKey,
    /// An earlier version of the program wrote them.
    Outdated,
}

impl Hashes {
    /// Adds a payload element: its text, and what was read from it.
    pub fn add(&mut self, key: &Key, text: &str, element: &Element<'_>) {
        let recipient = key.hash(&[
            element.medical_subsidy_registration_number.as_bytes(),
            element.medical_subsidy_certification_number.as_bytes(),
        ]);
        self.0.push((recipient, key.hash(&[text.as_bytes()])));
    }

    /// How many recipients there are.
    #[must_use]
    pub fn recipients(&self) -> u64 {
        let mut all: Vec<u64> = self.0.iter().map(|(recipient, _)| *recipient).collect();
        all.sort_unstable();
        all.dedup();
        all.len() as u64
    }

    /// The recipients that are new in `self`, have other contents, or are only in `before`.
    #[must_use]
    pub fn since(mut self, mut before: Self) -> Changes {
        // the order of a set makes no difference
        self.0.sort_unstable();
        before.0.sort_unstable();
        let same = |left: &(u64, u64), right: &(u64, u64)| left.0 == right.0;
        let (mut new, mut old) = (self.0.chunk_by(same).peekable(), before.0.chunk_by(same).peekable());
        let recipient = |entries: &&[(u64, u64)]| entries.first().map(|entry| entry.0);
        let mut changes = Changes::default();
        loop {
            let (left, right) = (new.peek().and_then(recipient), old.peek().and_then(recipient));
            match (left, right) {
                (None, None) => return changes,
                (Some(left), right) if right.is_none_or(|right| left < right) => {
                    changes.added += u64::from(new.next().is_some());
                }
                (Some(left), Some(right)) if left == right => {
                    changes.changed += u64::from(new.next() != old.next());
                }
                _ => changes.gone += u64::from(old.next().is_some()),
            }
        }
    }

    /// Writes them for later runs.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails.
    pub fn save(&self, key: &Key, path: &Path) -> Result<()> {
        let mut bytes = Vec::with_capacity(MAGIC.len() + 8 + self.0.len() * ENTRY + LONG);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&key.name());
        for (recipient, content) in &self.0 {
            bytes.extend_from_slice(&recipient.to_le_bytes());
            bytes.extend_from_slice(&content.to_le_bytes());
        }
        bytes.extend_from_slice(blake3::hash(&bytes).as_bytes());
        let mut file = AtomicFile::create(path)?;
        file.write_all(&bytes).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, path, &error))?;
        file.commit()
    }

    /// Reads them; none where the file isn't there, or was written with another key.
    ///
    /// # Errors
    ///
    /// `PMH6504` if the file is damaged, `PMH6301` if it can't be read.
    pub fn load(key: &Key, path: &Path) -> Result<Loaded> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Loaded::Missing),
            Err(error) => return Err(Failure::file(&rules::FILE_UNREADABLE, path, &error)),
        };
        let damaged = || Failure::new(&rules::LEDGER_MISMATCH, path.display());
        let (content, checksum) = bytes.split_last_chunk::<LONG>().ok_or_else(damaged)?;
        if blake3::hash(content) != *checksum {
            return Err(damaged());
        }
        if content.starts_with(OUTDATED) {
            return Ok(Loaded::Outdated);
        }
        let (name, entries) =
            content.strip_prefix(MAGIC).and_then(<[u8]>::split_first_chunk).ok_or_else(damaged)?;
        if *name != key.name() {
            return Ok(Loaded::OtherKey);
        }
        let number = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).map_err(|_| damaged());
        let pairs = entries.chunks(ENTRY).map(|entry| {
            let (recipient, content) = entry.split_at_checked(ENTRY / 2).ok_or_else(damaged)?;
            Ok((number(recipient)?, number(content)?))
        });
        pairs.collect::<Result<_>>().map(Self).map(Loaded::Hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> (tempfile::TempDir, Key) {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::beside(&folder.path().join("ledger")).unwrap();
        (folder, key)
    }

    /// A synthetic element: the certificate's number and its content.
    fn element(number: u32, amount: u32) -> String {
        format!(
            r#"{{"myNumber":"000000000000","addressCity":"見本市","medicalSubsidyRegistrationNumber":"21000000","medicalSubsidyCertificationNumber":"{number:07}","amount":{amount}}}"#
        )
    }

    fn hashes(key: &Key, elements: &[(u32, u32)]) -> Hashes {
        let mut hashes = Hashes::default();
        for (number, amount) in elements {
            let text = element(*number, *amount);
            hashes.add(key, &text, &Element::parse(&text).unwrap());
        }
        hashes
    }

    #[test]
    fn added_changed_and_gone_are_counted_in_any_order() {
        let (_folder, key) = key();
        let changes = |before: &[(u32, u32)], after: &[(u32, u32)]| {
            let Changes { added, changed, gone } = hashes(&key, after).since(hashes(&key, before));
            [added, changed, gone]
        };
        assert_eq!(changes(&[(1, 0), (2, 0), (3, 0)], &[(3, 0), (1, 0), (2, 0)]), [0, 0, 0]);
        assert_eq!(changes(&[], &[(1, 0), (2, 0)]), [2, 0, 0]);
        assert_eq!(changes(&[(1, 0), (2, 0)], &[]), [0, 0, 2]);
        assert_eq!(changes(&[(1, 0), (2, 0), (3, 0)], &[(4, 0), (2, 9), (1, 0)]), [1, 1, 1]);
        // a recipient with several certificates is one: a renewal and the end of the old certificate are changes
        assert_eq!(changes(&[(1, 0)], &[(1, 0), (1, 1)]), [0, 1, 0]);
        assert_eq!(changes(&[(1, 0), (1, 1)], &[(1, 1)]), [0, 1, 0]);
        assert_eq!(changes(&[(1, 0), (1, 1)], &[(1, 1), (1, 0)]), [0, 0, 0]);
        assert_eq!(hashes(&key, &[(1, 0), (2, 0), (1, 1)]).recipients(), 2);
        // many, against what a plain comparison says
        let before: Vec<_> = (0..1000).map(|n| (n, n % 7)).collect();
        let after: Vec<_> = (100..1200).map(|n| (n, if n % 10 == 0 { 99 } else { n % 7 })).collect();
        assert_eq!(changes(&before, &after), [200, 90, 100]);
    }

    #[test]
    fn a_file_gives_back_what_was_saved_and_nothing_damaged() {
        let (folder, key) = key();
        let path = folder.path().join("set");
        let saved = hashes(&key, &[(1, 0), (2, 5)]);
        assert_eq!(Hashes::load(&key, &path).unwrap(), Loaded::Missing);
        saved.save(&key, &path).unwrap();
        assert_eq!(Hashes::load(&key, &path).unwrap(), Loaded::Hashes(saved));
        let good = fs::read(&path).unwrap();
        assert_eq!(good.len(), 8 + 8 + 2 * ENTRY + LONG);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            assert_eq!(Hashes::load(&key, &path).unwrap_err().rule.code, "PMH6504", "byte {at}");
            fs::write(&path, &good[..at]).unwrap();
            assert_eq!(Hashes::load(&key, &path).unwrap_err().rule.code, "PMH6504", "cut at {at}");
        }
    }

    #[test]
    fn without_the_key_the_hashes_are_others() {
        let (folder, key) = key();
        let (_other_folder, other) = self::key();
        assert_ne!(hashes(&key, &[(1, 0)]), hashes(&other, &[(1, 0)]));
        let path = folder.path().join("set");
        hashes(&key, &[(1, 0)]).save(&key, &path).unwrap();
        assert_eq!(Hashes::load(&other, &path).unwrap(), Loaded::OtherKey);
        let again = Key::beside(&folder.path().join("ledger")).unwrap();
        assert_eq!(hashes(&key, &[(1, 0)]), hashes(&again, &[(1, 0)]));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, _key) = key();
        let path = folder.path().join("ledger.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(Key::beside(&folder.path().join("ledger")).err().unwrap().rule.code, "PMH6207");
    }
}
