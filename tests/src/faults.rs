//! The faults that the tests inject into `pmh sync`: what, how often, and how to do it again.
//!
//! `docs/testing.md` shows this table. A test that injects a fault counts it and ends with [`tell`], which fails where the
//! count is another one than the table's: the document can't promise what the tests don't do.

use std::{env, fmt::Write as _, io::Write as _};

/// A kind of fault.
#[derive(Clone, Copy)]
pub struct Fault {
    /// The name by which tests count it.
    pub name: &'static str,
    /// What is done to the program.
    pub what: &'static str,
    /// How often in each test run.
    pub each_run: u64,
    /// The variable that asks for another number, and a number worth asking for.
    pub variable: Option<(&'static str, u64)>,
    /// The test that injects it, as `cargo test --workspace` takes it.
    pub test: &'static str,
}

const fn fault(name: &'static str, what: &'static str, each_run: u64, test: &'static str) -> Fault {
    Fault { name, what, each_run, variable: None, test }
}

const fn ask(variable: &'static str, number: u64, fault: Fault) -> Fault {
    Fault { variable: Some((variable, number)), ..fault }
}

/// How often each answer comes unless `PMH_ANSWERS` says otherwise.
const ANSWERS: u64 = 2;

const fn answer(name: &'static str, what: &'static str) -> Fault {
    ask("PMH_ANSWERS", 20, fault(name, what, ANSWERS, "--test faults network"))
}

/// All of them.
pub const FAULTS: &[Fault] = &[
    answer("refused", "PMH refuses: 400, 401, 403, 404, a redirect; each"),
    answer("failed", "PMH fails: 429, 500, 502, 503, 503 with `Retry-After`; each"),
    answer("cut before the body", "the connection is cut before the body is read"),
    answer("cut during the body", "the connection is cut in the middle of the body"),
    answer("cut after the body", "the connection is cut after PMH accepted the set"),
    answer("garbage", "PMH answers what isn't its answer"),
    answer("hanging", "PMH takes the body and never answers"),
    answer("late", "PMH accepts the set, and answers after the time for it is over"),
    answer("nobody there", "nothing listens at the endpoint"),
    fault("killed at a step", "`kill -9` at each labelled step", 9, "--test crash killed_at_each_step"),
    ask(
        "PMH_KILLS",
        200,
        fault(
            "killed at random",
            "`kill -9` at a random moment, PMH failing in between",
            24,
            "--test crash killed_at_random",
        ),
    ),
    fault(
        "full disk",
        "ledger and spool on a disk that fills up, page by page",
        40,
        "--test faults disk::full",
    ),
    fault("full file", "no file may grow as long as the payload", 4, "--test faults disk::limited"),
    fault("truncated ledger", "the ledger cut off, at any length", 12, "--test faults damage::truncated"),
    fault(
        "scribbled ledger",
        "bytes of the ledger overwritten anywhere",
        24,
        "--test faults damage::scribbled",
    ),
    fault("at once", "`pmh sync` started several times at once", 15, "--test faults crowd"),
    fault(
        "clock set back",
        "the clock set back between two runs, by a minute up to years",
        6,
        "--test faults clock",
    ),
    ask(
        "PMH_STEPS",
        1_000_000,
        fault(
            "steps of the model",
            "steps of runs, answers and crashes, the ledger compared with a model after each",
            100_000,
            "--test faults model",
        ),
    ),
    ask(
        "PMH_RECORDS",
        1_000_000,
        fault(
            "records under load",
            "records in one run whose sending is cut and killed in the middle",
            20_000,
            "--test faults load",
        ),
    ),
];

/// How often this fault is to be injected: as the table says, or as the environment asks.
///
/// # Panics
///
/// Where the table has no such fault, or the environment no number.
#[must_use]
#[expect(clippy::panic, reason = "a test that counts what the table doesn't know must fail")]
pub fn wanted(name: &str) -> u64 {
    let Some(fault) = FAULTS.iter().find(|fault| fault.name == name) else { panic!("no fault {name}") };
    let variable = fault.variable.map(|(variable, _)| variable);
    let asked = variable.and_then(env::var_os);
    asked.map_or(fault.each_run, |asked| match asked.to_str().and_then(|number| number.parse().ok()) {
        Some(number) => number,
        None => panic!("{} is not a number", variable.unwrap_or_default()),
    })
}

/// Prints how often a fault was injected, once the test has found that nothing was lost.
///
/// # Panics
///
/// Where that isn't what the table or the environment says.
#[expect(clippy::print_stdout, reason = "the counts of a test")]
pub fn tell(name: &str, injected: u64) {
    assert_eq!(injected, wanted(name), "{name}: injected as often as docs/testing.md says");
    println!("{name}: {injected}, nothing lost");
}

/// Says that a test can't check something on this machine. Past the test's captured output, so that it is seen, and `cargo xtask test` counts it as skipped.
pub fn skip(name: &str, why: &str) {
    // where standard error is gone nobody is left to be told
    let _ = writeln!(std::io::stderr(), "\nskipped: {name}: {why}");
}

/// The table as the document has it.
#[must_use]
pub fn table() -> String {
    let mut out = String::from("| fault | in each test run | lost | repeat with |\n|---|---|---|---|\n");
    for Fault { what, each_run, variable, test, .. } in FAULTS {
        let more = variable.map_or_else(String::new, |(variable, number)| format!("{variable}={number} "));
        let command = format!("{more}cargo test --workspace {test} -- --nocapture");
        // writing into a text can't fail
        let _ = writeln!(out, "| {what} | {each_run} | nothing | `{command}` |");
    }
    out
}
