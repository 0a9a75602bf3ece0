//! The host against the module it carries, and against modules that misbehave.

use super::*;

/// A module that keeps the contract's form; tests replace a part of it.
pub(super) const FAKE: &str = r#"(module
    (memory (export "memory") 1)
    (func (export "pmh_abi_version") (result i32) i32.const 1)
    (func (export "pmh_alloc") (param i32) (result i32) i32.const 1024)
    (func (export "pmh_free") (param i32 i32))
    (func (export "pmh_open") (param i32 i32 i32 i32) (result i32) i32.const 1)
    (func (export "pmh_status") (param i32) (result i32) i32.const 0)
    (func (export "pmh_push") (param i32 i32 i32) (result i32) i32.const 0)
    (func (export "pmh_finish") (param i32) (result i32) i32.const 0)
    (func (export "pmh_reset") (param i32) (result i32) i32.const 0)
    (func (export "pmh_output_ptr") (param i32 i32) (result i32) i32.const 0)
    (func (export "pmh_output_len") (param i32 i32) (result i32) i32.const 0))"#;

fn options() -> Options {
    Options {
        mode: Mode::Records,
        as_of: "2026-04-01".to_owned(),
        lang: Lang::En,
        input: Form::Ndjson,
        payload: true,
        stage: Stage::Whole,
        usage: false,
        documents: Documents::default(),
        acknowledged: AcknowledgedOptions::default(),
    }
}

fn load(text: &str, limits: Limits) -> Result<Module> {
    Module::from_bytes(&wat::parse_str(text).unwrap(), limits)
}

/// The message with which a fake fails to load.
fn unfit(from: &str, to: &str) -> String {
    let failure = load(&FAKE.replace(from, to), Limits::default()).err().unwrap();
    assert_eq!(failure.rule.code, "PMH6401");
    failure.message(Lang::En)
}

