//! Expressions, templates and conditions, and the places in a record that they read.

use super::{
    json::Json,
    plan::{
        Child, Condition, Constant, Expr, ExprKind, Node, NodeId, Part, Place, Scope, ScopeId, SlotId, Table,
    },
    reader::{Mistakes, Value, child},
    steps,
    template::{self, FORMATS, Piece},
};
use crate::{finding::Detail, payload::FIELDS, pointer, rules, scheme::Scheme};

const KEYS: [&str; 9] = ["from", "value", "text", "first", "do", "map", "otherwise", "default", "when"];
const KINDS: [&str; 4] = ["from", "value", "text", "first"];
const CONDITIONS: [&str; 8] = ["present", "absent", "at", "in", "scheme", "all", "any", "not"];
const MOST_PLACES: usize = 10_000;
/// So that a set of keys that were seen fits into one word.
const MOST_KEYS_OF_AN_OBJECT: usize = 128;

/// Gathers the places that are read while expressions are compiled.
#[derive(Debug)]
pub(super) struct Compiler {
    nodes: Vec<Node>,
    scopes: Vec<Scope>,
    /// Where pointers start from.
    scope: ScopeId,
    certificate: bool,
}

impl Compiler {
    pub(super) fn new() -> Self {
        let root = Scope { root: 0, slots: Vec::new() };
        Self { nodes: vec![Node::default()], scopes: vec![root], scope: 0, certificate: false }
    }

    /// The tree of places, checked for its bounds.
    pub(super) fn finish(self, mistakes: &mut Mistakes) -> (Vec<Node>, Vec<Scope>) {
        let crowded = self.nodes.iter().any(|node| node.children.len() > MOST_KEYS_OF_AN_OBJECT);
        if self.nodes.len() > MOST_PLACES || crowded {
            let most = format!("{MOST_PLACES} places, {MOST_KEYS_OF_AN_OBJECT} of an object");
            mistakes.add(&rules::PROFILE_LIMIT, "/fields", Detail::Name(most));
        }
        (self.nodes, self.scopes)
    }

    /// Compiles with payload fields allowed in templates.
    pub(super) fn in_certificate<T>(&mut self, compile: impl FnOnce(&mut Self) -> T) -> T {
        self.certificate = true;
        let result = compile(self);
        self.certificate = false;
        result
    }

    /// Compiles with pointers relative to a list's elements.
    pub(super) fn in_scope<T>(&mut self, scope: ScopeId, compile: impl FnOnce(&mut Self) -> T) -> T {
        let outer = core::mem::replace(&mut self.scope, scope);
        let result = compile(self);
        self.scope = outer;
        result
    }

