//! The table of rules: every code, its default severity and its words in both languages.
//!
//! One file per small family. A rule's doc comment is its explanation: English first, then Japanese after the
//! line `# 日本語`. The same text serves `pmh explain`, the generated pages and the browser. Codes are
//! append-only: a code that was published is never given another meaning.
//!
//! Nothing here may read a record: a rule's words are constants, so no value can leak through them.

mod certificate;
mod characters;
mod copayment;
mod dates;
mod delivery;
mod face;
mod guards;
mod ledger;
mod mapping;
mod numbers;
mod operation;
mod payload;
mod person;
mod profile;
mod reading;
mod service;
mod set;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::record::{Findings, Record};

pub use self::{
    certificate::*, characters::*, copayment::*, dates::*, delivery::*, face::*, guards::*, ledger::*,
    mapping::*, numbers::*, operation::*, payload::*, person::*, profile::*, reading::*, service::*, set::*,
};

/// How much a finding matters.
///
/// ```
/// use pmh_core::rules::Severity;
/// assert!(Severity::Off < Severity::Warning && Severity::Warning < Severity::Error);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Not reported at all (only a profile can choose this).
    Off,
    /// Worth a look; the record is sent.
    Warning,
    /// The record is rejected.
    Error,
}

/// The language of messages.
///
/// ```
/// use pmh_core::rules::Lang;
/// assert_eq!(Lang::default(), Lang::Ja);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

impl Lang {
    /// Reads `"ja"` or `"en"`; anything else is `None`.
    ///
    /// ```
    /// use pmh_core::rules::Lang;
    /// assert_eq!(Lang::parse("ja"), Some(Lang::Ja));
    /// assert_eq!(Lang::parse("JA"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "ja" => Some(Self::Ja),
            "en" => Some(Self::En),
            _ => None,
        }
    }
}

/// The same words in both languages.
///
/// ```
/// use pmh_core::rules::{Lang, Text};
/// assert_eq!(Text { en: "record", ja: "レコード" }.get(Lang::Ja), "レコード");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Japanese.
    pub ja: &'static str,
}

impl Text {
    /// The words in one language.
    ///
    /// ```
    /// use pmh_core::rules::{self, Lang};
    /// let title = rules::find("PMH3102").unwrap().rule.title;
    /// assert_eq!((title.get(Lang::En), title.get(Lang::Ja)), (title.en, title.ja));
    /// ```
    #[must_use]
    pub fn get(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ja => self.ja,
        }
    }
}

/// One rule: a stable code, what it says and how severe it is unless a profile says otherwise.
///
/// ```
/// use pmh_core::rules::{self, Severity};
/// let rule = rules::find("PMH3102").unwrap().rule;
/// assert_eq!((rule.severity, rule.fixed), (Severity::Error, false));
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `PMH` and four digits.
    pub code: &'static str,
    /// Severity where the profile sets none.
    pub severity: Severity,
    /// True where a profile may not change the severity: the payload would break the API's schema, or nothing
    /// could be read at all.
    pub fixed: bool,
    /// A few words that name the rule.
    pub title: Text,
    /// What is wrong; `{}` stands for the finding's detail, which is never a record's value.
    pub message: Text,
    /// What to do: what the desk (福祉課) does, if `system_help` says what the system's people do.
    pub help: Text,
    /// What the people of the system (情報システム担当, vendor) do.
    pub system_help: Option<Text>,
}

/// Defines a family of rules; see `CONTRIBUTING.md`, "How to add a rule".
macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $severity:ident $($fixed:ident)? {
        title: $title_en:literal, $title_ja:literal;
        message: $message_en:literal, $message_ja:literal;
        help: $help_en:literal, $help_ja:literal;
        $(system: $system_en:literal, $system_ja:literal;)?
    })+) => {
        $(
            $(#[doc = $doc])+
            pub static $name: $crate::rules::Rule = $crate::rules::Rule {
                code: $code,
                severity: $crate::rules::Severity::$severity,
                fixed: $crate::rules::rules!(@fixed $($fixed)?),
                title: $crate::rules::Text { en: $title_en, ja: $title_ja },
                message: $crate::rules::Text { en: $message_en, ja: $message_ja },
                help: $crate::rules::Text { en: $help_en, ja: $help_ja },
                system_help: $crate::rules::rules!(@system $($system_en, $system_ja)?),
            };
        )+
        /// The rules of this family.
        pub(super) static RULES: &[&$crate::rules::Rule] = &[$(&$name),+];
        /// The lines of their explanations, apart: a module that explains nothing does not carry them.
        pub(super) static DOCS: &[&[&str]] = &[$(&[$($doc),+]),+];
    };
    (@system $en:literal, $ja:literal) => { Some($crate::rules::Text { en: $en, ja: $ja }) };
    (@system) => { None };
    (@fixed fixed) => { true };
    (@fixed) => { false };
}
pub(crate) use rules;

