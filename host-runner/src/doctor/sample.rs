//! The records: how old, in which encoding, and what the module says of the first of them. No value is shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use chrono::Utc;
use indicatif::ProgressBar;
use pmh_core::rules::{self, Lang, Severity};

use super::{Examination, fine, options};
use crate::{
    acknowledged::Acknowledged,
    config::Config,
    failure::{Failure, Result, Words},
    guard,
    input::{self, Format, Input, Proof, Stamp},
    key::Key,
    module::{Form, Module, Options, Output},
    report::{Finding, Summary, retell},
    table::WINDOW,
    text, time,
    trust::{self, Role},
    ui::Ui,
};

/// How many records are looked at; of a JSON array as many as the bytes below hold.
const RECORDS: usize = 200;

/// How much of the input is read at most.
const BYTES: usize = 1 << 20;

/// Looks at the input; gives its size.
pub(super) fn examine(seen: &mut Examination, config: &Config, module: Option<&Module>, ui: Ui) -> u64 {
    let found = input::resolve(&config.input.path);
    let size =
        found.as_ref().ok().and_then(|path| fs::metadata(path).ok()).map_or(0, |metadata| metadata.len());
    let path = found.as_ref().ok().cloned();
    let readable = seen.note("input", &text::CHECK_INPUT, found.and_then(|path| readable(&path, config)));
    let Some(path) = path else {
        seen.skip("encoding", &text::CHECK_ENCODING);
        seen.skip("sample", &text::CHECK_SAMPLE);
        return size;
    };
    let known = seen.note("encoding", &text::CHECK_ENCODING, encoding(&path, config));
    match module {
        Some(module) if known && (readable || size > 0) => {
            seen.note("sample", &text::CHECK_SAMPLE, sample(&path, config, module, ui));
        }
        _ => seen.skip("sample", &text::CHECK_SAMPLE),
    }
    size
}

fn readable(path: &Path, config: &Config) -> Result<Words> {
    let unreadable = |error| Failure::file(&rules::FILE_UNREADABLE, path, &error);
    // ahead of opening it: a pipe would make this wait
    let stamp = Stamp::of(path)?;
    let metadata = File::open(path).and_then(|file| file.metadata()).map_err(unreadable)?;
    let changed = metadata.modified().map_err(unreadable)?.into();
    if let Some(old) = guard::too_old(changed, Utc::now(), &config.guard) {
        return Err(old);
    }
    if let Some(marker) = &config.input.ready {
        input::is_ready(marker, &stamp)?;
    }
    if let Some(file) = &config.input.sha256 {
        Proof::read(file, path)?;
    }
    let (shown, changed) = (path.display(), time::shown(changed));
    Ok(Words::new(
        format!("{shown}, {} bytes, changed {changed} (Japan)", metadata.len()),
        format!("{shown}、{} バイト、更新 {changed}", metadata.len()),
    ))
}

/// Compares the encoding of a table with the configured one.
fn encoding(path: &Path, config: &Config) -> Result<Words> {
    let shape = &config.input.shape;
    if !matches!(shape.format_of(path), Some(Format::Csv | Format::Fixed)) {
        return Ok(fine());
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(WINDOW as u64).read_to_end(&mut bytes))
        .map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))?;
    shape.encoding.check(&bytes)?;
    Ok(Words::from(shape.encoding.name()))
}

/// What the module says of the first records.
#[derive(Default)]
struct Seen {
    report: Vec<u8>,
    /// The end of the input was not reached.
    is_cut: bool,
}

/// Runs the first records through the module, as a run of today would, and counts.
fn sample(path: &Path, config: &Config, module: &Module, ui: Ui) -> Result<Words> {
    let profile = trust::read(&config.profile, Role::Deciding, &rules::FILE_UNREADABLE)?;
    let mut input = Input::open(path, &config.input.shape, &ProgressBar::hidden())?;
    let form = input.form();
    let load = |path: &PathBuf| Acknowledged::load(path, Key::read(&config.ledger)?.as_ref());
    let acknowledged = config.acknowledged.as_ref().map(load).transpose()?;
    let acknowledged = acknowledged.as_ref().map(Acknowledged::options).unwrap_or_default();
    let mut session = module.session(&profile, &Options { acknowledged, ..options(config, form, ui)? })?;
    let mut seen = Seen::default();
    let mut take = |output: Output<'_>| seen.report.extend_from_slice(output.report);
    take(session.output()?);
    let (mut piece, mut bytes, mut lines) = (vec![0; 1 << 14], 0, 0);
    let is_cut = loop {
        let count = input.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break false };
        let (part, ended) = first_lines(read, RECORDS - lines);
        let part = if form == Form::Ndjson { part } else { read };
        lines += part.split(|&byte| byte == b'\n').count().saturating_sub(1);
        bytes += part.len();
        take(session.push(part)?);
        if (form == Form::Ndjson && ended) || bytes >= BYTES {
            break true;
        }
        lines = if form == Form::Ndjson { lines } else { 0 };
    };
    take(session.finish()?);
    seen.is_cut = is_cut;
    judge(&seen, &input, config)
}

/// As many lines as these, and whether that was all of them.
fn first_lines(bytes: &[u8], most: usize) -> (&[u8], bool) {
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    match ends.nth(most.saturating_sub(1)) {
        Some(end) => (bytes.get(..end).unwrap_or(bytes), true),
        None => (bytes, false),
    }
}

#[derive(serde::Deserialize)]
struct Last {
    summary: Summary,
}

fn judge(seen: &Seen, input: &Input, config: &Config) -> Result<Words> {
    let unreadable = |_| Failure::internal("report of the sample");
    let mut lines: Vec<&[u8]> =
        seen.report.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).collect();
    let Last { summary } = serde_json::from_slice(lines.pop().unwrap_or_default()).map_err(unreadable)?;
    let mut records = BTreeSet::new();
    for line in lines {
        let mut finding: Finding = serde_json::from_slice(line).map_err(unreadable)?;
        if let Some(places) = input.places() {
            retell::by_place(&mut finding, &places, Lang::En);
        }
        // where the sample was cut, a record or the array has no end: that says nothing of the input
        let is_of_record = finding.record.is_some_and(|record| record < summary.read);
        if finding.severity == Severity::Error && (is_of_record || !seen.is_cut) {
            records.insert((finding.code, finding.record));
        }
    }
    let mut by_code = BTreeMap::<String, u64>::new();
    for (code, _) in records {
        *by_code.entry(code).or_default() += 1;
    }
    let Summary { read, accepted, excluded, rejected, .. } = summary;
    let codes: Vec<String> = by_code.iter().map(|(code, count)| format!("{code}: {count}")).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    let words = Words::new(
        format!("{read} read, {accepted} accepted, {excluded} excluded, {rejected} rejected{codes}"),
        format!("読み込み{read}件、送信対象{accepted}件、対象外{excluded}件、エラー{rejected}件{codes}"),
    );
    let is_broken = !seen.is_cut && !summary.complete;
    if rejected > config.guard.max_rejected || is_broken {
        return Err(Failure::new(&rules::SAMPLE_REJECTED, words));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_out() {
        assert_eq!(first_lines(b"a\nb\nc\n", 2), (&b"a\nb\n"[..], true));
        assert_eq!(first_lines(b"a\nb", 2), (&b"a\nb"[..], false));
    }
}
