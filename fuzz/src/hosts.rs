//! The same case in the module under wasmtime.

#![expect(clippy::expect_used, reason = "a fuzz target says by a panic that a promise is broken")]

use std::sync::LazyLock;

use pmh_runner::module::{Module, Output, Status};

use crate::{Case, check};

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::embedded().expect("the module"));

/// Both hosts give the same bytes, and the module doesn't trap.
pub(crate) fn agree(case: &Case) {
    let native = check::pushed(case, &[&case.input]);
    let (mut payload, mut report) = (Vec::new(), Vec::new());
    let mut take = |output: Output<'_>| {
        payload.extend_from_slice(output.payload);
        report.extend_from_slice(output.report);
        output.status
    };
    let mut session = MODULE.session_with(&case.profile, &case.options).expect("a session");
    let status = take(session.output().expect("outputs"));
    assert_eq!(status == Status::Ok, native.opened.is_some(), "one host refuses profile or options");
    if status == Status::Ok {
        for piece in case.input.chunks(usize::from(case.cuts).max(1)) {
            assert_eq!(take(session.push(piece).expect("a push")), Status::Ok);
        }
        assert_eq!(take(session.finish().expect("an end")), Status::Ok);
    }
    assert!(payload == native.payload, "another payload");
    assert!(report == native.report, "another report");
}
