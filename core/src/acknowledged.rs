//! Acknowledgements: findings that a person has looked at, and that reject nothing until a day.
//!
//! How one could do harm: it meets another person's record after keys were reused, or hides a second error. So an entry names code, place and
//! record, and holds a keyed hash of the value; the finding comes back once the value changes or the day is over. It must never hold a value, nor
//! speak of a My Number: a hash of one is found by trying once the key is known, and none was ever issued with a wrong check digit.

use core::{fmt, hash::Hasher};

use chrono::{Datelike, NaiveDate};
use siphasher::sip128::{Hasher128, SipHasher24};

use crate::{
    finding::{Detail, Finding, visible},
    json::Json,
    options::day,
    payload::{FIELDS, Field, Value, write_value},
    record::Record,
    report::{Summary, add_to},
    rules::{self, Rule, Severity, Text},
    scheme,
};

/// Entries of the longest list.
const MOST: usize = 1000;
/// Bytes of the longest text.
const LONGEST: usize = 600;
/// Years from the day of an acknowledgement to its last day.
const YEARS: i32 = 3;
/// Days ahead of its end from which an acknowledgement is said to end soon.
const SOON: i32 = 30;

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
#[inline(never)]
pub(crate) fn bits(text: &str) -> Option<Bits> {
    let mut halves = [0u64; 2];
    for (index, byte) in text.bytes().enumerate() {
        let digit = match byte {
            b'0'..=b'9' => byte & 0xF,
            b'a'..=b'f' => (byte & 0xF) + 9,
            _ => return None,
        };
        let half = halves.get_mut(index / 16)?;
        *half = *half << 4 | u64::from(digit);
    }
    (text.len() == 32).then_some((halves[0], halves[1]))
}

impl Acknowledged {
    /// Reads the list; every entry that has a mistake is a finding.
    #[inline(never)]
    pub(crate) fn read(
        list: Option<&Json>,
        key: Option<Bits>,
        fingerprints: bool,
    ) -> Result<Self, Vec<Finding>> {
        let mut mistakes = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        let list = match list {
            None => &[][..],
            Some(Json::Array(list)) if list.len() <= MOST => list,
            Some(_) => {
                mistakes.push(mistake("[ ]".to_owned()));
                &[]
            }
        };
        let mut needs_key = fingerprints;
        for (index, json) in list.iter().enumerate() {
            let member = match Entry::read(json) {
                Ok(entry) if entries.iter().any(|other| other.is_same(&entry)) => "× 2",
                Ok(entry) => {
                    needs_key |= matches!(entry.whose, Whose::Record { .. });
                    entries.push(entry);
                    continue;
                }
                Err(member) => member,
            };
            mistakes.push(mistake(format!("/{index}/{member}")));
        }
        if needs_key && key.is_none() {
            mistakes.push(mistake("hashKey".to_owned()));
        }
        if mistakes.is_empty() { Ok(Self { key, entries, fingerprints }) } else { Err(mistakes) }
    }

    /// Marks a finding that can be acknowledged; the position of the entry that does so.
    #[cold]
    #[inline(never)]
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
        let index = self.entries.iter().position(holds);
        if self.fingerprints
            && let Some((_, print)) = print
        {
            finding.mark().fingerprint = Some(print);
        }
        let entry = self.entries.get(index?)?;
        finding.severity = Severity::Warning;
        finding.mark().until = Some(entry.until);
        index
    }

    /// Completes the counts of a run.
    #[cold]
    pub(crate) fn count(&self, summary: &mut Summary) {
        let counts = summary.acknowledged.get_or_insert_default();
        counts.by_entry.resize(self.entries.len(), 0);
        for (entry, used) in self.entries.iter().zip(&counts.by_entry).filter(|(_, used)| **used > 0) {
            add_to(&mut counts.by_code, entry.rule.code, *used);
        }
    }

    /// What there is to say of an entry that acknowledged so many findings: that it does nothing any more, or soon will not. `all` if the input has every
    /// record, each with its key.
    #[cold]
    pub(crate) fn idle(&self, index: usize, used: u64, as_of: NaiveDate, all: bool) -> Option<Finding> {
        let entry = self.entries.get(index)?;
        let left = entry.until.num_days_from_ce().saturating_sub(as_of.num_days_from_ce());
        let words = if left < 0 {
            Text { en: "is over", ja: "は期限が過ぎています" }
        } else if as_of < entry.on {
            return None;
        } else if used == 0 && all {
            Text { en: "matches nothing", ja: "に当てはまるレコードがありません" }
        } else if left < SOON {
            Text { en: "ends within 30 days", ja: "は30日以内に期限が切れます" }
        } else {
            return None;
        };
        let record_key = match &entry.whose {
            Whose::Record { key, .. } => Some(key.clone()),
            Whose::Number { .. } => None,
        };
        Some(Finding {
            record_key,
            target: Some(entry.target.clone()),
            detail: Detail::Numbered((index as u64).saturating_add(1), words),
            ..Finding::new(&rules::ACKNOWLEDGEMENT_IDLE)
        })
    }
}

