//! What `pmh sync` says of a run: tables for people, one JSON object for programs.

use serde::Serialize;

use super::rehearse::Plan;
use crate::{
    answer::Delivery,
    failure::{Failure, Result, Told},
    guard::Verdict,
    human::{align_right, table},
    ledger::{Changes, Run, State},
    report::Summary,
    spool::Spool,
    text,
    ui::{Form, Ui},
};

/// What is known of a run so far.
#[derive(Default)]
pub(super) struct Account {
    pub(super) run: Option<i64>,
    pub(super) resumed: bool,
    pub(super) outcome: Option<State>,
    pub(super) summary: Summary,
    changes: Option<Changes>,
    verdict: Verdict,
    /// What belonged to another ledger, endpoint or site, and was passed.
    pub(super) bound: Vec<Failure>,
    /// What would be sent where, of a dry run.
    pub(super) plan: Option<Plan>,
}

/// What `--format json` prints.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed<'a> {
    /// The run's number in the ledger; none for a dry run.
    run: Option<i64>,
    /// Whether the set was taken up from an earlier run.
    resumed: bool,
    /// None where nothing was sent.
    outcome: Option<State>,
    summary: &'a Summary,
    /// Against the last accepted set, where that is known.
    changes: Option<Changes>,
    deliveries: &'a [Delivery],
    stops: Vec<Told>,
    /// Guards that a person passed.
    passed: Vec<Told>,
    warnings: Vec<Told>,
    /// What would be sent where: of a dry run alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a Plan>,
    /// Where the payload waits, unless PMH accepted all of it.
    spool: Option<String>,
}

impl Account {
    /// Takes from the ledger what it knows of the run.
    pub(super) fn describe(&mut self, run: i64, row: &Run, summary: Summary) {
        self.run = Some(run);
        self.changes = row.changes;
        self.summary = summary;
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

    /// Says what became of the run.
    pub(super) fn print(&self, deliveries: &[Delivery], kept: Option<&Spool>, ui: Ui) -> Result<()> {
        if ui.form == Form::Json {
            let told = |failures: &[Failure]| failures.iter().map(|failure| failure.told(ui.lang)).collect();
            let printed = Printed {
                run: self.run,
                resumed: self.resumed,
                outcome: self.outcome,
                summary: &self.summary,
                changes: self.changes,
                deliveries,
                stops: told(&self.verdict.stops),
                passed: told(&self.verdict.passed),
                warnings: told(&self.verdict.warnings),
                plan: self.plan.as_ref(),
                spool: kept.map(|spool| spool.path().display().to_string()),
            };
            return ui.print(serde_json::to_string(&printed).map_err(Failure::internal)?);
        }
        if let (Some(plan), false) = (&self.plan, ui.quiet) {
            return plan.print(ui);
        }
        if deliveries.is_empty() || ui.quiet {
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
        for delivery in deliveries {
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
