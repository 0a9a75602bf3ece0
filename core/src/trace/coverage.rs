//! Which parts of a profile the records of an input reached.

use std::collections::BTreeMap;

use super::record::{place, placeholder};
use crate::{
    observe::{Decided, Event, Observe, Part as Seen},
    payload::Value,
    pointer,
    profile::{
        Plan,
        plan::{Condition, Expr, ExprKind, Item, ItemKind, Step, Test},
    },
};

/// What reaching a part means; [`super::CoverageRun`] has an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// A value was read from this place of the record.
    Source,
    /// A placeholder of a template had a value.
    Placeholder,
    /// The alternative gave the value.
    Alternative,
    /// The list that is looped over had an element.
    Loop,
    /// A step refused a value.
    Refused,
    /// The entry of the value table was used.
    Entry,
    /// `otherwise` was used.
    Otherwise,
    /// The value table refused a value.
    NotInTable,
    /// `default` was used.
    Default,
    /// The condition held.
    Holds,
    /// The condition did not hold.
    Fails,
}

impl Reach {
    /// The name in results for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Placeholder => "placeholder",
            Self::Alternative => "alternative",
            Self::Loop => "loop",
            Self::Refused => "refused",
            Self::Entry => "entry",
            Self::Otherwise => "otherwise",
            Self::NotInTable => "notInTable",
            Self::Default => "default",
            Self::Holds => "holds",
            Self::Fails => "fails",
        }
    }
}

/// A part of the profile; [`super::CoverageRun`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// JSON Pointer into the profile.
    pub profile: String,
    /// What reaching it means.
    pub reach: Reach,
    /// JSON Pointer into the record, for a template's placeholder.
    pub source: Option<String>,
    /// How often it was reached.
    pub count: u64,
}

/// Every part of a profile that a record can reach or miss; [`super::CoverageRun`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// In the order of their pointers.
    pub parts: Vec<Part>,
}

/// Pointer into the profile, what is reached, and the position of a placeholder.
type Key = (String, Reach, usize);

/// Counts while a run goes on.
#[derive(Debug)]
pub(super) struct Counter {
    counts: BTreeMap<Key, (Option<String>, u64)>,
}

