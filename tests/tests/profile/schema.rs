//! The schema takes what the reader takes, and refuses what it can of the rest.

use std::{env, fs};

use jsonschema::Validator;
use pmh_core::{Profile, rules::Lang};
use pmh_tests::{Result, pmh, root};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{compiles, example, usable};

fn schema() -> Validator {
    let schema = serde_json::from_str(&Profile::schema()).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of its draft");
    jsonschema::draft202012::new(&schema).expect("a schema")
}

#[test]
fn the_schema_file_is_up_to_date() -> Result<()> {
    let path = root().join("../spec/profile.schema.json");
    if env::var_os("PMH_DOCS").is_some_and(|mode| mode == "write") {
        fs::write(&path, Profile::schema())?;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == Profile::schema(),
        "spec/profile.schema.json is out of date: PMH_DOCS=write cargo test --workspace --test profile"
    );
    let printed = pmh::run(["profile", "schema"])?;
    assert_eq!((printed.code, printed.stdout), (0, found));
    Ok(())
}

#[test]
fn every_profile_that_compiles_is_valid() -> Result<()> {
    let schema = schema();
    let mut profiles: Vec<(String, Value)> =
        usable().into_iter().map(|(vector, profile, _)| (vector.name, profile)).collect();
    assert!(profiles.len() > 100);
    for path in ["core/examples/profile.json", "host-runner/templates/profile.json"] {
        profiles.push((path.to_owned(), serde_json::from_slice(&fs::read(root().join("..").join(path))?)?));
    }
    for vendor in fs::read_dir(root().join("vendors"))? {
        let path = vendor?.path().join("profile.json");
        if !path.exists() {
            continue;
        }
        profiles.push((path.display().to_string(), serde_json::from_slice(&fs::read(&path)?)?));
    }
    for (name, profile) in profiles {
        assert!(compiles(&profile), "{name}");
        let errors: Vec<String> = schema.iter_errors(&profile).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    Ok(())
}

/// What the schema can say, both refuse: each place of the language, filled with what it doesn't take.
#[test]
fn both_refuse_what_the_schema_can_say() {
    let from = |more: Value| {
        let mut expr = json!({ "from": "/x" });
        expr.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        expr
    };
    let cases = [
        ("/nmae", json!("x")),
        ("/name", json!("")),
        ("/version", json!(1)),
        ("/target", json!("pmh-sync/9")),
        ("/recordKey", json!("宛名番号")),
        ("/recordKey", json!("^/宛名番号")),
        ("/keyPrefix", json!(1)),
        ("/records", json!({ "every": "/x" })),
        ("/records", json!({ "each": "x" })),
        ("/records", json!({ "when": {} })),
        ("/limits", json!({ "depth": 101 })),
        ("/limits", json!({ "recordBytes": 10 })),
        ("/limits", json!({ "bytes": 10 })),
        ("/rules", json!({ "PMH3102": "of" })),
        ("/rules", json!({ "PMH3101": "off" })),
        ("/rules", json!({ "PMH0000": "off" })),
        ("/fields/nachname", json!("x")),
        ("/fields/copaymentLimit", json!({ "kommon": {} })),
        ("/fields/copaymentLimit", json!({ "common": { "sum": "1" } })),
        ("/fields/certificateAllItems", json!("x")),
        ("/fields/certificateAllItems/x", json!(1)),
        ("/fields/certificateAllItems/x", json!({ "each": "/l" })),
        ("/fields/certificateAllItems/x", json!({ "each": "/l", "item": "x", "do": [] })),
        ("/fields/certificateAllItems/x", json!({ "object": {}, "default": "x" })),
        ("/fields/certificateAllItems/x", json!({ "from": "/l", "item": "x" })),
        ("/fields/gender", json!(1)),
        ("/fields/gender", json!([])),
        ("/fields/gender", json!({})),
        ("/fields/gender", json!({ "from": [] })),
        ("/fields/gender", json!({ "from": "x" })),
        ("/fields/gender", json!({ "from": "/x~2" })),
        ("/fields/gender", json!({ "value": 1.5 })),
        ("/fields/gender", json!({ "value": [] })),
        ("/fields/gender", json!({ "first": [] })),
        ("/fields/gender", json!({ "join": [] })),
        ("/fields/gender", json!({ "join": [1] })),
        ("/fields/gender", json!({ "earliest": [] })),
        ("/fields/gender", json!({ "earliest": "/x" })),
        ("/fields/gender", json!({ "from": "/x", "value": "1" })),
        ("/fields/gender", from(json!({ "otherwise": "1" }))),
        ("/fields/gender", from(json!({ "map": [] }))),
        ("/fields/gender", from(json!({ "map": { "1": {} } }))),
        ("/fields/gender", from(json!({ "defualt": "1" }))),
        ("/fields/gender", from(json!({ "do": "trim" }))),
        ("/fields/gender", from(json!({ "do": ["trimm"] }))),
        ("/fields/gender", from(json!({ "do": ["pad"] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 0 }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": "8" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 8, "take": 1 }] }))),
        ("/fields/gender", from(json!({ "do": [{ "pad": 8, "unsplit": "family" }] }))),
        ("/fields/gender", from(json!({ "do": [{}] }))),
        ("/fields/gender", from(json!({ "do": [{ "date": [] }] }))),
        ("/fields/gender", from(json!({ "do": [{ "date": ["julian"] }] }))),
        ("/fields/gender", from(json!({ "do": [{ "format": "iso" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "splitName": "middle" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "splitName": "given", "unsplit": "x" }] }))),
        ("/fields/gender", from(json!({ "do": [{ "replace": { "": "x" } }] }))),
        ("/fields/gender", from(json!({ "do": [{ "replace": { "x": 1 } }] }))),
        ("/fields/gender", from(json!({ "when": {} }))),
        ("/fields/gender", from(json!({ "when": { "at": "/x" } }))),
        ("/fields/gender", from(json!({ "when": { "in": ["x"] } }))),
        ("/fields/gender", from(json!({ "when": { "at": "/x", "in": "x" } }))),
        ("/fields/gender", from(json!({ "when": { "present": "/x", "absent": "/y" } }))),
        ("/fields/gender", from(json!({ "when": { "present": "x" } }))),
        ("/fields/gender", from(json!({ "when": { "scheme": ["koseii"] } }))),
        ("/fields/gender", from(json!({ "when": { "all": {} } }))),
        ("/fields/gender", from(json!({ "when": { "not": [] } }))),
    ];
    let schema = schema();
    assert!(schema.is_valid(&example()) && compiles(&example()));
    for (place, value) in cases {
        let mut profile = example();
        let (parent, key) = place.rsplit_once('/').expect("a pointer");
        profile.pointer_mut(parent).expect(place)[key] = value.clone();
        assert!(!compiles(&profile), "the reader takes {place}: {value}");
        assert!(!schema.is_valid(&profile), "the schema takes {place}: {value}");
    }
    for required in ["name", "version", "target", "recordKey", "scheme", "fields"] {
        let mut profile = example();
        profile.as_object_mut().expect("an object").remove(required);
        assert!(!compiles(&profile) && !schema.is_valid(&profile), "{required}");
    }
    for required in ["myNumber", "birthDate", "certificateAllItems"] {
        let mut profile = example();
        profile["fields"].as_object_mut().expect("an object").remove(required);
        assert!(!compiles(&profile) && !schema.is_valid(&profile), "{required}");
    }
}

/// Every word that the schema offers to an editor is one that the reader takes.
#[test]
fn the_reader_knows_every_word_of_the_schema() {
    let schema: Value = serde_json::from_str(&Profile::schema()).expect("JSON");
    let words = |pointer: &str| -> Vec<Value> {
        let choices = schema.pointer(pointer).and_then(Value::as_array).expect(pointer);
        assert!(choices.len() > 1, "{pointer}");
        choices.iter().map(|choice| choice["const"].clone()).collect()
    };
    let takes = |expr: Value| {
        let mut profile = example();
        profile["fields"]["gender"] = expr.clone();
        assert!(compiles(&profile), "{expr}");
    };
    for step in words("/$defs/step/anyOf/0/oneOf") {
        takes(json!({ "from": "/x", "do": [step] }));
    }
    for format in words("/$defs/format/oneOf") {
        takes(json!({ "from": "/x", "do": [{ "format": format }] }));
        takes(json!(format!("{{/x|{}}}", format.as_str().expect("a text"))));
    }
    for notation in words("/$defs/step/anyOf/1/properties/date/items/oneOf") {
        takes(json!({ "from": "/x", "do": [{ "date": [notation] }] }));
    }
    for scheme in words("/$defs/scheme/oneOf") {
        takes(json!({ "from": "/x", "when": { "scheme": [scheme] } }));
    }
    let with_argument = schema["$defs"]["step"]["anyOf"][1]["properties"].as_object().expect("steps");
    for step in with_argument.keys().filter(|step| *step != "unsplit") {
        let argument = match step.as_str() {
            "date" => json!(["era"]),
            "splitName" => json!("given"),
            "format" => json!("era"),
            "replace" => json!({ "a": "b" }),
            _ => json!(1),
        };
        takes(json!({ "from": "/x", "do": [{ step: argument }] }));
    }
    for code in schema["properties"]["rules"]["properties"].as_object().expect("rules").keys() {
        let mut profile = example();
        profile["rules"] = json!({ code: "warning" });
        assert!(compiles(&profile), "{code}");
    }
}

fn foreign() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[\\^/a-z氏名~0-9]{0,8}".prop_map(Value::String),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            json!(null),
            json!({}),
            json!([]),
            json!(""),
            json!("kosei"),
            json!("{/x}"),
            json!([""]),
            json!({ "from": "" }),
            json!({ "from": ["/a", "/b"], "do": ["trim", { "pad": 3 }], "default": null }),
            json!({ "each": "", "item": "x" }),
            json!({ "object": { "from": "x" } }),
            json!({ "join": ["a", { "value": 1 }] }),
            json!({ "present": "/x" }),
            json!({ "at": "/x", "in": [] }),
            json!({ "value": null, "when": { "not": { "any": [] } } }),
            json!(true),
            json!(1.5)
        ]),
    ]
}

