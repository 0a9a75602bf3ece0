//! Acknowledgements, as they come with the options of a session. What they hold is shown by nothing.

use std::{fmt, sync::Arc};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::key::FingerprintKey;

/// The members of the options about acknowledgements; left out if there are none, so that older modules take the options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedOptions {
    /// The acknowledgements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Raw>,
    /// The key of their fingerprints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_key: Option<FingerprintKey>,
    /// Whether findings show their fingerprint.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fingerprints: bool,
}

/// A JSON document, passed on as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw(Arc<str>);

impl Raw {
    /// Takes a text that is JSON.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Raw(…)")
    }
}

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
