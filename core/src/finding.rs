//! Findings: which rule, which record, where. Never what.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::characters::is_unreadable;
use crate::rules::{Lang, Rule, Severity, Text};

/// What fills the `{}` of a rule's message: limits, counts, names of the profile. Never a value of a record.
///
/// ```
/// use pmh_core::{Detail, Finding, rules::{self, Lang}};
/// let rule = rules::find("PMH1006").unwrap().rule;
/// let finding = Finding { detail: Detail::Number(64), ..Finding::new(rule) };
/// assert_eq!(finding.message(Lang::En), rule.message.en.replace("{}", "64"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Nothing,
    /// A count or a limit.
    Number(u64),
    /// Words of our own, in both languages.
    Words(Text),
    /// A name out of the profile or the options.
    Name(String),
    /// An entry of the profile or the options, and what is wrong with it.
    Entry(String, Text),
    /// A known name that may have been meant.
    DidYouMean(String),
    /// The few known names, where none of them is near.
    OneOf(Vec<String>),
}

impl Detail {
    fn words(&self, lang: Lang) -> String {
        let quoted = |names: &[String], comma: &str| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(comma)
        };
        match (self, lang) {
            (Self::Nothing, _) => String::new(),
            (Self::Number(number), _) => number.to_string(),
            (Self::Words(text), lang) => text.get(lang).to_owned(),
            (Self::Name(name), _) => visible(name).into_owned(),
            (Self::Entry(name, text), lang) => format!("{}: {}", visible(name), text.get(lang)),
            (Self::DidYouMean(name), Lang::En) => format!("; did you mean `{name}`?"),
            (Self::DidYouMean(name), Lang::Ja) => format!("。`{name}` の誤りではありませんか"),
            (Self::OneOf(names), Lang::En) => format!("; allowed here: {}", quoted(names, ", ")),
            (Self::OneOf(names), Lang::Ja) => format!("。ここで使えるもの: {}", quoted(names, "、")),
        }
    }
}

/// One thing that a rule found.
///
/// ```
/// use pmh_core::{Finding, rules::{self, Lang}};
/// let finding = Finding { record: Some(2), ..Finding::new(rules::find("PMH3102").unwrap().rule) };
/// assert!(finding.message(Lang::En).contains("check digit") && !finding.help(Lang::Ja).is_empty());
/// let written = serde_json::to_value(finding.in_lang(Lang::En)).unwrap();
/// assert_eq!((written["code"].as_str(), written["record"].as_u64()), (Some("PMH3102"), Some(2)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The severity under the profile.
    pub severity: Severity,
    /// Index of the record in the input, from 0.
    pub record: Option<u64>,
    /// The record's own key, as the profile's `recordKey` names it.
    pub record_key: Option<String>,
    /// JSON Pointer into the record.
    pub source: Option<String>,
    /// JSON Pointer into the record's payload.
    pub target: Option<String>,
    /// JSON Pointer into the profile.
    pub profile: Option<String>,
    /// Byte of the input at which reading went wrong, from 0.
    pub offset: Option<u64>,
    /// What fills the message's `{}`.
    pub detail: Detail,
}

impl Finding {
    /// A finding of the rule's default severity, about nothing in particular yet.
    #[must_use]
    pub fn new(rule: &'static Rule) -> Self {
        Self {
            rule,
            severity: rule.severity,
            record: None,
            record_key: None,
            source: None,
            target: None,
            profile: None,
            offset: None,
            detail: Detail::Nothing,
        }
    }

    pub(crate) fn of_profile(rule: &'static Rule, at: &str, detail: Detail) -> Self {
        Self { profile: Some(at.to_owned()), detail, ..Self::new(rule) }
    }

    /// What is wrong, in one language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.rule.message.get(lang).replace("{}", &self.detail.words(lang))
    }

    /// What to do, in one language.
    #[must_use]
    pub fn help(&self, lang: Lang) -> &'static str {
        self.rule.help.get(lang)
    }

    /// What the people of the system do, in one language, if it differs from what the desk does.
    #[must_use]
    pub fn system_help(&self, lang: Lang) -> Option<&'static str> {
        self.rule.system_help.map(|help| help.get(lang))
    }

    /// The finding as reports write it, with messages in one language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> impl Serialize + '_ {
        Written { finding: self, lang }
    }
}

/// A text with what can't be seen, or commands the terminal that shows it, as `\u{202E}`: controls, invisible and bidirectional characters.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unreadable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    for c in text.chars() {
        if is_unreadable(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

struct Written<'a> {
    finding: &'a Finding,
    lang: Lang,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let finding = self.finding;
        let mut out = serializer.serialize_struct("Finding", 11)?;
        out.serialize_field("code", finding.rule.code)?;
        out.serialize_field("severity", &finding.severity)?;
        out.serialize_field("record", &finding.record)?;
        out.serialize_field("recordKey", &finding.record_key.as_deref().map(visible))?;
        out.serialize_field("source", &finding.source.as_deref().map(visible))?;
        out.serialize_field("target", &finding.target.as_deref().map(visible))?;
        out.serialize_field("profile", &finding.profile.as_deref().map(visible))?;
        out.serialize_field("offset", &finding.offset)?;
        out.serialize_field("message", &finding.message(self.lang))?;
        out.serialize_field("help", finding.help(self.lang))?;
        out.serialize_field("systemHelp", &finding.system_help(self.lang))?;
        out.end()
    }
}
