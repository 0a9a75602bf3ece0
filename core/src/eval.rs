//! Runs a plan's expressions on one record: from picked slots to payload values.
//!
//! Nothing here stops at a mistake: a value that cannot be made becomes [`Value::Bad`], and a finding says why.

mod source;
mod steps;

use bumpalo::{Bump, collections::String, format};
use chrono::NaiveDate;

pub(crate) use self::source::{At, Env, Source};
use crate::{
    convert::{
        date::{self, DateStyle, Notation},
        is_blank, number, trim,
    },
    extract::{Row, Slot},
    observe::{Event, Observe, Part as Seen, Silent},
    payload::{FIELDS, Field, FieldDef, Kind, Value},
    profile::plan::{Condition, Constant, Expr, ExprKind, Part, Place, PlaceId, Plan, Table, Test},
    record::Findings,
    rules::{self, Rule},
    scheme::Scheme,
};

/// Evaluates expressions of one record.
pub(crate) struct Eval<'a, 'r, O> {
    pub(crate) plan: &'r Plan,
    pub(crate) bump: &'r Bump,
    pub(crate) scheme: Option<Scheme>,
    /// The fields, for the templates of the certificate.
    pub(crate) fields: &'a [Value<'r>],
    pub(crate) findings: &'a mut Findings,
    pub(crate) observer: &'a mut O,
}

