//! A trap on request: with it the hosts' tests show that the module's end is no host's end.
//!
//! Only a module that is built with the feature `test-trap` does it, and none such is ever handed out: `tests/tests/trap.rs`.

/// What asks for the trap, anywhere in a piece of input.
const MARK: &[u8] = b"pmh-test-trap";

/// Traps where the piece asks for it, as a panic of the module would, in the middle of a call.
pub(crate) fn if_asked_for(piece: &[u8]) {
    if cfg!(feature = "test-trap") && piece.windows(MARK.len()).any(|window| window == MARK) {
        std::process::abort();
    }
}
