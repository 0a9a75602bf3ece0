//! Protects this process before it touches a record or the token.
//!
//! It could end with success and still harm somebody: a core dump or another process of the same user shows the token;
//! an environment variable changes whom TLS trusts, or passes the token on to a program that `pmh` starts. So core dumps
//! are switched off, the process can't be attached to, and such variables are removed, all before a thread exists.

use std::{
    env,
    ffi::OsString,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::failure::Words;

/// Variables that libraries read and that would change whom TLS trusts or write down its keys.
const IGNORED: [&str; 3] = ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"];

/// Set if one of them could not be removed.
static REDIRECTED: AtomicBool = AtomicBool::new(false);

/// Protects the process. The first thing that the program does.
pub(crate) fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // refused in some containers: `pmh doctor` says so, and a run is worth more than the protection
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
    for name in IGNORED {
        take_variable(name);
    }
    // only there does the system's trust depend on them
    let is_left = cfg!(target_os = "linux") && IGNORED.iter().any(|name| env::var_os(name).is_some());
    REDIRECTED.store(is_left, Ordering::Relaxed);
}

/// The protection that is missing.
pub(crate) fn unprotected() -> Option<Words> {
    #[cfg(unix)]
    if rustix::process::getrlimit(rustix::process::Resource::Core).current != Some(0) {
        return Some(Words::from("RLIMIT_CORE"));
    }
    #[cfg(target_os = "linux")]
    if rustix::process::dumpable_behavior() != Ok(rustix::process::DumpableBehavior::NotDumpable) {
        return Some(Words::from("PR_SET_DUMPABLE"));
    }
    None
}

/// Whether a variable that changes whom TLS trusts could not be removed.
pub(crate) fn trust_is_redirected() -> bool {
    REDIRECTED.load(Ordering::Relaxed)
}

/// Removes a variable from the environment, so that no child process inherits it, and gives its value. Once there are
/// threads the variable stays: removing it would be a data race with anything that reads the environment.
pub(crate) fn take_variable(name: &str) -> Option<OsString> {
    let value = env::var_os(name)?;
    if is_single_threaded() {
        #[expect(unsafe_code, reason = "the only way to remove a variable; the check above is its condition")]
        // SAFETY: the environment must not be accessed by another thread meanwhile. There is none.
        unsafe {
            env::remove_var(name);
        }
    }
    Some(value)
}

/// Whether this is the only thread; where that can't be known, it is assumed that there are others.
fn is_single_threaded() -> bool {
    if cfg!(target_os = "linux") {
        std::fs::read_dir("/proc/self/task").is_ok_and(|tasks| tasks.count() == 1)
    } else {
        // there the call is thread-safe by itself
        cfg!(windows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test's own process has threads, so a variable must survive: removing it would be undefined behaviour.
    #[cfg(target_os = "linux")]
    #[test]
    fn with_threads_a_variable_is_read_and_stays() {
        assert!(!is_single_threaded());
        assert_eq!(take_variable("PATH"), env::var_os("PATH"));
        assert!(env::var_os("PATH").is_some());
    }
}