    /// An expression.
    pub(super) fn expr(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Expr> {
        let plain = |kind| Expr {
            kind,
            steps: Vec::new(),
            table: None,
            default: None,
            when: None,
            profile: value.at.to_owned(),
        };
        if let Json::String(_) = value.json {
            return Some(plain(ExprKind::Template(self.template(value, mistakes)?)));
        }
        if !matches!(value.json, Json::Object(_)) {
            return value.expected(
                "a text or an object with `from`, `value`, `text` or `first`",
                "文字列、または `from`・`value`・`text`・`first` を持つオブジェクト",
                mistakes,
            );
        }
        value.object_of(&KEYS, mistakes)?;
        if KINDS.iter().filter(|key| value.get(key).is_some()).count() != 1 {
            return value.expected(
                "exactly one of `from`, `value`, `text`, `first`",
                "`from`・`value`・`text`・`first` のうちちょうど1つ",
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
        let alternatives = value.with("first", |value| {
            let items = value.array(mistakes)?;
            if items.is_empty() {
                return value.expected("at least one expression", "1つ以上の式", mistakes);
            }
            let each = |(index, json): (usize, &Json)| {
                child(value.at, &index.to_string(), json, |item| self.expr(item, mistakes))
            };
            items.iter().enumerate().map(each).collect::<Vec<_>>().into_iter().collect()
        })?;
        alternatives.map(ExprKind::First)
    }

    fn from(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<SlotId>> {
        match value.json {
            Json::String(_) => Some(vec![self.pointer(value, mistakes)?]),
            Json::Array(items) if !items.is_empty() => {
                let each = |(index, json): (usize, &Json)| {
                    child(value.at, &index.to_string(), json, |item| self.pointer(item, mistakes))
                };
                items.iter().enumerate().map(each).collect::<Vec<_>>().into_iter().collect()
            }
            _ => value.expected("a JSON Pointer or a list of them", "JSON Pointer、またはその配列", mistakes),
        }
    }

    /// The slot of the place that a pointer leads to.
    pub(super) fn pointer(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<SlotId> {
        let node = self.node(value, value.string(mistakes)?, mistakes)?;
        self.slot(node)
    }

    /// The slot and the scope of a list that is looped over.
    pub(super) fn list(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<(SlotId, ScopeId)> {
        let id = self.node(value, value.string(mistakes)?, mistakes)?;
        let slot = self.slot(id)?;
        let node = self.nodes.get(id)?;
        if let Some(scope) = node.list {
            return Some((slot, scope));
        }
        if !node.children.is_empty() {
            return value.expected(
                "a list that isn't read by index or key elsewhere",
                "ほかの箇所で添字やキーによって読み取っていない配列",
                mistakes,
            );
        }
        let root = self.nodes.len();
        let scope = self.scopes.len();
        let pointer = format!("{}/{}", node.pointer, pointer::INDEX);
        self.nodes.push(Node { pointer, ..Node::default() });
        self.scopes.push(Scope { root, slots: Vec::new() });
        self.nodes.get_mut(id)?.list = Some(scope);
        Some((slot, scope))
    }

    fn node(&mut self, value: Value<'_>, text: &str, mistakes: &mut Mistakes) -> Option<NodeId> {
        let Some(tokens) = pointer::tokens(text) else {
            mistakes.add(&rules::PROFILE_POINTER, value.at, Detail::Nothing);
            return None;
        };
        let mut id = self.scopes.get(self.scope)?.root;
        for token in tokens {
            let node = self.nodes.get(id)?;
            if node.list.is_some() {
                return value.expected(
                    "a place outside the list that `each` loops over",
                    "`each` で繰り返す配列の外にある場所",
                    mistakes,
                );
            }
            id = match node.children.iter().find(|child| child.token == token) {
                Some(child) => child.node,
                None => self.add_child(id, token)?,
            };
        }
        Some(id)
    }

    fn add_child(&mut self, parent: NodeId, token: String) -> Option<NodeId> {
        let node = self.nodes.len();
        let parent = self.nodes.get_mut(parent)?;
        let pointer = pointer::join(&parent.pointer, &token);
        let index = (token == "0" || !token.starts_with('0')).then(|| token.parse().ok()).flatten();
        parent.children.push(Child { token, index, node });
        self.nodes.push(Node { pointer, ..Node::default() });
        Some(node)
    }

    fn slot(&mut self, node: NodeId) -> Option<SlotId> {
        let node = self.nodes.get_mut(node)?;
        if node.slot.is_none() {
            let slots = &mut self.scopes.get_mut(self.scope)?.slots;
            node.slot = Some(slots.len());
            slots.push(node.pointer.clone());
        }
        node.slot
    }

    fn template(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<Part>> {
        let Some(pieces) = template::pieces(value.string(mistakes)?) else {
            mistakes.add(&rules::PROFILE_TEMPLATE, value.at, Detail::Nothing);
            return None;
        };
        let parts: Vec<Option<Part>> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Literal(text) => Some(Part::Literal(text)),
                Piece::Place { name, optional, format } => {
                    let place = self.place(value, name, mistakes);
                    let format = format.map(|name| {
                        let format = template::format(name);
                        if format.is_none() {
                            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, value.at, name, &FORMATS);
                        }
                        format
                    });
                    Some(template::part(
                        place?,
                        optional,
                        match format {
                            Some(format) => Some(format?),
                            None => None,
                        },
                    ))
                }
            })
            .collect();
        parts.into_iter().collect()
    }

    fn place(&mut self, value: Value<'_>, name: &str, mistakes: &mut Mistakes) -> Option<Place> {
        if name.starts_with('/') {
            let node = self.node(value, name, mistakes)?;
            return self.slot(node).map(Place::Slot);
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
        let members = value.object_of(&CONDITIONS, mistakes)?;
        if let (2, Some(at), Some(values)) = (members.len(), value.get("at"), value.get("in")) {
            let slot = child(value.at, "at", at, |at| self.pointer(at, mistakes));
            let values = child(value.at, "in", values, |values| texts(values, mistakes));
            return Some(Condition::In(slot?, values?));
        }
        let [(key, json)] = members else {
            return value.expected(
                "one condition: `present`, `absent`, `at` with `in`, `scheme`, `all`, `any` or `not`",
                "条件1つ(`present`、`absent`、`at` と `in`、`scheme`、`all`、`any`、`not`)",
                mistakes,
            );
        };
        child(value.at, key, json, |inner| match key.as_str() {
            "present" => self.pointer(inner, mistakes).map(Condition::Present),
            "absent" => {
                let slot = self.pointer(inner, mistakes)?;
                Some(Condition::Not(Box::new(Condition::Present(slot))))
            }
            "scheme" => schemes(inner, mistakes).map(Condition::Scheme),
            "all" => self.conditions(inner, mistakes).map(Condition::All),
            "any" => self.conditions(inner, mistakes).map(Condition::Any),
            "not" => self.condition(inner, mistakes).map(|condition| Condition::Not(Box::new(condition))),
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
        let items = value.array(mistakes)?;
        let each = |(index, json): (usize, &Json)| {
            child(value.at, &index.to_string(), json, |item| self.condition(item, mistakes))
        };
        items.iter().enumerate().map(each).collect::<Vec<_>>().into_iter().collect()
    }
}

fn texts(value: Value<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    let items = value.array(mistakes)?;
    let each = |(index, json): (usize, &Json)| {
        child(value.at, &index.to_string(), json, |item| match item.json {
            Json::Int(number) => Some(number.to_string()),
            Json::Bool(truth) => Some(truth.to_string()),
            _ => item.string(mistakes).map(str::to_owned),
        })
    };
    items.iter().enumerate().map(each).collect::<Vec<_>>().into_iter().collect()
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
    let mut entries = Vec::new();
    for (key, json) in map.object(mistakes)? {
        let constant = child(map.at, key, json, |value| constant(value, mistakes));
        entries.extend(constant.map(|constant| (key.clone(), constant)));
    }
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
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
