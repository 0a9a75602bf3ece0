//! The payload on the disk, between transforming and sending: private (0600), whole or not there at all.
//!
//! Sending reads from it, so that memory stays flat and a later run can send the same bytes again.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
};

use chrono::Utc;
use pmh_core::rules;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    failure::{Failure, Result},
    output::Whole,
};

/// A payload that is still being written; it vanishes unless it is committed.
pub struct Draft(Whole);

impl Draft {
    /// Starts a payload in this folder, which is created for its owner alone where there is none.
    ///
    /// # Errors
    ///
    /// `PMH6306` where the folder can't be written to.
    pub fn create(folder: &Path, as_of: &str) -> Result<Self> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, folder, &error))?;
        let name = format!("payload-{as_of}-{}.json", Utc::now().timestamp_millis());
        Whole::create(&folder.join(name)).map(Self)
    }

    /// Writes the next bytes.
    ///
    /// # Errors
    ///
    /// `PMH6306` where that fails.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, self.0.path(), &error))
    }

    /// Makes it last.
    ///
    /// # Errors
    ///
    /// As [`Whole::commit`].
    pub fn commit(self) -> Result<Spool> {
        let path = self.0.path().to_owned();
        self.0.commit()?;
        Ok(Spool { path })
    }
}

/// A whole payload on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spool {
    path: PathBuf,
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

    /// Divides it at record boundaries into requests of at most `most` records; 0 is one request with all of them.
    ///
    /// # Errors
    ///
    /// `PMH6301` where it can't be read, `PMH6405` where it isn't a compact array of `records` objects.
    pub fn parts(&self, most: u64, records: u64) -> Result<Vec<Part>> {
        let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, &self.path, &error);
        let mut file = File::open(&self.path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let whole = Part { start: 1, end: length.saturating_sub(1), records };
        if most == 0 || records <= most {
            let mut ends = [0; 2];
            file.read_exact(&mut ends[..1]).map_err(unreadable)?;
            file.seek(std::io::SeekFrom::End(-1)).map_err(unreadable)?;
            file.read_exact(&mut ends[1..]).map_err(unreadable)?;
            return if &ends == b"[]" {
                Ok(vec![whole])
            } else {
                Err(Failure::internal("the payload is not an array"))
            };
        }
        let mut json = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 16, file));
        let parts = Divider { most }.deserialize(&mut json).map_err(|error| {
            Failure::internal(format_args!("the payload is not JSON: {:?}", error.classify()))
        })?;
        let counted: u64 = parts.iter().map(|part| part.records).sum();
        match parts.last() {
            Some(last) if last.end == whole.end && counted == records => Ok(parts),
            _ => Err(Failure::internal("payload and report count different records")),
        }
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

/// Walks over an array, one element in memory at a time.
struct Divider {
    most: u64,
}

impl<'de> DeserializeSeed<'de> for Divider {
    type Value = Vec<Part>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Part>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Divider {
    type Value = Vec<Part>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<Part>, A::Error> {
        let too_long = || A::Error::custom("too long");
        let mut parts = Vec::new();
        let mut part = Part { start: 1, end: 1, records: 0 };
        while let Some(record) = elements.next_element::<Box<RawValue>>()? {
            if part.records == self.most {
                parts.push(part);
                let start = part.end.checked_add(1).ok_or_else(too_long)?;
                part = Part { start, end: start, records: 0 };
            } else if part.records > 0 {
                part.end = part.end.checked_add(1).ok_or_else(too_long)?;
            }
            part.end = part.end.checked_add(record.get().len() as u64).ok_or_else(too_long)?;
            part.records = part.records.checked_add(1).ok_or_else(too_long)?;
        }
        parts.push(part);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(payload: &str) -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let mut draft = Draft::create(&folder.path().join("spool"), "2026-04-01").unwrap();
        draft.put(payload.as_bytes()).unwrap();
        let spool = draft.commit().unwrap();
        (folder, spool)
    }

    fn shares(payload: &str, most: u64, records: u64) -> Vec<String> {
        let (_folder, spool) = spool(payload);
        let parts = spool.parts(most, records).unwrap();
        parts
            .iter()
            .map(|part| {
                format!(
                    "[{}]",
                    &payload[usize::try_from(part.start).unwrap()..usize::try_from(part.end).unwrap()]
                )
            })
            .collect()
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
            assert!(spool.parts(2, 3).is_err(), "{payload}");
        }
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
