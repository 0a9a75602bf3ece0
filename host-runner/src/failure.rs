//! The one error type of the runner: a rule of the table, and a detail that tells the place.
//!
//! A detail may hold paths, key names, status numbers and the operating system's words, each of which may come from
//! somebody else: a detail is cleaned when it is made, so that it steers no terminal wherever it is shown. It must never
//! hold a record's value or a token. Which failure ends the program with which exit code is decided here and nowhere else.

use std::{fmt, io, path::Path};

use pmh_core::rules::{self, Lang, Rule};
use serde::Serialize;

use crate::escape::cleaned;

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    en: String,
    ja: String,
    /// Byte of `ja` at which a reason in brackets begins, or its end.
    ja_reason: usize,
}

impl Words {
    /// Words that differ, cleaned.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        let ja = cleaned(ja.into());
        Self { en: cleaned(en.into()), ja_reason: ja.len(), ja }
    }

    /// A place with the reason why it can't be used.
    pub(crate) fn because(place: &Self, reason: &Self) -> Self {
        Self {
            en: format!("{} ({})", place.en, reason.en),
            ja: format!("{}({})", place.ja, reason.ja),
            ja_reason: place.ja.len(),
        }
    }

    /// The words in one language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }
}

/// Words that need no translation: a path, a number, a name.
impl<T: fmt::Display> From<T> for Words {
    fn from(same: T) -> Self {
        let text = cleaned(same.to_string());
        Self { en: text.clone(), ja_reason: text.len(), ja: text }
    }
}

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Everything was done.
    Done = 0,
    /// Usage, configuration or profile.
    Usage = 2,
    /// Records were rejected, or the input was not read to its end.
    Rejected = 3,
    /// Refused by PMH.
    Refused = 4,
    /// PMH was not available.
    Unavailable = 5,
    /// Whether PMH registered the records is not known.
    Unknown = 6,
    /// A guard stopped the run.
    Guard = 7,
    /// A bug.
    Bug = 70,
}

impl Exit {
    /// The exit code that a rule's failure leads to.
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        match rule.code.get(3..).unwrap_or_default() {
            "6001" | "6002" | "6003" => Self::Refused,
            "6004" | "6005" => Self::Unavailable,
            "6006" | "6007" | "6008" | "6009" | "6010" | "6506" => Self::Unknown,
            "6507" | "6508" | "6509" => Self::Guard,
            "6124" | "6125" | "6126" => Self::Usage,
            code if code.starts_with("61") => Self::Guard,
            "6314" => Self::Rejected,
            "6402" | "6403" | "6404" | "6405" => Self::Bug,
            _ => Self::Usage,
        }
    }
}

/// Something that keeps the runner from doing what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule that names the failure.
    pub rule: &'static Rule,
    /// What the rule's `{}` stands for.
    pub detail: Words,
}

/// The result of nearly everything here.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// A failure of this rule.
    pub fn new(rule: &'static Rule, detail: impl Into<Words>) -> Self {
        Self { rule, detail: detail.into() }
    }

    /// A state that cannot be: a bug.
    pub fn internal(detail: impl Into<Words>) -> Self {
        Self::new(&rules::INTERNAL, detail)
    }

    /// A file that could not be read or written (`rule` says which), with the system's reason.
    #[must_use]
    pub fn file(rule: &'static Rule, path: &Path, error: &io::Error) -> Self {
        Self::named(rule, &Words::from(path.display()), error)
    }

    /// As [`Failure::file`], for a file that is named by words.
    pub(crate) fn named(rule: &'static Rule, place: &Words, error: &io::Error) -> Self {
        Self::new(rule, Words::because(place, &reason(error)))
    }

    /// The failure that an I/O error carries, or one of `rule` about `path`.
    pub(crate) fn from_io(rule: &'static Rule, path: &Path, error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(failure) => failure,
            Err(error) => Self::file(rule, path, &error),
        }
    }

    /// What is wrong, in one language.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let message = self.rule.message.get(lang);
        // in a Japanese sentence a reason reads better after the verb
        let detail = &self.detail;
        match (lang, message.strip_prefix("{}"), detail.ja.split_at_checked(detail.ja_reason)) {
            (Lang::Ja, Some(verb), Some((place, reason))) => format!("{place}{verb}{reason}"),
            _ => message.replace("{}", detail.get(lang)),
        }
    }

    /// The code and what is wrong, in one language.
    #[must_use]
    pub fn coded(&self, lang: Lang) -> String {
        format!("{}: {}", self.rule.code, self.message(lang))
    }

    /// What to do, in one language.
    #[must_use]
    pub fn help(&self, lang: Lang) -> &'static str {
        self.rule.help.get(lang)
    }

    /// The failure in one language, for programs.
    #[must_use]
    pub fn told(&self, lang: Lang) -> Told {
        Told { code: self.rule.code, message: self.message(lang), help: self.help(lang) }
    }
}

