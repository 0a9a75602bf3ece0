//! Runs a plan's expressions on one record: from picked slots to payload values.
//!
//! Nothing here stops at a mistake: a value that cannot be made becomes [`Value::Bad`], and a finding says why.

use bumpalo::{Bump, collections::String, format};
use chrono::NaiveDate;

use crate::{
    convert::{
        date::{self, DateError, DateStyle, Notation},
        is_blank, is_space, kana, number, width,
    },
    extract::{Row, Slot},
    finding::Detail,
    payload::{FIELDS, Field, Kind, Value},
    profile::plan::{
        Condition, Constant, Expr, ExprKind, Format, NamePart, Part, Place, Plan, SlotId, Step, Table,
    },
    record::Findings,
    rules::{self, Rule, Text},
    scheme::Scheme,
};

/// Where a value comes from and goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'r> {
    pub(crate) source: Option<&'r str>,
    pub(crate) target: &'r str,
    pub(crate) profile: &'r str,
}

/// Evaluates expressions of one record.
pub(crate) struct Eval<'a, 'r> {
    pub(crate) plan: &'r Plan,
    pub(crate) bump: &'r Bump,
    pub(crate) scheme: Option<Scheme>,
    /// The fields, for the templates of the certificate.
    pub(crate) fields: &'a [Value<'r>],
    pub(crate) findings: &'a mut Findings,
    /// The pointers of the current scope's slots.
    pub(crate) sources: &'r [std::string::String],
}

