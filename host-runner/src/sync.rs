//! `pmh sync`: transform everything, decide, send, say what became of it.
//!
//! The order is the safety: secrets first, then the whole payload on the disk, then the guards, and only then a
//! connection. Nothing of a record is printed but what the module's findings hold.

use std::{fs, path::Path};

use pmh_core::rules::{self, Text};
use serde::Serialize;

use crate::{
    answer::{Answer, Delivery, Outcome},
    config::Config,
    failure::{Exit, Failure, Result, Told},
    guard::guards,
    human::{Human, Stream, align_right, table},
    input::{self, Input},
    module::{Mode, Module, Options, Status},
    output::Sink,
    report::{Report, Summary, View},
    run::{Ended, run},
    send::Client,
    spool::{Draft, Part, Spool},
    text,
    ui::{Form, Ui},
};

/// What one `pmh sync` is about.
pub struct Sync<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The module that transforms.
    pub module: &'a Module,
    /// The processing date.
    pub as_of: String,
    /// Everything but sending.
    pub dry_run: bool,
    /// Where all findings are written too.
    pub report: Option<&'a Path>,
    /// How to talk.
    pub ui: Ui,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Account<'a> {
    summary: &'a Summary,
    deliveries: &'a [Delivery],
    stops: Vec<Told>,
    /// Where the payload waits, unless PMH accepted all of it.
    spool: Option<String>,
}