fn places(value: &Value, at: String, found: &mut Vec<String>) {
    let below = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(members) => members.iter().for_each(|(key, member)| places(member, below(key), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, below(&index.to_string()), found));
        }
        _ => {}
    }
    found.push(at);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    /// What the reader takes, the schema takes: an editor never marks a profile that works.
    #[test]
    fn the_schema_takes_what_the_reader_takes(changes in prop::collection::vec((any::<prop::sample::Index>(), foreign()), 1..3)) {
        static SCHEMA: std::sync::LazyLock<Validator> = std::sync::LazyLock::new(schema);
        let mut profile = example();
        for (place, value) in changes {
            let mut all = Vec::new();
            places(&profile, String::new(), &mut all);
            let place: &String = place.get(&all);
            *profile.pointer_mut(place).expect("a place") = value;
        }
        prop_assert!(!compiles(&profile) || SCHEMA.is_valid(&profile), "{profile}");
    }
}

/// The worked examples of the profile language's page are whole profiles that compile.
#[test]
fn the_worked_examples_compile() -> Result<()> {
    let text = fs::read_to_string(root().join("../docs/profile.md"))?;
    let blocks: Vec<&str> =
        text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let parts: Vec<Value> = blocks.iter().filter_map(|block| serde_json::from_str(block).ok()).collect();
    assert_eq!(blocks.len(), parts.len(), "a block isn't JSON");
    let schema = schema();
    let mut merged = 0;
    for part in parts {
        // test cases are a list; a part of a profile is put into the example
        let Value::Object(members) = part else { continue };
        let mut profile = example();
        for (key, value) in members {
            match (profile.get_mut(&key), value) {
                (Some(Value::Object(known)), Value::Object(new)) if key == "fields" => known.extend(new),
                (_, value) => profile[&key] = value,
            }
        }
        let compiled = Profile::compile(&serde_json::to_vec(&profile)?);
        let mistakes: Vec<String> = compiled
            .err()
            .iter()
            .flat_map(|invalid| invalid.iter())
            .map(|mistake| format!("{:?} {}", mistake.profile, mistake.message(Lang::En)))
            .collect();
        assert!(mistakes.is_empty() && schema.is_valid(&profile), "{mistakes:?}: {profile}");
        merged += 1;
    }
    assert!(merged > 5);
    Ok(())
}
