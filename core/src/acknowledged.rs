//! Acknowledgements: findings that a person has looked at, and that reject nothing until a day.
//!
//! How one could do harm: it meets another person's record after keys were reused, or hides a second error. So an entry names code, place and
//! record, and holds a keyed hash of the value; the finding comes back once the value changes or the day is over. It must never hold a value, nor
//! speak of a My Number: a hash of one is found by trying once the key is known, and none was ever issued with a wrong check digit.

use core::{fmt, hash::Hasher};

use chrono::{Days, NaiveDate};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::{
    finding::{Detail, Finding, visible},
    json::Json,
    options::day,
    payload::{FIELDS, Field, Value, write_value},
    record::Record,
    report::Summary,
    rules::{self, Rule, Severity, Text},
    scheme,
};

/// Entries of the longest list.
const MOST: usize = 1000;
/// Characters of the longest text.
const LONGEST: usize = 200;
/// Years from the day of an acknowledgement to its last day.
const YEARS: i32 = 3;
/// Days ahead of its end from which an acknowledgement is said to end soon.
const SOON: Days = Days::new(30);

const MEMBERS: [&str; 10] =
    ["code", "target", "recordKey", "value", "number", "payerNumber", "on", "until", "by", "reason"];

/// 128 bits: a key, or a fingerprint.
pub(crate) type Bits = (u64, u64);

/// The acknowledgements of a run, and the key of their fingerprints.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    key: Option<Bits>,
    entries: Vec<Entry>,
    /// Whether findings that can be acknowledged show their fingerprint.
    fingerprints: bool,
}

/// A key is shown by nothing.
impl fmt::Debug for Acknowledged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acknowledged(…)")
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Entry {
    rule: &'static Rule,
    target: String,
    whose: Whose,
    on: NaiveDate,
    until: NaiveDate,
}

#[derive(Clone, PartialEq, Eq)]
enum Whose {
    /// One record, as long as the value is the one that was looked at.
    Record { key: String, value: Bits },
    /// Every record with this number; a recipient number only under its payer number.
    Number { number: String, payer: Option<String> },
}

/// Reads 32 hexadecimal digits.
pub(crate) fn bits(json: &Json) -> Option<Bits> {
    let Json::String(text) = json else { return None };
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 32 || !text.bytes().all(hex) {
        return None;
    }
    let (high, low) = text.split_at_checked(16)?;
    Some((u64::from_str_radix(high, 16).ok()?, u64::from_str_radix(low, 16).ok()?))
}

impl Acknowledged {
    /// Reads the list; every entry that has a mistake is a finding.
    pub(crate) fn read(
        list: Option<&Json>,
        key: Option<Bits>,
        fingerprints: bool,
    ) -> Result<Self, Vec<Finding>> {
        let mut mistakes = Vec::new();
        let mut mistake = |place: String| {
            mistakes.push(Finding {
                detail: Detail::Name(place),
                ..Finding::new(&rules::ACKNOWLEDGEMENT_INVALID)
            });
        };
        let mut entries: Vec<Entry> = Vec::new();
        if fingerprints && key.is_none() {
            mistake("hashKey".to_owned());
        }
        match list {
            None => {}
            Some(Json::Array(list)) if list.len() <= MOST => {
                for (index, json) in list.iter().enumerate() {
                    match Entry::read(json) {
                        Ok(entry) if entries.iter().any(|other| other.is_same(&entry)) => {
                            mistake(format!("/{index} × 2"));
                        }
                        Ok(Entry { whose: Whose::Record { .. }, .. }) if key.is_none() => {
                            mistake("hashKey".to_owned())
                        }
                        Ok(entry) => entries.push(entry),
                        Err(member) => mistake(format!("/{index}/{member}")),
                    }
                }
            }
            Some(_) => mistake(format!("[ ] ≤ {MOST}")),
        }
        if mistakes.is_empty() { Ok(Self { key, entries, fingerprints }) } else { Err(mistakes) }
    }

    /// Marks a finding that can be acknowledged; the position of the entry that does so.
    pub(crate) fn mark(
        &self,
        finding: &mut Finding,
        record: &Record<'_>,
        record_key: Option<&str>,
        element: &[u8],
    ) -> Option<usize> {
        let target = finding.target.as_deref()?;
        if !can_be(finding.rule, target) {
            return None;
        }
        let field = FIELDS.iter().position(|field| field.target == target);
        let value = field.filter(|_| is_of_one_field(finding.rule)).map(|index| record.value(index));
        if matches!(value, Some(Value::None | Value::Bad)) {
            return None; // nothing that could be known again
        }
        let print = self.key.zip(record_key).map(|(key, record_key)| {
            let mut written = Vec::new();
            let value = match value {
                Some(value) => {
                    write_value(&mut written, value, record);
                    &written
                }
                // what other fields a rule looked at isn't known here, so any change of the record counts
                None => element,
            };
            let record_key = visible(record_key);
            let print = fingerprint(key, [finding.rule.code, target, &record_key].map(str::as_bytes), value);
            (record_key, print)
        });
        if self.fingerprints {
            finding.fingerprint = print.as_ref().map(|(_, print)| *print);
        }
        let holds = |entry: &Entry| {
            core::ptr::eq(entry.rule, finding.rule)
                && entry.target == target
                && (entry.on..=entry.until).contains(&record.as_of)
                && match &entry.whose {
                    Whose::Record { key, value } => {
                        print.as_ref().is_some_and(|(record_key, print)| key == record_key && value == print)
                    }
                    Whose::Number { number, payer } => {
                        value.and_then(Value::text) == Some(number)
                            && (payer.is_none() || payer.as_deref() == record.text(Field::PayerNumber))
                    }
                }
        };
        let index = self.entries.iter().position(holds)?;
        finding.severity = Severity::Warning;
        finding.acknowledged = self.entries.get(index).map(|entry| entry.until);
        Some(index)
    }