impl Sync<'_> {
    /// Runs it.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from coming to an answer; the answer itself decides the exit code.
    pub fn run(&self) -> Result<Exit> {
        let config = self.config;
        let client = if self.dry_run { None } else { Some(Client::new(&config.endpoint)?) };
        let (ended, draft) = self.transform()?;
        if ended.status != Status::Ok {
            self.account(&ended.summary, &[], &[], None)?;
            return Ok(Exit::Usage);
        }
        let stops = guards(&ended.summary, &config.guard);
        if !stops.is_empty() {
            self.account(&ended.summary, &[], &stops, None)?;
            return Ok(Exit::Guard);
        }
        let spool = draft.commit()?;
        let parts = spool.parts(config.endpoint.max_records_per_request, ended.summary.accepted)?;
        let Some(client) = client else {
            self.rehearsed(&ended.summary, &parts)?;
            spool.remove()?;
            return Ok(Exit::Done);
        };
        let (deliveries, last) = self.deliver(&client, &spool, &parts)?;
        let Some(failure) = last.outcome.failure() else {
            self.account(&ended.summary, &deliveries, &[], None)?;
            spool.remove()?;
            return Ok(Exit::Done);
        };
        self.account(&ended.summary, &deliveries, &[], Some(&spool))?;
        self.undelivered(&last, failure, &spool);
        Ok(Exit::of(failure.rule))
    }

    /// Transforms everything into a draft.
    fn transform(&self) -> Result<(Ended, Draft)> {
        let Config { profile, input, ledger, .. } = self.config;
        let path = input::resolve(&input.path)?;
        let profile =
            fs::read(profile).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, profile, &error))?;
        let progress = self.ui.progress(&text::READING);
        let mut input = Input::open(&path, input.shape, &progress)?;
        let options = Options {
            mode: Mode::Records,
            as_of: self.as_of.clone(),
            lang: self.ui.lang,
            input: input.form(),
            payload: true,
        };
        let mut session = self.module.session(&profile, &options)?;
        let mut views = self.report.map(View::file).transpose()?.into_iter().collect::<Vec<_>>();
        if self.ui.form == Form::Human {
            views.push(View::Human(Human::new(self.ui, Stream::Stdout)));
        } else if session.output()?.status != Status::Ok {
            views.push(View::Ndjson(Sink::Stderr));
        }
        let mut draft = Draft::create(&ledger.spool_dir, &self.as_of)?;
        let ended = run(&mut session, &mut input, Report::new(views), |bytes| draft.put(bytes))?;
        progress.finish_and_clear();
        Ok((ended, draft))
    }

    /// Sends part after part, and stops at the first that isn't accepted: the last answer tells.
    fn deliver(&self, client: &Client, spool: &Spool, parts: &[Part]) -> Result<(Vec<Delivery>, Answer)> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(error.kind()))?;
        let progress = self.ui.progress(&text::SENDING);
        progress.set_length(parts.iter().map(Part::body_length).sum());
        let mut deliveries = Vec::new();
        let mut last = None;
        for part in parts {
            let answer = runtime.block_on(client.send(spool, part, &progress))?;
            deliveries.push(Delivery::new(&answer, part.records, part.body_length()));
            let refused = answer.outcome.failure().is_some();
            last = Some(answer);
            if refused {
                break;
            }
        }
        progress.finish_and_clear();
        Ok((deliveries, last.ok_or_else(|| Failure::internal("no request"))?))
    }

    /// Says what became of the run: a table, or one JSON object.
    fn account(
        &self,
        summary: &Summary,
        deliveries: &[Delivery],
        stops: &[Failure],
        kept: Option<&Spool>,
    ) -> Result<()> {
        if self.ui.form == Form::Json {
            let stops = stops.iter().map(|stop| stop.told(self.ui.lang)).collect();
            let spool = kept.map(|spool| spool.path().display().to_string());
            let account = Account { summary, deliveries, stops, spool };
            return self.ui.print(serde_json::to_string(&account).map_err(Failure::internal)?);
        }
        for stop in stops {
            self.ui.fail(stop);
        }
        if deliveries.is_empty() || self.ui.quiet {
            return Ok(());
        }
        let mut table = table();
        let head = [&text::RECORDS, &text::BYTES, &text::OUTCOME, &text::SERIAL_NUMBER];
        table.set_header(head.map(|text| self.ui.say(text)));
        for delivery in deliveries {
            table.add_row([
                delivery.records.to_string(),
                delivery.bytes.to_string(),
                self.ui.say(outcome(delivery.outcome)).to_owned(),
                delivery.serial_number.clone().unwrap_or_default(),
            ]);
        }
        align_right(&mut table, &[0, 1]);
        self.ui.print(table.trim_fmt())
    }

    /// Says why it isn't accepted, in our words and PMH's, and where the payload waits.
    fn undelivered(&self, answer: &Answer, failure: &Failure, spool: &Spool) {
        self.ui.fail(failure);
        if let Some(code) = &answer.code {
            self.ui.note(&text::PMH_CODE, code);
        }
        if let Some(message) = &answer.message {
            self.ui.note(&text::PMH_MESSAGE, message);
        }
        if let Outcome::Unavailable { retry_after: Some(time), .. } = &answer.outcome {
            self.ui.note(&text::RETRY_AFTER, time);
        }
        self.ui.note(&text::SPOOL_KEPT, spool.path().display());
    }

    /// Says what would have been sent where, and what still stands in the way.
    fn rehearsed(&self, summary: &Summary, parts: &[Part]) -> Result<()> {
        let endpoint = &self.config.endpoint;
        if self.ui.form == Form::Human && !self.ui.quiet {
            let bytes: u64 = parts.iter().map(Part::body_length).sum();
            let mut table = table();
            table.add_row([self.ui.say(&text::DESTINATION), endpoint.url.as_str()]);
            table.add_row([self.ui.say(&text::REQUESTS), &parts.len().to_string()]);
            table.add_row([self.ui.say(&text::RECORDS), &summary.accepted.to_string()]);
            table.add_row([self.ui.say(&text::BYTES), &bytes.to_string()]);
            self.ui.print(table.trim_fmt())?;
            self.ui.print(self.ui.say(&text::REHEARSED))?;
        }
        self.account(summary, &[], &[], None)?;
        if let (Err(failure), false) = (Client::new(endpoint), self.ui.quiet) {
            self.ui.note(&text::BEFORE_SENDING, failure.message(self.ui.lang));
            self.ui.note(&text::NOTE, failure.help(self.ui.lang));
        }
        Ok(())
    }
}

fn outcome(name: &str) -> &'static Text {
    match name {
        "accepted" => &text::OUTCOME_ACCEPTED,
        "refused" => &text::OUTCOME_REFUSED,
        "unavailable" => &text::OUTCOME_UNAVAILABLE,
        _ => &text::OUTCOME_UNKNOWN,
    }
}
