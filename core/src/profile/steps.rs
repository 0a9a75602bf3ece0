//! The steps of an expression's `do` list.

use super::{
    plan::{NamePart, Step},
    reader::{Mistakes, Value, child},
    template, words,
};
use crate::{convert::date::Notation, finding::Detail, json::Json, rules};

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
        "hiragana" => Step::Hiragana,
        "fullwidth" => Step::Fullwidth,
        "halfwidth" => Step::Halfwidth,
        "digits" => Step::Digits,
        "integer" => Step::Integer,
        "compose" => Step::Compose,
        "dayBefore" => Step::DayBefore,
        _ if words::STEPS_WITH_ARGUMENT.names.contains(&name) => {
            return value.expected(
                "an object: this step takes an argument",
                "オブジェクト(この変換には引数が必要です)",
                mistakes,
            );
        }
        _ => {
            let known = [words::STEPS.names, words::STEPS_WITH_ARGUMENT.names].concat();
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, &known);
            return None;
        }
    })
}

fn with_argument(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    let unsplit = if value.get("splitName").is_some() { &["unsplit"][..] } else { &[] };
    let known = [words::STEPS_WITH_ARGUMENT.names, unsplit].concat();
    let members = value.object_of(&known, mistakes)?;
    let mut given =
        members.iter().filter(|(key, _)| words::STEPS_WITH_ARGUMENT.names.contains(&key.as_str()));
    let (first, second) = (given.next(), given.next());
    if first.is_none() && !members.is_empty() {
        return None; // the unknown key has been told
    }
    let (Some((key, argument)), None) = (first, second) else {
        return value.expected("one step an object", "1つのオブジェクトに1つの変換", mistakes);
    };
    child(value.at, key, argument, |argument| match key.as_str() {
        "date" => Some(Step::Date(dates(argument, mistakes))),
        "splitName" => {
            let part = name_part(argument, mistakes);
            let unsplit = value.with("unsplit", |unsplit| unsplit_part(unsplit, mistakes)).flatten();
            Some(Step::SplitName { part: part?, unsplit })
        }
        "pad" => length(argument, mistakes).map(Step::Pad),
        "take" => length(argument, mistakes).map(Step::Take),
        "drop" => length(argument, mistakes).map(Step::Drop),
        "format" => template::format(argument.string(mistakes)?, argument.at, mistakes).map(Step::Format),
        _ => replace(argument, mistakes),
    })
}

fn dates(value: Value<'_>, mistakes: &mut Mistakes) -> Vec<Notation> {
    let known = words::NOTATIONS.names;
    let items = match value.json {
        Json::Array(items) if !items.is_empty() => items,
        _ => {
            return value.expected("a list of notations", "日付の書き方の配列", mistakes).unwrap_or_default();
        }
    };
    let mut read = |(index, json): (usize, &Json)| {
        child(value.at, &index.to_string(), json, |item| {
            let name = item.string(mistakes)?;
            let found = Notation::ALL.into_iter().find(|notation| notation.name() == name);
            if found.is_none() {
                mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, item.at, name, known);
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
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, words::NAME_PARTS.names);
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

fn length(value: Value<'_>, mistakes: &mut Mistakes) -> Option<usize> {
    let (least, most) = words::STEP_LENGTH;
    let length = match value.json {
        Json::Int(length) => usize::try_from(*length).ok().filter(|length| (least..=most).contains(length)),
        _ => return value.expected("an integer", "整数", mistakes),
    };
    if length.is_none() {
        mistakes.add(&rules::PROFILE_LIMIT, value.at, Detail::Name(format!("{least}–{most}")));
    }
    length
}

fn replace(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Step> {
    let mut pairs = Vec::new();
    for (from, json) in value.object(mistakes)? {
        if from.is_empty() {
            let at = crate::pointer::join(value.at, "");
            let empty = Value { json, at: &at };
            let _none = empty.expected::<()>(
                "a text to replace that is not empty",
                "空でない置換前の文字列",
                mistakes,
            );
            continue;
        }
        let to = child(value.at, from, json, |item| item.string(mistakes).map(str::to_owned));
        pairs.extend(to.map(|to| (from.clone(), to)));
    }
    Some(Step::Replace(pairs))
}
