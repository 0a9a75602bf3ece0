//! Walks a profile document and gathers every mistake with its place, instead of stopping at the first.

use crate::json::Json;
use crate::{
    finding::{Detail, Finding},
    pointer,
    rules::{self, Rule},
};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    pub(super) found: Vec<Finding>,
}

impl Mistakes {
    /// More would help nobody.
    const MOST: usize = 100;
    /// Known names that a message lists.
    const MOST_NAMES: usize = 20;

    #[cold]
    #[inline(never)]
    pub(super) fn add(&mut self, rule: &'static Rule, at: &str, detail: Detail) {
        if self.found.len() < Self::MOST {
            self.found.push(Finding::of_profile(rule, at, detail));
        }
    }

    /// A name that isn't one of the known; the nearest of them is suggested, or else all where they are few.
    pub(super) fn unknown(&mut self, rule: &'static Rule, at: &str, name: &str, known: &[&str]) {
        let nearest = known
            .iter()
            .map(|candidate| (strsim::damerau_levenshtein(name, candidate), *candidate))
            .min()
            .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3);
        let detail = match nearest {
            Some((_, candidate)) => Detail::DidYouMean(candidate.to_owned()),
            None if known.len() <= Self::MOST_NAMES => {
                Detail::OneOf(known.iter().map(|name| (*name).to_owned()).collect())
            }
            None => Detail::Nothing,
        };
        self.add(rule, at, detail);
    }
}

/// A value of the document and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) json: &'a Json,
    pub(super) at: &'a str,
}

/// Runs `read` on a member or element with its place.
pub(super) fn child<T>(at: &str, token: &str, json: &Json, read: impl FnOnce(Value<'_>) -> T) -> T {
    read(Value { json, at: &pointer::join(at, token) })
}

impl<'a> Value<'a> {
    /// The members of an object; duplicates are reported, the first is kept.
    #[inline(never)]
    pub(super) fn object(self, mistakes: &mut Mistakes) -> Option<&'a [(String, Json)]> {
        let Json::Object(members) = self.json else {
            return self.expected("an object", "オブジェクト", mistakes);
        };
        for (index, (key, _)) in members.iter().enumerate() {
            if members.iter().take(index).any(|(earlier, _)| earlier == key) {
                mistakes.add(&rules::PROFILE_DUPLICATE_KEY, &pointer::join(self.at, key), Detail::Nothing);
            }
        }
        Some(members)
    }

    /// The members of an object that may have these keys alone.
    #[inline(never)]
    pub(super) fn object_of(self, keys: &[&str], mistakes: &mut Mistakes) -> Option<&'a [(String, Json)]> {
        let members = self.object(mistakes)?;
        for (key, _) in members {
            if !keys.contains(&key.as_str()) {
                mistakes.unknown(&rules::PROFILE_UNKNOWN_KEY, &pointer::join(self.at, key), key, keys);
            }
        }
        Some(members)
    }

    /// The member with this key.
    #[inline(never)]
    pub(super) fn get(self, key: &str) -> Option<&'a Json> {
        match self.json {
            Json::Object(members) => members.iter().find(|(known, _)| known == key).map(|(_, json)| json),
            _ => None,
        }
    }

    /// Runs `read` on the member with this key, where there is one.
    pub(super) fn with<T>(self, key: &str, read: impl FnOnce(Value<'_>) -> T) -> Option<T> {
        let (json, at) = self.place(key)?;
        Some(read(Value { json, at: &at }))
    }

    /// The member with this key, and its place. Apart from what is read there, which is much and different each time.
    #[inline(never)]
    fn place(self, key: &str) -> Option<(&'a Json, String)> {
        Some((self.get(key)?, pointer::join(self.at, key)))
    }

    pub(super) fn array(self, mistakes: &mut Mistakes) -> Option<&'a [Json]> {
        match self.json {
            Json::Array(items) => Some(items),
            _ => self.expected("a list", "配列", mistakes),
        }
    }

    /// Reads every element, so that all their mistakes are found; `None` where one of them can't be read.
    pub(super) fn each<T>(
        self,
        items: &[Json],
        mut read: impl FnMut(Value<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut all = Some(Vec::with_capacity(items.len()));
        for (index, json) in items.iter().enumerate() {
            let item = child(self.at, &index.to_string(), json, &mut read);
            match (&mut all, item) {
                (Some(all), Some(item)) => all.push(item),
                _ => all = None,
            }
        }
        all
    }

    #[inline(never)]
    pub(super) fn string(self, mistakes: &mut Mistakes) -> Option<&'a str> {
        match self.json {
            Json::String(text) => Some(text),
            _ => self.expected("a text", "文字列", mistakes),
        }
    }

    /// A text that must be there and not be empty.
    #[inline(never)]
    pub(super) fn required_string(self, key: &str, mistakes: &mut Mistakes) -> Option<String> {
        let Some(text) = self.with(key, |value| value.string(mistakes).map(str::to_owned)) else {
            self.missing(key, mistakes);
            return None;
        };
        if text.as_deref() == Some("") {
            self.with(key, |value| {
                value.expected::<()>("a text that is not empty", "空でない文字列", mistakes)
            });
        }
        text
    }

    #[cold]
    #[inline(never)]
    pub(super) fn missing(self, key: &str, mistakes: &mut Mistakes) {
        mistakes.add(&rules::PROFILE_MISSING_KEY, self.at, Detail::Name(key.to_owned()));
    }

    /// Reports that something else was expected.
    pub(super) fn expected<T>(
        self,
        en: &'static str,
        ja: &'static str,
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        mistakes.add(&rules::PROFILE_TYPE, self.at, Detail::Words(rules::Text { en, ja }));
        None
    }
}
