//! One record into its payload elements: which there are, what they hold, what becomes of each.

use std::borrow::Cow;

use bumpalo::Bump;

use super::{Engine, Fate, Output, record_key};
use crate::{
    certificate,
    eval::{At, Env, Eval},
    extract::{Extracted, Slot},
    finding::Finding,
    observe::Observe,
    payload::{FIELD_COUNT, Field, Value, write_fields},
    pointer,
    profile::{Plan, Profile},
    record::Record,
    rules::{self, Severity},
};

/// Payload elements that one record may give.
const MOST_ELEMENTS: usize = 1000;
const START: usize = Field::StartDate as usize;
const END: usize = Field::EndDate as usize;
/// Bytes that one record may become, against the largest record.
const MOST_GROWTH: usize = 4;

impl<O: Observe> Engine<O> {
    /// Maps, checks and writes one record: each of its payload elements.
    pub(super) fn map(
        &mut self,
        profile: &Profile,
        bump: &Bump,
        extracted: &Extracted<'_>,
        out: &mut Output,
    ) {
        let plan = &profile.plan;
        let most = out.payload.len().saturating_add(self.limits.record_bytes.saturating_mul(MOST_GROWTH));
        let whole = &*bump.alloc(Env { row: extracted.row, indexes: &[], outer: None });
        let Some((list, _)) = plan.records.each.filter(|_| extracted.any) else {
            return self.element(profile, bump, extracted, whole, most, out);
        };
        let eval = self.eval(plan, bump);
        let (slot, source) = eval.at_place(list, whole);
        let rows = if let Slot::List(rows) = slot { rows } else { &[] };
        let elements = eval.elements(list, rows, whole);
        let rule = match rows.len() {
            0 if !slot.is_empty() => &rules::UNUSABLE_TYPE,
            0 => &rules::NO_ELEMENT,
            count if count > MOST_ELEMENTS => &rules::TOO_MUCH_OF_A_RECORD,
            _ => {
                for env in elements {
                    self.findings.found.clear();
                    self.element(profile, bump, extracted, env, most, out);
                }
                return;
            }
        };
        self.findings.add(rule, At { source, target: "", profile: "/records/each" });
        let fate = if self.findings.reject() { Fate::Rejected } else { Fate::Excluded };
        let key = record_key::read(self.eval(plan, bump).slot(plan.record_key, whole));
        self.report(fate, key.as_deref(), &[], &mut out.report);
    }

