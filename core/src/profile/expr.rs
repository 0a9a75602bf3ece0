//! Expressions, templates and conditions, and the places in a record that they read.

use super::{
    places::Places,
    plan::{Condition, Constant, Expr, ExprKind, Part, Place, PlaceId, ScopeId, Table, Test},
    reader::{Mistakes, Value, child},
    steps,
    template::{self, Piece},
    words,
};
use crate::{finding::Detail, json::Json, payload::FIELDS, pointer, rules, scheme::Scheme};

/// Compiles expressions, and gathers the places that they read.
#[derive(Debug)]
pub(super) struct Compiler {
    pub(super) places: Places,
    certificate: bool,
    /// Where in the payload element the value goes whose expression is compiled.
    target: String,
}

impl Compiler {
    pub(super) fn new(places: Places) -> Self {
        Self { places, certificate: false, target: String::new() }
    }

    /// Compiles with payload fields allowed in templates.
    pub(super) fn in_certificate<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        self.certificate = true;
        let result = compile(self);
        self.certificate = false;
        result
    }

    /// Compiles with pointers that start at a list's elements, where there is a list.
    pub(super) fn in_scope<T>(&mut self, scope: Option<ScopeId>, compile: impl FnOnce(&mut Self) -> T) -> T {
        scope.inspect(|scope| self.places.enter(*scope));
        let result = compile(self);
        scope.inspect(|_| self.places.leave());
        result
    }

    /// The expression of a value that goes there.
    pub(super) fn expr_for(
        &mut self,
        target: &str,
        value: Value<'_>,
        mistakes: &mut Mistakes,
    ) -> Option<Expr> {
        target.clone_into(&mut self.target);
        self.expr(value, mistakes)
    }

    fn expr(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Expr> {
        let target = self.target.clone();
        let plain = |kind| Expr {
            kind,
            steps: Vec::new(),
            table: None,
            default: None,
            when: None,
            target,
            profile: value.at.to_owned(),
        };
        if let Json::String(_) = value.json {
            return Some(plain(ExprKind::Template(self.template(value, mistakes)?)));
        }
        if !matches!(value.json, Json::Object(_)) {
            return value.expected(
                "a text or an object with `from`, `value`, `text`, `first` or `join`",
                "文字列、または `from`・`value`・`text`・`first`・`join` を持つオブジェクト",
                mistakes,
            );
        }
        let keys: Vec<&str> = words::KINDS.names.iter().chain(words::MODIFIERS.names).copied().collect();
        value.object_of(&keys, mistakes)?;
        if words::KINDS.names.iter().filter(|key| value.get(key).is_some()).count() != 1 {
            return value.expected(
                "exactly one of `from`, `value`, `text`, `first`, `join`",
                "`from`・`value`・`text`・`first`・`join` のうちちょうど1つ",
                mistakes,
            );
        }
        let kind = self.kind(value, mistakes);
        let steps = value.with("do", |value| steps::read(value, mistakes)).unwrap_or_default();
        let table = value.with("map", |map| table(map, value, mistakes)).flatten();
        if table.is_none() && value.get("otherwise").is_some() {
            value.missing("map", mistakes);
        }
        let default = value.with("default", |value| constant(value, mistakes)).flatten();
        let when = value.with("when", |value| self.condition(value, mistakes)).flatten();
        Some(Expr { steps, table, default, when, ..plain(kind?) })
    }

    fn kind(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<ExprKind> {
        if let Some(slots) = value.with("from", |value| self.from(value, mistakes)) {
            return slots.map(ExprKind::From);
        }
        if let Some(constant) = value.with("value", |value| constant(value, mistakes)) {
            return constant.map(ExprKind::Constant);
        }
        if let Some(parts) = value.with("text", |value| self.template(value, mistakes)) {
            return parts.map(ExprKind::Template);
        }
        if let Some(alternatives) = value.with("first", |value| self.exprs(value, mistakes)) {
            return alternatives.map(ExprKind::First);
        }
        if let Some(dates) = value.with("earliest", |value| self.exprs(value, mistakes)) {
            return dates.map(ExprKind::Earliest);
        }
        value.with("join", |value| self.exprs(value, mistakes))?.map(ExprKind::Join)
    }

    #[inline(never)]
    fn exprs(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Expr>> {
        let items = value.array(mistakes)?;
        if items.is_empty() {
            return value.expected("at least one expression", "1つ以上の式", mistakes);
        }
        value.each(items, |item| self.expr(item, mistakes))
    }

    fn from(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<PlaceId>> {
        match value.json {
            Json::String(_) => Some(vec![self.pointer(value, mistakes)?]),
            Json::Array(items) if !items.is_empty() => value.each(items, |item| self.pointer(item, mistakes)),
            _ => value.expected("a JSON Pointer or a list of them", "JSON Pointer、またはその配列", mistakes),
        }
    }

    /// The place that a pointer leads to.
    pub(super) fn pointer(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<PlaceId> {
        self.places.place(value, value.string(mistakes)?, mistakes)
    }

    fn template(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Part>> {
        let Some(pieces) = template::pieces(value.string(mistakes)?) else {
            mistakes.add(&rules::PROFILE_TEMPLATE, value.at, Detail::Nothing);
            return None;
        };
        if let [Piece::Literal(text)] = pieces.as_slice()
            && template::looks_like_pointer(text)
        {
            mistakes.add(&rules::PROFILE_TYPE, value.at, Detail::Name(format!(r#"{{ "from": "{text}" }}"#)));
            return None;
        }
        let parts: Vec<Option<Part>> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Some(Part::Literal(text)),
                Piece::Place { name, optional, format } => {
                    let place = self.place(value, name, mistakes);
                    let format = match format {
                        Some(name) => Some(template::format(name, value.at, mistakes)?),
                        None => None,
                    };
                    Some(Part::Place { place: place?, optional, format })
                }
            })
            .collect();
        parts.into_iter().collect()
    }

    fn place(&mut self, value: Value<'_>, name: &str, mistakes: &mut Mistakes) -> Option<Place> {
        if name.starts_with(['/', '^']) {
            return self.places.place(value, name, mistakes).map(Place::Record);
        }
        match name {
            "scheme.name" => return Some(Place::SchemeName),
            "scheme.number" => return Some(Place::SchemeNumber),
            _ => {}
        }
        let fields: Vec<String> =
            FIELDS.iter().map(|field| field.target.trim_start_matches('/').replace('/', ".")).collect();
        let mut known = vec!["scheme.name", "scheme.number"];
        if self.certificate {
            known.extend(fields.iter().map(String::as_str));
        }
        let found = fields.iter().position(|field| field == name).filter(|_| self.certificate);
        if found.is_none() {
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, &known);
        }
        found.map(Place::Field)
    }

    /// A condition.
    pub(super) fn condition(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Condition> {
        let test = self.test(value, mistakes)?;
        Some(Condition { test, profile: value.at.to_owned() })
    }

    fn test(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Test> {
        let members = value.object_of(words::CONDITIONS.names, mistakes)?;
        if let (2, Some(at), Some(values)) = (members.len(), value.get("at"), value.get("in")) {
            let place = child(value.at, "at", at, |at| self.pointer(at, mistakes));
            let values = child(value.at, "in", values, |values| texts(values, mistakes));
            return Some(Test::In(place?, values?));
        }
        let [(key, json)] = members else {
            return value.expected(
                "one condition: `present`, `absent`, `at` with `in`, `scheme`, `all`, `any` or `not`",
                "条件1つ(`present`、`absent`、`at` と `in`、`scheme`、`all`、`any`、`not`)",
                mistakes,
            );
        };
        child(value.at, key, json, |inner| match key.as_str() {
            "present" => self.pointer(inner, mistakes).map(Test::Present),
            "absent" => self.pointer(inner, mistakes).map(Test::Absent),
            "scheme" => schemes(inner, mistakes).map(Test::Scheme),
            "all" => self.conditions(inner, mistakes).map(Test::All),
            "any" => self.conditions(inner, mistakes).map(Test::Any),
            "not" => self.condition(inner, mistakes).map(|condition| Test::Not(Box::new(condition))),
            "at" => {
                value.missing("in", mistakes);
                None
            }
            _ => {
                value.missing("at", mistakes);
                None
            }
        })
    }

    fn conditions(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Condition>> {
        value.each(value.array(mistakes)?, |item| self.condition(item, mistakes))
    }
}

fn texts(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    value.each(value.array(mistakes)?, |item| match item.json {
        Json::Int(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => item.string(mistakes).map(str::to_owned),
    })
}

fn schemes(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Scheme>> {
    let ids = texts(value, mistakes)?;
    let each = |(index, id): (usize, &String)| {
        let scheme = Scheme::from_id(id);
        if scheme.is_none() {
            let at = pointer::join(value.at, &index.to_string());
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, &at, id, &Scheme::ALL.map(Scheme::id));
        }
        scheme
    };
    ids.iter().enumerate().map(each).collect::<Vec<_>>().into_iter().collect()
}

fn constant(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Constant> {
    match value.json {
        Json::Null => Some(Constant::None),
        Json::Bool(truth) => Some(Constant::Text(truth.to_string())),
        Json::Int(number) => Some(Constant::Int(*number)),
        Json::String(text) => Some(Constant::Text(text.clone())),
        _ => {
            value.expected("a text, an integer, true, false or null", "文字列・整数・真偽値・null", mistakes)
        }
    }
}

fn table(map: Value<'_>, outer: Value<'_>, mistakes: &mut Mistakes) -> Option<Table> {
    let mut entries: Vec<(String, Constant)> = Vec::new();
    for (key, json) in map.object(mistakes)? {
        if let Some(constant) = child(map.at, key, json, |value| constant(value, mistakes)) {
            entries.insert(entries.partition_point(|(other, _)| other <= key), (key.clone(), constant));
        }
    }
    let otherwise = outer.with("otherwise", |value| constant(value, mistakes)).flatten();
    Some(Table { entries, otherwise })
}

impl Expr {
    /// Every text that the expression can result in without reading a record, and where it stands.
    pub(super) fn constants(&self, at: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut add = |at: String, constant: &Constant| match constant {
            Constant::None => {}
            Constant::Text(text) => found.push((at, text.clone())),
            Constant::Int(number) => found.push((at, number.to_string())),
        };
        if let Some(table) = &self.table {
            let map = pointer::join(at, "map");
            table.entries.iter().for_each(|(key, constant)| add(pointer::join(&map, key), constant));
            table.otherwise.iter().for_each(|constant| add(pointer::join(at, "otherwise"), constant));
        }
        self.default.iter().for_each(|constant| add(pointer::join(at, "default"), constant));
        match (&self.kind, &self.table) {
            (ExprKind::Constant(constant), None) => add(pointer::join(at, "value"), constant),
            (ExprKind::Template(parts), None) => {
                if let [Part::Literal(text)] = parts.as_slice() {
                    add(at.to_owned(), &Constant::Text(text.clone()));
                }
            }
            (ExprKind::First(alternatives), None) => {
                let first = pointer::join(at, "first");
                let each = |(index, expr): (usize, &Self)| {
                    expr.constants(&pointer::join(&first, &index.to_string()))
                };
                found.extend(alternatives.iter().enumerate().flat_map(each));
            }
            _ => {}
        }
        found
    }
}
