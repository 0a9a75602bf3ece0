//! What a site supplies beside the profile: its table of characters and its master of payer numbers, from the files that `pmh.toml` names to the options that
//! the module takes.
//!
//! A file that is empty, cut off or read by the wrong columns would change nothing and find nothing, or reject everybody: it is a mistake of the configuration, told
//! with its line. What a table may replace and what a number means is the module's matter.

mod master;
mod table;

use std::{collections::BTreeMap, io::Read, path::Path, sync::Arc};

use pmh_core::rules::{self, Rule};
use serde::{Serialize, Serializer, ser::SerializeMap};
use sha2::{Digest, Sha256};

use crate::{
    config::DocumentsConfig,
    failure::{Failure, Result, Words},
    input::Encoding,
    table::Marks,
    trust::{self, Role},
};

/// The documents as options of the module; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Documents {
    characters: Option<Arc<BTreeMap<String, String>>>,
    payer_numbers: Option<Arc<PayerNumbers>>,
}

/// The option `payerNumbers`.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct PayerNumbers {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prefixes: Vec<String>,
    valid: Vec<String>,
}

impl Documents {
    /// Reads the files that a configuration names.
    ///
    /// # Errors
    ///
    /// `PMH6327` for the table of characters, `PMH6328` for the master; `PMH6301`, `PMH6209` and `PMH6210` for the files.
    pub fn load(config: &DocumentsConfig) -> Result<Self> {
        let characters = config.character_table.as_deref().map(table::read).transpose()?;
        let payer_numbers = config.payer_numbers.as_ref().map(master::read).transpose()?;
        Ok(Self { characters: characters.map(Arc::new), payer_numbers: payer_numbers.map(Arc::new) })
    }

    /// The hash of everything in them; `None` if there are none.
    #[must_use]
    pub fn hash(&self) -> Option<String> {
        (*self != Self::default()).then(|| hash(self))
    }

    /// The hash of what decides the payload's values: of the profile, and of the table of characters if there is one.
    #[must_use]
    pub fn hash_with(&self, profile: &[u8]) -> String {
        let mut hasher = Sha256::new_with_prefix(profile);
        if let Some(table) = &self.characters {
            hasher.update(hash(&**table));
        }
        format!("{:x}", hasher.finalize())
    }
}

/// Maps and lists of texts have one form in JSON.
fn hash(document: &impl Serialize) -> String {
    format!("{:x}", Sha256::digest(serde_json::to_vec(document).unwrap_or_default()))
}

impl Serialize for Documents {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        if let Some(table) = &self.characters {
            members.serialize_entry("characterTable", &**table)?;
        }
        if let Some(numbers) = &self.payer_numbers {
            members.serialize_entry("payerNumbers", &**numbers)?;
        }
        members.end()
    }
}

/// A CSV file that is being read.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    path: &'a Path,
    /// The rule that its mistakes break.
    rule: &'static Rule,
}

impl Source<'_> {
    /// Hands each row to `take`, with its line.
    fn rows(
        self,
        encoding: Encoding,
        most: u64,
        mut take: impl FnMut(u64, &csv::StringRecord) -> Result<()>,
    ) -> Result<()> {
        let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, self.path, &error);
        let mut bytes = Vec::new();
        let file = trust::open(self.path, Role::Deciding, &rules::FILE_UNREADABLE)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > most {
            let most = most >> 20;
            return Err(
                self.wrong(&format!("it is larger than {most} MiB"), &format!("{most} MiBを超えています"))
            );
        }
        let mut marks = Marks::new(b',');
        marks.follow(&bytes);
        if let Some(line) = marks.open() {
            return Err(self.wrong_at(
                line,
                "a quotation mark is never closed",
                "引用符が閉じられていません",
            ));
        }
        // half a line of a file that is being copied can look like a whole one
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            return Err(self.wrong(
                "its last line has no line break; is it complete?",
                "最後の行に改行がありません。ファイルが途中で切れていないか確認してください",
            ));
        }
        let (text, ..) = encoding.decoder().decode(&bytes);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text.as_bytes());
        let mut row = csv::StringRecord::new();
        let (mut rest, mut line, mut at) = (text.as_bytes(), 1u64, 0);
        while reader.read_record(&mut row).map_err(|error| Failure::internal(error.to_string()))? {
            // the crate counts a row from where the one before it ended: empty lines come between
            let begin = row.position().map_or(0, csv::Position::byte);
            while let Some((byte, behind)) = rest.split_first()
                && (at < begin || matches!(byte, b'\r' | b'\n'))
            {
                line = line.saturating_add(u64::from(*byte == b'\n'));
                (rest, at) = (behind, at.saturating_add(1));
            }
            take(line, &row)?;
        }
        Ok(())
    }

    fn wrong(self, en: &str, ja: &str) -> Failure {
        let path = self.path.display();
        Failure::new(self.rule, Words::new(format!("{path}: {en}"), format!("{path}: {ja}")))
    }

    fn wrong_at(self, line: u64, en: &str, ja: &str) -> Failure {
        self.wrong(&format!("line {line}: {en}"), &format!("{line}行目: {ja}"))
    }
}

#[cfg(test)]
mod tests;
