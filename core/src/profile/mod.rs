//! Profiles: how a vendor's records map to a payload, as a document and as a compiled plan.
//!
//! `reader` walks the document and gathers every mistake, `compile` turns it into the `plan` that
//! the engine runs. `words` is the language's vocabulary. A compiled profile is immutable and can be shared between runs and threads.

mod compile;
mod expr;
pub(crate) mod keys;
mod places;
pub(crate) mod plan;
mod reader;
mod schema;
mod steps;
mod template;
mod words;

use crate::invalid::{Document, Invalid};

pub(crate) use self::plan::Plan;

/// A compiled profile.
#[derive(Debug)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) plan: Plan,
}

impl Profile {
    /// Compiles a profile document (UTF-8 JSON; see `docs/profile.md`).
    ///
    /// # Errors
    ///
    /// Every mistake of the document at once, as findings of block 9xxx with a pointer into the document.
    ///
    /// ```
    /// use pmh_core::Profile;
    ///
    /// let profile = Profile::compile(include_bytes!("../../examples/profile.json")).unwrap();
    /// assert_eq!((profile.name(), profile.version()), ("example-nested", "1.0.0"));
    ///
    /// let invalid = Profile::compile(br#"{"nmae": "example", "target": "pmh-sync/0.0.1"}"#).unwrap_err();
    /// assert!(invalid.iter().any(|finding| finding.profile.as_deref() == Some("/nmae")));
    /// assert!(invalid.len() > 1, "everything at once");
    /// ```
    pub fn compile(document: &[u8]) -> Result<Self, Invalid> {
        compile::compile(document).map_err(|findings| Invalid::new(Document::Profile, findings))
    }

    /// The JSON Schema (draft 2020-12) of profile documents, for editors: made of the words that [`Self::compile`] reads.
    ///
    /// ```
    /// let schema: serde_json::Value = serde_json::from_str(&pmh_core::Profile::schema()).unwrap();
    /// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    /// ```
    #[must_use]
    pub fn schema() -> String {
        schema::text()
    }

    /// The profile's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The profile's own version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }
}
