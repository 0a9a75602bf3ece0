//! Checks a finished payload element, whoever wrote it: the API's own types and keys, then the same rules as for a record.
//!
//! Nothing is converted here. A pointer shows where in the payload, and so the keys on the way there, never a value; a key that looks like one is shown as its
//! position.

use std::collections::BTreeSet;

use core::fmt;

use bumpalo::Bump;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    caption::{self, Agreement, Items},
    convert::{
        date::{self, DateError, Notation},
        is_blank, width,
    },
    eval::At,
    payload::{CERTIFICATE, FIELD_COUNT, FIELDS, Field, Kind, Value},
    pointer,
    record::{Findings, Record},
    rules::{self, Rule},
    scheme::Scheme,
};

/// A printed text that must agree with a field, wherever the two stand.
#[derive(Debug)]
struct Printed<'r> {
    agreement: Agreement,
    text: &'r str,
    target: String,
}

/// What an element holds.
#[derive(Debug)]
pub(crate) struct Element<'r> {
    /// The element itself.
    pub(crate) input: &'r str,
    pub(crate) values: [Value<'r>; FIELD_COUNT],
    printed: Vec<Printed<'r>>,
    /// What the captions of the face's items with a value name.
    names: Items,
    /// How many values of the face there are so far.
    filled: usize,
    /// The face has captions.
    has_face: bool,
}

/// Reads one element and reports what isn't as the API has it.
///
/// # Errors
///
/// `serde_json`'s error where the text isn't one whole JSON value.
pub(crate) fn read<'r>(
    text: &'r str,
    bump: &'r Bump,
    findings: &mut Findings,
) -> serde_json::Result<Element<'r>> {
    let mut walk = Walk {
        bump,
        findings,
        element: Element {
            input: text,
            values: [Value::None; FIELD_COUNT],
            printed: Vec::new(),
            names: 0,
            filled: 0,
            has_face: false,
        },
        seen: BTreeSet::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Place { walk: &mut walk, at: String::new(), caption: None }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    walk.report_missing();
    Ok(walk.element)
}

impl<'r> Element<'r> {
    /// The scheme by the payer number's first two digits.
    pub(crate) fn scheme(&self, local: Option<&[u8]>) -> Option<Scheme> {
        let payer = self.values.get(Field::PayerNumber as usize)?.text()?;
        let number: u8 = payer.get(..2)?.parse().ok()?;
        Scheme::ALL.into_iter().find(|scheme| scheme.has_number(number, local))
    }

    /// Checks the certificate's printed texts against the fields.
    pub(crate) fn check_printed(&self, record: &Record<'r>, findings: &mut Findings) {
        for Printed { agreement, text, target } in &self.printed {
            let at = At { source: None, target, profile: "" };
            rules::check_agreement(*agreement, text, at, record, findings);
        }
        if self.has_face {
            rules::check_items(self.names, record, findings);
        }
    }
}

struct Walk<'a, 'r> {
    bump: &'r Bump,
    findings: &'a mut Findings,
    element: Element<'r>,
    /// The pointer of every key that was read.
    seen: BTreeSet<String>,
}

/// What the API has at a pointer.
enum Known {
    Field(usize, Kind),
    Object,
    /// The certificate's face, or anything in it.
    Face,
    Nothing,
}

fn known(at: &str) -> Known {
    if at == CERTIFICATE || at.strip_prefix(CERTIFICATE).is_some_and(|rest| rest.starts_with('/')) {
        return Known::Face;
    }
    if let Some((index, field)) = FIELDS.iter().enumerate().find(|(_, field)| field.target == at) {
        return Known::Field(index, field.kind);
    }
    let below = |target: &str| target.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
    if FIELDS.iter().any(|field| below(field.target)) { Known::Object } else { Known::Nothing }
}

/// The pointer of a member as findings show it. A key of the API is itself; a caption of the face too, unless it looks like a value; any other key is only shown
/// if it looks like a misspelt one. What isn't shown is told by its position, `#` and the members before it.
fn shown(at: &str, key: &str, before: usize, real: String) -> String {
    let looks_right = match known(&real) {
        Known::Field(..) | Known::Object => true,
        Known::Face => real == CERTIFICATE || !looks_like_value(key),
        Known::Nothing => {
            key.len() <= 40 && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        }
    };
    if looks_right { real } else { pointer::join(at, &format!("#{before}")) }
}

/// Captions are words: short, without a run of digits.
fn looks_like_value(key: &str) -> bool {
    let digits = key.chars().map(width::half).collect::<Vec<char>>();
    let run = digits.windows(4).any(|window| window.iter().all(char::is_ascii_digit));
    run || digits.len() > 40
}