/// A failure as programs are told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// `PMH` and four digits.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// English, for developers; users get [`Failure::message`] in their language.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule.code, self.message(Lang::En))
    }
}

impl std::error::Error for Failure {}

/// The usual reasons of the operating system in both languages; the rest as the system says it.
pub(crate) fn reason(error: &io::Error) -> Words {
    use io::ErrorKind as Kind;
    let (en, ja) = match error.kind() {
        Kind::NotFound => ("not found", "見つかりません"),
        Kind::PermissionDenied => ("permission denied", "権限がありません"),
        Kind::AlreadyExists => ("exists already", "すでに存在します"),
        Kind::IsADirectory => ("it is a folder", "フォルダーです"),
        Kind::NotADirectory => ("part of the path is not a folder", "パスの途中がフォルダーではありません"),
        Kind::StorageFull | Kind::QuotaExceeded => ("no space left", "空き容量がありません"),
        Kind::ReadOnlyFilesystem => ("read-only file system", "読み取り専用です"),
        Kind::ConnectionRefused => ("connection refused", "接続を拒否されました"),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof => {
            ("connection closed", "接続が切断されました")
        }
        Kind::TimedOut => ("time ran out", "時間内に応答がありませんでした"),
        Kind::HostUnreachable | Kind::NetworkUnreachable => ("no route", "経路がありません"),
        Kind::BrokenPipe => ("the reader has gone away", "出力先のプログラムが終了しました"),
        Kind::InvalidData => ("not valid UTF-8 text", "UTF-8のテキストではありません"),
        _ => return Words::from(error),
    };
    Words::new(en, ja)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delivery_rule_has_its_exit_code() {
        let exits: Vec<(&str, Exit)> = rules::all()
            .map(|entry| entry.rule)
            .filter(|rule| rule.code.starts_with("PMH6"))
            .map(|rule| (rule.code, Exit::of(rule)))
            .collect();
        for (code, exit) in exits {
            let expected = match &code[3..] {
                "6001" | "6002" | "6003" => 4,
                "6004" | "6005" => 5,
                "6006" | "6007" | "6008" | "6009" | "6010" | "6506" => 6,
                "6124" | "6125" | "6126" => 2,
                guard if guard.starts_with("61") => 7,
                "6507" | "6508" | "6509" => 7,
                "6314" => 3,
                "6402" | "6403" | "6404" | "6405" => 70,
                "6406" | "6407" => 2,
                config_or_files if config_or_files < "6402" => 2,
                ledger_or_machine if ledger_or_machine > "6500" => 2,
                other => panic!("{other} needs a decision"),
            };
            assert_eq!(exit as u8, expected, "{code}");
        }
    }

    #[test]
    fn a_message_is_said_in_either_language() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let failure = Failure::file(&rules::FILE_UNREADABLE, Path::new("a.json"), &missing);
        assert_eq!(failure.message(Lang::En), "cannot read a.json (not found)");
        assert_eq!(failure.message(Lang::Ja), "a.json を読めません(見つかりません)");
        assert_eq!(failure.told(Lang::En).code, "PMH6301");
    }
}
