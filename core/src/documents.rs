//! What a site supplies beside the profile, as members of the options: its table of characters, its masters and its acknowledgements.

use std::sync::Arc;

use crate::{
    acknowledged::{Acknowledged, Bits},
    characters::CharacterTable,
    finding::{Detail, Finding},
    json::Json,
    masters::PayerNumbers,
    rules::{self, Rule},
};

/// The documents that come with the options; none by default. Cheap to clone.
///
/// ```
/// use pmh_core::{Documents, Options};
/// let options = br#"{"asOf": "2026-11-22", "characterTable": {"U+E000": "U+9AD8"}}"#;
/// assert_ne!(Options::from_json(options)?.documents, Documents::default());
/// # Ok::<(), pmh_core::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Documents(Option<Arc<Inner>>);

#[derive(Debug, PartialEq, Eq, Default)]
struct Inner {
    characters: Option<CharacterTable>,
    payer_numbers: Option<PayerNumbers>,
    acknowledged: Option<Acknowledged>,
}

/// The members about acknowledgements that are no document.
#[derive(Debug, Default)]
pub(crate) struct Hashing {
    pub(crate) key: Option<Bits>,
    pub(crate) fingerprints: bool,
}

impl Documents {
    /// Reads them from among the members of the options, or lists the mistakes of all.
    #[inline(never)]
    pub(crate) fn read(members: &[(String, Json)], hashing: &Hashing) -> Result<Self, Vec<Finding>> {
        let (mut documents, mut mistakes) = (Inner::default(), Vec::new());
        let mut acknowledged = None;
        for (member, json) in members {
            match member.as_str() {
                "characterTable" => match CharacterTable::read(json) {
                    Ok(table) => documents.characters = Some(table),
                    Err(wrong) => {
                        for detail in wrong {
                            add(&mut mistakes, &rules::CHARACTER_TABLE, detail);
                        }
                    }
                },
                "payerNumbers" => match PayerNumbers::read(json) {
                    Ok(numbers) => documents.payer_numbers = Some(numbers),
                    Err(why) => add(&mut mistakes, &rules::PAYER_MASTER, Detail::Words(why)),
                },
                "acknowledged" => acknowledged = Some(json),
                _ => {}
            }
        }
        if acknowledged.is_some() || hashing.fingerprints {
            match Acknowledged::read(acknowledged, hashing.key, hashing.fingerprints) {
                Ok(list) => documents.acknowledged = Some(list),
                Err(wrong) => mistakes.extend(wrong),
            }
        }
        let is_none = documents == Inner::default();
        if mistakes.is_empty() { Ok(Self((!is_none).then(|| Arc::new(documents)))) } else { Err(mistakes) }
    }

    /// What is sent in place of characters; asked ahead of the profile's.
    pub(crate) fn characters(&self) -> Option<&CharacterTable> {
        self.0.as_ref()?.characters.as_ref()
    }

    /// The findings that a person has looked at.
    pub(crate) fn acknowledged(&self) -> Option<&Acknowledged> {
        self.0.as_ref()?.acknowledged.as_ref()
    }

    /// The payer numbers that are assigned.
    pub(crate) fn payer_numbers(&self) -> Option<&PayerNumbers> {
        self.0.as_ref()?.payer_numbers.as_ref()
    }
}

#[inline(never)]
fn add(mistakes: &mut Vec<Finding>, rule: &'static Rule, detail: Detail) {
    mistakes.push(Finding { detail, ..Finding::new(rule) });
}
