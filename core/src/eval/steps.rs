//! Steps and formats: one value into another, or a finding.

use bumpalo::{collections::String, format};
use chrono::Datelike;

use super::{At, Eval};
use crate::{
    convert::{
        date::{self, DateError, Era, Notation},
        is_blank, is_space, kana, number, trim, width,
    },
    finding::Detail,
    observe::Observe,
    payload::{FIELDS, Field, Value},
    profile::plan::{Format, NamePart, Step},
    rules::{self, Text},
};

impl<'r, O: Observe> Eval<'_, 'r, O> {
    pub(super) fn date(&mut self, text: &str, notations: &[Notation], at: At<'_>) -> Value<'r> {
        let in_era = |era: Option<Era>| {
            let name = era.map_or("", Era::name);
            Detail::Words(Text { en: name, ja: name })
        };
        let (rule, detail) = match date::read(text, notations) {
            Ok(date) => return Value::Date(date),
            Err(DateError::EraEnded(date)) => {
                let detail = in_era(Era::of(date));
                // a birth lies in the past, so its date was not written ahead: the era or the year is wrong
                if at.target != target(Field::BirthDate) || Era::changed_on(date) {
                    self.findings.add_with(&rules::ERA_ENDED, at, detail);
                    return Value::Date(date);
                }
                (&rules::OUTSIDE_ERA, detail)
            }
            Err(DateError::Notation) => (&rules::DATE_NOTATION, Detail::Words(notation_guess(text))),
            Err(DateError::NoSuchDay) => (&rules::NO_SUCH_DAY, Detail::Nothing),
            Err(DateError::OutsideEra(era)) => (&rules::OUTSIDE_ERA, in_era(Some(era))),
            Err(DateError::Before1873) => (&rules::BEFORE_1873, Detail::Nothing),
        };
        self.findings.add_with(rule, at, detail);
        // what ended long ago is left out whatever its notation; what hasn't keeps the finding
        let is_end = at.target == target(Field::EndDate);
        match date::read(text, &Notation::ALL) {
            Ok(date) | Err(DateError::EraEnded(date)) if is_end => Value::Date(date),
            _ => Value::Bad,
        }
    }

    /// The day before a date.
    #[inline(never)]
    fn day_before(&mut self, value: Value<'r>, text: &'r str, at: At<'_>) -> Value<'r> {
        let value = if value.date().is_some() { value } else { self.date(text, &Notation::ALL, at) };
        let Some(date) = value.date() else { return value };
        match date.pred_opt().filter(|day| day.year() >= 1873) {
            Some(day) => Value::Date(day),
            None => self.bad(&rules::BEFORE_1873, at),
        }
    }

    pub(super) fn step(&mut self, step: &'r Step, value: Value<'r>, at: At<'_>) -> Value<'r> {
        let Some(text) = self.text(value) else { return value };
        let text = match step {
            Step::Trim => trim(text),
            Step::Katakana => kana::katakana(self.bump, text),
            Step::Hiragana => kana::hiragana(self.bump, text),
            Step::Fullwidth => width::to_full(self.bump, text),
            Step::Halfwidth => width::to_half(self.bump, text),
            Step::Compose => kana::compose_kana(self.bump, text),
            Step::Digits => self.digits(text),
            Step::Integer => {
                return match number::integer(text) {
                    Some(value) => Value::Int(value),
                    None => self.bad(&rules::NOT_AN_INTEGER, at),
                };
            }
            Step::DayBefore => return self.day_before(value, text, at),
            Step::Date(notations) => return self.date(text, notations, at),
            Step::SplitName { part, unsplit } => return self.split(text, *part, *unsplit, at),
            Step::Pad(length) => {
                let missing = length.saturating_sub(text.chars().count());
                if missing == 0 {
                    text
                } else {
                    format!(in self.bump, "{:0<1$}{2}", "", missing, text).into_bump_str()
                }
            }
            Step::Take(length) => split_at_char(text, *length).0,
            Step::Drop(length) => split_at_char(text, *length).1,
            Step::Format(format) => return self.format(*format, value, at),
            Step::Replace(pairs) => self.replace(text, pairs),
        };
        if is_blank(text) { Value::None } else { Value::Text(text) }
    }

    /// Half-width digits without spaces and hyphens.
    fn digits(&self, text: &'r str) -> &'r str {
        let joins =
            |c: char| is_space(c) || matches!(c, '-' | '‐' | '‑' | '–' | '—' | '−' | '－' | 'ー' | 'ｰ');
        if !text.chars().any(|c| joins(c) || width::half(c) != c) {
            return text;
        }
        let mut out = String::with_capacity_in(text.len(), self.bump);
        out.extend(text.chars().filter(|c| !joins(*c)).map(width::half));
        out.into_bump_str()
    }

    fn split(&mut self, name: &'r str, part: NamePart, unsplit: Option<NamePart>, at: At<'_>) -> Value<'r> {
        match (part.of(name), unsplit) {
            (Some(part), _) => Value::Text(part),
            (None, None) => self.bad(&rules::NAME_NOT_SPLIT, at),
            (None, Some(whole)) if whole == part => Value::Text(trim(name)),
            (None, Some(_)) => Value::None,
        }
    }

    fn replace(&self, text: &'r str, pairs: &[(std::string::String, std::string::String)]) -> &'r str {
        if !pairs.iter().any(|(from, _)| text.contains(from.as_str())) {
            return text;
        }
        let mut out = String::with_capacity_in(text.len(), self.bump);
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let found = pairs.iter().filter_map(|(from, to)| Some((rest.strip_prefix(from.as_str())?, to)));
            // the longest leaves the least
            let found = found.min_by_key(|(after, _)| after.len());
            if let Some((after, to)) = found {
                out.push_str(to);
                rest = after;
            } else {
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
        out.into_bump_str()
    }

    pub(super) fn format(&mut self, format: Format, value: Value<'r>, at: At<'_>) -> Value<'r> {
        match (format, value) {
            (Format::Date(style), Value::Date(date)) => Value::Text(self.print(date, style)),
            (Format::Date(style), Value::Text(text)) => match self.date(text, &Notation::ALL, at) {
                Value::Date(date) => Value::Text(self.print(date, style)),
                other => other,
            },
            (Format::Yen | Format::Comma, Value::Int(value)) => self.amount(format, value),
            (Format::Yen | Format::Comma, Value::Text(text)) => match number::integer(text) {
                Some(value) => self.amount(format, value),
                None => self.bad(&rules::NOT_AN_INTEGER, at),
            },
            (Format::Fullwidth, value) => {
                let text = self.text(value).unwrap_or_default();
                Value::Text(width::to_full(self.bump, text))
            }
            _ => self.bad(&rules::UNUSABLE_TYPE, at),
        }
    }

    fn amount(&self, format: Format, value: i64) -> Value<'r> {
        let mut out = String::with_capacity_in(32, self.bump);
        number::write_with_commas(&mut out, value);
        if format == Format::Yen {
            out.push('円');
        }
        Value::Text(out.into_bump_str())
    }
}

/// Where a field stands in the payload.
fn target(field: Field) -> &'static str {
    FIELDS.get(field as usize).map_or("", |field| field.target)
}

/// Which notation a text looks like; nothing of the text itself.
#[cold]
#[inline(never)]
fn notation_guess(text: &str) -> Text {
    let guess =
        |notation| matches!(date::read(text, &[notation]), Err(error) if error == DateError::Notation);
    let known = Notation::ALL.into_iter().find(|notation| !guess(*notation));
    match known {
        Some(Notation::Gregorian) => {
            Text { en: "; it looks like `gregorian`", ja: "(`gregorian` の書き方と思われます)" }
        }
        Some(Notation::Era) => {
            Text { en: "; it looks like `era`", ja: "(`era` の書き方と思われます)" }
        }
        Some(Notation::EraNumber) => {
            Text { en: "; it looks like `eraNumber`", ja: "(`eraNumber` の書き方と思われます)" }
        }
        None => Text { en: "", ja: "" },
    }
}

/// The first characters, and the rest.
fn split_at_char(text: &str, length: usize) -> (&str, &str) {
    let at = text.char_indices().nth(length).map_or(text.len(), |(at, _)| at);
    text.split_at_checked(at).unwrap_or((text, ""))
}
