//! The access token: from a file or an environment variable to one header, and nowhere else.
//!
//! It must never be shown: not by `Debug`, not in a message. Its memory is cleared after use.

use std::{env, fmt, fs, io, path::Path};

use pmh_core::rules;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::{
    config::TokenSource,
    failure::{Failure, Result, Words},
};

/// The token that PMH handed out.
pub struct Token(Zeroizing<String>);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Fetches the token from where it is kept.
    ///
    /// # Errors
    ///
    /// `PMH6206` where there is none or it can't be one, `PMH6207` where others can read its file.
    pub fn load(source: &TokenSource) -> Result<Self> {
        match source {
            TokenSource::File(path) => private(path)
                .and_then(|()| fs::read_to_string(path).map_err(|error| missing(path, &error)))
                .and_then(|text| Self::parse(&Zeroizing::new(text), &path.display().to_string())),
            // systemd keeps these from other users by itself, whatever their mode says
            TokenSource::Credential(name) => {
                let folder = env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    let words = Words::new(
                        "$CREDENTIALS_DIRECTORY is not set: not started by systemd with LoadCredential",
                        "$CREDENTIALS_DIRECTORY が設定されていません(systemdの LoadCredential で起動されていません)",
                    );
                    Failure::new(&rules::TOKEN_MISSING, words)
                })?;
                let path = Path::new(&folder).join(name);
                let text = fs::read_to_string(&path).map_err(|error| missing(&path, &error))?;
                Self::parse(&Zeroizing::new(text), name)
            }
            TokenSource::Variable(name) => {
                let text = env::var(name).map_err(|_| {
                    let words = Words::new(
                        format!("the environment variable {name} is not set"),
                        format!("環境変数 {name} が設定されていません"),
                    );
                    Failure::new(&rules::TOKEN_MISSING, words)
                })?;
                Self::parse(&Zeroizing::new(text), name)
            }
        }
    }

    fn parse(text: &str, place: &str) -> Result<Self> {
        let token = text.trim();
        let words = if token.is_empty() {
            Words::new(format!("{place} is empty"), format!("{place} が空です"))
        } else if token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(Zeroizing::new(token.to_owned())));
        } else {
            Words::new(
                format!("{place} holds something else than one word of visible ASCII characters"),
                format!("{place} に、空白や改行を含まない半角英数記号のトークン以外のものが書かれています"),
            )
        };
        Err(Failure::new(&rules::TOKEN_MISSING, words))
    }

    /// `Bearer …`, marked so that nothing logs it.
    ///
    /// # Errors
    ///
    /// `PMH6405`; what [`Token::load`] lets through always fits.
    pub fn header(&self) -> Result<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.0.as_str()));
        let mut header = HeaderValue::from_str(&text).map_err(|_| Failure::internal("token"))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

fn missing(path: &Path, error: &io::Error) -> Failure {
    Failure::file(&rules::TOKEN_MISSING, path, error)
}

/// A file with a secret must be readable by its owner alone.
///
/// # Errors
///
/// `PMH6207` where it isn't, `PMH6206` where there is no such file.
pub fn private(path: &Path) -> Result<()> {
    let metadata = fs::metadata(path).map_err(|error| missing(path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Failure::new(&rules::SECRET_EXPOSED, path.display()));
        }
    }
    if metadata.is_file() { Ok(()) } else { Err(missing(path, &io::ErrorKind::IsADirectory.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_file_must_be_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let source = TokenSource::File(path.clone());
        assert_eq!(Token::load(&source).unwrap_err().rule.code, "PMH6206");
        fs::write(&path, "s3cret\n").unwrap();
        for (mode, code) in [(0o644, Some("PMH6207")), (0o640, Some("PMH6207")), (0o600, None), (0o400, None)]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Token::load(&source).err().map(|failure| failure.rule.code), code, "{mode:o}");
        }
        assert_eq!(Token::load(&source).unwrap().header().unwrap(), "Bearer s3cret");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_showing_it() {
        for text in ["", " \n", "Bearer s3cret", "s3cret\nmore", "トークン"] {
            let failure = Token::parse(text, "token").unwrap_err();
            assert_eq!(failure.rule.code, "PMH6206");
            assert!(!failure.to_string().contains("s3cret"));
        }
        assert_eq!(format!("{:?}", Token::parse("s3cret", "token").unwrap()), "Token(…)");
    }
}