impl Counter {
    /// Every part of a plan, reached by nobody yet.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut counter = Self { counts: BTreeMap::new() };
        counter.conditions(plan.records.when.as_ref());
        counter.expr(plan, &plan.scheme);
        for expr in plan.fields.iter().flatten() {
            counter.expr(plan, expr);
        }
        counter.item(plan, &plan.certificate);
        counter
    }

    pub(super) fn coverage(self) -> Coverage {
        let part = |((profile, reach, _), (source, count))| Part { profile, reach, source, count };
        Coverage { parts: self.counts.into_iter().map(part).collect() }
    }

    fn add(&mut self, profile: String, reach: Reach) {
        self.counts.insert((profile, reach, 0), (None, 0));
    }

    fn expr(&mut self, plan: &Plan, expr: &Expr) {
        self.conditions(expr.when.as_ref());
        match &expr.kind {
            ExprKind::From(places) => {
                for index in 0..places.len() {
                    self.add(place(expr, Seen::From(index)), Reach::Source);
                }
            }
            ExprKind::Template(pieces) => {
                for (index, piece) in pieces.iter().enumerate() {
                    let Some(reference) = placeholder(piece).and_then(|place| plan.places.get(place)) else {
                        continue;
                    };
                    let source = Some(reference.pointer.replace(pointer::INDEX, "…"));
                    self.counts.insert((expr.profile.clone(), Reach::Placeholder, index), (source, 0));
                }
            }
            ExprKind::First(exprs) => {
                for (index, alternative) in exprs.iter().enumerate() {
                    self.add(place(expr, Seen::First(index)), Reach::Alternative);
                    self.expr(plan, alternative);
                }
            }
            ExprKind::Earliest(exprs) => {
                for (index, date) in exprs.iter().enumerate() {
                    self.add(place(expr, Seen::Earliest(index)), Reach::Alternative);
                    self.expr(plan, date);
                }
            }
            ExprKind::Join(exprs) => exprs.iter().for_each(|expr| self.expr(plan, expr)),
            ExprKind::Constant(_) => {}
        }
        for (index, step) in expr.steps.iter().enumerate() {
            let refuses = matches!(
                step,
                Step::Date(_)
                    | Step::DayBefore
                    | Step::Integer
                    | Step::Format(_)
                    | Step::SplitName { unsplit: None, .. }
            );
            if refuses {
                self.add(place(expr, Seen::Step(index, step)), Reach::Refused);
            }
        }
        if let Some(table) = &expr.table {
            for index in 0..table.entries.len() {
                self.add(place(expr, Seen::Entry(index)), Reach::Entry);
            }
            match table.otherwise {
                Some(_) => self.add(place(expr, Seen::Otherwise), Reach::Otherwise),
                None => self.add(place(expr, Seen::NotInTable), Reach::NotInTable),
            }
        }
        if expr.default.is_some() {
            self.add(place(expr, Seen::Default), Reach::Default);
        }
    }

    fn conditions(&mut self, condition: Option<&Condition>) {
        let Some(condition) = condition else { return };
        self.add(condition.profile.clone(), Reach::Holds);
        self.add(condition.profile.clone(), Reach::Fails);
        match &condition.test {
            Test::All(inner) | Test::Any(inner) => {
                for inner in inner {
                    self.conditions(Some(inner));
                }
            }
            Test::Not(inner) => self.conditions(Some(inner)),
            Test::Present(_) | Test::Absent(_) | Test::In(..) | Test::Scheme(_) => {}
        }
    }

    fn item(&mut self, plan: &Plan, item: &Item) {
        match &item.kind {
            ItemKind::Value { expr, .. } => self.expr(plan, expr),
            ItemKind::Object { members, when } => {
                self.conditions(when.as_ref());
                for member in members {
                    self.item(plan, &member.item);
                }
            }
            ItemKind::List { element, when, profile, .. } => {
                self.conditions(when.as_ref());
                self.add(pointer::join(profile, "each"), Reach::Loop);
                self.item(plan, element);
            }
        }
    }

    fn reached(&mut self, profile: String, reach: Reach, position: usize) {
        if let Some((_, count)) = self.counts.get_mut(&(profile, reach, position)) {
            *count = count.saturating_add(1);
        }
    }
}

impl Observe for Counter {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Part { expr, part, value, .. } => {
                let (reach, position) = match part {
                    Seen::From(_) => (Reach::Source, 0),
                    Seen::Place(index) if value.is_there() => (Reach::Placeholder, index),
                    Seen::First(_) | Seen::Earliest(_) => (Reach::Alternative, 0),
                    Seen::Step(..) if value == Value::Bad => (Reach::Refused, 0),
                    Seen::Entry(_) => (Reach::Entry, 0),
                    Seen::Otherwise => (Reach::Otherwise, 0),
                    Seen::NotInTable => (Reach::NotInTable, 0),
                    Seen::Default => (Reach::Default, 0),
                    Seen::Place(_)
                    | Seen::Step(..)
                    | Seen::Nowhere
                    | Seen::Constant
                    | Seen::Text
                    | Seen::Join => return,
                };
                self.reached(place(expr, part), reach, position);
            }
            Event::Condition(condition, holds) => {
                let reach = if holds { Reach::Holds } else { Reach::Fails };
                self.reached(condition.profile.clone(), reach, 0);
            }
            Event::Loop { list, elements } if elements > 0 => {
                if let ItemKind::List { profile, .. } = list {
                    self.reached(pointer::join(profile, "each"), Reach::Loop, 0);
                }
            }
            Event::Begin { .. } | Event::LeftOut { .. } | Event::Loop { .. } | Event::End { .. } => {}
        }
    }

    fn decided(&mut self, _: Decided<'_>) {}
}
