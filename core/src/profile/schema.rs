//! The JSON Schema of profiles (draft 2020-12), made of the reader's own words.
//!
//! It may accept what the reader refuses (a pointer out of its loop, a template's misspelt place), never the other way round.

use serde::{Serialize, Serializer};

use super::words::{self, Words};
use crate::{
    json::Json,
    payload::{FIELDS, Field, Kind, TARGET},
    rules,
    scheme::Scheme,
};

/// JSON Pointers as the reader takes them, with and without the way out of a loop.
const POINTER: &str = "^(/([^~/]|~[01])*)*$";
const POINTER_OUTWARDS: &str = "^\\^*(/([^~/]|~[01])*)*$";

/// The schema's text.
pub(super) fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

fn document() -> Json {
    let top = properties(&words::TOP, |name| match name {
        "name" | "version" => object([("type", string("string")), ("minLength", Json::Int(1))]),
        "target" => object([("const", string(TARGET))]),
        "recordKey" => {
            object([("type", string("string")), ("pattern", string(POINTER)), ("minLength", Json::Int(1))])
        }
        "records" => closed(
            properties(&words::RECORDS, |name| match name {
                "each" => object([("type", string("string")), ("pattern", string(POINTER))]),
                _ => definition("condition"),
            }),
            [],
        ),
        "scheme" => definition("expression"),
        "localNumbers" => {
            filled_list(object([("type", string("string")), ("pattern", string("^[0-9]{2}$"))]))
        }
        "characterTable" => character_table(),
        "characters" => choice(&words::LEVELS),
        "fields" => definition("fields"),
        "rules" => severities(),
        "limits" => closed(
            properties(&words::LIMITS, |name| {
                integer(if name == "depth" { words::DEPTH } else { words::RECORD_BYTES })
            }),
            [],
        ),
        _ => of_type("string"),
    });
    let required = ["name", "version", "target", "recordKey", "scheme", "fields"];
    let Json::Object(top) = closed(top, [("required", strings(required))]) else { return Json::Null };
    let head = [
        ("$schema", string("https://json-schema.org/draft/2020-12/schema")),
        ("title", string("PMH profile: how a vendor's records map")),
    ];
    let head = head.into_iter().map(|(key, value)| (key.to_owned(), value));
    Json::Object(head.chain(top).chain([("$defs".to_owned(), definitions())]).collect())
}

fn definitions() -> Json {
    let constant = strings(["string", "integer", "boolean", "null"]);
    object([
        ("pointer", described("A JSON Pointer; each ^ before it starts one loop further out", pointer())),
        ("template", described("Text with {place}, {place|format}, {place?}", of_type("string"))),
        ("constant", object([("type", constant)])),
        ("expression", any([definition("template"), definition("expressionObject")])),
        ("expressionObject", expression()),
        ("step", step()),
        ("condition", condition()),
        ("fields", fields()),
        ("item", item()),
        ("format", choice(&words::FORMATS)),
        ("scheme", schemes()),
    ])
}

fn expression() -> Json {
    let kinds = properties(&words::KINDS, |name| match name {
        "from" => any([definition("pointer"), filled_list(definition("pointer"))]),
        "value" => definition("constant"),
        "text" => definition("template"),
        _ => filled_list(definition("expression")),
    });
    let modifiers = properties(&words::MODIFIERS, |name| match name {
        "do" => list(definition("step")),
        "map" => map_of(definition("constant")),
        "when" => definition("condition"),
        _ => definition("constant"),
    });
    let needs = object([("otherwise", strings(["map"]))]);
    closed(merged(kinds, modifiers), [("oneOf", required_one(&words::KINDS)), ("dependentRequired", needs)])
}

