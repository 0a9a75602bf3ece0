//! The API's contract, taken out of `spec/openapi.yaml` as it stands: the schema of one element of the body.
//!
//! It must never hold a rule of its own: what the file doesn't say isn't checked.

use std::io;

use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};

const OPENAPI: &str = include_str!("../../spec/openapi.yaml");

/// The compiled schema of one recipient.
#[derive(Debug)]
pub struct Contract {
    element: jsonschema::Validator,
}

impl Contract {
    /// Reads and compiles the embedded file.
    ///
    /// # Errors
    ///
    /// Where the file is not the API's: the build is broken then.
    pub fn load() -> io::Result<Self> {
        let api: Value = serde_saphyr::from_str(OPENAPI).map_err(io::Error::other)?;
        let at =
            "/paths/~1medicalSubsidiesTargetPersons/post/requestBody/content/application~1json/schema/items";
        let items = api.pointer(at).ok_or_else(|| io::Error::other("the api's body is not an array"))?;
        // `components` stands beside the schema, so that the references of the file lead where they lead there.
        let schema = json!({ "allOf": [items], "components": api.get("components") });
        let element = jsonschema::draft202012::options()
            .should_validate_formats(true)
            .build(&schema)
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self { element })
    }

    /// The first place where a recipient breaks the schema, and the keyword that it breaks.
    #[must_use]
    pub fn fault(&self, recipient: &Value) -> Option<(String, String)> {
        if self.element.is_valid(recipient) {
            return None;
        }
        let error = self.element.iter_errors(recipient).next()?;
        let keyword = match error.kind() {
            // The missing name comes from the schema, so it may be shown.
            ValidationErrorKind::Required { property } => format!("required {property}"),
            kind => kind.keyword().to_owned(),
        };
        Some((error.instance_path().to_string(), keyword))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_api_is_valid() {
        let api: Value = serde_saphyr::from_str(OPENAPI).unwrap();
        let at = "/paths/~1medicalSubsidiesTargetPersons/post/requestBody/content/application~1json/examples/example1/value";
        for recipient in api.pointer(at).unwrap().as_array().unwrap() {
            assert_eq!(Contract::load().unwrap().fault(recipient), None);
        }
    }
}
