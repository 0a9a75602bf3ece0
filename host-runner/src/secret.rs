//! The access token: from a file or an environment variable to one header, and nowhere else.
//!
//! It must never be shown: not by `Debug`, not in a message. The memory that this module holds it in is cleared after use;
//! during a request the HTTP client has copies of its own.
//!
//! It could end with success and still harm somebody: a program that `pmh` starts inherits the variable; a token pasted
//! in place of a variable's or file's name is echoed by the message that there is none.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

use pmh_core::rules;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::{
    config::TokenSource,
    failure::{Failure, Result, Words},
    process,
    trust::{self, Role},
};

/// The longest name of a variable or credential.
const MAX_NAME: usize = 64;

/// The longest name that is shown; tokens are longer.
const MAX_SHOWN: usize = 32;

/// Tokens taken out of the environment, by the name of their variable.
static TAKEN: Mutex<BTreeMap<String, Zeroizing<String>>> = Mutex::new(BTreeMap::new());

/// Takes the token out of the environment, so that no child process inherits it; [`Token::load`] finds it still. Called
/// once the configuration is known and before the first thread starts.
pub fn take_from_environment(source: &TokenSource) {
    let TokenSource::Variable(name) = source else { return };
    if let Some(Ok(value)) = process::take_variable(name).map(std::ffi::OsString::into_string) {
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        taken.insert(name.clone(), Zeroizing::new(value));
    }
}

/// Gives the token's variable to one child process, a `pmh sync` of the same configuration. Every other child goes
/// without it.
pub fn hand_to(command: &mut Command, source: &TokenSource) {
    if let TokenSource::Variable(name) = source
        && let Some(value) = variable(name)
    {
        command.env(name, value.as_str());
    }
}

/// Keeps the token's variable from a child process that has no business with it, even if it is in the environment still
/// (after the configuration was read again, and names another variable).
pub fn withhold_from(command: &mut Command, source: &TokenSource) {
    if let TokenSource::Variable(name) = source {
        command.env_remove(name);
    }
}

fn variable(name: &str) -> Option<Zeroizing<String>> {
    let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
    taken.or_else(|| env::var(name).ok().map(Zeroizing::new))
}

/// Whether this can be the name of an environment variable.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= MAX_NAME
        && name.bytes().all(word)
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

/// Whether this can be the name of a credential: a file's name without a path.
#[must_use]
pub fn is_credential_name(name: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    name.len() <= MAX_NAME && name.bytes().all(word) && !name.starts_with('.')
}

/// Whether a word of the configuration could be a token in the wrong place: long, or with the marks of one.
#[must_use]
pub fn looks_secret(word: &str) -> bool {
    word.len() > MAX_SHOWN && !word.contains(['/', '\\', ' '])
        || word.starts_with("eyJ")
        || word.to_ascii_lowercase().starts_with("bearer")
}

/// The name of a variable, if it looks like one; a pasted token doesn't.
fn shown_variable(name: &str) -> Words {
    let usual = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if name.len() <= MAX_SHOWN && name.bytes().all(usual) {
        return Words::from(name);
    }
    Words::new("named by endpoint.token_env", "(endpoint.token_env で指定した名前)")
}

/// The path of the token's file, unless its name could be a token.
fn shown_file(path: &Path) -> Words {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if looks_secret(&name) {
        return Words::new("the file of endpoint.token_file", "endpoint.token_file のファイル");
    }
    Words::from(path.display())
}

