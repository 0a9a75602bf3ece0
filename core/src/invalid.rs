//! A profile or options that no run can start from.

use core::{fmt, ops::Deref};

use crate::{
    finding::Finding,
    report::{ReportFormat, failure},
    rules::Lang,
};

/// Which document could not be used.
///
/// ```
/// use pmh_core::{Document, Profile};
/// assert_eq!(Profile::compile(b"{}").unwrap_err().document(), Document::Profile);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// The profile.
    Profile,
    /// The options.
    Options,
}

/// Every mistake of a profile or of options, at once: never empty, and a slice of [`Finding`]s.
///
/// As an error it reads as its first finding in English.
///
/// ```
/// use pmh_core::{Document, Options};
///
/// let invalid = Options::from_json(br#"{"asOf": "today"}"#).unwrap_err();
/// assert_eq!(invalid.document(), Document::Options);
/// assert_eq!(invalid[0].rule.code, "PMH9101");
/// assert!(invalid.to_string().starts_with("PMH9101: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    document: Document,
    findings: Vec<Finding>,
    format: ReportFormat,
    lang: Lang,
}

impl Invalid {
    pub(crate) fn new(document: Document, findings: Vec<Finding>) -> Self {
        Self { document, findings, format: ReportFormat::default(), lang: Lang::default() }
    }

    /// The same, reported as the options ask.
    pub(crate) fn reported(self, format: ReportFormat, lang: Lang) -> Self {
        Self { format, lang, ..self }
    }

    /// Which document it is about.
    #[must_use]
    pub fn document(&self) -> Document {
        self.document
    }

    /// The language that the options ask for; the default one where they could not be read.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The report of a run that could not begin: the findings, and a summary of nothing read.
    ///
    /// In the form and language that the options ask for, where they could be read.
    ///
    /// ```
    /// use pmh_core::{Job, rules::Lang};
    /// let invalid = Job::from_json(b"{}", br#"{"asOf": "2026-11-22", "lang": "en"}"#).unwrap_err();
    /// assert_eq!(invalid.lang(), Lang::En);
    /// let report = String::from_utf8(invalid.report()).unwrap();
    /// assert_eq!(report.lines().count(), invalid.len() + 1, "a line a mistake, and the summary");
    /// ```
    #[must_use]
    pub fn report(&self) -> Vec<u8> {
        failure(&self.findings, self.format, self.lang)
    }
}

impl Deref for Invalid {
    type Target = [Finding];

    fn deref(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.findings.first() else { return Ok(()) };
        write!(f, "{}: {}", first.rule.code, first.message(Lang::En))?;
        match first.profile.as_deref() {
            Some(pointer) if !pointer.is_empty() => write!(f, " (at {pointer})"),
            _ => Ok(()),
        }
    }
}

impl core::error::Error for Invalid {}
