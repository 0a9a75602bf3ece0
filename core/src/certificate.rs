//! Writes the certificate's face (券面), `certificateAllItems`, and checks it on the way.

use crate::{
    caption::{Agreement, Items},
    convert::is_blank,
    eval::{At, Env, Eval},
    extract::Slot,
    observe::{Event, Observe},
    payload::{CERTIFICATE, Value, write_value},
    profile::plan::{Expr, Item, ItemKind, Member},
    record::Record,
    rules,
};

/// Writes the face of one record; nothing more is written of it once `out` is longer than `most`.
pub(crate) fn write<'r, O: Observe>(
    out: &mut Vec<u8>,
    item: &'r Item,
    env: &'r Env<'r>,
    most: usize,
    record: &Record<'r>,
    eval: &mut Eval<'_, 'r, O>,
) {
    let before = out.len();
    let mut writer = Writer { out, most, names: 0, filled: 0, record, eval };
    writer.item(item, env);
    let names = writer.names;
    if out.get(before..) == Some(b"{}") {
        eval.findings.add(
            &rules::CERTIFICATE_EMPTY,
            At { source: None, target: CERTIFICATE, profile: "/fields/certificateAllItems" },
        );
    } else {
        rules::check_items(names, record, eval.findings);
    }
}

struct Writer<'w, 'a, 'r, O> {
    out: &'w mut Vec<u8>,
    most: usize,
    /// What the captions of items with a value name.
    names: Items,
    /// How many values there are so far.
    filled: usize,
    record: &'w Record<'r>,
    eval: &'w mut Eval<'a, 'r, O>,
}

impl<'r, O: Observe> Writer<'_, '_, 'r, O> {
    /// Writes an item whose condition holds.
    #[inline]
    fn item(&mut self, item: &'r Item, env: &'r Env<'r>) {
        match &item.kind {
            ItemKind::Value { expr, agrees } => self.value(expr, *agrees, env),
            ItemKind::Object { members, .. } => self.object(members, env),
            ItemKind::List { .. } => self.list(item, env),
        }
    }

    #[inline(never)]
    fn value(&mut self, expr: &'r Expr, agrees: Option<Agreement>, env: &'r Env<'r>) {
        let indexes = &self.eval.findings.indexes;
        self.eval.observer.see(Event::Begin { target: &expr.target, indexes, profile: &expr.profile });
        let (value, source) = self.eval.make(expr, env);
        self.eval.observer.see(Event::End { value, source });
        let at = expr.at(source);
        if let Some(text) = value.text() {
            rules::check_text(text, at, self.eval.findings);
        }
        if let Some(agreement) = agrees
            && let Some(text) = self.eval.text(value)
        {
            rules::check_agreement(agreement, text, at, self.record, self.eval.findings);
        }
        if value != Value::None && !value.text().is_some_and(is_blank) {
            self.filled = self.filled.saturating_add(1);
        }
        write_value(self.out, value, self.record);
    }

    #[inline(never)]
    fn object(&mut self, members: &'r [Member], env: &'r Env<'r>) {
        self.out.push(b'{');
        let mut first = true;
        for member in members {
            if !self.is_wanted(&member.item, env) {
                continue;
            }
            self.comma(&mut first);
            let filled = self.filled;
            self.out.extend_from_slice(member.lead.as_bytes());
            self.item(&member.item, env);
            if self.filled > filled {
                self.names |= member.names;
            }
        }
        self.out.push(b'}');
    }

    #[inline(never)]
    fn list(&mut self, item: &'r Item, env: &'r Env<'r>) {
        let ItemKind::List { list, element, profile, .. } = &item.kind else { return };
        let at = At { source: None, target: &item.target, profile };
        let rows = match self.eval.slot(*list, env) {
            Slot::List(rows) => rows,
            other => {
                if !other.is_empty() {
                    let source = self.eval.source(*list, env);
                    self.eval.findings.add(&rules::UNUSABLE_TYPE, At { source, ..at });
                }
                &[]
            }
        };
        self.eval.observer.see(Event::Loop { list: &item.kind, elements: rows.len() });
        self.out.push(b'[');
        let mut first = true;
        for (index, env) in self.eval.elements(*list, rows, env).enumerate() {
            if self.out.len() > self.most {
                self.eval.findings.add(&rules::TOO_MUCH_OF_A_RECORD, at);
                break;
            }
            self.eval.findings.indexes.push(index);
            if self.is_wanted(element, env) {
                self.comma(&mut first);
                self.item(element, env);
            }
            self.eval.findings.indexes.pop();
        }
        self.out.push(b']');
    }

    fn comma(&mut self, first: &mut bool) {
        if !core::mem::take(first) {
            self.out.push(b',');
        }
    }

    /// False where the item's condition doesn't hold, so that it is left out.
    fn is_wanted(&mut self, item: &'r Item, env: &'r Env<'r>) -> bool {
        let when = match &item.kind {
            ItemKind::Value { expr: Expr { when, .. }, .. }
            | ItemKind::Object { when, .. }
            | ItemKind::List { when, .. } => when,
        };
        let wanted = self.eval.wanted(when.as_ref(), env);
        if let (false, Some(when)) = (wanted, when) {
            let (target, indexes) = (&item.target, &self.eval.findings.indexes);
            self.eval.observer.see(Event::LeftOut { target, indexes, profile: &when.profile });
        }
        wanted
    }
}
