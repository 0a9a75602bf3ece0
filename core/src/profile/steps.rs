//! The steps of an expression's `do` list.

use super::{
    json::Json,
    plan::{NamePart, Step},
    reader::{Mistakes, Value, child},
};
use crate::{convert::date::Notation, finding::Detail, rules};

const PLAIN: [&str; 7] = ["trim", "katakana", "fullwidth", "halfwidth", "digits", "integer", "compose"];
const WITH_ARGUMENT: [&str; 4] = ["date", "splitName", "pad", "replace"];
const PARTS: [&str; 2] = ["family", "given"];

/// Reads the list.
pub(super) fn read(value: Value<'_>, mistakes: &mut Mistakes) -> Vec<Step> {
    let items = value.array(mistakes).unwrap_or_default();
    let read = |(index, json): (usize, &Json)| {
        child(value.at, &index.to_string(), json, |item| step(item, mistakes))
    };
    items.iter().enumerate().filter_map(read).collect()
}

fn step(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    match value.json {
        Json::String(name) => plain(value, name, mistakes),
        Json::Object(_) => with_argument(value, mistakes),
        _ => value.expected(
            "a step's name, or an object with one",
            "変換の名前、またはそれをキーとするオブジェクト",
            mistakes,
        ),
    }
}

fn plain(value: Value<'_>, name: &str, mistakes: &mut Mistakes) -> Option<Step> {
    Some(match name {
        "trim" => Step::Trim,
        "katakana" => Step::Katakana,
        "fullwidth" => Step::Fullwidth,
        "halfwidth" => Step::Halfwidth,
        "digits" => Step::Digits,
        "integer" => Step::Integer,
        "compose" => Step::Compose,
        _ if WITH_ARGUMENT.contains(&name) => {
            return value.expected(
                "an object: this step takes an argument",
                "オブジェクト(この変換には引数が必要です)",
                mistakes,
            );
        }
        _ => {
            let known: Vec<&str> = PLAIN.into_iter().chain(WITH_ARGUMENT).collect();
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, &known);
            return None;
        }
    })
}

fn with_argument(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    value.object_of(&["date", "splitName", "unsplit", "pad", "replace"], mistakes)?;
    let mut steps = Vec::new();
    steps.extend(value.with("date", |notations| Step::Date(dates(notations, mistakes))));
    steps.extend(value.with("splitName", |part| name_part(part, mistakes)).flatten().map(|part| {
        let unsplit = value.with("unsplit", |unsplit| unsplit_part(unsplit, mistakes)).flatten();
        Step::SplitName { part, unsplit }
    }));
    steps.extend(value.with("pad", |length| pad(length, mistakes)).flatten());
    steps.extend(value.with("replace", |table| replace(table, mistakes)).flatten());
    let given = WITH_ARGUMENT.iter().filter(|name| value.get(name).is_some()).count();
    if given != 1 {
        return value.expected("one step an object", "1つのオブジェクトに1つの変換", mistakes);
    }
    steps.pop()
}

fn dates(value: Value<'_>, mistakes: &mut Mistakes) -> Vec<Notation> {
    let known = Notation::ALL.map(Notation::name);
    let items = value.array(mistakes).unwrap_or_default();
    if items.is_empty() {
        let _: Option<()> = value.expected("a list of notations", "日付の書き方の配列", mistakes);
    }
    let mut read = |(index, json): (usize, &Json)| {
        child(value.at, &index.to_string(), json, |item| {
            let name = item.string(mistakes)?;
            let found = Notation::ALL.into_iter().find(|notation| notation.name() == name);
            if found.is_none() {
                mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, item.at, name, &known);
            }
            found
        })
    };
    items.iter().enumerate().filter_map(&mut read).collect()
}

fn name_part(value: Value<'_>, mistakes: &mut Mistakes) -> Option<NamePart> {
    match value.string(mistakes)? {
        "family" => Some(NamePart::Family),
        "given" => Some(NamePart::Given),
        name => {
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, &PARTS);
            None
        }
    }
}

fn unsplit_part(value: Value<'_>, mistakes: &mut Mistakes) -> Option<NamePart> {
    if matches!(value.json, Json::String(name) if name == "error") {
        None
    } else {
        name_part(value, mistakes)
    }
}

fn pad(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    let length = match value.json {
        Json::Int(length) => usize::try_from(*length).ok().filter(|length| (1..=30).contains(length)),
        _ => return value.expected("an integer", "整数", mistakes),
    };
    if length.is_none() {
        mistakes.add(&rules::PROFILE_LIMIT, value.at, Detail::Name("1–30".to_owned()));
    }
    length.map(Step::Pad)
}

fn replace(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    let mut pairs = Vec::new();
    for (from, json) in value.object(mistakes)? {
        if from.is_empty() {
            mistakes.add(&rules::PROFILE_MISSING_KEY, value.at, Detail::Name("…".to_owned()));
            continue;
        }
        let to = child(value.at, from, json, |item| item.string(mistakes).map(str::to_owned));
        pairs.extend(to.map(|to| (from.clone(), to)));
    }
    pairs.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    Some(Step::Replace(pairs))
}
