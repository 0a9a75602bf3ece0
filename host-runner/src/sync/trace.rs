//! The traces of a start: whatever it came to, it is in the ledger, in the log, and told to `[notify]`.
//!
//! How a start could leave no trace and do harm: the token's file was moved at noon, every night since ends before its run
//! begins, and `pmh history` still shows the last accepted run as the newest. So a start that comes to no run gets a row
//! of its own. The row is written in one step as a run that has failed: the run under way, which may hold the lock at this
//! moment, the guards and the next run never take it for anything else. The ledger of another municipality, to which a copied
//! configuration leads, gets none.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::{
    config::{Config, Remains},
    failure::{Exit, Failure},
    ledger::Ledger,
    log,
    notify::{Event, Notice, NotifyConfig},
    text, time,
    told::Memory,
    ui::Ui,
};

/// Where a start leaves its traces, as far as the configuration says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trace<'a> {
    site: Option<&'a str>,
    endpoint: &'a str,
    ledger: Option<&'a Path>,
    notify: Option<&'a NotifyConfig>,
    told: Option<&'a Memory>,
    ui: Ui,
}

/// Tells of a start whose configuration has mistakes.
pub(crate) fn misconfigured(path: &Path, failures: &[Failure], told: Option<&Memory>, ui: Ui) -> Exit {
    for failure in failures {
        ui.fail(failure);
    }
    let exit = failures.first().map_or(Exit::Bug, |failure| Exit::of(failure.rule));
    let Some(remains) = Remains::load(path) else {
        ui.note(&text::NOTE, ui.say(&text::NO_TRACE));
        return exit;
    };
    if let Some(Err(failure)) = remains.log.as_ref().map(|config| log::start(config, false, ui)) {
        ui.warn(&failure);
    }
    let trace = Trace {
        site: remains.site.as_deref(),
        endpoint: remains.endpoint.as_ref().map_or("", |url| url.as_str()),
        // what isn't there yet may be missing because of the mistake
        ledger: remains.ledger.as_deref().filter(|path| path.exists()),
        notify: remains.notify.as_ref(),
        told,
        ui,
    };
    trace.keep(None, failures);
    trace.tell(exit, failures, Event::Failure, None);
    exit
}

impl<'a> Trace<'a> {
    pub(crate) fn of(config: &'a Config, told: Option<&'a Memory>, ui: Ui) -> Self {
        Self {
            site: config.site.as_deref(),
            endpoint: config.endpoint.url.as_str(),
            ledger: Some(&config.ledger.path),
            notify: Some(&config.notify),
            told,
            ui,
        }
    }

    /// Notes in the ledger a start that came to no run. If the ledger can't be used, that is told beside the failure.
    pub(crate) fn keep(&self, as_of: Option<&str>, failures: &[Failure]) {
        let Some(path) = self.ledger else { return };
        let now: DateTime<Utc> = Utc::now();
        let today = time::day(now);
        let mut codes: Vec<&str> = failures.iter().map(|failure| failure.rule.code).collect();
        codes.dedup();
        let endpoint = Some(self.endpoint).filter(|endpoint| !endpoint.is_empty());
        let kept = Ledger::open_own(path, endpoint, self.site).and_then(|mut ledger| {
            let place = (self.endpoint, self.site);
            ledger.note_failed_start(now, (as_of.unwrap_or(&today), &today), place, &codes)
        });
        match kept {
            Ok(run) => tracing::debug!(run, "the start is in the ledger"),
            Err(failure) => {
                tracing::error!(code = failure.rule.code, "the start is not in the ledger");
                // the ledger itself may be what the start failed for
                if !failures.iter().any(|other| other.rule == failure.rule) {
                    self.ui.warn(&failure);
                }
            }
        }
    }

    /// Tells the log and `[notify]` how it ended.
    pub(crate) fn tell(
        &self,
        exit: Exit,
        failures: &[Failure],
        event: Event,
        result: Option<serde_json::Value>,
    ) {
        let codes: Vec<&str> = failures.iter().map(|failure| failure.rule.code).collect();
        let codes = codes.join(" ");
        if exit == Exit::Done {
            tracing::info!(exit = exit as u8, "done");
        } else {
            tracing::error!(exit = exit as u8, codes, "not accepted");
        }
        if let Some(notify) = self.notify {
            let notice = Notice { event, site: self.site, exit: Some(exit), failures, result };
            notify.tell_news(&notice, self.told, self.ui);
        }
    }
}
