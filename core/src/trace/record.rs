//! The trace of a payload element: each value's way from the record, step by step.

use super::Shown;
use crate::{
    Fate, Finding,
    eval::Source,
    observe::{Decided, Event, Observe, Part},
    payload::Value,
    pointer,
    profile::plan::{Expr, ExprKind, Part as Piece, Place, PlaceId, Step as PlanStep},
};

/// What became of one payload element, and why.
///
/// ```
/// use std::sync::Arc;
/// use pmh_core::{Fate, NaiveDate, Options, Profile, trace::{Came, Tracer}};
///
/// let profile = Arc::new(Profile::compile(include_bytes!("../../examples/profile.json")).unwrap());
/// let mut traces = Vec::new();
/// let options = Options::new(NaiveDate::from_ymd_opt(2026, 11, 22).unwrap());
/// let mut tracer = Tracer::new(profile, options, |trace| traces.push(trace));
/// tracer.push(r#"[{"宛名番号": "1", "制度": "15"}]"#.as_bytes());
/// tracer.finish();
/// let scheme = &traces[0].values[0];
/// assert_eq!((scheme.target.as_str(), scheme.source.as_deref()), ("", Some("/制度")));
/// let steps: Vec<&str> = scheme.steps.iter().map(|step| step.name).collect();
/// assert_eq!(steps, ["from", "map"]);
/// let Came::Value(value) = &scheme.value else { panic!() };
/// assert_eq!((value.reveal(), traces[0].fate), ("kosei", Fate::Rejected));
/// ```
#[derive(Debug, Clone)]
pub struct Trace {
    /// Index of the record in the input, from 0. Several elements may come from one record.
    pub record: u64,
    /// The record's own key.
    pub record_key: Option<String>,
    /// What became of the element.
    pub fate: Fate,
    /// The scheme, the fields and the certificate's items, in the order in which they were made.
    pub values: Vec<Traced>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// The element as JSON text, written even where it was rejected; `None` for an excluded or unreadable record.
    pub element: Option<Shown>,
}

/// A value of the payload; [`Trace`] has an example.
#[derive(Debug, Clone)]
pub struct Traced {
    /// JSON Pointer into the payload element; `""` is the scheme.
    pub target: String,
    /// JSON Pointer into the record, where the value came from one place.
    pub source: Option<String>,
    /// JSON Pointer into the profile.
    pub profile: String,
    /// What happened on the way, in order.
    pub steps: Vec<Step>,
    /// The value as it goes into the payload.
    pub value: Came,
}

/// One thing on a value's way; [`Trace`] has an example.
#[derive(Debug, Clone)]
pub struct Step {
    /// The profile's word for it: `from`, `katakana`, `map`, `when` and so on.
    pub name: &'static str,
    /// JSON Pointer into the profile.
    pub profile: String,
    /// JSON Pointer into the record.
    pub source: Option<String>,
    /// What it gave.
    pub came: Came,
}

/// What a step gave; [`Trace`] has an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// A value.
    Value(Shown),
    /// None.
    Nothing,
    /// None that can be used: a finding says why.
    Unusable,
    /// A condition holds or doesn't.
    Holds(bool),
}

impl Came {
    fn of(value: Value<'_>) -> Self {
        match value {
            Value::None => Self::Nothing,
            Value::Bad => Self::Unusable,
            Value::Text(text) => Self::Value(Shown(text.to_owned())),
            Value::Int(number) => Self::Value(Shown(number.to_string())),
            Value::Date(date) => Self::Value(Shown(date.to_string())),
        }
    }
}

/// Gathers a trace, and hands it on when the element is decided.
#[derive(Debug)]
pub(super) struct Recorder<F> {
    take: F,
    values: Vec<Traced>,
    /// Conditions and steps whose value isn't known yet.
    steps: Vec<Step>,
    begun: Option<Traced>,
}

impl<F> Recorder<F> {
    pub(super) fn new(take: F) -> Self {
        Self { take, values: Vec::new(), steps: Vec::new(), begun: None }
    }
}

fn begin(target: &str, indexes: &[usize], profile: &str) -> Traced {
    Traced {
        target: pointer::fill(target, indexes),
        source: None,
        profile: profile.to_owned(),
        steps: Vec::new(),
        value: Came::Nothing,
    }
}