    /// Maps, checks and writes one payload element.
    fn element<'r>(
        &mut self,
        profile: &'r Profile,
        bump: &'r Bump,
        extracted: &Extracted<'r>,
        env: &'r Env<'r>,
        most: usize,
        out: &mut Output,
    ) {
        let begin = out.payload.len();
        let plan = &profile.plan;
        let (fate, key) = self.make(plan, bump, extracted, env, most, &mut out.payload);
        self.begun |= fate == Fate::Accepted;
        if key.is_none() && fate != Fate::Excluded && extracted.any {
            let source = self.eval(plan, bump).source(plan.record_key, env.outermost());
            self.findings.add(&rules::NO_RECORD_KEY, At { source, target: "", profile: "/recordKey" });
        }
        let behind_comma = out.payload.get(begin.saturating_add(1)..).unwrap_or_default();
        self.report(fate, key.as_deref(), behind_comma, &mut out.report);
        if fate != Fate::Accepted || !self.options.payload {
            out.payload.truncate(begin);
        }
    }

    fn eval<'a, 'r>(&'a mut self, plan: &'r Plan, bump: &'r Bump) -> Eval<'a, 'r, O> {
        let (findings, observer) = (&mut self.findings, &mut self.observer);
        Eval { plan, bump, scheme: None, fields: &[], findings, observer }
    }

    /// Writes the record's payload to the end of `out`; returns what becomes of it, and its key unless that is personal data.
    fn make<'r>(
        &mut self,
        plan: &'r Plan,
        bump: &'r Bump,
        extracted: &Extracted<'r>,
        env: &'r Env<'r>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> (Fate, Option<Cow<'r, str>>) {
        let key = record_key::read(self.eval(plan, bump).slot(plan.record_key, env.outermost()));
        if !extracted.any {
            self.findings.found.push(Finding::new(&rules::NOTHING_MAPPED));
            return (Fate::Rejected, key);
        }
        let mut values = [Value::None; FIELD_COUNT];
        let mut sources = [None; FIELD_COUNT];
        let as_of = self.options.as_of;
        let mut eval = self.eval(plan, bump);
        eval.scheme = eval.scheme(env);
        if !eval.wanted(plan.records.when.as_ref(), env) {
            eval.findings.found.clear();
            return (Fate::Excluded, key);
        }
        // A record whose validity has ended isn't sent, whatever else is wrong with it. But a period that ends before it starts has not
        // ended: one of its dates is mistyped, and the person may be entitled today.
        let end = eval.field(END, env);
        // Nor has one begun whose own end is right, the first of several dates, if another of them is before the start: the entitlement was lost first.
        let mut start = None;
        if let Some(last) = end.0.date().filter(|last| *last < as_of || plan.end_is_earliest()) {
            let first = eval.field(START, env);
            let begins = first.0.date();
            let never_began = begins.is_some_and(|first| last < first && eval.reaches(END, first, env));
            let ended = last < as_of
                && (begins.is_none_or(|first| first <= last)
                    || eval.findings.severity(&rules::END_BEFORE_START) == Severity::Off);
            if never_began || ended {
                eval.findings.found.clear();
                return (Fate::Excluded, key);
            }
            start = Some(first);
        }
        for index in 0..FIELD_COUNT {
            let known = if index == END { Some(end) } else { start.filter(|_| index == START) };
            let (value, source) = known.unwrap_or_else(|| eval.field(index, env));
            if !value.is_there() && source.is_none() {
                continue;
            }
            if let (Some(value_place), Some(source_place)) = (values.get_mut(index), sources.get_mut(index)) {
                (*value_place, *source_place) = (value, source);
            }
        }
        let scheme = eval.scheme;
        let record = Record {
            scheme,
            as_of,
            values,
            sources,
            plan: Some(plan),
            local_numbers: plan.local_numbers.as_deref(),
            input: extracted.text,
        };
        self.report_duplicates(plan, extracted, env);
        rules::check(&record, &mut self.findings);
        out.push(if self.begun { b',' } else { b'[' });
        let begin = out.len();
        write_fields(out, &record);
        let mut eval = Eval { scheme, fields: &record.values, ..self.eval(plan, bump) };
        certificate::write(out, &plan.certificate, env, most, &record, &mut eval);
        out.push(b'}');
        let key = key.filter(|key| !record_key::is_personal(key, &record, bump));
        (self.settle(&record, out.get(begin..).unwrap_or_default()), key)
    }

    /// Reports keys that stand twice, but for those in other payload elements of the record.
    fn report_duplicates(&mut self, plan: &Plan, extracted: &Extracted<'_>, env: &Env<'_>) {
        let scope = plan.records.each.map_or(0, |(_, scope)| scope);
        let root = plan.scopes.get(scope).and_then(|scope| plan.nodes.get(scope.root));
        let root = root.map_or("", |node| node.pointer.as_str());
        for duplicate in &extracted.duplicates {
            let Some(node) = plan.nodes.get(duplicate.node) else { continue };
            if node.pointer.starts_with(root) && !duplicate.indexes.starts_with(env.indexes) {
                continue;
            }
            let source = Some(pointer::fill(&node.pointer, &duplicate.indexes));
            self.findings.found.push(Finding { source, ..Finding::new(&rules::DUPLICATE_KEY) });
        }
    }
}
