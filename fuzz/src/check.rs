//! Runs a case natively, and checks what is true of every run.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a fuzz target says by a panic that a promise is broken"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use pmh_core::{Job, Mode, Options, Output, ReportFormat, Stage, Summary, rules};
use pmh_simulator::contract::Contract;
use serde_json::Value;

use crate::Case;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load().expect("the API's contract"));

/// Input up to this length is also pushed byte by byte.
const SHORT: usize = 600;

/// What came out, and what the session said of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) payload: Vec<u8>,
    pub(crate) report: Vec<u8>,
    /// What was asked for and counted; `None` where profile or options were refused.
    pub(crate) opened: Option<(Options, Summary)>,
}

/// Runs a case whole and in pieces, and checks everything that holds whatever the case is.
pub(crate) fn run(case: &Case) -> Run {
    let run = pushed(case, &[&case.input]);
    if run.opened.as_ref().is_some_and(|(options, _)| options.stage != Stage::Whole) {
        return run; // takes and gives shards, not inputs and payloads
    }
    assert!(run.opened.is_none() || run == shared(case), "several sessions give something else than one");
    assert!(run == pushed(case, &cut(&case.input, case.cuts)), "cuts change what comes out");
    if case.input.len() <= SHORT {
        let bytes: Vec<&[u8]> = case.input.chunks(1).collect();
        assert!(run == pushed(case, &bytes), "byte by byte something else comes out");
    }
    check(case, &run);
    run
}

/// Runs a case natively, its input in these pieces.
pub(crate) fn pushed(case: &Case, pieces: &[&[u8]]) -> Run {
    let job = match Job::from_json(&case.profile, &case.options) {
        Ok(job) => job,
        Err(invalid) => return Run { payload: Vec::new(), report: invalid.report(), opened: None },
    };
    let mut session = job.session();
    let mut out = Output::default();
    for piece in pieces {
        session.push(piece, &mut out);
    }
    let summary = session.finish(&mut out);
    Run { payload: out.payload, report: out.report, opened: Some((job.options().clone(), summary)) }
}

/// Runs a case that isn't refused by three sessions: one splits, one maps, one joins.
fn shared(case: &Case) -> Run {
    let session = |stage: &str| {
        let mut options: Value = serde_json::from_slice(&case.options).ok()?;
        options.as_object_mut()?.insert("stage".to_owned(), stage.into());
        let job = Job::from_json(&case.profile, options.to_string().as_bytes()).ok()?;
        Some((job.options().clone(), job.session()))
    };
    let (Some((_, mut split)), Some((_, mut map)), Some((options, mut join))) =
        (session("split"), session("map"), session("join"))
    else {
        return pushed(case, &[]);
    };
    let mut out = Output::default();
    let mut pass = |shard: &Output, out: &mut Output| {
        if !shard.payload.is_empty() {
            let mut mapped = Output { payload: shard.payload.clone(), ..Output::default() };
            map.push(&shard.payload, &mut mapped);
            join.push(&mapped.payload, out);
        }
    };
    for piece in cut(&case.input, case.cuts) {
        let mut shard = Output::default();
        split.push(piece, &mut shard);
        pass(&shard, &mut out);
    }
    let mut shard = Output::default();
    split.finish(&mut shard);
    pass(&shard, &mut out);
    let summary = join.finish(&mut out);
    let options = Options { stage: Stage::Whole, ..options };
    Run { payload: out.payload, report: out.report, opened: Some((options, summary)) }
}

/// Pieces of changing length; the same for the same number.
fn cut(input: &[u8], mut state: u16) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        state = state.wrapping_mul(25_173).wrapping_add(13_849);
        let longest = if state & 1 == 0 { 7 } else { 1 + rest.len() / 2 };
        let (piece, behind) = rest.split_at(rest.len().min(usize::from(state >> 4) % longest + 1));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// What the core wrote isn't refused when it is checked as a payload with the same severities.
