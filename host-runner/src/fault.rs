//! Labelled places at which a test can end the program as `kill -9` does, or let it panic with data in its message. In a
//! release build there are none.

/// Ends the process here where `PMH_FAULT` names this place.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "a release build has no such places"))]
pub(crate) fn point(label: &str) {
    #[cfg(debug_assertions)]
    if std::env::var_os("PMH_FAULT").is_some_and(|named| named == label) {
        #[cfg(unix)]
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        std::process::abort();
    }
}

/// Takes memory here where `PMH_FAULT` is `memory`: more than a limited run may have, and not more than a machine bears.
pub(crate) fn take_memory() {
    #[cfg(debug_assertions)]
    if std::env::var_os("PMH_FAULT").is_some_and(|named| named == "memory") {
        let taken: Vec<Vec<u8>> = (0..200).map(|_| vec![1; 1 << 20]).collect();
        drop(std::hint::black_box(taken));
    }
}

/// Panics with these bytes in the message where `PMH_FAULT` is `panic`: whoever handles a panic must not show them.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "a release build has no such places"))]
pub(crate) fn panic_with(data: &[u8]) {
    #[cfg(debug_assertions)]
    {
        let asked = std::env::var_os("PMH_FAULT").is_some_and(|named| named == "panic");
        assert!(!asked, "{}", String::from_utf8_lossy(data));
    }
}

/// Whether `PMH_FAULT` names this: something that a test needs to be otherwise than on this machine.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "a release build has no such places"))]
pub(crate) fn is(label: &str) -> bool {
    #[cfg(debug_assertions)]
    return std::env::var_os("PMH_FAULT").is_some_and(|named| named == label);
    #[cfg(not(debug_assertions))]
    false
}