impl<'r> Walk<'_, 'r> {
    fn report(&mut self, rule: &'static Rule, at: &str) {
        self.findings.add(rule, At { source: None, target: at, profile: "" });
    }

    fn put(&mut self, index: usize, value: Value<'r>) {
        if let Some(place) = self.element.values.get_mut(index) {
            *place = value;
        }
    }

    /// A value of the wrong type.
    fn wrong(&mut self, at: &str) {
        self.report(&rules::PAYLOAD_TYPE, at);
        if let Known::Field(index, _) = known(at) {
            self.put(index, Value::Bad);
        }
    }

    fn text(&mut self, text: &'r str, at: String, caption: Option<&str>) {
        match known(&at) {
            Known::Field(index, kind) => self.field(index, kind, text, &at),
            Known::Face if at != CERTIFICATE => {
                self.element.filled = self.element.filled.saturating_add(usize::from(!is_blank(text)));
                rules::check_text(text, At { source: None, target: &at, profile: "" }, self.findings);
                if let Some(agreement) = caption.and_then(|caption| Agreement::of(caption, &at)) {
                    self.element.printed.push(Printed { agreement, text, target: at });
                }
            }
            _ => self.wrong(&at),
        }
    }

    fn field(&mut self, index: usize, kind: Kind, text: &'r str, at: &str) {
        let value = match kind {
            Kind::IntOrNull => return self.wrong(at),
            Kind::TextOrEmpty if text.is_empty() => Value::None,
            Kind::Text | Kind::Date if is_blank(text) => {
                self.report(&rules::MISSING, at);
                Value::Bad
            }
            Kind::Date => self.date(text, at),
            Kind::Text | Kind::TextOrEmpty | Kind::TextOrNull => Value::Text(text),
        };
        self.put(index, value);
    }

    /// `YYYY-MM-DD` and nothing else.
    fn date(&mut self, text: &str, at: &str) -> Value<'r> {
        let hyphens = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| (byte == b'-') == matches!(index, 4 | 7));
        let read = if hyphens { date::read(text, &[Notation::Gregorian]) } else { Err(DateError::Notation) };
        let rule = match read {
            Ok(date) => return Value::Date(date),
            Err(DateError::NoSuchDay) => &rules::NO_SUCH_DAY,
            Err(DateError::Before1873) => &rules::BEFORE_1873,
            Err(DateError::Notation | DateError::OutsideEra(_) | DateError::EraEnded(_)) => {
                &rules::PAYLOAD_DATE
            }
        };
        self.report(rule, at);
        Value::Bad
    }

    /// Reports what was never read: the largest part that is missing as a whole.
    fn report_missing(&mut self) {
        let mut missing = BTreeSet::new();
        for target in FIELDS.iter().map(|field| field.target).chain([CERTIFICATE]) {
            let ends = target.match_indices('/').map(|(at, _)| at).skip(1).chain([target.len()]);
            let parts = ends.filter_map(|end| target.get(..end));
            missing.extend(parts.into_iter().find(|part| !self.seen.contains(*part)));
        }
        for target in missing {
            self.report(&rules::PAYLOAD_MISSING, target);
        }
    }
}

/// A value somewhere in the element.
struct Place<'w, 'a, 'r> {
    walk: &'w mut Walk<'a, 'r>,
    at: String,
    caption: Option<String>,
}

impl<'r> DeserializeSeed<'r> for Place<'_, '_, 'r> {
    type Value = ();

    fn deserialize<D: Deserializer<'r>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'r> Visitor<'r> for Place<'_, '_, 'r> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E>(self, value: &'r str) -> Result<(), E> {
        self.walk.text(value, self.at, self.caption.as_deref());
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let value = self.walk.bump.alloc_str(value);
        self.walk.text(value, self.at, self.caption.as_deref());
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        if !matches!(known(&self.at), Known::Face) || self.at == CERTIFICATE {
            self.walk.wrong(&self.at);
        }
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        match known(&self.at) {
            Known::Field(index, Kind::IntOrNull) => self.walk.put(index, Value::Int(value)),
            Known::Face if self.at != CERTIFICATE => {
                let text = self.walk.bump.alloc_str(&value.to_string());
                self.walk.text(text, self.at, self.caption.as_deref());
            }
            _ => self.walk.wrong(&self.at),
        }
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        // what doesn't fit is far out of every range
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.visit_bool(false)
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        match known(&self.at) {
            Known::Field(_, Kind::IntOrNull | Kind::TextOrNull) => {}
            Known::Face if self.at != CERTIFICATE => {}
            _ => self.walk.wrong(&self.at),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'r>>(self, mut seq: A) -> Result<(), A::Error> {
        let inside = matches!(known(&self.at), Known::Face) && self.at != CERTIFICATE;
        if !inside {
            self.walk.wrong(&self.at);
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        for index in 0usize.. {
            let at = pointer::join(&self.at, &index.to_string());
            if seq.next_element_seed(Place { walk: self.walk, at, caption: None })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<(), A::Error> {
        let allowed = self.at.is_empty() || matches!(known(&self.at), Known::Object | Known::Face);
        if !allowed {
            self.walk.wrong(&self.at);
        }
        let mut members = 0usize;
        while let Some(key) = map.next_key::<String>()? {
            let real = pointer::join(&self.at, &key);
            let at = shown(&self.at, &key, members, real.clone());
            members = members.saturating_add(1);
            if !allowed {
                map.next_value::<IgnoredAny>()?;
            } else if matches!(known(&at), Known::Nothing) {
                self.walk.report(&rules::PAYLOAD_UNKNOWN, &at);
                map.next_value::<IgnoredAny>()?;
            } else if !self.walk.seen.insert(real) {
                self.walk.report(&rules::DUPLICATE_KEY, &at);
                map.next_value::<IgnoredAny>()?;
            } else {
                let filled = self.walk.element.filled;
                let names = if matches!(known(&at), Known::Face) { caption::items(&key) } else { 0 };
                map.next_value_seed(Place { walk: self.walk, at, caption: Some(key) })?;
                if self.walk.element.filled > filled {
                    self.walk.element.names |= names;
                }
            }
        }
        if self.at == CERTIFICATE {
            self.walk.element.has_face = members > 0;
            if members == 0 {
                self.walk.report(&rules::CERTIFICATE_EMPTY, CERTIFICATE);
            }
        }
        Ok(())
    }
}
