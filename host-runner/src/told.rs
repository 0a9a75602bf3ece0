//! The failure that people were told of last for a slot of `pmh serve`, so that a slot that fails all day in the same way is
//! told once.
//!
//! What would look well and be wrong: silence because a notification was only tried and failed, because another slot failed in
//! the same way, or because the file is damaged. So only what a command has taken is noted, with its slot; whatever can't be
//! read or written is told again. Silence concerns `[notify]` alone: ledger, log and health know of each try.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use pmh_core::rules;
use serde::{Deserialize, Serialize};

use crate::{
    atomic_file::AtomicFile,
    changes::beside,
    failure::{Exit, Failure, Result},
};

/// The memory of one slot, in a file beside the heartbeat.
#[derive(Debug, Clone)]
pub struct Memory {
    path: PathBuf,
    slot: String,
}

/// What is kept: numbers and codes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    slot: String,
    exit: Option<u8>,
    codes: Vec<String>,
}

impl Memory {
    /// The memory of a slot in this file.
    #[must_use]
    pub fn new(path: PathBuf, slot: String) -> Self {
        Self { path, slot }
    }

    /// The file beside a heartbeat.
    pub(crate) fn file(heartbeat: &Path) -> PathBuf {
        beside(heartbeat, "told")
    }

    /// The file and the slot, as they are handed to a run.
    pub(crate) fn parts(&self) -> (&Path, &str) {
        (&self.path, &self.slot)
    }

    /// Whether people were told last of exactly this end of this slot.
    #[must_use]
    pub fn knows(&self, exit: Option<Exit>, failures: &[Failure]) -> bool {
        let kept = fs::read(&self.path).ok().and_then(|json| serde_json::from_slice::<Told>(&json).ok());
        kept.is_some_and(|kept| kept == self.told(exit, failures))
    }

    /// Notes what people were told.
    ///
    /// # Errors
    ///
    /// `PMH6306`: the next try is told again then.
    pub fn note(&self, exit: Option<Exit>, failures: &[Failure]) -> Result<()> {
        let json = serde_json::to_vec(&self.told(exit, failures)).map_err(Failure::internal)?;
        let mut file = AtomicFile::create(&self.path)?;
        file.write_all(&json).map_err(|error| Failure::file(&rules::FILE_UNWRITABLE, &self.path, &error))?;
        file.commit()
    }

    fn told(&self, exit: Option<Exit>, failures: &[Failure]) -> Told {
        let codes = failures.iter().map(|failure| failure.rule.code.to_owned()).collect();
        Told { slot: self.slot.clone(), exit: exit.map(|exit| exit as u8), codes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_end_of_the_same_slot_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let file = Memory::file(&folder.path().join("heartbeat.json"));
        let slot = |slot: &str| Memory::new(file.clone(), slot.to_owned());
        let failed = [Failure::new(&rules::UNAVAILABLE, "503")];
        let other = [Failure::new(&rules::UNREACHABLE, "503")];
        let (first, second) = (slot("2026-11-24T02:30"), slot("2026-11-25T02:30"));
        assert!(!first.knows(Some(Exit::Unavailable), &failed), "nothing was told yet");
        first.note(Some(Exit::Unavailable), &failed).unwrap();
        assert!(first.knows(Some(Exit::Unavailable), &failed));
        // another detail is no other end
        assert!(first.knows(Some(Exit::Unavailable), &[Failure::new(&rules::UNAVAILABLE, "502")]));
        for (memory, exit, failures) in [
            (&second, Some(Exit::Unavailable), &failed[..]),
            (&first, Some(Exit::Unknown), &failed),
            (&first, None, &failed),
            (&first, Some(Exit::Unavailable), &other),
            (&first, Some(Exit::Unavailable), &[]),
        ] {
            assert!(!memory.knows(exit, failures), "{exit:?} {failures:?}");
        }
        fs::write(&file, "{").unwrap();
        assert!(!first.knows(Some(Exit::Unavailable), &failed), "damaged");
    }
}