/// The token that PMH issued.
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
    /// `PMH6206` if there is none or it can't be one; `PMH6207`, `PMH6209` and `PMH6210` if others can get at its file.
    pub fn load(source: &TokenSource) -> Result<Self> {
        match source {
            TokenSource::File(path) => {
                let text = trust::read_text(path, Role::Secret, &rules::TOKEN_MISSING)
                    .map_err(|failure| discreet(path, failure))?;
                Self::parse(&text, &shown_file(path))
            }
            // systemd keeps these from other users by itself, whatever their mode says
            TokenSource::Credential(name) => {
                let place = Words::new(
                    "the credential of endpoint.token_credential",
                    "endpoint.token_credential のクレデンシャル",
                );
                let folder = env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    let words = Words::new(
                        "$CREDENTIALS_DIRECTORY is not set: not started by systemd with LoadCredential",
                        "$CREDENTIALS_DIRECTORY が設定されていません(systemdの LoadCredential で起動されていません)",
                    );
                    Failure::new(&rules::TOKEN_MISSING, words)
                })?;
                let text = fs::read_to_string(Path::new(&folder).join(name))
                    .map_err(|error| Failure::named(&rules::TOKEN_MISSING, &place, &error))?;
                Self::parse(&Zeroizing::new(text), &place)
            }
            TokenSource::Variable(name) => {
                use rules::Lang::{En, Ja};
                let shown = shown_variable(name);
                let text = variable(name).ok_or_else(|| {
                    let words = Words::new(
                        format!("the environment variable {} is not set", shown.get(En)),
                        format!("環境変数 {} が設定されていません", shown.get(Ja)),
                    );
                    Failure::new(&rules::TOKEN_MISSING, words)
                })?;
                Self::parse(&text, &shown)
            }
        }
    }

    fn parse(text: &str, place: &Words) -> Result<Self> {
        use rules::Lang::{En, Ja};
        let token = text.trim();
        let words = if token.is_empty() {
            Words::new(format!("{} is empty", place.get(En)), format!("{} が空です", place.get(Ja)))
        } else if token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(Zeroizing::new(token.to_owned())));
        } else {
            Words::new(
                format!("{} holds something other than one word of visible ASCII characters", place.get(En)),
                format!(
                    "{} に、空白や改行を含まない半角英数記号のトークン以外のものが書かれています",
                    place.get(Ja)
                ),
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

/// A failure about the token's file that doesn't show its name if that could be the token.
fn discreet(path: &Path, failure: Failure) -> Failure {
    let shown = shown_file(path);
    if shown == Words::from(path.display()) { failure } else { Failure::new(failure.rule, shown) }
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
        let header = Token::load(&source).unwrap().header().unwrap();
        assert_eq!(header, "Bearer s3cret");
        assert!(header.is_sensitive() && !format!("{header:?}").contains("s3cret"));
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_showing_it() {
        for text in ["", " \n", "Bearer s3cret", "s3cret\nmore", "トークン"] {
            let failure = Token::parse(text, &Words::from("token")).unwrap_err();
            assert_eq!(failure.rule.code, "PMH6206");
            assert!(!failure.to_string().contains("s3cret"));
        }
        assert_eq!(format!("{:?}", Token::parse("s3cret", &Words::from("token")).unwrap()), "Token(…)");
    }

    /// A token pasted where a name belongs.
    #[test]
    fn a_name_that_could_be_a_token_is_not_shown() {
        let pasted = "eyJhbGciOiJub25lIn0";
        for source in [
            TokenSource::Variable(pasted.to_owned()),
            TokenSource::Variable("b3f1c2d4e5f60718293a4b5c6d7e8f90".to_owned()),
            TokenSource::File(pasted.into()),
            TokenSource::File(format!("/etc/pmh/{}", "k9".repeat(20)).into()),
        ] {
            let failure = Token::load(&source).unwrap_err();
            assert_eq!(failure.rule.code, "PMH6206");
            for lang in [rules::Lang::En, rules::Lang::Ja] {
                let message = failure.message(lang);
                assert!(!["eyJ", "b3f1", "k9k9"].iter().any(|part| message.contains(part)), "{message}");
            }
        }
        let usual = Token::load(&TokenSource::Variable("PMH_NO_SUCH_TOKEN".to_owned())).unwrap_err();
        assert!(usual.to_string().contains("PMH_NO_SUCH_TOKEN"), "{usual}");
    }

    #[test]
    fn names_have_a_form() {
        for good in ["PMH_TOKEN", "_x", "a1"] {
            assert!(is_variable_name(good), "{good}");
        }
        for bad in ["", "1A", "A-B", "eyJ.eyJ.x", "A B", &"A".repeat(65)] {
            assert!(!is_variable_name(bad), "{bad}");
        }
        for bad in ["../token", "a/b", "..", "a:b", &"a".repeat(65)] {
            assert!(!is_credential_name(bad), "{bad}");
        }
        assert!(is_credential_name("pmh-token.1"));
    }

    /// What a child gets is decided by name: the one `pmh sync` has the token, another program does not.
    #[test]
    fn a_child_gets_the_token_only_by_name() {
        let source = TokenSource::Variable("PMH_TEST_OF_HANDING".to_owned());
        TAKEN.lock().unwrap().insert("PMH_TEST_OF_HANDING".to_owned(), Zeroizing::new("s3cret".to_owned()));
        let value = |command: &Command| {
            command.get_envs().next().map(|(_, value)| value.map(std::ffi::OsStr::to_owned))
        };
        let mut sync = Command::new("pmh");
        hand_to(&mut sync, &source);
        assert_eq!(value(&sync), Some(Some("s3cret".into())));
        let mut other = Command::new("mail");
        withhold_from(&mut other, &source);
        assert_eq!(value(&other), Some(None));
        assert_eq!(Token::load(&source).unwrap().header().unwrap(), "Bearer s3cret");
    }
}