fn step() -> Json {
    let with_argument = properties(&words::STEPS_WITH_ARGUMENT, |name| match name {
        "date" => filled_list(choice(&words::NOTATIONS)),
        "splitName" => choice(&words::NAME_PARTS),
        "format" => definition("format"),
        "replace" => {
            let Json::Object(mut map) = map_of(of_type("string")) else { return Json::Null };
            map.push(("propertyNames".to_owned(), object([("minLength", Json::Int(1))])));
            Json::Object(map)
        }
        _ => integer(words::STEP_LENGTH),
    });
    let unsplit = object([(
        "unsplit",
        described(
            "Beside splitName, where there is no space: an error (default), or which part the whole is",
            object([("enum", strings(["error", "family", "given"]))]),
        ),
    )]);
    let needs = object([("unsplit", strings(["splitName"]))]);
    let with_argument = closed(
        merged(with_argument, unsplit),
        [("oneOf", required_one(&words::STEPS_WITH_ARGUMENT)), ("dependentRequired", needs)],
    );
    any([choice(&words::STEPS), with_argument])
}

fn condition() -> Json {
    let members = properties(&words::CONDITIONS, |name| match name {
        "in" => list(object([("type", strings(["string", "integer", "boolean"]))])),
        "scheme" => list(definition("scheme")),
        "all" | "any" => list(definition("condition")),
        "not" => definition("condition"),
        _ => definition("pointer"),
    });
    let alone = words::CONDITIONS.names.iter().filter(|name| !matches!(**name, "at" | "in"));
    let alone = alone.map(|name| object([("required", strings([*name])), ("maxProperties", Json::Int(1))]));
    let both = object([("required", strings(["at", "in"])), ("maxProperties", Json::Int(2))]);
    closed(members, [("oneOf", Json::Array(alone.chain([both]).collect()))])
}

fn fields() -> Json {
    let copayment = properties(&words::SECTORS, |_| {
        closed(properties(&words::SECTOR_ITEMS, |_| definition("expression")), [])
    });
    let members = properties(&words::FIELDS, |name| match name {
        "copaymentLimit" => closed(copayment.clone(), []),
        "certificateAllItems" => map_of(definition("item")),
        _ => definition("expression"),
    });
    let required = FIELDS.iter().enumerate().filter_map(|(index, field)| {
        let needed = matches!(field.kind, Kind::Text | Kind::Date) && index != Field::Gender as usize;
        field.target.strip_prefix('/').filter(|_| needed)
    });
    let required = required.chain(["certificateAllItems"]).map(string).collect();
    closed(members, [("required", Json::Array(required))])
}

/// Anything that may stand in the certificate.
fn item() -> Json {
    let kinds = [words::KINDS.names, words::CERTIFICATE_KINDS.names].concat();
    let of_language = kinds.iter().map(|kind| object([("required", strings([*kind]))])).collect();
    let nested = described(
        "A nested object",
        object([
            ("type", string("object")),
            ("not", object([("anyOf", Json::Array(of_language))])),
            ("additionalProperties", definition("item")),
        ]),
    );
    let when = object([("when", definition("condition"))]);
    let of_language = properties(&words::CERTIFICATE_KINDS, |name| match name {
        "each" => definition("pointer"),
        _ => map_of(definition("item")),
    });
    let Json::Object(of_language) = of_language else { return Json::Null };
    let own = of_language.into_iter().map(|(name, meaning)| {
        let element = if name == "each" { object([("item", definition("item"))]) } else { object([]) };
        let required = if name == "each" { strings(["each", "item"]) } else { strings([name.as_str()]) };
        let members = merged(merged(Json::Object(vec![(name, meaning)]), element), when.clone());
        closed(members, [("required", required)])
    });
    let all = [definition("template"), definition("expressionObject")].into_iter().chain(own).chain([nested]);
    object([("anyOf", Json::Array(all.collect()))])
}

fn severities() -> Json {
    let members = rules::all()
        .filter(|entry| !entry.rule.fixed)
        .map(|entry| (entry.rule.code.to_owned(), described(entry.title.en, choice(&words::SEVERITIES))));
    closed(Json::Object(members.collect()), [])
}