    /// Completes the counts, and tells which entries do nothing any more, or soon will not; `all` if the input has every record, each with its key.
    pub(crate) fn end(
        &self,
        summary: &mut Summary,
        as_of: NaiveDate,
        all: bool,
        tell: &mut dyn FnMut(Finding),
    ) {
        let counts = summary.acknowledged.get_or_insert_default();
        counts.by_entry.resize(self.entries.len(), 0);
        for ((index, entry), used) in (1u64..).zip(&self.entries).zip(&counts.by_entry) {
            if *used > 0 {
                let count = counts.by_code.entry(entry.rule.code).or_default();
                *count = count.saturating_add(*used);
            }
            let words = if as_of > entry.until {
                Text { en: "is over", ja: "は期限が過ぎています" }
            } else if as_of < entry.on {
                continue;
            } else if *used == 0 && all {
                Text { en: "matches nothing", ja: "に当てはまるレコードがありません" }
            } else if as_of.checked_add_days(SOON).is_none_or(|day| day > entry.until) {
                Text { en: "ends within 30 days", ja: "は30日以内に期限が切れます" }
            } else {
                continue;
            };
            let record_key = match &entry.whose {
                Whose::Record { key, .. } => Some(key.clone()),
                Whose::Number { .. } => None,
            };
            tell(Finding {
                record_key,
                target: Some(entry.target.clone()),
                detail: Detail::Entry(index, words),
                ..Finding::new(&rules::ACKNOWLEDGEMENT_IDLE)
            });
        }
    }
}

impl Entry {
    /// Reads an entry; an error is the member that is wrong.
    fn read(json: &Json) -> Result<Self, String> {
        let Json::Object(members) = json else { return Err(String::new()) };
        let mut texts = [None; MEMBERS.len()];
        for (name, json) in members {
            let place = MEMBERS.iter().position(|known| known == name).and_then(|index| texts.get_mut(index));
            let text = match json {
                Json::String(text) if (1..=LONGEST).contains(&text.chars().count()) => text.as_str(),
                _ => return Err(name.clone()),
            };
            // an unknown member, or one that occurs twice
            match place {
                Some(place @ None) => *place = Some(text),
                _ => return Err(name.clone()),
            }
        }
        let [code, target, record_key, value, number, payer, on, until, by, reason] = texts;
        let wrong = |member: &str| member.to_owned();
        let is_number =
            |text: &str| text.len() <= 30 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let target = target.filter(|target| target.starts_with('/')).ok_or_else(|| wrong("target"))?;
        let rule = code.and_then(|code| rules::free().find(|rule| rule.code == code && can_be(rule, target)));
        let rule = rule.ok_or_else(|| wrong("code"))?;
        let is_at = |field: Field| FIELDS.get(field as usize).is_some_and(|field| field.target == target);
        let whose = match (record_key, number) {
            (Some(key), None) => {
                let value = value.and_then(|text| bits(&Json::String(text.to_owned())));
                Whose::Record { key: key.to_owned(), value: value.ok_or_else(|| wrong("value"))? }
            }
            (None, Some(number)) => {
                let is_recipients = is_at(Field::RecipientNumber);
                if !is_of_one_field(rule)
                    || !(is_recipients || is_at(Field::PayerNumber))
                    || !is_number(number)
                {
                    return Err(wrong("number"));
                }
                if payer.is_some() != is_recipients {
                    return Err(wrong("payerNumber"));
                }
                Whose::Number { number: number.to_owned(), payer: payer.map(str::to_owned) }
            }
            _ => return Err(wrong("recordKey")),
        };
        match &whose {
            Whose::Record { .. } if payer.is_some() => return Err(wrong("payerNumber")),
            Whose::Number { .. } if value.is_some() => return Err(wrong("value")),
            _ => {}
        }
        let on = on.and_then(day).ok_or_else(|| wrong("on"))?;
        let last = scheme::anniversary(on, YEARS).ok_or_else(|| wrong("on"))?;
        let until = until.and_then(day).filter(|until| (on..=last).contains(until));
        let until = until.ok_or_else(|| wrong("until"))?;
        for (member, text) in [("by", by), ("reason", reason)] {
            text.filter(|text| !text.trim().is_empty()).ok_or_else(|| wrong(member))?;
        }
        Ok(Self { rule, target: target.to_owned(), whose, on, until })
    }

    /// Whether both acknowledge the same.
    fn is_same(&self, other: &Self) -> bool {
        core::ptr::eq(self.rule, other.rule) && self.target == other.target && self.whose == other.whose
    }
}

/// Whether findings of a rule at a place can be acknowledged: of one field or of fields against each other, unless the rule is fixed; never a My Number.
fn can_be(rule: &Rule, target: &str) -> bool {
    let my_number = FIELDS.get(Field::MyNumber as usize).is_some_and(|field| field.target == target);
    !rule.fixed && !my_number && (is_of_one_field(rule) || rule.code.starts_with("PMH4"))
}

/// Whether a rule looks at one value only.
fn is_of_one_field(rule: &Rule) -> bool {
    rule.code.starts_with("PMH3")
}

/// The keyed hash of a value at its place.
fn fingerprint((first, second): Bits, place: [&[u8]; 3], value: &[u8]) -> Bits {
    let mut hasher = SipHasher24::new_with_keys(first, second);
    for part in place.into_iter().chain([value]) {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part);
    }
    let hash = hasher.finish128();
    (hash.h1, hash.h2)
}
