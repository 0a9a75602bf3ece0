//! `pmh sync --dry-run`: everything but writing and sending, and then exactly what would be sent where.
//!
//! The payload passes through memory alone. It must never write, connect, or show the token.

use std::{io, io::Write, thread};

use pmh_core::rules;
use reqwest::header::{HOST, HeaderValue, USER_AGENT};
use serde::Serialize;

use super::{
    account::Account,
    inspect::Inspection,
    prepare::{Judged, Preparation, Transformed},
};
use crate::{
    config::Endpoint,
    failure::{Exit, Failure, Result},
    human::{align_right, table},
    key::Key,
    ledger::{Ledger, Owner},
    module::Status,
    send::{self, Client},
    spool::{Part, are_all, divide},
    text,
    ui::Ui,
};

/// What stands for the token, whatever its length.
const MASKED: &str = "Bearer ********";

/// A request with the hash of its body, if there is a key.
type Hashed = (Part, Option<String>);

/// What would be sent where.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Plan {
    method: String,
    url: String,
    /// The proxy that connects; none is a direct connection.
    proxy: Option<String>,
    /// In the order of the requests.
    requests: Vec<Planned>,
    /// Whether a guard would stop it.
    stopped: bool,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
struct Planned {
    records: u64,
    bytes: u64,
    /// The keyed hash of the body, as the ledger will have it; none without a key.
    hash: Option<String>,
    /// All of them, with the token masked.
    headers: Vec<(String, String)>,
}

impl Preparation<'_> {
    /// Rehearses; 7 where a guard would stop the run.
    pub(super) fn rehearse(&self, account: &mut Account) -> Result<Exit> {
        let (config, ui) = (&self.sync.config, self.sync.ui);
        let key = Key::read(&config.ledger)?;
        let mut inspection = Inspection::new(key.as_ref(), &config.guard);
        let (transformed, parts) = self.divided(key.as_ref(), &mut inspection)?;
        account.summary.clone_from(&transformed.ended.summary);
        account.note(&transformed.input_notes, ui);
        if transformed.ended.status != Status::Ok {
            account.write(ui)?;
            return Ok(Exit::Usage);
        }
        let ledger = Ledger::read(&config.ledger.path)?;
        let Judged { mut verdict, .. } =
            self.judge(&transformed, &inspection, key.as_ref(), ledger.as_ref())?;
        // to look at another day is what a rehearsal is for
        verdict.stops.retain(|stop| stop.rule != &rules::OTHER_DAY);
        if let Some(ledger) = &ledger {
            let name = key.as_ref().map(Key::name_text);
            let (endpoint, site) = (config.endpoint.url.as_str(), config.site.as_deref());
            let owner = Owner { endpoint, site, key: name.as_deref() };
            let strangers = ledger.strangers(owner, &config.ledger.spool_dir)?.into_iter();
            let (passed, stops): (Vec<_>, Vec<_>) =
                strangers.partition(|failure| self.sync.pass.contains(&failure.rule));
            verdict.passed.extend(passed);
            verdict.stops.extend(stops);
        }
        let stopped = !verdict.stops.is_empty();
        account.take(verdict, ui);
        account.plan = Some(Plan::new(&config.endpoint, parts, stopped));
        account.write(ui)?;
        if let (Err(failure), false) = (Client::new(&config.endpoint), ui.quiet) {
            ui.note(&text::BEFORE_SENDING, failure.message(ui.lang));
            ui.note(&text::NOTE, failure.help(ui.lang));
        }
        Ok(if stopped { Exit::Guard } else { Exit::Done })
    }

    /// Transforms, and divides the payload as it comes; a broken one is told only if there is a set at all.
    fn divided(
        &self,
        key: Option<&Key>,
        inspection: &mut Inspection<'_>,
    ) -> Result<(Transformed, Vec<Hashed>)> {
        let most = self.sync.config.endpoint.max_records_per_request;
        // without a key there are no hashes to show, but the requests are the same
        let (bodies, shown) = (key.map_or_else(Key::random, |key| Ok(key.clone()))?.bodies(), key.is_some());
        let (reader, mut writer) = io::pipe().map_err(|error| Failure::internal(error.kind()))?;
        thread::scope(|scope| {
            let reader = io::BufReader::with_capacity(1 << 16, reader);
            let dividing =
                scope.spawn(move || divide(reader, most, &bodies, &mut |element| inspection.look(element)));
            let mut length = 0_u64;
            let transformed = self.transform(key, |piece| {
                length = length.saturating_add(piece.len() as u64);
                // a reader that has given up says why in the end
                let _ = writer.write_all(piece);
                Ok(())
            });
            drop(writer);
            let parts = dividing.join().map_err(|_| Failure::internal("dividing the payload"))?;
            let transformed = transformed?;
            if transformed.ended.status != Status::Ok {
                return Ok((transformed, Vec::new()));
            }
            let parts = parts?;
            are_all(&parts, length, transformed.ended.summary.accepted)?;
            let parts = parts.into_iter().map(|(part, hash)| (part, Some(hash).filter(|_| shown)));
            Ok((transformed, parts.collect()))
        })
    }
}

