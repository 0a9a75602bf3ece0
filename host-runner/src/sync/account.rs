//! The account that `pmh sync` gives of a run: tables for people, one JSON object for programs and for `[notify]`.

use std::path::PathBuf;

use serde::Serialize;

use super::rehearse::Plan;
use crate::{
    answer::Delivery,
    failure::{Failure, Result, Told},
    guard::Verdict,
    human::{align_right, table},
    ledger::{Changes, Run, State},
    report::Summary,
    text,
    ui::{Form, Ui},
};

/// What is known of a run so far.
#[derive(Default)]
pub(super) struct Account {
    pub(super) site: Option<String>,
    /// The run's number in the ledger; none for a dry run, and for a start that came to no run.
    pub(super) run: Option<i64>,
    pub(super) resumed: bool,
    pub(super) outcome: Option<State>,
    pub(super) summary: Summary,
    changes: Option<Changes>,
    verdict: Verdict,
    /// What belonged to another ledger, endpoint or site, and was passed.
    pub(super) bound: Vec<Failure>,
    /// Warnings that are not the guards'.
    pub(super) warnings: Vec<Failure>,
    /// What is worth knowing of the input; it makes no run one with warnings.
    notes: Vec<Failure>,
    pub(super) deliveries: Vec<Delivery>,
    /// Where the payload waits, unless PMH accepted all of it.
    pub(super) spool: Option<PathBuf>,
    /// What would be sent where, of a dry run.
    pub(super) plan: Option<Plan>,
}

/// What `--format json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    /// The municipality's name.
    site: Option<&'a str>,
    /// The run's number in the ledger; none for a dry run.
    run: Option<i64>,
    /// Whether the set was taken up from an earlier run.
    resumed: bool,
    /// None if nothing was sent.
    outcome: Option<State>,
    summary: &'a Summary,
    /// Against the last accepted set, if that is known.
    changes: Option<Changes>,
    deliveries: &'a [Delivery],
    stops: Vec<Told>,
    /// Guards that a person passed.
    passed: Vec<Told>,
    warnings: Vec<Told>,
    /// What is worth knowing of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Told>,
    /// What would be sent where: only of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a Plan>,
    /// Where the payload waits, unless PMH accepted all of it.
    spool: Option<String>,
}

impl Account {
    pub(super) fn new(site: Option<String>) -> Self {
        Self { site, ..Self::default() }
    }

    /// Takes from the ledger what it knows of the run.
    pub(super) fn describe(&mut self, run: i64, row: &Run, summary: Summary) {
        self.run = Some(run);
        self.changes = row.changes;
        self.summary = summary;
    }

    /// Takes what is worth knowing of the input, and says it to people.
    pub(super) fn note(&mut self, notes: &[Failure], ui: Ui) {
        self.notes = notes.to_vec();
        for note in notes {
            tracing::info!(code = note.rule.code, "noted");
            if !ui.quiet {
                ui.note(&text::NOTE, note.coded(ui.lang));
            }
        }
    }

    /// Takes what the guards say, and says it to people.
    pub(super) fn take(&mut self, verdict: Verdict, ui: Ui) {
        self.verdict = verdict;
        self.verdict.passed.extend(self.bound.iter().cloned());
        if ui.form == Form::Human {
            for stop in &self.verdict.stops {
                ui.fail(stop);
            }
            for (failures, label) in
                [(&self.verdict.passed, &text::PASSED), (&self.verdict.warnings, &text::WARNING)]
            {
                for failure in failures.iter().filter(|_| !ui.quiet) {
                    let message = failure.message(ui.lang);
                    ui.note(label, format_args!("{}: {message}", failure.rule.code));
                }
            }
        }
    }

    pub(super) fn passed_codes(&self) -> Vec<&'static str> {
        self.verdict.passed.iter().map(|failure| failure.rule.code).collect()
    }

    /// What stopped it.
    pub(super) fn stops(&self) -> &[Failure] {
        &self.verdict.stops
    }

    /// Whether a person should look at an accepted run: a guard warned or was passed, or people are missing from the set.
    pub(super) fn has_warnings(&self) -> bool {
        let Verdict { passed, warnings, .. } = &self.verdict;
        !(passed.is_empty() && warnings.is_empty() && self.warnings.is_empty()) || self.summary.rejected > 0
    }

    /// The object for `[notify]`: as it is printed, without PMH's words.
    pub(super) fn notice(&self, ui: Ui) -> Option<serde_json::Value> {
        let mut deliveries = self.deliveries.clone();
        for delivery in &mut deliveries {
            delivery.message = None;
        }
        serde_json::to_value(self.printed(&deliveries, ui)).ok()
    }

    fn printed<'a>(&'a self, deliveries: &'a [Delivery], ui: Ui) -> Printed<'a> {
        let told = |failures: &[Failure]| failures.iter().map(|failure| failure.told(ui.lang)).collect();
        let mut warnings: Vec<Told> = told(&self.verdict.warnings);
        warnings.extend(self.warnings.iter().map(|failure| failure.told(ui.lang)));
        Printed {
            site: self.site.as_deref(),
            run: self.run,
            resumed: self.resumed,
            outcome: self.outcome,
            summary: &self.summary,
            changes: self.changes,
            deliveries,
            stops: told(&self.verdict.stops),
            passed: told(&self.verdict.passed),
            warnings,
            notes: told(&self.notes),
            plan: self.plan.as_ref(),
            spool: self.spool.as_ref().map(|spool| spool.display().to_string()),
        }
    }

    /// Prints how the run ended. A standard output that can't be written changes nothing of it, and is told on standard error.
    pub(super) fn print(&self, ui: Ui) {
        if let Err(failure) = self.write(ui) {
            tracing::warn!(code = failure.rule.code, "the result was not printed");
            ui.warn(&failure);
        }
    }

    /// Prints the account if it is what the command is for.
    pub(super) fn write(&self, ui: Ui) -> Result<()> {
        if ui.form == Form::Json {
            let printed = self.printed(&self.deliveries, ui);
            return ui.print(serde_json::to_string(&printed).map_err(Failure::internal)?);
        }
        if ui.quiet {
            return Ok(());
        }
        if let Some(site) = &self.site {
            ui.print(format_args!("{}: {site}", ui.say(&text::SITE)))?;
        }
        if let Some(plan) = &self.plan {
            return plan.print(ui);
        }
        if self.deliveries.is_empty() {
            return Ok(());
        }
        if let Some(Changes { added, changed, gone }) = self.changes {
            let mut changes = table();
            changes.set_header([&text::ADDED, &text::CHANGED, &text::GONE].map(|text| ui.say(text)));
            changes.add_row([added, changed, gone].map(|count| count.to_string()));
            align_right(&mut changes, &[0, 1, 2]);
            ui.print(changes.trim_fmt())?;
        }
        let mut table = table();
        let head = [&text::RECORDS, &text::BYTES, &text::TRIES, &text::OUTCOME, &text::SERIAL_NUMBER];
        table.set_header(head.map(|text| ui.say(text)));
        for delivery in &self.deliveries {
            table.add_row([
                delivery.records.to_string(),
                delivery.bytes.to_string(),
                delivery.attempts.to_string(),
                ui.say(text::outcome(delivery.outcome)).to_owned(),
                delivery.serial_number.clone().unwrap_or_default(),
            ]);
        }
        align_right(&mut table, &[0, 1, 2]);
        ui.print(table.trim_fmt())
    }
}