impl<'r> Eval<'_, 'r> {
    /// The scheme that a record belongs to.
    pub(crate) fn scheme(&mut self, row: Row<'r>) -> Option<Scheme> {
        let expr = &self.plan.scheme;
        let (value, source) = self.expr(expr, row, "");
        let id = self.text(value);
        let scheme = id.and_then(|id| Scheme::from_id(id.trim_matches(is_space)));
        if scheme.is_none() && value != Value::Bad {
            self.findings.add(&rules::NO_SCHEME, At { source, target: "", profile: &expr.profile });
        }
        scheme
    }

    /// The value of a payload field, of the field's type, and where it came from.
    pub(crate) fn field(&mut self, index: usize, row: Row<'r>) -> (Value<'r>, Option<&'r str>) {
        let (Some(def), Some(expr)) = (FIELDS.get(index), self.plan.fields.get(index)) else {
            return (Value::None, None);
        };
        let Some(expr) = expr else {
            let value = self.default_gender(index);
            if value == Value::None && def.kind == Kind::Text {
                self.findings
                    .add(&rules::MISSING, At { source: None, target: def.target, profile: "/fields" });
            }
            return (value, None);
        };
        let (value, source) = self.expr(expr, row, def.target);
        let at = At { source, target: def.target, profile: &expr.profile };
        let value = if value.text().is_some_and(is_blank) { Value::None } else { value };
        let value = if value == Value::None { self.default_gender(index) } else { value };
        let value = match (value, def.kind) {
            (Value::None, Kind::Text | Kind::Date) => self.bad(&rules::MISSING, at),
            (Value::Text(text), Kind::Date) => self.date(text, &[Notation::Gregorian], at),
            (Value::Text(text), Kind::IntOrNull) => match number::integer(text) {
                Some(value) => Value::Int(value),
                None => self.bad(&rules::NOT_AN_INTEGER, at),
            },
            (Value::None | Value::Bad, _)
            | (Value::Date(_), Kind::Date)
            | (Value::Int(_), Kind::IntOrNull) => value,
            (Value::Int(_), Kind::Date) | (Value::Date(_), Kind::IntOrNull) => {
                self.bad(&rules::UNUSABLE_TYPE, at)
            }
            (value, _) => self.text(value).map_or(Value::None, Value::Text),
        };
        (value, source)
    }

    /// What a gender without a value is: unknown where the scheme doesn't manage it.
    fn default_gender(&self, index: usize) -> Value<'r> {
        match self.scheme {
            Some(scheme) if index == Field::Gender as usize && scheme.is_jiritsu() => Value::Text("0"),
            // the scheme has a finding already, and nobody can say what the gender must be
            None if index == Field::Gender as usize => Value::Bad,
            _ => Value::None,
        }
    }

    /// Evaluates an expression; tells where its value came from too.
    pub(crate) fn expr(
        &mut self,
        expr: &'r Expr,
        row: Row<'r>,
        target: &'r str,
    ) -> (Value<'r>, Option<&'r str>) {
        if expr.when.as_ref().is_some_and(|when| !self.holds(when, row)) {
            return (Value::None, None);
        }
        let (mut value, source) = self.origin(expr, row, target);
        let at = At { source, target, profile: &expr.profile };
        for step in &expr.steps {
            value = self.step(step, value, at);
        }
        if let (Some(table), true) = (&expr.table, !matches!(value, Value::None | Value::Bad)) {
            value = self.look_up(table, value, at);
        }
        if let (Some(default), Value::None) = (&expr.default, value) {
            value = constant(default);
        }
        (value, source)
    }

    fn origin(&mut self, expr: &'r Expr, row: Row<'r>, target: &'r str) -> (Value<'r>, Option<&'r str>) {
        match &expr.kind {
            ExprKind::From(slots) => {
                let full = slots.iter().find(|slot| row.get(**slot).is_some_and(|slot| !slot.is_empty()));
                let source = full.or(slots.first()).and_then(|slot| self.sources.get(*slot));
                let source = source.map(std::string::String::as_str);
                let at = At { source, target, profile: &expr.profile };
                (full.map_or(Value::None, |slot| self.slot(*slot, row, at)), source)
            }
            ExprKind::Constant(value) => (constant(value), None),
            ExprKind::Template(parts) => {
                let at = At { source: None, target, profile: &expr.profile };
                (self.template(parts, row, at), None)
            }
            ExprKind::First(alternatives) => {
                let mut last = (Value::None, None);
                for alternative in alternatives {
                    last = self.expr(alternative, row, target);
                    if last.0.is_there() {
                        break;
                    }
                }
                last
            }
        }
    }

    fn slot(&mut self, slot: SlotId, row: Row<'r>, at: At<'_>) -> Value<'r> {
        match row.get(slot) {
            Some(Slot::Text(text)) => Value::Text(text),
            Some(Slot::Int(value)) => Value::Int(*value),
            Some(Slot::Other { empty: false } | Slot::List(_)) => self.bad(&rules::UNUSABLE_TYPE, at),
            _ => Value::None,
        }
    }

    fn bad(&mut self, rule: &'static Rule, at: At<'_>) -> Value<'r> {
        self.findings.add(rule, at);
        Value::Bad
    }

    /// A value as text; `None` where there is none.
    pub(crate) fn text(&self, value: Value<'r>) -> Option<&'r str> {
        match value {
            Value::None | Value::Bad => None,
            Value::Text(text) => Some(text),
            Value::Int(value) => Some(format!(in self.bump, "{}", value).into_bump_str()),
            Value::Date(date) => Some(self.print(date, DateStyle::Iso)),
        }
    }

    fn print(&self, date: NaiveDate, style: DateStyle) -> &'r str {
        let mut out = String::with_capacity_in(32, self.bump);
        let written = date::write(&mut out, date, style);
        debug_assert!(written.is_ok());
        out.into_bump_str()
    }

    fn date(&mut self, text: &str, notations: &[Notation], at: At<'_>) -> Value<'r> {
        let (rule, detail) = match date::read(text, notations) {
            Ok(date) => return Value::Date(date),
            Err(DateError::Notation) => (&rules::DATE_NOTATION, Detail::Nothing),
            Err(DateError::NoSuchDay) => (&rules::NO_SUCH_DAY, Detail::Nothing),
            Err(DateError::OutsideEra(era)) => {
                (&rules::OUTSIDE_ERA, Detail::Words(Text { en: era.name(), ja: era.name() }))
            }
            Err(DateError::Before1873) => (&rules::BEFORE_1873, Detail::Nothing),
        };
        self.findings.add_with(rule, at, detail);
        Value::Bad
    }

    fn step(&mut self, step: &'r Step, value: Value<'r>, at: At<'_>) -> Value<'r> {
        let Some(text) = self.text(value) else { return value };
        let text = match step {
            Step::Trim => text.trim_matches(is_space),
            Step::Katakana => kana::katakana(self.bump, text),
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
            (None, Some(whole)) if whole == part => Value::Text(name.trim_matches(is_space)),
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
            let found = pairs.iter().find_map(|(from, to)| Some((rest.strip_prefix(from.as_str())?, to)));
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

    fn look_up(&mut self, table: &'r Table, value: Value<'r>, at: At<'_>) -> Value<'r> {
        let key = self.text(value).unwrap_or_default();
        let found = table.entries.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok();
        match found.and_then(|at| table.entries.get(at)).map(|(_, value)| value).or(table.otherwise.as_ref())
        {
            Some(value) => constant(value),
            None => self.bad(&rules::NOT_IN_TABLE, at),
        }
    }

    /// True where a condition holds.
    pub(crate) fn holds(&self, condition: &Condition, row: Row<'r>) -> bool {
        match condition {
            Condition::Present(slot) => row.get(*slot).is_some_and(|slot| !slot.is_empty()),
            Condition::In(slot, values) => match row.get(*slot) {
                Some(Slot::Text(text)) => values.iter().any(|value| value == text.trim_matches(is_space)),
                Some(Slot::Int(number)) => {
                    let text = format!(in self.bump, "{}", number);
                    values.iter().any(|value| *value == text.as_str())
                }
                _ => false,
            },
            Condition::Scheme(schemes) => self.scheme.is_some_and(|scheme| schemes.contains(&scheme)),
            Condition::All(conditions) => conditions.iter().all(|condition| self.holds(condition, row)),
            Condition::Any(conditions) => conditions.iter().any(|condition| self.holds(condition, row)),
            Condition::Not(condition) => !self.holds(condition, row),
        }
    }

    fn template(&mut self, parts: &'r [Part], row: Row<'r>, at: At<'_>) -> Value<'r> {
        if let [Part::Literal(text)] = parts {
            return Value::Text(text);
        }
        let mut out = String::with_capacity_in(64, self.bump);
        for part in parts {
            let (place, optional, format) = match part {
                Part::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Place { place, optional, format } => (*place, *optional, *format),
            };
            let (value, source) = self.place(place, row, at);
            let at = At { source, ..at };
            let value = match format {
                Some(format) if !matches!(value, Value::None | Value::Bad) => self.format(format, value, at),
                _ => value,
            };
            match self.text(value) {
                Some(text) => out.push_str(text),
                None if value == Value::None && optional => {}
                None => return value,
            }
        }
        Value::Text(out.into_bump_str())
    }

    fn place<'s>(&mut self, place: Place, row: Row<'r>, at: At<'s>) -> (Value<'r>, Option<&'s str>)
    where
        'r: 's,
    {
        match place {
            Place::Slot(slot) => {
                let source = self.sources.get(slot).map(std::string::String::as_str);
                if row.get(slot).is_none_or(Slot::is_empty) {
                    return (Value::None, source);
                }
                (self.slot(slot, row, At { source, ..at }), source)
            }
            Place::Field(field) => (self.fields.get(field).copied().unwrap_or(Value::None), None),
            Place::SchemeName => (self.scheme.map_or(Value::None, |scheme| Value::Text(scheme.name())), None),
            Place::SchemeNumber => (self.scheme_number(), None),
        }
    }

    /// The scheme's number; for local schemes the payer number's.
    fn scheme_number(&self) -> Value<'r> {
        let payer = self.fields.get(Field::PayerNumber as usize).and_then(|value| value.text());
        match self.scheme.map(Scheme::numbers) {
            Some((first, last)) if first == last => Value::Int(i64::from(first)),
            _ => payer.and_then(|number| number.get(..2)).map_or(Value::None, Value::Text),
        }
    }

    fn format(&mut self, format: Format, value: Value<'r>, at: At<'_>) -> Value<'r> {
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
        let written = number::write_with_commas(&mut out, value);
        debug_assert!(written.is_ok());
        if format == Format::Yen {
            out.push('円');
        }
        Value::Text(out.into_bump_str())
    }
}

fn constant(constant: &Constant) -> Value<'_> {
    match constant {
        Constant::None => Value::None,
        Constant::Text(text) => Value::Text(text),
        Constant::Int(value) => Value::Int(*value),
    }
}
