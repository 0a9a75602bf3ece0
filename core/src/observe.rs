//! Watching a run: what the engine tells whoever traces a record or measures a profile's coverage.
//!
//! The engine is generic over its observer. An ordinary run has [`Silent`], whose calls are compiled away; nothing here may change
//! what a run does.

use crate::{
    eval::Source,
    finding::Finding,
    payload::Value,
    profile::plan::{Condition, Expr, ItemKind, Step},
    session::Fate,
};

/// Told of everything that happens to a record; what an observer does not care about is compiled away.
pub(crate) trait Observe {
    /// A value is on its way.
    #[inline(always)]
    fn see(&mut self, _: Event<'_>) {}

    /// A payload element, or a record that gives none, is decided.
    #[inline(always)]
    fn decided(&mut self, _: Decided<'_>) {}

    /// A finding goes into the report.
    #[inline(always)]
    fn found(&mut self, _: &Finding) {}
}

/// Something on a value's way.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event<'e> {
    /// A value for this place of the payload is about to be made; `""` is the scheme.
    Begin { target: &'e str, indexes: &'e [usize], profile: &'e str },
    /// An item of the certificate is left out by its condition.
    LeftOut { target: &'e str, indexes: &'e [usize], profile: &'e str },
    /// What the expression came to at one of its parts.
    Part { expr: &'e Expr, part: Part<'e>, value: Value<'e>, source: Option<Source<'e>> },
    /// Whether a condition holds.
    Condition(&'e Condition, bool),
    /// A loop over a list begins.
    Loop { list: &'e ItemKind, elements: usize },
    /// The value, as it goes into the payload.
    End { value: Value<'e>, source: Option<Source<'e>> },
}

/// A part of an expression.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part<'e> {
    /// The place, by its position, that was read: the first that isn't empty.
    From(usize),
    /// None of the places has a value.
    Nowhere,
    Constant,
    /// A placeholder of a template, by its position among the pieces.
    Place(usize),
    Text,
    /// The alternative, by its position, that gave the value.
    First(usize),
    /// The expression, by its position, that gave the earliest date.
    Earliest(usize),
    Join,
    Step(usize, &'e Step),
    /// The entry of the value table, by its position.
    Entry(usize),
    Otherwise,
    NotInTable,
    Default,
}

/// What became of a payload element.
#[derive(Debug)]
pub(crate) struct Decided<'e> {
    /// Index of the record in the input.
    pub(crate) record: u64,
    pub(crate) key: Option<&'e str>,
    pub(crate) fate: Fate,
    pub(crate) findings: &'e [Finding],
    /// The element as written, whether it was accepted or not; empty where none was.
    pub(crate) element: &'e [u8],
}

/// Watches nothing.
#[derive(Debug, Default)]
pub(crate) struct Silent;

impl Observe for Silent {}
