//! `acknowledged.json`: findings that a person has looked at, for the module, for the ledger and for `pmh acknowledge`.
//!
//! The module decides what an entry does and refuses what is wrong with one; this reads the file only if nobody else could have written it, and derives
//! the key of the fingerprints. Neither a record key nor a number of an entry may go into the ledger or a log: only a keyed hash of it does.

mod write;

use std::{fmt, path::Path};

use pmh_core::rules;
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

pub(crate) use self::write::{Wanted, Wish, acknowledge};
use crate::{
    failure::{Failure, Result, Words},
    key::Key,
    module::{AcknowledgedOptions, Raw},
    report,
    trust::{self, Role},
};

/// How large the file may be.
const MAX_SIZE: usize = 1 << 20;

/// What is needed of an entry beside what the module reads.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    code: String,
    target: String,
    record_key: Option<String>,
    number: Option<String>,
    payer_number: Option<String>,
    by: String,
    until: String,
}

impl Entry {
    /// Whom it is about, as a keyed hash.
    fn subject(&self, key: &Key) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let parts = [part(&self.record_key), part(&self.number), part(&self.payer_number)];
        let [record_key, number, payer] = parts.each_ref().map(String::as_bytes);
        format!("{:016x}", key.hash(&[b"subject of an acknowledgement", record_key, number, payer]))
    }

    /// What the ledger has of it.
    fn noted(&self, key: &Key) -> Value {
        let Self { code, target, by, until, .. } = self;
        json!({ "code": code, "target": target, "subject": self.subject(key), "by": by, "until": until })
    }
}

/// The acknowledgements of a run.
pub struct Acknowledged {
    options: AcknowledgedOptions,
    entries: Vec<Entry>,
    mark: String,
}

impl fmt::Debug for Acknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acknowledged(…)")
    }
}

impl Acknowledged {
    /// Reads the file of a configuration, if it names one.
    ///
    /// # Errors
    ///
    /// As [`Acknowledged::load`].
    pub fn configured(path: Option<&Path>, key: Option<&Key>) -> Result<Option<Self>> {
        path.map(|path| Self::load(path, key)).transpose()
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// `PMH6301` if it can't be read, `PMH6209` and `PMH6210` if others can write it, `PMH6124` if it is no JSON or there is no key.
    pub fn load(path: &Path, key: Option<&Key>) -> Result<Self> {
        Self::of(&read(path)?, path, key)
    }

    /// Takes the text of a file.
    fn of(text: &str, path: &Path, key: Option<&Key>) -> Result<Self> {
        // entries with a mistake are the module's to tell
        let entries: Vec<Entry> = serde_json::from_str(text).unwrap_or_default();
        if key.is_none() && entries.iter().any(|entry| entry.record_key.is_some()) {
            return Err(unusable(path, "the key of the hashes is missing", "ハッシュ用の鍵がありません"));
        }
        let mark = key.map_or_else(String::new, |key| {
            format!("{:016x}", key.hash(&[b"acknowledgements", text.as_bytes()]))
        });
        let options = AcknowledgedOptions {
            acknowledged: Some(Raw::of(text)),
            hash_key: key.map(Key::fingerprints),
            fingerprints: false,
        };
        Ok(Self { options, entries, mark })
    }

    /// The members of the options.
    #[must_use]
    pub fn options(&self) -> AcknowledgedOptions {
        self.options.clone()
    }

    /// A keyed hash of the file: another one gives another set.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }

    /// What the ledger keeps of the entries that acknowledged something; none if no entry did.
    pub(crate) fn noted(&self, summary: &report::Summary, key: &Key) -> Option<String> {
        let used = summary.acknowledged.as_ref().map_or(&[][..], |counts| &counts.by_entry);
        let entries = self.entries.iter().zip(used).filter(|(_, used)| **used > 0);
        let noted: Vec<Value> = entries
            .map(|(entry, used)| {
                let mut noted = entry.noted(key);
                if let Some(members) = noted.as_object_mut() {
                    members.insert("findings".to_owned(), json!(used));
                }
                noted
            })
            .collect();
        (!noted.is_empty()).then(|| Value::Array(noted).to_string())
    }
}

/// The text of a file that is JSON.
fn read(path: &Path) -> Result<String> {
    let text = trust::read_text(path, Role::Deciding, &rules::FILE_UNREADABLE)?;
    if text.len() > MAX_SIZE {
        return Err(unusable(path, "larger than 1 MiB", "1 MiBを超えています"));
    }
    match serde_json::from_str::<&RawValue>(&text) {
        Ok(_) => Ok(text.to_string()),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(unusable(
                path,
                &format!("not JSON at line {line}, column {column}"),
                &format!("{line}行{column}桁目がJSONではありません"),
            ))
        }
    }
}

fn unusable(path: &Path, en: &str, ja: &str) -> Failure {
    let path = path.display();
    let words = Words::new(format!("{path} ({en})"), format!("{path}({ja})"));
    Failure::new(&rules::ACKNOWLEDGEMENTS_UNUSABLE, words)
}
