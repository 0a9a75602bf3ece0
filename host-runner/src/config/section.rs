//! Reads TOML tables key by key. The keys that are asked for are the keys that are known; whatever else stands in the
//! table is a mistake. Mistakes are collected, with their lines, so that all of them are reported at once.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::NaiveTime;
use clap::ValueEnum;
use pmh_core::rules::{self, Rule, Text};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    failure::{Failure, Result, Words},
    notify::Command,
    secret::looks_secret,
};

/// How alike two keys must be for one to be named as what was meant.
const ALIKE: f64 = 0.7;

/// A parsed file and the mistakes found in it so far.
pub(super) struct Document<'a> {
    text: &'a str,
    folder: &'a Path,
    table: DeTable<'a>,
    faults: RefCell<Vec<Failure>>,
}

impl<'a> Document<'a> {
    pub(super) fn parse(text: &'a str, folder: &'a Path) -> Result<Self> {
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(text, span.start));
            let message = error.message();
            let words = Words::new(format!("line {line}: {message}"), format!("{line}行目: {message}"));
            Failure::new(&rules::CONFIG_SYNTAX, words)
        })?;
        Ok(Self { text, folder, table: table.into_inner(), faults: RefCell::default() })
    }

    pub(super) fn root(&self) -> Section<'_> {
        Section { document: self, name: "", table: Some(&self.table), asked: Vec::new() }
    }

    /// Every mistake, in the order of the questions.
    pub(super) fn faults(&self) -> Vec<Failure> {
        self.faults.take()
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|&byte| byte == b'\n').count().saturating_add(1)
}