macro_rules! families {
    ($($family:ident)+) => {
        /// The rules of each family.
        static RULES: &[&[&Rule]] = &[$($family::RULES),+];
        /// The explanations, in the same order.
        static DOCS: &[&[&[&str]]] = &[$($family::DOCS),+];
    };
}

families! {
    reading mapping payload numbers characters person dates copayment certificate face set delivery guards operation ledger service profile
}

/// The families that speak of records. Apart, since the module never speaks of delivery and so needs none of those words.
static OF_RECORDS: &[&[&Rule]] = &[
    reading::RULES,
    mapping::RULES,
    payload::RULES,
    numbers::RULES,
    characters::RULES,
    person::RULES,
    dates::RULES,
    copayment::RULES,
    certificate::RULES,
    face::RULES,
    set::RULES,
];

/// A rule with its explanation.
///
/// ```
/// use pmh_core::rules;
/// let both = serde_json::to_value(rules::find("PMH3102").unwrap()).unwrap();
/// assert!(both["explanation"]["ja"].is_string() && both["explanation"]["en"].is_string());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The rule.
    pub rule: &'static Rule,
    doc: &'static [&'static str],
}

impl Entry {
    /// The explanation in Markdown: what is checked, why, the source, a bad and a good example.
    ///
    /// ```
    /// use pmh_core::rules::{self, Lang};
    /// assert!(rules::find("PMH3102").unwrap().explanation(Lang::En).contains("- Source: "));
    /// ```
    #[must_use]
    pub fn explanation(&self, lang: Lang) -> String {
        let divider = |line: &&&str| line.trim() == "# 日本語";
        let split = self.doc.iter().position(|line| divider(&line)).unwrap_or(self.doc.len());
        let half = match lang {
            Lang::En => self.doc.get(..split),
            Lang::Ja => self.doc.get(split.saturating_add(1)..),
        };
        let lines: Vec<&str> =
            half.unwrap_or_default().iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
        lines.join("\n").trim().to_owned()
    }
}

/// Both languages side by side, as `docs/rules.json` has them.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let explanation = [Lang::En, Lang::Ja].map(|lang| self.explanation(lang));
        let [en, ja] = &explanation;
        let mut out = serializer.serialize_struct("Rule", 8)?;
        out.serialize_field("code", self.rule.code)?;
        out.serialize_field("severity", &self.rule.severity)?;
        out.serialize_field("fixed", &self.rule.fixed)?;
        out.serialize_field("title", &self.rule.title)?;
        out.serialize_field("message", &self.rule.message)?;
        out.serialize_field("help", &self.rule.help)?;
        out.serialize_field("systemHelp", &self.rule.system_help)?;
        out.serialize_field("explanation", &BTreeMap::from([("en", en), ("ja", ja)]))?;
        out.end()
    }
}

/// Every rule, family by family.
///
/// ```
/// use pmh_core::rules::{self, Severity};
/// let fixed = rules::all().filter(|entry| entry.rule.fixed);
/// assert!(fixed.count() > 10);
/// ```
pub fn all() -> impl Iterator<Item = Entry> {
    let docs = DOCS.iter().flat_map(|family| family.iter());
    let rules = RULES.iter().flat_map(|family| family.iter());
    rules.zip(docs).map(|(rule, doc)| Entry { rule, doc })
}

/// The rules that a record can be found to break, without their explanations.
pub(crate) fn of_records() -> impl Iterator<Item = &'static Rule> {
    // a loop over the tables: compiled from their contents, a search would be ten times as many bytes of the module
    core::hint::black_box(OF_RECORDS).iter().flat_map(|family| family.iter()).copied()
}

/// Those whose severity a profile may set.
pub(crate) fn free() -> impl Iterator<Item = &'static Rule> {
    of_records().filter(|rule| !rule.fixed)
}

/// The rule with this code, in any case (`pmh3103` finds `PMH3103`).
///
/// ```
/// assert_eq!(pmh_core::rules::find("pmh3102").unwrap().rule.code, "PMH3102");
/// assert!(pmh_core::rules::find("PMH0000").is_none());
/// ```
#[must_use]
pub fn find(code: &str) -> Option<Entry> {
    all().find(|entry| entry.rule.code.eq_ignore_ascii_case(code))
}

/// Checks a mapped record, its certificate's face and the other records apart.
pub(crate) fn check(record: &Record<'_>, findings: &mut Findings) {
    numbers::check(record, findings);
    characters::check(record, findings);
    person::check(record, findings);
    dates::check(record, findings);
    copayment::check(record, findings);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_a_profile_may_change_speaks_of_records() {
        let all: Vec<&str> =
            all().map(|entry| entry.rule).filter(|rule| !rule.fixed).map(|rule| rule.code).collect();
        let free: Vec<&str> = free().map(|rule| rule.code).collect();
        assert_eq!(free, all);
    }
}
