//! The module ends in the middle of a call: the host says so with its own code, and the next session is sound.
//!
//! The module is the real one, built to trap on request (`wasm/src/trap.rs`). What is handed out does no such thing.

use std::fs;

use pmh_runner::{
    failure::Failure,
    module::{EMBEDDED, Limits, Module, Output, Session},
};
use pmh_tests::{Outcome, Result, Vector, pmh, root};
use pmh_xtask::{build_trap_module, find_wasm_toolchain};

/// What asks for the trap.
const MARK: &str = "pmh-test-trap";

/// A clean vector, and the same records with the mark in a place that the profile doesn't read.
fn records() -> Result<(Vector, String)> {
    let vector = Vector::read(&root().join("vectors/001-clean-kosei.json"))?;
    let text = String::from_utf8(vector.input.bytes()?)?;
    let marked = text.replacen('{', &format!("{{\"備考\":\"{MARK}\","), 1);
    Ok((vector, marked))
}

/// What a whole run writes.
fn run(session: &mut Session, input: &[u8]) -> std::result::Result<Outcome, Failure> {
    let mut outcome = Outcome { payload: Vec::new(), report: Vec::new() };
    let mut take = |output: Output<'_>| {
        outcome.payload.extend_from_slice(output.payload);
        outcome.report.extend_from_slice(output.report);
    };
    take(session.output()?);
    take(session.push(input)?);
    take(session.finish()?);
    Ok(outcome)
}

#[test]
fn a_trap_ends_its_session_alone() -> Result<()> {
    let (vector, marked) = records()?;
    let expected = vector.expected()?;
    let built = build_trap_module(&find_wasm_toolchain()?)?;
    let module = Module::from_bytes(&fs::read(built)?, Limits::default())?;
    let open = || -> Result<Session> {
        Ok(module.session_with(&vector.profile_bytes()?, &vector.options_bytes()?)?)
    };
    let (mut session, mut other) = (open()?, open()?);

    let trapped = run(&mut session, marked.as_bytes()).err().ok_or("it did not trap")?;
    assert_eq!(trapped.rule.code, "PMH6402");
    assert!(!format!("{trapped:?}").contains("123456789018"), "a record's value: {trapped:?}");
    let dead = session.finish().err().ok_or("the instance went on")?;
    assert_eq!(dead.rule.code, "PMH6405");

    for sound in [&mut other, &mut open()?] {
        assert_eq!(run(sound, &vector.input.bytes()?)?, expected);
    }
    Ok(())
}

#[test]
fn the_program_says_that_it_is_a_bug_and_shows_no_value() -> Result<()> {
    let (vector, marked) = records()?;
    let folder = tempfile::tempdir()?;
    let built = build_trap_module(&find_wasm_toolchain()?)?;
    fs::write(folder.path().join("profile.json"), vector.profile_bytes()?)?;
    let transform = |records: &[u8]| -> Result<pmh::Done> {
        fs::write(folder.path().join("records.json"), records)?;
        let module = ["--module".as_ref(), built.as_os_str()];
        let rest =
            "transform --profile profile.json --as-of 2026-11-22 --input records.json --output payload.json";
        pmh::run_in(folder.path(), rest.split(' ').map(AsRef::as_ref).chain(module))
    };
    let done = transform(marked.as_bytes())?;
    assert_eq!(done.code, 70, "{done:?}");
    assert!(done.stderr.contains("PMH6402"), "{done:?}");
    assert!(!format!("{done:?}").contains("123456789018"), "{done:?}");
    assert!(!folder.path().join("payload.json").exists(), "half a payload was left");

    let done = transform(&vector.input.bytes()?)?;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(fs::read(folder.path().join("payload.json"))?, vector.expected()?.payload);
    Ok(())
}

#[test]
fn the_module_that_is_handed_out_has_no_such_trap() -> Result<()> {
    let (vector, marked) = records()?;
    let module = Module::from_bytes(EMBEDDED, Limits::default())?;
    let mut session = module.session_with(&vector.profile_bytes()?, &vector.options_bytes()?)?;
    assert_eq!(run(&mut session, marked.as_bytes())?, vector.expected()?);
    Ok(())
}
