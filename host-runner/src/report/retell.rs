//! Findings in a table, in the words of tables: the line that a record begins on, and for a row that could not become a record what is
//! wrong with the row, in place of what the module says of what it was given instead.

use std::{collections::BTreeMap, sync::Arc};

use pmh_core::rules::{self, Lang};
use serde::Serialize;

use super::{Counts, Finding, Other};
use crate::{
    failure::{Failure, Result},
    table::Places,
    text,
};

/// Tells the findings of one input anew.
pub(super) struct Retelling {
    places: Arc<Places>,
    lang: Lang,
    /// How many findings have another code now.
    retold: BTreeMap<&'static str, u64>,
}

/// A finding that the runner makes, as `wasm/ABI.md` describes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Made<'a> {
    code: &'a str,
    severity: &'a str,
    record: Option<u64>,
    record_key: Option<&'a str>,
    source: Option<&'a str>,
    target: Option<&'a str>,
    profile: Option<&'a str>,
    offset: Option<u64>,
    message: &'a str,
    help: &'a str,
    system_help: Option<&'a str>,
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<&'a Other>,
}

/// Gives a finding its line. What the module says of a row that is no record becomes what is wrong with the row: then the rule's
/// code is given.
pub(crate) fn by_place(finding: &mut Finding, places: &Places, lang: Lang) -> Option<&'static str> {
    // a byte of what the module was given is none of the file
    finding.offset = None;
    if finding.code == rules::EMPTY_INPUT.code {
        text::EMPTY_TABLE.get(lang).clone_into(&mut finding.help);
    }
    let (line, odd) = places.of(finding.record?);
    finding.line = line;
    let failure = odd.filter(|_| finding.code == rules::NOT_AN_OBJECT.code)?.failure();
    failure.rule.code.clone_into(&mut finding.code);
    finding.message = failure.message(lang);
    failure.help(lang).clone_into(&mut finding.help);
    finding.system_help = None;
    Some(failure.rule.code)
}

impl Retelling {
    pub(super) fn new(places: Arc<Places>, lang: Lang) -> Self {
        Self { places, lang, retold: BTreeMap::new() }
    }

    /// Tells a finding anew, and gives its line of the report.
    pub(super) fn finding(&mut self, finding: &mut Finding, severity: &str) -> Result<Vec<u8>> {
        if let Some(code) = by_place(finding, &self.places, self.lang) {
            let count = self.retold.entry(code).or_default();
            *count = count.saturating_add(1);
        }
        let made = Made {
            code: &finding.code,
            severity,
            record: finding.record,
            record_key: finding.record_key.as_deref(),
            source: finding.source.as_deref(),
            target: finding.target.as_deref(),
            profile: finding.profile.as_deref(),
            offset: finding.offset,
            message: &finding.message,
            help: &finding.help,
            system_help: finding.system_help.as_deref(),
            line: finding.line,
            acknowledged: finding.acknowledged.as_deref(),
            fingerprint: finding.fingerprint.as_deref(),
            other: finding.other.as_ref(),
        };
        serde_json::to_vec(&made).map_err(Failure::internal)
    }

    /// Moves the findings that were told anew to their codes; whether there were any.
    pub(super) fn counts(&self, counts: &mut Counts) -> bool {
        for (code, count) in &self.retold {
            for (name, before) in &mut counts.0 {
                if name == rules::NOT_AN_OBJECT.code {
                    *before = before.saturating_sub(*count);
                }
            }
            counts.0.push(((*code).to_owned(), *count));
        }
        counts.0.retain(|(_, count)| *count > 0);
        counts.0.sort();
        !self.retold.is_empty()
    }
}