impl<'r, O: Observe> Eval<'_, 'r, O> {
    /// What stands at a place.
    pub(crate) fn slot(&self, place: PlaceId, env: &'r Env<'r>) -> Slot<'r> {
        self.at_place(place, env).0
    }

    /// Where a place stands in the record.
    pub(crate) fn source(&self, place: PlaceId, env: &'r Env<'r>) -> Option<Source<'r>> {
        self.plan.places.get(place).map(|reference| Source { reference, env })
    }

    /// Both.
    pub(crate) fn at_place(&self, place: PlaceId, env: &'r Env<'r>) -> (Slot<'r>, Option<Source<'r>>) {
        let source = self.source(place, env);
        (source.and_then(Source::slot).unwrap_or_default(), source)
    }

    /// The surroundings of each element of a list.
    pub(crate) fn elements(
        &self,
        list: PlaceId,
        rows: &'r [Row<'r>],
        outer: &'r Env<'r>,
    ) -> impl Iterator<Item = &'r Env<'r>> + use<'r, O> {
        let indexes = self.source(list, outer).map(Source::indexes).unwrap_or_default();
        let bump = self.bump;
        rows.iter().enumerate().map(move |(index, row)| {
            let indexes = bump.alloc_slice_fill_with(indexes.len().saturating_add(1), |position| {
                indexes.get(position).copied().unwrap_or(index)
            });
            &*bump.alloc(Env { row, indexes, outer: Some(outer) })
        })
    }

    /// The scheme that a record belongs to.
    pub(crate) fn scheme(&mut self, env: &'r Env<'r>) -> Option<Scheme> {
        let expr = &self.plan.scheme;
        self.observer.see(Event::Begin { target: "", indexes: &[], profile: &expr.profile });
        let (value, source) = self.expr(expr, env);
        self.observer.see(Event::End { value, source });
        let id = self.text(value);
        let scheme = id.and_then(|id| Scheme::from_id(trim(id)));
        if scheme.is_none() && value != Value::Bad {
            self.findings.add(&rules::NO_SCHEME, expr.at(source));
        }
        scheme
    }

    /// The value of a payload field, of the field's type, and where it came from.
    #[inline]
    pub(crate) fn field(&mut self, index: usize, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let (Some(def), Some(expr)) = (FIELDS.get(index), self.plan.fields.get(index)) else {
            return (Value::None, None);
        };
        let profile = expr.as_ref().map_or("/fields", |expr| &expr.profile);
        self.observer.see(Event::Begin { target: def.target, indexes: &[], profile });
        let (value, source) = match expr {
            Some(_) => self.mapped(index, env),
            None => (self.unmapped(index, def), None),
        };
        self.observer.see(Event::End { value, source });
        (value, source)
    }

    /// The value of a field that the profile doesn't speak of.
    #[inline]
    fn unmapped(&mut self, index: usize, def: &FieldDef) -> Value<'r> {
        if def.kind != Kind::Text {
            return Value::None;
        }
        let value = self.default_gender(index);
        if value == Value::None {
            self.findings.add(&rules::MISSING, At { source: None, target: def.target, profile: "/fields" });
        }
        value
    }

    /// The value of a field that it does speak of.
    #[inline(never)]
    fn mapped(&mut self, index: usize, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let (Some(def), Some(Some(expr))) = (FIELDS.get(index), self.plan.fields.get(index)) else {
            return (Value::None, None);
        };
        let (value, source) = self.expr(expr, env);
        let at = expr.at(source);
        let value = if value.text().is_some_and(is_blank) { Value::None } else { value };
        let value = if value == Value::None { self.default_gender(index) } else { value };
        let value = match (value, def.kind) {
            (Value::None, Kind::Text | Kind::Date) => self.bad(&rules::MISSING, at),
            (Value::Text(text), Kind::Date) => self.date(text, &[Notation::Gregorian], at),
            (Value::Text(text), Kind::IntOrNull) => match number::integer(text) {
                Some(value) => Value::Int(value),
                None => self.bad(&rules::NOT_AN_INTEGER, at),
            },
            (Value::Int(_), Kind::Date) | (Value::Date(_), Kind::IntOrNull) => {
                self.bad(&rules::UNUSABLE_TYPE, at)
            }
            (Value::Int(_) | Value::Date(_), Kind::Text | Kind::TextOrEmpty | Kind::TextOrNull) => {
                self.text(value).map_or(Value::None, Value::Text)
            }
            (value, _) => value,
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
    #[inline]
    pub(crate) fn expr(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        if self.wanted(expr.when.as_ref(), env) { self.make(expr, env) } else { (Value::None, None) }
    }

    /// Evaluates an expression whose condition holds.
    #[inline]
    pub(crate) fn make(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let (value, source) = self.origin(expr, env);
        if expr.steps.is_empty() && expr.table.is_none() && expr.default.is_none() {
            return (value, source);
        }
        (self.convert(expr, (value, source)), source)
    }

    /// Leads a value through an expression's steps, table and default.
    #[inline(never)]
    fn convert(&mut self, expr: &'r Expr, origin: (Value<'r>, Option<Source<'r>>)) -> Value<'r> {
        let (mut value, source) = origin;
        let at = expr.at(source);
        let seen = |part, value| Event::Part { expr, part, value, source };
        for (index, step) in expr.steps.iter().enumerate() {
            if matches!(value, Value::None | Value::Bad) {
                break;
            }
            value = self.step(step, value, at);
            self.observer.see(seen(Seen::Step(index, step), value));
        }
        if let (Some(table), true) = (&expr.table, !matches!(value, Value::None | Value::Bad)) {
            let (entry, found) = self.look_up(table, value, at);
            value = found;
            self.observer.see(seen(entry, value));
        }
        if let (Some(default), Value::None) = (&expr.default, value) {
            value = constant(default);
            self.observer.see(seen(Seen::Default, value));
        }
        value
    }

    /// What an expression begins with.
    #[inline]
    fn origin(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        match &expr.kind {
            ExprKind::From(_) => self.first_full(expr, env),
            _ => self.composed(expr, env),
        }
    }

    /// What doesn't come from one place. Apart from what does, which is most, and would need as much room.
    #[inline(never)]
    fn composed(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let (part, value, source) = match &expr.kind {
            ExprKind::From(_) => return self.first_full(expr, env),
            ExprKind::Constant(value) => (Seen::Constant, constant(value), None),
            ExprKind::Template(parts) => (Seen::Text, self.template(expr, parts, env), None),
            ExprKind::First(alternatives) => self.first(alternatives, env),
            ExprKind::Earliest(dates) => self.earliest(dates, env),
            ExprKind::Join(exprs) => {
                let (value, source) = self.join(exprs, env);
                (Seen::Join, value, source)
            }
        };
        self.observer.see(Event::Part { expr, part, value, source });
        (value, source)
    }

    /// What stands at the first place that isn't empty.
    #[inline(never)]
    fn first_full(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let ExprKind::From(places) = &expr.kind else { return (Value::None, None) };
        let mut first = None;
        for (index, place) in places.iter().enumerate() {
            let (slot, source) = self.at_place(*place, env);
            if !slot.is_empty() {
                let value = self.read(slot, expr, source);
                self.observer.see(Event::Part { expr, part: Seen::From(index), value, source });
                return (value, source);
            }
            first = first.or(source);
        }
        let part = Seen::Nowhere;
        self.observer.see(Event::Part { expr, part, value: Value::None, source: first });
        (Value::None, first)
    }

    /// The value of the first expression that gives one.
    #[inline(never)]
    fn first(
        &mut self,
        alternatives: &'r [Expr],
        env: &'r Env<'r>,
    ) -> (Seen<'r>, Value<'r>, Option<Source<'r>>) {
        let mut last = (Seen::Nowhere, Value::None, None);
        for (index, alternative) in alternatives.iter().enumerate() {
            let (value, source) = self.nested(alternative, env);
            last = (Seen::Nowhere, value, source);
            if value.is_there() {
                last.0 = Seen::First(index);
                break;
            }
        }
        last
    }

    /// The earliest date of all expressions that give one. Every mistake in them is found; what one of them can't read rejects the record by its finding.
    #[inline(never)]
    fn earliest(&mut self, exprs: &'r [Expr], env: &'r Env<'r>) -> (Seen<'r>, Value<'r>, Option<Source<'r>>) {
        let mut earliest = (Seen::Nowhere, Value::None, None);
        for (index, expr) in exprs.iter().enumerate() {
            let (value, source) = self.date_of(expr, env);
            match (earliest.1, value) {
                (Value::Date(known), Value::Date(date)) if known <= date => {}
                (_, Value::None) | (Value::Date(_), Value::Bad) => {}
                _ => earliest = (Seen::Earliest(index), value, source),
            }
        }
        earliest
    }

    /// An expression in another. Out of line: [`Self::expr`] is large, and these are few.
    #[inline(never)]
    fn nested(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        self.expr(expr, env)
    }

    /// An expression's value as a date.
    #[inline(never)]
    fn date_of(&mut self, expr: &'r Expr, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let (value, source) = self.nested(expr, env);
        let value = match value {
            Value::Text(text) => self.date(text, &Notation::ALL, expr.at(source)),
            Value::Int(_) => self.bad(&rules::UNUSABLE_TYPE, expr.at(source)),
            value => value,
        };
        (value, source)
    }

    /// Whether the first of the dates that a field is the earliest of, the period's own end, isn't before this day.
    #[inline(never)]
    pub(crate) fn reaches(&self, field: usize, day: NaiveDate, env: &'r Env<'r>) -> bool {
        let Some(Some(Expr { kind: ExprKind::Earliest(exprs), .. })) = self.plan.fields.get(field) else {
            return false;
        };
        let (mut findings, mut observer) = (Findings::new(Vec::new()), Silent);
        let (findings, observer) = (&mut findings, &mut observer);
        let mut eval =
            Eval { plan: self.plan, bump: self.bump, scheme: self.scheme, fields: &[], findings, observer };
        let own = exprs.first().and_then(|expr| eval.date_of(expr, env).0.date());
        own.is_some_and(|own| own >= day)
    }

    /// The texts of all expressions; nothing where one of them has none. Every mistake in them is found.
    fn join(&mut self, exprs: &'r [Expr], env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        let mut out = String::new_in(self.bump);
        let (mut missing, mut places, mut place) = (None, 0usize, None);
        for expr in exprs {
            let (value, source) = self.nested(expr, env);
            if source.is_some() {
                (places, place) = (places.saturating_add(1), source);
            }
            match self.text(value) {
                Some(text) => out.push_str(text),
                None if missing != Some(Value::Bad) => missing = Some(value),
                None => {}
            }
        }
        // what is wrong with a text of several places is no single place's fault
        (missing.unwrap_or(Value::Text(out.into_bump_str())), place.filter(|_| places == 1))
    }

    #[inline]
    fn read(&mut self, slot: Slot<'r>, expr: &'r Expr, source: Option<Source<'r>>) -> Value<'r> {
        match slot {
            Slot::Text(text) => Value::Text(text),
            Slot::Int(value) => Value::Int(value),
            Slot::Other { empty: false } | Slot::List(_) => self.bad(&rules::UNUSABLE_TYPE, expr.at(source)),
            _ => Value::None,
        }
    }

    #[cold]
    fn bad(&mut self, rule: &'static Rule, at: At<'_>) -> Value<'r> {
        self.findings.add(rule, at);
        Value::Bad
    }

    /// A value as text; `None` where there is none.
    #[inline]
    pub(crate) fn text(&self, value: Value<'r>) -> Option<&'r str> {
        match value {
            Value::None | Value::Bad => None,
            Value::Text(text) => Some(text),
            Value::Int(value) => Some(self.print_int(value)),
            Value::Date(date) => Some(self.print(date, DateStyle::Iso)),
        }
    }

    #[inline(never)]
    fn print_int(&self, value: i64) -> &'r str {
        self.bump.alloc_str(itoa::Buffer::new().format(value))
    }

    #[inline(never)]
    fn print(&self, date: NaiveDate, style: DateStyle) -> &'r str {
        let mut out = String::with_capacity_in(32, self.bump);
        date::write(&mut out, date, style);
        out.into_bump_str()
    }

    fn look_up(&mut self, table: &'r Table, value: Value<'r>, at: At<'_>) -> (Seen<'r>, Value<'r>) {
        let key = self.text(value).unwrap_or_default();
        let find = |key: &str| table.entries.binary_search_by(|(known, _)| known.as_str().cmp(key)).ok();
        let found = find(key).or_else(|| find(trim(key)));
        match (found.and_then(|at| Some((at, table.entries.get(at)?))), &table.otherwise) {
            (Some((at, (_, value))), _) => (Seen::Entry(at), constant(value)),
            (None, Some(value)) => (Seen::Otherwise, constant(value)),
            (None, None) => (Seen::NotInTable, self.bad(&rules::NOT_IN_TABLE, at)),
        }
    }

    /// True where there is no condition, or it holds.
    pub(crate) fn wanted(&mut self, when: Option<&Condition>, env: &'r Env<'r>) -> bool {
        when.is_none_or(|when| self.holds(when, env))
    }

    fn holds(&mut self, condition: &Condition, env: &'r Env<'r>) -> bool {
        let holds = match &condition.test {
            Test::Present(place) => !self.slot(*place, env).is_empty(),
            Test::Absent(place) => self.slot(*place, env).is_empty(),
            Test::In(place, values) => match self.slot(*place, env) {
                Slot::Text(text) => values.iter().any(|value| value == trim(text)),
                Slot::Int(number) => {
                    let text = format!(in self.bump, "{}", number);
                    values.iter().any(|value| *value == text.as_str())
                }
                _ => false,
            },
            Test::Scheme(schemes) => self.scheme.is_some_and(|scheme| schemes.contains(&scheme)),
            Test::All(conditions) => conditions.iter().all(|condition| self.holds(condition, env)),
            Test::Any(conditions) => conditions.iter().any(|condition| self.holds(condition, env)),
            Test::Not(condition) => !self.holds(condition, env),
        };
        self.observer.see(Event::Condition(condition, holds));
        holds
    }

    #[inline]
    fn template(&mut self, expr: &'r Expr, parts: &'r [Part], env: &'r Env<'r>) -> Value<'r> {
        if let [Part::Literal(text)] = parts {
            return Value::Text(text);
        }
        let mut out = String::with_capacity_in(if parts.len() == 1 { 0 } else { 64 }, self.bump);
        for (index, part) in parts.iter().enumerate() {
            let (place, optional, format) = match part {
                Part::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Part::Place { place, optional, format } => (*place, *optional, *format),
            };
            let (value, source) = self.place(expr, place, env);
            self.observer.see(Event::Part { expr, part: Seen::Place(index), value, source });
            let value = match format {
                Some(format) if !matches!(value, Value::None | Value::Bad) => {
                    self.format(format, value, expr.at(source))
                }
                _ => value,
            };
            match self.text(value) {
                Some(text) if parts.len() == 1 => return Value::Text(text),
                Some(text) => out.push_str(text),
                None if value == Value::None && optional => {}
                None => return value,
            }
        }
        Value::Text(out.into_bump_str())
    }

    fn place(&mut self, expr: &'r Expr, place: Place, env: &'r Env<'r>) -> (Value<'r>, Option<Source<'r>>) {
        match place {
            Place::Record(place) => {
                let (slot, source) = self.at_place(place, env);
                if slot.is_empty() {
                    return (Value::None, source);
                }
                (self.read(slot, expr, source), source)
            }
            Place::Field(field) => (self.fields.get(field).copied().unwrap_or(Value::None), None),
            Place::SchemeName => (self.scheme.map_or(Value::None, |scheme| Value::Text(scheme.name())), None),
            Place::SchemeNumber => (self.scheme_number(), None),
        }
    }

    /// The scheme's number; for local schemes the payer number's.
    fn scheme_number(&self) -> Value<'r> {
        let payer = self.fields.get(Field::PayerNumber as usize).and_then(|value| value.text());
        match self.scheme.and_then(Scheme::number) {
            Some(number) => Value::Int(i64::from(number)),
            None => payer.and_then(|number| number.get(..2)).map_or(Value::None, Value::Text),
        }
    }
}

fn constant(constant: &Constant) -> Value<'_> {
    match constant {
        Constant::None => Value::None,
        Constant::Text(text) => Value::Text(text),
        Constant::Int(value) => Value::Int(*value),
    }
}