pub(crate) fn reads_its_own_payload(case: &Case, run: &Run) {
    let Some((Options { mode: Mode::Records, payload: true, .. }, summary)) = &run.opened else { return };
    if summary.accepted == 0 {
        return;
    }
    let options = br#"{"asOf":"2026-11-22","mode":"payload","lang":"en"}"#.to_vec();
    let again = pushed(&Case { options, input: run.payload.clone(), ..case.clone() }, &[&run.payload]);
    let (_, checked) = again.opened.expect("the same profile");
    assert!(
        checked.complete && checked.accepted == summary.accepted && checked.rejected == 0,
        "a payload of the core's own is refused: {:?}",
        checked.by_code
    );
}

/// The report's findings, and its summary.
fn read(report: &[u8], format: ReportFormat) -> (Vec<Value>, Value) {
    let text = std::str::from_utf8(report).expect("a report in UTF-8");
    match format {
        ReportFormat::Ndjson => {
            assert!(text.ends_with('\n'), "the report's last line doesn't end");
            let mut lines: Vec<Value> =
                text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
            let mut last = lines.pop().expect("a summary");
            (lines, last["summary"].take())
        }
        ReportFormat::Json => {
            let mut whole: Value = serde_json::from_str(text).expect("a report in JSON");
            let findings = whole["findings"].as_array().expect("findings").clone();
            (findings, whole["summary"].take())
        }
    }
}

fn check(case: &Case, run: &Run) {
    let format = run.opened.as_ref().map_or_else(
        // a refusal comes in the form that was asked for, where that much was understood
        || if run.report.starts_with(b"{\"findings\"") { ReportFormat::Json } else { ReportFormat::Ndjson },
        |(options, _)| options.report,
    );
    let (findings, summary) = read(&run.report, format);
    let rejected = check_findings(&findings, &summary);
    let Some((options, counted)) = &run.opened else {
        assert!(
            run.payload.is_empty() && !findings.is_empty(),
            "a refusal without a reason, or with a payload"
        );
        return;
    };
    assert_eq!(summary, serde_json::to_value(counted).expect("a summary"), "two summaries");
    // where a record may give several payload elements, those are what is counted
    let profile = serde_json::from_slice::<Value>(&case.profile).unwrap_or_default();
    if profile.get("records").is_none() || options.mode == Mode::Payload {
        assert_eq!(counted.rejected, rejected, "rejected records and their errors");
    } else {
        assert!(counted.rejected >= rejected, "rejected elements and their errors");
    }
    assert_eq!(counted.read, counted.accepted + counted.excluded + counted.rejected, "records are lost");
    let by_scheme: u64 = counted.by_scheme.values().sum();
    if options.mode == Mode::Records && options.payload {
        let payload: Vec<Value> = serde_json::from_slice(&run.payload).expect("a payload in JSON");
        assert_eq!(payload.len() as u64, counted.accepted, "accepted and payload");
        assert_eq!(by_scheme, counted.accepted, "accepted and schemes");
        for element in &payload {
            assert_eq!(CONTRACT.fault(element), None, "an accepted record breaks the API's schema");
        }
    } else {
        assert!(run.payload.is_empty(), "a payload that nobody asked for");
        assert!(by_scheme <= counted.accepted, "more schemes than accepted records");
    }
}

/// Each finding is whole, and the summary counts them; how many records have errors.
fn check_findings(findings: &[Value], summary: &Value) -> u64 {
    static CODES: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| rules::all().map(|entry| entry.rule.code).collect());
    let mut by_code: BTreeMap<&str, u64> = BTreeMap::new();
    let mut warnings = 0_u64;
    let mut rejected = BTreeSet::new();
    for finding in findings {
        let code = finding["code"].as_str().expect("a code");
        assert!(CODES.contains(code), "a code that no rule has: {code}");
        *by_code.entry(code).or_default() += 1;
        let message = finding["message"].as_str().expect("a message");
        assert!(!message.is_empty() && !message.contains('\n'), "{code}: no message of one line");
        match finding["severity"].as_str().expect("a severity") {
            "warning" => warnings += 1,
            _ => rejected.extend(finding["record"].as_u64()),
        }
        if let Some(record) = finding["record"].as_u64() {
            assert!(Some(record) < summary["read"].as_u64(), "{code}: a record that wasn't read");
        }
    }
    assert_eq!(summary["byCode"], serde_json::to_value(&by_code).expect("counts"), "findings and byCode");
    assert_eq!(summary["warnings"], warnings, "warnings");
    rejected.len() as u64
}