impl<F: FnMut(Trace)> Observe for Recorder<F> {
    fn see(&mut self, event: Event<'_>) {
        match event {
            Event::Begin { target, indexes, profile } => {
                // conditions of an object around this value were told of before, and stand in the profile elsewhere
                self.steps.retain(|step| step.profile.starts_with(profile));
                self.begun = Some(begin(target, indexes, profile));
            }
            Event::LeftOut { target, indexes, profile } => {
                let mut traced = begin(target, indexes, profile);
                self.steps.retain(|step| step.profile.starts_with(profile));
                traced.steps = core::mem::take(&mut self.steps);
                self.values.push(traced);
            }
            Event::Part { expr, part, value, source } => {
                let reads = matches!(part, Part::From(_) | Part::Nowhere | Part::Place(_));
                self.steps.push(Step {
                    name: name(part),
                    profile: place(expr, part),
                    source: source.filter(|_| reads).map(Source::pointer),
                    came: Came::of(value),
                });
            }
            Event::Condition(condition, holds) => self.steps.push(Step {
                name: "when",
                profile: condition.profile.clone(),
                source: None,
                came: Came::Holds(holds),
            }),
            Event::End { value, source } => {
                if let Some(mut traced) = self.begun.take() {
                    traced.source = source.map(Source::pointer);
                    traced.value = Came::of(value);
                    traced.steps = core::mem::take(&mut self.steps);
                    self.values.push(traced);
                }
            }
            Event::Loop { .. } => {}
        }
    }

    fn decided(&mut self, decided: Decided<'_>) {
        if !self.steps.is_empty() {
            // the condition that leaves the whole element out
            let mut traced = begin("", &[], "/records/when");
            traced.steps = core::mem::take(&mut self.steps);
            self.values.push(traced);
        }
        let element = core::str::from_utf8(decided.element).ok().filter(|text| !text.is_empty());
        (self.take)(Trace {
            record: decided.record,
            record_key: decided.key.map(str::to_owned),
            fate: decided.fate,
            values: core::mem::take(&mut self.values),
            findings: decided.findings.to_vec(),
            element: element.map(|text| Shown(text.to_owned())),
        });
    }
}

/// Where the profile speaks of a part of an expression.
pub(super) fn place(expr: &Expr, part: Part<'_>) -> String {
    let below = |token: &str| pointer::join(&expr.profile, token);
    let element = |token: &str, index: usize| pointer::join(&below(token), &index.to_string());
    match (part, &expr.kind) {
        (Part::From(_), ExprKind::From(places)) if places.len() == 1 => below("from"),
        (Part::From(index), _) => element("from", index),
        (Part::Nowhere, ExprKind::First(_)) => below("first"),
        (Part::Nowhere, ExprKind::Earliest(_)) => below("earliest"),
        (Part::Nowhere, _) => below("from"),
        (Part::Constant, _) => below("value"),
        (Part::Place(_) | Part::Text, _) => expr.profile.clone(),
        (Part::First(index), _) => element("first", index),
        (Part::Earliest(index), _) => element("earliest", index),
        (Part::Join, _) => below("join"),
        (Part::Step(index, _), _) => element("do", index),
        (Part::Entry(index), _) => {
            let entry = expr.table.as_ref().and_then(|table| table.entries.get(index));
            pointer::join(&below("map"), entry.map_or("", |(key, _)| key))
        }
        (Part::Otherwise, _) => below("otherwise"),
        (Part::NotInTable, _) => below("map"),
        (Part::Default, _) => below("default"),
    }
}

fn name(part: Part<'_>) -> &'static str {
    match part {
        Part::From(_) | Part::Nowhere => "from",
        Part::Constant => "value",
        Part::Place(_) => "place",
        Part::Text => "text",
        Part::First(_) => "first",
        Part::Earliest(_) => "earliest",
        Part::Join => "join",
        Part::Entry(_) | Part::NotInTable => "map",
        Part::Otherwise => "otherwise",
        Part::Default => "default",
        Part::Step(_, step) => match step {
            PlanStep::Trim => "trim",
            PlanStep::Katakana => "katakana",
            PlanStep::Hiragana => "hiragana",
            PlanStep::Fullwidth => "fullwidth",
            PlanStep::Halfwidth => "halfwidth",
            PlanStep::Digits => "digits",
            PlanStep::Integer => "integer",
            PlanStep::Compose => "compose",
            PlanStep::DayBefore => "dayBefore",
            PlanStep::Date(_) => "date",
            PlanStep::SplitName { .. } => "splitName",
            PlanStep::Pad(_) => "pad",
            PlanStep::Take(_) => "take",
            PlanStep::Drop(_) => "drop",
            PlanStep::Format(_) => "format",
            PlanStep::Replace(_) => "replace",
        },
    }
}

/// The place of the record that a piece of a template reads.
pub(super) fn placeholder(piece: &Piece) -> Option<PlaceId> {
    match piece {
        Piece::Place { place: Place::Record(place), .. } => Some(*place),
        _ => None,
    }
}