/// The failure of a push whose body is this.
fn push_fails(body: &str, limits: Limits) -> Failure {
    let text = FAKE.replace(
        r#""pmh_push") (param i32 i32 i32) (result i32) i32.const 0"#,
        &format!(r#""pmh_push") (param i32 i32 i32) (result i32) {body}"#),
    );
    let mut session = load(&text, limits).unwrap().session(b"{}", &options()).unwrap();
    let failure = session.push(b"x").unwrap_err();
    assert_eq!(
        session.push(b"x").unwrap_err().rule.code,
        "PMH6405",
        "a session must be dead after a failure"
    );
    failure
}

#[test]
fn only_modules_for_this_host_are_taken() {
    let other = unfit(
        "(result i32) i32.const 1)\n    (func (export \"pmh_alloc",
        "(result i32) i32.const 2)\n    (func (export \"pmh_alloc",
    );
    assert!(other.contains("its ABI has version 2, this program needs version 1"), "{other}");
    let import = unfit("(module", r#"(module (import "wasi_snapshot_preview1" "fd_write" (func))"#);
    assert!(import.contains("it imports wasi_snapshot_preview1.fd_write"), "{import}");
    let missing = unfit(r#"(export "memory")"#, "");
    assert!(missing.contains("it does not export memory"), "{missing}");
    let greedy = unfit(r#"(memory (export "memory") 1)"#, r#"(memory (export "memory") 9000)"#);
    assert!(greedy.contains("memory"), "{greedy}");
    assert_eq!(Module::from_bytes(b"no module", Limits::default()).err().unwrap().rule.code, "PMH6401");
}

/// A module from before there was a second run does without; one that says what is not in the contract is no better for it.
#[test]
fn a_second_run_is_optional() {
    let located = |module: &str| {
        let mut session = load(module, Limits::default()).unwrap().session(b"{}", &options()).unwrap();
        session.finish().unwrap();
        session.locate().map_err(|failure| failure.rule.code)
    };
    let answering = |answer: &str| {
        let export = format!(r#"(module (func (export "pmh_locate") (param i32) (result i32) {answer})"#);
        located(&FAKE.replacen("(module", &export, 1))
    };
    assert_eq!(located(FAKE), Ok(false));
    assert_eq!(answering("i32.const 0"), Ok(true));
    assert_eq!(answering("i32.const 3"), Ok(false));
    assert_eq!(answering("i32.const 6"), Ok(false));
    assert_eq!(answering("i32.const 7"), Err("PMH6405"));
    assert_eq!(answering("unreachable"), Err("PMH6402"));
}

/// What a module could ask of its host beside calls: everything is refused before a record is read.
#[test]
fn nothing_from_outside_and_nothing_too_large_is_given() {
    let memory = r#"(memory (export "memory") 1)"#;
    for import in [
        r#"(import "env" "memory" (memory 1))"#,
        r#"(import "env" "table" (table 1 funcref))"#,
        r#"(import "env" "global" (global i32))"#,
    ] {
        assert!(unfit("(module", &format!("(module {import}")).contains("it imports env."), "{import}");
    }
    let declined = [
        // an oversized memory or table, or more of them
        r#"(memory (export "memory") 4097)"#.to_owned(),
        format!("{memory}(table 100001 funcref)"),
        format!("{memory}(memory 1)"),
        format!("{memory}{}", "(table 1 funcref)".repeat(5)),
        // memory that threads share
        r#"(memory (export "memory") 1 1 shared)"#.to_owned(),
        // a start that recurses without end, or traps
        format!("{memory}(func $start call $start)(start $start)"),
        format!("{memory}(func $start unreachable)(start $start)"),
    ];
    for other in &declined {
        let message = unfit(memory, other);
        assert!(message.len() < 2000 && !message.contains('\n'), "{message}");
    }
    let limits = Limits { call: Duration::from_millis(300), ..Limits::default() };
    let endless = FAKE.replace(memory, &format!("{memory}(func $start (loop (br 0)))(start $start)"));
    assert_eq!(load(&endless, limits).err().unwrap().rule.code, "PMH6401");
}

#[test]
fn a_place_outside_the_memory_is_never_written_to() {
    for place in ["65536", "65535", "-1", "-2147483648"] {
        let text = FAKE.replace("i32.const 1024", &format!("i32.const {place}"));
        let failure = load(&text, Limits::default()).unwrap().session(b"{}", &options()).err().unwrap();
        assert_eq!(failure.rule.code, "PMH6405", "{place}");
    }
}

#[test]
fn a_runaway_is_ended() {
    let limits = Limits { call: Duration::from_millis(300), ..Limits::default() };
    assert_eq!(push_fails("(loop (br 0)) i32.const 0", limits).rule.code, "PMH6403");
}

#[test]
fn memory_has_a_limit() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let grow = "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then unreachable)) i32.const 0";
    let failure = push_fails(grow, limits);
    assert_eq!((failure.rule.code, failure.message(Lang::En).contains("1 MiB")), ("PMH6404", true));
}

#[test]
fn a_trap_is_a_bug_and_ends_the_session() {
    assert_eq!(push_fails("unreachable", Limits::default()).rule.code, "PMH6402");
    assert_eq!(push_fails("i32.const 4", Limits::default()).rule.code, "PMH6405");
}

#[test]
fn an_output_outside_the_memory_is_refused() {
    for (pointer, length) in [(0, -1), (0, 65_537), (65_536, 1), (-1, 1), (-1, -1), (1, 65_536)] {
        let output = |name: &str| format!(r#""pmh_output_{name}") (param i32 i32) (result i32) i32.const "#);
        let text = FAKE
            .replace(&format!("{}0", output("ptr")), &format!("{}{pointer}", output("ptr")))
            .replace(&format!("{}0", output("len")), &format!("{}{length}", output("len")));
        let session = load(&text, Limits::default()).unwrap().session(b"{}", &options()).unwrap();
        assert_eq!(session.output().unwrap_err().rule.code, "PMH6405", "{pointer} {length}");
    }
}

#[test]
fn the_sample_is_transformed_the_same_in_any_pieces() {
    let profile = include_bytes!("../../templates/profile.json");
    let records = include_bytes!("../../templates/records.ndjson");
    let module = Module::embedded().unwrap();
    let mut session = module.session(profile, &options()).unwrap();
    let mut whole = |size: usize| {
        let (mut payload, mut report) = (Vec::new(), Vec::new());
        let mut take = |output: Output<'_>| {
            assert_eq!(output.status, Status::Ok);
            payload.extend_from_slice(output.payload);
            report.extend_from_slice(output.report);
        };
        take(session.reset().unwrap());
        for piece in records.chunks(size) {
            take(session.push(piece).unwrap());
        }
        take(session.finish().unwrap());
        (String::from_utf8(payload).unwrap(), String::from_utf8(report).unwrap())
    };
    let (payload, report) = whole(records.len());
    assert_eq!(whole(7), (payload.clone(), report.clone()));
    assert!(payload.starts_with(r#"[{"myNumber":""#) && payload.ends_with("}]"), "{payload}");
    assert!(report.starts_with(r#"{"summary":{"read":3,"accepted":3,"#), "{report}");
}

/// Bytes of memory that a session's instance has, before and after so many runs of these pieces.
fn grown(session: &mut Session, pieces: &[&[u8]], runs: usize) -> (usize, usize) {
    let mut sizes = Vec::new();
    for times in [runs.div_ceil(50), runs] {
        for _ in 0..times {
            session.reset().unwrap();
            for piece in pieces {
                assert_eq!(session.push(piece).unwrap().status, Status::Ok);
            }
        }
        sizes.push(session.running.memory.data_size(&session.running.store));
    }
    (sizes[0], sizes[1])
}

#[test]
fn a_million_small_calls_and_a_thousand_large_ones_leave_memory_as_it_was() {
    let records = include_bytes!("../../templates/records.ndjson");
    let mut session = Module::embedded()
        .unwrap()
        .session(include_bytes!("../../templates/profile.json"), &options())
        .unwrap();
    // each push is three calls: itself, and where its two outputs lie
    let small: Vec<&[u8]> = records.chunks(1).collect();
    let (early, late) = grown(&mut session, &small, 1_000_000 / small.len() + 1);
    assert_eq!(early, late);
    let large = records.repeat(256 * 1024 / records.len());
    let (early, late) = grown(&mut session, &[&large], 1_000);
    assert_eq!(early, late);
}

#[test]
fn eight_threads_give_the_same_bytes() {
    let module = Module::embedded().unwrap();
    let run = || {
        let profile = include_bytes!("../../templates/profile.json");
        let mut session = module.session(profile, &options()).unwrap();
        let mut written = Vec::new();
        for piece in include_bytes!("../../templates/records.ndjson").chunks(97) {
            written.extend_from_slice(session.push(piece).unwrap().payload);
        }
        let end = session.finish().unwrap();
        written.extend_from_slice(end.payload);
        written.extend_from_slice(end.report);
        String::from_utf8(written).unwrap()
    };
    let expected = run();
    thread::scope(|scope| {
        let threads = [(); 8].map(|()| scope.spawn(|| [run(), run()]));
        for thread in threads {
            assert_eq!(thread.join().unwrap(), [expected.clone(), expected.clone()]);
        }
    });
}

#[test]
fn mistakes_in_profile_and_options_are_reported_not_failed() {
    let module = Module::embedded().unwrap();
    let profile = include_bytes!("../../templates/profile.json");
    for (profile, options, status) in [
        (&b"{}"[..], &br#"{"asOf":"2026-04-01"}"#[..], Status::Profile),
        (&profile[..], b"{}", Status::Options),
    ] {
        let mut session = module.session_with(profile, options).unwrap();
        let output = session.output().unwrap();
        assert_eq!(output.status, status);
        assert!(output.report.starts_with(br#"{"code":"PMH9"#), "{:?}", std::str::from_utf8(output.report));
        assert_eq!(session.push(b"[]").unwrap().status, Status::Order);
    }
}