fn character_table() -> Json {
    let names = object([("pattern", string("^[Uu]\\+[0-9A-Fa-f]{4,6}( [Uu]\\+[0-9A-Fa-f]{4,6})?$"))]);
    object([
        ("type", string("object")),
        ("propertyNames", names),
        (
            "additionalProperties",
            object([("type", string("string")), ("pattern", string("^[Uu]\\+[0-9A-Fa-f]{4,6}$"))]),
        ),
        ("minProperties", Json::Int(1)),
    ])
}

fn schemes() -> Json {
    let one =
        |scheme: Scheme| object([("const", string(scheme.id())), ("description", string(scheme.name()))]);
    object([("oneOf", Json::Array(Scheme::ALL.map(one).into()))])
}

fn string(text: &str) -> Json {
    Json::String(text.to_owned())
}

fn strings<'t>(texts: impl IntoIterator<Item = &'t str>) -> Json {
    Json::Array(texts.into_iter().map(string).collect())
}

fn object<const COUNT: usize>(members: [(&str, Json); COUNT]) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn merged(one: Json, other: Json) -> Json {
    match (one, other) {
        (Json::Object(mut one), Json::Object(other)) => {
            one.extend(other);
            Json::Object(one)
        }
        (one, _) => one,
    }
}

fn of_type(name: &str) -> Json {
    object([("type", string(name))])
}

fn pointer() -> Json {
    object([("type", string("string")), ("pattern", string(POINTER_OUTWARDS))])
}

fn integer((least, most): (usize, usize)) -> Json {
    let bound = |bound| Json::Int(i64::try_from(bound).unwrap_or(i64::MAX));
    object([("type", string("integer")), ("minimum", bound(least)), ("maximum", bound(most))])
}

fn definition(name: &str) -> Json {
    object([("$ref", Json::String(format!("#/$defs/{name}")))])
}

fn any<const COUNT: usize>(of: [Json; COUNT]) -> Json {
    object([("anyOf", Json::Array(Vec::from(of)))])
}

fn list(of: Json) -> Json {
    object([("type", string("array")), ("items", of)])
}

fn filled_list(of: Json) -> Json {
    object([("type", string("array")), ("items", of), ("minItems", Json::Int(1))])
}

fn map_of(of: Json) -> Json {
    object([("type", string("object")), ("additionalProperties", of)])
}

/// An object with these members alone.
fn closed<const COUNT: usize>(members: Json, more: [(&str, Json); COUNT]) -> Json {
    let own =
        [("type", string("object")), ("properties", members), ("additionalProperties", Json::Bool(false))];
    merged(object(own), object(more))
}

fn described(meaning: &str, shape: Json) -> Json {
    merged(object([("description", string(meaning))]), shape)
}

fn properties(words: &Words, shape: impl Fn(&str) -> Json) -> Json {
    let members = words.names.iter().zip(words.meanings);
    Json::Object(
        members.map(|(name, meaning)| ((*name).to_owned(), described(meaning, shape(name)))).collect(),
    )
}

/// One of these words.
fn choice(words: &Words) -> Json {
    let one =
        |(name, meaning): (&&str, &&str)| object([("const", string(name)), ("description", string(meaning))]);
    object([("oneOf", Json::Array(words.names.iter().zip(words.meanings).map(one).collect()))])
}

/// Exactly one of these words must be a key.
fn required_one(words: &Words) -> Json {
    Json::Array(words.names.iter().map(|name| object([("required", strings([*name]))])).collect())
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null | Self::OtherNumber => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        convert::date::Notation,
        payload::{SECTOR_ITEMS, SECTORS},
    };

    /// What has a table of its own elsewhere has the same names here.
    #[test]
    fn the_words_are_those_of_the_engine() {
        let mut fields: Vec<&str> =
            FIELDS.iter().filter_map(|field| field.target.split('/').nth(1)).collect();
        fields.dedup();
        fields.push("certificateAllItems");
        assert_eq!(words::FIELDS.names, fields);
        assert_eq!(words::SECTORS.names, SECTORS.map(|(name, _)| name));
        assert_eq!(words::SECTOR_ITEMS.names, SECTOR_ITEMS);
        assert_eq!(words::NOTATIONS.names, Notation::ALL.map(Notation::name));
    }
}
