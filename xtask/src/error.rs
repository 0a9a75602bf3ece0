//! What can go wrong, with the one command that mends it where there is one.

use std::fmt;

/// Why a step failed.
pub struct Error {
    message: String,
    command: Option<String>,
}

/// What the steps of this crate give.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error that no single command mends.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), command: None }
    }

    /// Names the one command that brings what is missing.
    #[must_use]
    pub fn mended_by(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// For `map_err`: says what was being done when `cause` happened.
    pub fn while_doing<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> Self {
        move |cause| Self::new(format!("{what}: {cause}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        match &self.command {
            Some(command) => write!(formatter, "\n  this brings it: {command}"),
            None => Ok(()),
        }
    }
}

/// The same text as [`fmt::Display`]: it is what `main` prints for an error.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::Error;

    #[test]
    fn the_command_stands_on_a_line_of_its_own() {
        let error = Error::new("no linker").mended_by("apt-get install lld");
        assert_eq!(error.to_string(), "no linker\n  this brings it: apt-get install lld");
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}
