//! Findings: which rule, which record, where. Never what.

use std::borrow::Cow;

use chrono::NaiveDate;
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
    /// An entry of a list, counted from 1, and what is the matter with it.
    Numbered(u64, Text),
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
            (Self::Numbered(number, text), Lang::En) => format!("{number} {}", text.en),
            (Self::Numbered(number, text), Lang::Ja) => format!("{number}件目{}", text.ja),
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
    /// The record that this one was compared with; `None` if the finding isn't about two records.
    pub other: Option<Other>,
    /// What acknowledgements have to do with it, if they do.
    pub mark: Option<Mark>,
}

/// The other record of a finding that is about two.
///
/// ```
/// use pmh_core::{Finding, Other, rules::{self, Lang}};
/// let other = Some(Other::Known { record: 16, record_key: None });
/// let finding = Finding { other, ..Finding::new(rules::find("PMH5002").unwrap().rule) };
/// let written = serde_json::to_value(finding.in_lang(Lang::En)).unwrap();
/// assert_eq!(written["other"]["record"], 16);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Other {
    /// It isn't known: a first run does not keep positions.
    Unknown,
    /// It is one that was accepted earlier.
    Known {
        /// Index of the record in the input, from 0.
        record: u64,
        /// The record's own key, as [`Finding::record_key`].
        record_key: Option<String>,
    },
}

impl Serialize for Other {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self::Known { record, record_key } = self else { return serializer.serialize_none() };
        let mut out = serializer.serialize_struct("Other", 2)?;
        // of the same types as the finding's own members, which a module then has once
        out.serialize_field("record", &Some(*record))?;
        out.serialize_field("recordKey", &record_key.as_deref().map(visible))?;
        out.end()
    }
}

/// What acknowledgements have to do with a finding.
///
/// ```
/// use pmh_core::Mark;
/// assert_eq!(Mark::default().until, None);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// The last day of the acknowledgement by which it rejects nothing.
    pub until: Option<NaiveDate>,
    /// The keyed hash by which it can be acknowledged, if the options ask for it.
    pub fingerprint: Option<(u64, u64)>,
}

impl Mark {
    /// The day and the hash as reports have them; nothing for none.
    #[cold]
    #[inline(never)]
    fn texts(self) -> (String, String) {
        let until = self.until.map(|day| day.to_string()).unwrap_or_default();
        let print = self.fingerprint.map(|(high, low)| format!("{high:016x}{low:016x}"));
        (until, print.unwrap_or_default())
    }
}

impl Finding {
    pub(crate) fn mark(&mut self) -> &mut Mark {
        self.mark.get_or_insert_default()
    }

    /// The last day of the acknowledgement by which it rejects nothing.
    #[must_use]
    pub fn acknowledged(&self) -> Option<NaiveDate> {
        self.mark?.until
    }

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
            other: None,
            mark: None,
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
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
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
        let mut out = serializer.serialize_struct("Finding", 12)?;
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
        if let Some(mark) = finding.mark {
            let (until, print) = mark.texts();
            if !until.is_empty() {
                out.serialize_field("acknowledged", until.as_str())?;
            }
            if !print.is_empty() {
                out.serialize_field("fingerprint", print.as_str())?;
            }
        }
        // the last member: a host that reads the input a second time fills it in
        if let Some(other) = &finding.other {
            out.serialize_field("other", other)?;
        }
        out.end()
    }
}