impl Plan {
    fn new(endpoint: &Endpoint, parts: Vec<Hashed>, stopped: bool) -> Self {
        let planned = |(part, hash): Hashed| Planned {
            records: part.records,
            bytes: part.body_length(),
            hash,
            headers: headers(endpoint, &part),
        };
        Self {
            method: send::METHOD.to_string(),
            url: endpoint.url.to_string(),
            proxy: endpoint.proxy.as_ref().map(ToString::to_string),
            requests: parts.into_iter().map(planned).collect(),
            stopped,
        }
    }

    /// Says it to people: the headers of the first request stand for all, but for the length.
    pub(super) fn print(&self, ui: Ui) -> Result<()> {
        let mut facts = table();
        facts.add_row([ui.say(&text::DESTINATION), &format!("{} {}", self.method, self.url)]);
        facts.add_row([ui.say(&text::PROXY), self.proxy.as_deref().unwrap_or(ui.say(&text::NO_PROXY))]);
        let headers = self.requests.first().map(|request| request.headers.as_slice()).unwrap_or_default();
        let own = headers.iter().filter(|(name, _)| name != "content-length" || self.requests.len() == 1);
        for (row, (name, value)) in own.enumerate() {
            let label = if row == 0 { ui.say(&text::HEADERS) } else { "" };
            facts.add_row([label, &format!("{name}: {value}")]);
        }
        facts.add_row([ui.say(&text::REQUESTS), &self.requests.len().to_string()]);
        ui.print(facts.trim_fmt())?;
        let mut requests = table();
        let head = [&text::REQUEST, &text::RECORDS, &text::BYTES, &text::BODY_HASH];
        requests.set_header(head.map(|text| ui.say(text)));
        for (number, Planned { records, bytes, hash, .. }) in (1_u64..).zip(&self.requests) {
            requests.add_row([
                number.to_string(),
                records.to_string(),
                bytes.to_string(),
                hash.clone().unwrap_or_else(|| "-".to_owned()),
            ]);
        }
        align_right(&mut requests, &[0, 1, 2]);
        ui.print(requests.trim_fmt())?;
        ui.print(ui.say(if self.stopped { &text::REHEARSED_STOPPED } else { &text::REHEARSED }))
    }
}

/// Everything that stands in the head of a request.
fn headers(endpoint: &Endpoint, share: &Part) -> Vec<(String, String)> {
    let mut headers = send::headers(HeaderValue::from_static(MASKED), share);
    headers.insert(USER_AGENT, HeaderValue::from_static(send::USER_AGENT));
    let port = endpoint.url.port().map_or_else(String::new, |port| format!(":{port}"));
    let host = format!("{}{port}", endpoint.url.host_str().unwrap_or_default());
    headers.extend(HeaderValue::from_str(&host).ok().map(|host| (HOST, host)));
    let shown = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let mut shown: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect();
    shown.sort();
    shown
}