/// One table of the file.
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    name: &'static str,
    table: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    fn value(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.push(key);
        self.table?.get(key)
    }

    fn full_name(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn line(&self, value: &Spanned<DeValue<'_>>) -> usize {
        line_at(self.document.text, value.span().start)
    }

    /// Notes a mistake about a key, with its line where it stands in the file.
    pub(super) fn fail(&mut self, rule: &'static Rule, key: &str, reason: &Words) {
        use rules::Lang::{En, Ja};
        let name = self.full_name(key);
        let words = match self.table.and_then(|table| table.get(key)) {
            Some(value) => {
                let line = self.line(value);
                Words::new(
                    format!("{name} (line {line}): {}", reason.get(En)),
                    format!("{name}({line}行目): {}", reason.get(Ja)),
                )
            }
            None => Words::new(format!("{name}: {}", reason.get(En)), format!("{name}: {}", reason.get(Ja))),
        };
        self.document.faults.borrow_mut().push(Failure::new(rule, words));
    }

    pub(super) fn invalid(&mut self, key: &str, reason: &Words) {
        self.fail(&rules::CONFIG_VALUE, key, reason);
    }

    pub(super) fn missing(&mut self, key: &'static str) {
        let name = self.full_name(key);
        self.document.faults.borrow_mut().push(Failure::new(&rules::CONFIG_MISSING_KEY, name));
    }

    /// Whether none of these keys is in the file, whatever its value.
    pub(super) fn lacks(&self, keys: &[&str]) -> bool {
        self.table.is_none_or(|table| keys.iter().all(|key| !table.contains_key(*key)))
    }

    /// A table within this one, by its full name; an empty one where it isn't there.
    pub(super) fn section(&mut self, name: &'static str) -> Section<'a> {
        let key = name.rsplit_once('.').map_or(name, |(_, key)| key);
        let table = self.value(key).and_then(|value| {
            let table = value.get_ref().as_table();
            if table.is_none() {
                self.invalid(
                    key,
                    &Words::new(format!("write it as [{name}]"), format!("[{name}] の形で書いてください")),
                );
            }
            table
        });
        Section { document: self.document, name, table, asked: Vec::new() }
    }

    pub(super) fn text(&mut self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.to_owned()),
            _ => {
                self.invalid(
                    key,
                    &Words::new("give a text in quotation marks", "引用符で囲んだ文字列を書いてください"),
                );
                None
            }
        }
    }

    pub(super) fn required(&mut self, key: &'static str) -> Option<String> {
        if self.table.is_none_or(|table| !table.contains_key(key)) {
            self.asked.push(key);
            self.missing(key);
            return None;
        }
        self.text(key)
    }

    /// A path, relative to the file's folder.
    pub(super) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.text(key).map(|path| self.document.folder.join(path))
    }

    pub(super) fn required_path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.required(key).map(|path| self.document.folder.join(path))
    }

    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.value(key) else { return default };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.invalid(key, &"true / false".into());
            default
        })
    }

    pub(super) fn integer(&mut self, key: &'static str, least: u64, most: u64, default: u64) -> u64 {
        let Some(value) = self.value(key) else { return default };
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|number| (least..=most).contains(number));
        number.unwrap_or_else(|| {
            let words = if most == u64::MAX {
                Words::new(
                    format!("give an integer of {least} or more"),
                    format!("{least} 以上の整数を書いてください"),
                )
            } else {
                Words::new(
                    format!("give an integer from {least} to {most}"),
                    format!("{least} から {most} までの整数を書いてください"),
                )
            };
            self.invalid(key, &words);
            default
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: ValueEnum>(&mut self, key: &'static str) -> Option<T> {
        let value = self.value(key)?;
        let choice = value.get_ref().as_str().and_then(|text| T::from_str(text, false).ok());
        if choice.is_none() {
            let names: Vec<String> = T::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value)
                .map(|value| format!("\"{}\"", value.get_name()))
                .collect();
            self.invalid(key, &names.join(" / ").into());
        }
        choice
    }

    /// A time span such as `"30s"`, `"15m"`, `"4h"`, `"1d"`.
    pub(super) fn duration(&mut self, key: &'static str, default: Duration) -> Duration {
        self.optional_duration(key).unwrap_or(default)
    }

    pub(super) fn optional_duration(&mut self, key: &'static str) -> Option<Duration> {
        let value = self.value(key)?;
        let duration = value.get_ref().as_str().and_then(parse_duration);
        if duration.is_none() {
            self.invalid(
                key,
                &Words::new(
                    r#"give a time span such as "30s", "15m" or "4h""#,
                    r#""30s"、"15m"、"4h" のように書いてください"#,
                ),
            );
        }
        duration
    }

    /// A time span, or `"0s"` for none.
    pub(super) fn duration_or_none(&mut self, key: &'static str, default: Duration) -> Duration {
        let none = self.table.and_then(|table| table.get(key)?.get_ref().as_str());
        if none == Some("0s") {
            self.asked.push(key);
            return Duration::ZERO;
        }
        self.duration(key, default)
    }

    /// A list of texts, each of which is `valid`. An empty one would be a guard that never stops anything.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        valid: impl Fn(&str) -> bool,
        form: &Text,
    ) -> Vec<String> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let texts: Option<Vec<String>> = value.get_ref().as_array().and_then(|items| {
            let text = |item: &Spanned<DeValue<'_>>| {
                item.get_ref().as_str().filter(|text| valid(text)).map(str::to_owned)
            };
            items.iter().map(text).collect()
        });
        texts.filter(|texts| !texts.is_empty()).unwrap_or_else(|| {
            self.invalid(key, &Words::new(form.en, form.ja));
            Vec::new()
        })
    }

    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// A program and its arguments: `["program", "argument"]`. A program with a slash is relative to the file's folder.
    pub(super) fn command(&mut self, key: &'static str) -> Option<Command> {
        let value = self.value(key)?;
        let words: Option<Vec<String>> = value
            .get_ref()
            .as_array()
            .and_then(|items| items.iter().map(|item| Some(item.get_ref().as_str()?.to_owned())).collect());
        let mut words = words.unwrap_or_default().into_iter();
        let Some(program) = words.next().filter(|program| !program.trim().is_empty()) else {
            self.invalid(
                key,
                &Words::new(
                    r#"give a list of program and arguments such as ["notify.sh", "--urgent"]"#,
                    r#"["notify.sh", "--urgent"] のような、プログラムと引数の一覧を書いてください"#,
                ),
            );
            return None;
        };
        let in_folder = program.contains('/') || (cfg!(windows) && program.contains('\\'));
        let program = if in_folder {
            let path = self.document.folder.join(program);
            std::path::absolute(&path).unwrap_or(path)
        } else {
            PathBuf::from(program)
        };
        Some(Command { program, arguments: words.collect() })
    }

    /// A time of day, `"02:30"`.
    pub(super) fn time(&mut self, key: &'static str) -> Option<NaiveTime> {
        let value = self.value(key)?;
        let time = value.get_ref().as_str().and_then(time_of_day);
        if time.is_none() {
            self.invalid(
                key,
                &Words::new(
                    r#"give a time of day such as "06:00""#,
                    r#""06:00" のような時刻を書いてください"#,
                ),
            );
        }
        time
    }

    /// Times of day, `"02:30"`.
    pub(super) fn times(&mut self, key: &'static str) -> Vec<NaiveTime> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let times: Option<Vec<NaiveTime>> = value
            .get_ref()
            .as_array()
            .and_then(|items| items.iter().map(|item| time_of_day(item.get_ref().as_str()?)).collect());
        times.unwrap_or_else(|| {
            self.invalid(
                key,
                &Words::new(
                    r#"give a list of times such as ["02:30"]"#,
                    r#"["02:30"] のような時刻の一覧を書いてください"#,
                ),
            );
            Vec::new()
        })
    }

    /// Every key that nobody asked for is a mistake.
    pub(super) fn end(self) {
        for key in self.table.into_iter().flat_map(DeTable::keys) {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let line = line_at(self.document.text, key.span().start);
            // a token that was pasted as a line of its own
            let full = if looks_secret(name) { self.full_name("…") } else { self.full_name(name) };
            let words = if let Some(known) = nearest(name, &self.asked) {
                let known = self.full_name(known);
                Words::new(
                    format!("{full} (line {line}); did you mean {known}?"),
                    format!("{full}({line}行目)。{known} の誤りではありませんか"),
                )
            } else {
                let known = self.asked.join(", ");
                Words::new(
                    format!("{full} (line {line}); known here: {known}"),
                    format!("{full}({line}行目)。ここで使えるキー: {known}"),
                )
            };
            self.document.faults.borrow_mut().push(Failure::new(&rules::CONFIG_UNKNOWN_KEY, words));
        }
    }
}

/// The known key that was most likely meant.
fn nearest(key: &str, known: &[&'static str]) -> Option<&'static str> {
    known
        .iter()
        .map(|&candidate| (strsim::jaro_winkler(key, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `HH:MM` or `HH:MM:SS`.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    let number: u32 = number.parse().ok().filter(|number| *number > 0)?;
    u64::from(number).checked_mul(seconds).map(Duration::from_secs)
}