impl Entry {
    /// Reads an entry; an error is the member that is wrong.
    #[inline(never)]
    fn read(json: &Json) -> Result<Self, &str> {
        let Json::Object(members) = json else { return Err("") };
        for (index, (name, json)) in members.iter().enumerate() {
            let is_known = core::hint::black_box(&MEMBERS).contains(&name.as_str());
            let is_twice = members.iter().take(index).any(|(other, _)| other == name);
            let is_text =
                matches!(json, Json::String(text) if !text.trim().is_empty() && text.len() <= LONGEST);
            if !is_known || is_twice || !is_text {
                return Err(name);
            }
        }
        let text = |member| text(members, member).ok_or(member);
        let target =
            text("target").and_then(|text| if text.starts_with('/') { Ok(text) } else { Err("target") })?;
        let code = text("code")?;
        let rule = rules::free().find(|rule| rule.code == code && can_be(rule, target)).ok_or("code")?;
        let (key, value, number, payer) =
            (text("recordKey").ok(), text("value").ok(), text("number").ok(), text("payerNumber").ok());
        let whose = match (key, value, number, payer) {
            (Some(key), Some(value), None, None) => {
                Whose::Record { key: key.to_owned(), value: bits(value).ok_or("value")? }
            }
            (None, None, Some(number), payer) => {
                let place = if payer.is_some() { Field::RecipientNumber } else { Field::PayerNumber };
                if !is_of_one_field(rule) || !is_at(place, target) {
                    return Err("number");
                }
                Whose::Number { number: number.to_owned(), payer: payer.map(str::to_owned) }
            }
            _ => return Err("recordKey"),
        };
        let on = day(text("on")?).ok_or("on")?;
        let until = day(text("until")?).ok_or("until")?;
        if until < on || scheme::anniversary(on, YEARS).is_none_or(|last| until > last) {
            return Err("until");
        }
        text("by").and(text("reason"))?;
        Ok(Self { rule, target: target.to_owned(), whose, on, until })
    }

    /// Whether both acknowledge the same.
    fn is_same(&self, other: &Self) -> bool {
        core::ptr::eq(self.rule, other.rule) && self.target == other.target && self.whose == other.whose
    }
}

#[inline(never)]
fn mistake(place: String) -> Finding {
    Finding { detail: Detail::Name(place), ..Finding::new(&rules::ACKNOWLEDGEMENT_INVALID) }
}

/// The text of a member.
#[inline(never)]
fn text<'j>(members: &'j [(String, Json)], member: &str) -> Option<&'j str> {
    members.iter().find_map(|(name, json)| match json {
        Json::String(text) if name == member => Some(text.as_str()),
        _ => None,
    })
}

fn is_at(field: Field, target: &str) -> bool {
    FIELDS.get(field as usize).is_some_and(|field| field.target == target)
}

/// Whether findings of a rule at a place can be acknowledged: of one field or of fields against each other, unless the rule is fixed; never a My Number.
#[inline(never)]
fn can_be(rule: &Rule, target: &str) -> bool {
    !rule.fixed && !is_at(Field::MyNumber, target) && (is_of_one_field(rule) || rule.code.starts_with("PMH4"))
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
