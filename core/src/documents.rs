//! What a site supplies beside the profile, as members of the options: its table of characters and its masters.

use std::sync::Arc;

use crate::{
    characters::CharacterTable,
    finding::{Detail, Finding},
    json::Json,
    masters::PayerNumbers,
    rules,
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
pub struct Documents {
    /// What is sent in place of characters; asked ahead of the profile's.
    pub(crate) characters: Option<Arc<CharacterTable>>,
    /// The payer numbers that are assigned.
    pub(crate) payer_numbers: Option<Arc<PayerNumbers>>,
}

impl Documents {
    /// Reads them from among the members of the options, or lists the mistakes of all.
    #[inline(never)]
    pub(crate) fn read(members: &[(String, Json)]) -> Result<Self, Vec<Finding>> {
        let (mut documents, mut mistakes) = (Self::default(), Vec::new());
        for (member, json) in members {
            match member.as_str() {
                "characterTable" => match CharacterTable::read(json) {
                    Ok(table) => documents.characters = Some(Arc::new(table)),
                    Err(wrong) => {
                        for detail in wrong {
                            mistakes.push(Finding { detail, ..Finding::new(&rules::CHARACTER_TABLE) });
                        }
                    }
                },
                "payerNumbers" => match PayerNumbers::read(json) {
                    Ok(numbers) => documents.payer_numbers = Some(Arc::new(numbers)),
                    Err(why) => mistakes
                        .push(Finding { detail: Detail::Words(why), ..Finding::new(&rules::PAYER_MASTER) }),
                },
                _ => {}
            }
        }
        if mistakes.is_empty() { Ok(documents) } else { Err(mistakes) }
    }
}
