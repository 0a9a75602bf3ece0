//! Who runs the program, as the operating system has it.

use crate::escape::printable;

/// The longest name that is kept, in characters.
const MOST: usize = 64;

/// Account, machine and process.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) user: String,
    pub(super) host: String,
    pub(super) process: u32,
}

impl Who {
    pub(super) fn is_me() -> Self {
        let short = |name: whoami::Result<String>| {
            printable(&name.unwrap_or_default()).chars().take(MOST).collect::<String>()
        };
        Self { user: short(whoami::username()), host: short(whoami::hostname()), process: std::process::id() }
    }
}
