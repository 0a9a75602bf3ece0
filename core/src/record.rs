//! One record on its way: the mapped values, where they came from, and what was found.

use chrono::NaiveDate;

use crate::{
    characters::Level,
    eval::{At, Source},
    finding::{Detail, Finding},
    payload::{FIELD_COUNT, FIELDS, Field, Value},
    pointer,
    profile::Plan,
    rules::{Rule, Severity},
    scheme::Scheme,
};

/// A mapped record, before it is checked and written.
#[derive(Debug)]
pub(crate) struct Record<'r> {
    pub(crate) scheme: Option<Scheme>,
    /// The processing date.
    pub(crate) as_of: NaiveDate,
    /// By position in [`FIELDS`].
    pub(crate) values: [Value<'r>; FIELD_COUNT],
    /// Where each value came from.
    pub(crate) sources: [Option<Source<'r>>; FIELD_COUNT],
    /// A value of the record says that there is no copayment limit.
    pub(crate) no_limit: bool,
    /// Where the profile speaks of the fields; a payload that is checked as it is has none.
    pub(crate) plan: Option<&'r Plan>,
    /// The payer numbers' first two digits (法別番号) in local schemes, if the profile names them.
    pub(crate) local_numbers: Option<&'r [u8]>,
    /// The characters that names and addresses should keep to, if the profile says so.
    pub(crate) level: Option<Level>,
    /// The text that the record was read from.
    pub(crate) input: &'r str,
}

impl<'r> Record<'r> {
    pub(crate) fn value(&self, index: usize) -> Value<'r> {
        self.values.get(index).copied().unwrap_or(Value::None)
    }

    pub(crate) fn text(&self, field: Field) -> Option<&'r str> {
        self.value(field as usize).text()
    }

    pub(crate) fn date(&self, field: Field) -> Option<NaiveDate> {
        self.value(field as usize).date()
    }

    /// Whether a text was borrowed from the input, where it stands in a JSON string without escapes.
    pub(crate) fn lends(&self, text: &str) -> bool {
        self.input.as_bytes().as_ptr_range().contains(&text.as_ptr())
    }

    /// Where a field stands.
    pub(crate) fn at(&self, field: Field) -> At<'r> {
        self.at_index(field as usize)
    }

    fn at_index(&self, index: usize) -> At<'r> {
        let expr = self.plan.and_then(|plan| plan.fields.get(index)?.as_ref());
        At {
            source: self.sources.get(index).copied().flatten(),
            target: FIELDS.get(index).map_or("", |field| field.target),
            profile: match (self.plan, expr) {
                (None, _) => "",
                (Some(_), None) => "/fields",
                (Some(_), Some(expr)) => &expr.profile,
            },
        }
    }

    /// Reports a field. Kept out of line, as all that reports is: the checks that call it are many, and mostly find nothing.
    #[cold]
    #[inline(never)]
    pub(crate) fn report(&self, rule: &'static Rule, field: Field, findings: &mut Findings) {
        self.report_at(rule, field as usize, findings);
    }

    /// Reports the field at a position in [`FIELDS`].
    #[cold]
    #[inline(never)]
    pub(crate) fn report_at(&self, rule: &'static Rule, index: usize, findings: &mut Findings) {
        findings.add(rule, self.at_index(index));
    }
}

/// What was found in one record.
#[derive(Debug)]
pub(crate) struct Findings {
    severities: Vec<(&'static Rule, Severity)>,
    /// Position in each of the loops that the certificate's face is in, outermost first.
    pub(crate) indexes: Vec<usize>,
    pub(crate) found: Vec<Finding>,
}

impl Findings {
    /// Findings under a profile's severities.
    pub(crate) fn new(severities: Vec<(&'static Rule, Severity)>) -> Self {
        Self { severities, indexes: Vec::new(), found: Vec::new() }
    }

    /// The severity of a rule.
    pub(crate) fn severity(&self, rule: &'static Rule) -> Severity {
        let set = self.severities.iter().find(|(known, _)| core::ptr::eq(*known, rule));
        set.map_or(rule.severity, |(_, severity)| *severity)
    }

    /// True where one of them rejects the record.
    pub(crate) fn reject(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn add(&mut self, rule: &'static Rule, at: At<'_>) {
        self.add_with(rule, at, Detail::Nothing);
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn add_with(&mut self, rule: &'static Rule, at: At<'_>, detail: Detail) {
        let severity = self.severity(rule);
        if severity == Severity::Off {
            return;
        }
        let place = |pointer: &str| (!pointer.is_empty()).then(|| pointer::fill(pointer, &self.indexes));
        self.found.push(Finding {
            severity,
            source: at.source.map(Source::pointer),
            target: place(at.target),
            profile: place(at.profile),
            detail,
            ..Finding::new(rule)
        });
    }
}
