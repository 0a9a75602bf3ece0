//! Writes the certificate's face (券面), `certificateAllItems`, and checks it on the way.

use crate::{
    eval::{At, Eval},
    extract::{Row, Slot},
    payload::{CERTIFICATE, write_text, write_value},
    profile::plan::{Expr, Item, ItemKind, ScopeId, SlotId},
    record::Record,
    rules,
};

/// Writes the face of one record.
pub(crate) fn write<'r>(
    out: &mut Vec<u8>,
    item: &'r Item,
    row: Row<'r>,
    record: &Record<'r>,
    eval: &mut Eval<'_, 'r>,
) {
    let before = out.len();
    write_item(out, item, row, record, eval);
    if out.get(before..) == Some(b"{}") {
        eval.findings.add(
            &rules::CERTIFICATE_EMPTY,
            At { source: None, target: CERTIFICATE, profile: "/fields/certificateAllItems" },
        );
    }
}

fn write_item<'r>(
    out: &mut Vec<u8>,
    item: &'r Item,
    row: Row<'r>,
    record: &Record<'r>,
    eval: &mut Eval<'_, 'r>,
) {
    match &item.kind {
        ItemKind::Value { expr, agrees } => {
            let (value, source) = eval.expr(expr, row, &item.target);
            if let Some(text) = value.text() {
                let at = At { source, target: &item.target, profile: &expr.profile };
                rules::check_text(text, at, eval.findings);
            }
            if let (Some(agreement), Some(text)) = (agrees, eval.text(value)) {
                let at = At { source, target: &item.target, profile: &expr.profile };
                rules::check_agreement(*agreement, text, at, record, eval.findings);
            }
            write_value(out, value);
        }
        ItemKind::Object { members, .. } => {
            out.push(b'{');
            let mut first = true;
            for member in members {
                if !is_wanted(&member.item, row, eval) {
                    continue;
                }
                if !core::mem::take(&mut first) {
                    out.push(b',');
                }
                write_text(out, &member.caption);
                out.push(b':');
                write_item(out, &member.item, row, record, eval);
            }
            out.push(b'}');
        }
        ItemKind::List { slot, scope, element, profile, .. } => {
            let list = (*slot, *scope, &**element);
            write_list(out, list, At { source: None, target: &item.target, profile }, row, record, eval);
        }
    }
}

fn write_list<'r>(
    out: &mut Vec<u8>,
    (slot, scope, element): (SlotId, ScopeId, &'r Item),
    at: At<'r>,
    row: Row<'r>,
    record: &Record<'r>,
    eval: &mut Eval<'_, 'r>,
) {
    let rows = match row.get(slot) {
        Some(Slot::List(rows)) => *rows,
        Some(other) if !other.is_empty() => {
            let source = eval.sources.get(slot).map(String::as_str);
            eval.findings.add(&rules::UNUSABLE_TYPE, At { source, ..at });
            &[]
        }
        _ => &[],
    };
    let outer =
        core::mem::replace(&mut eval.sources, eval.plan.scopes.get(scope).map_or(&[], |scope| &scope.slots));
    out.push(b'[');
    for (index, element_row) in rows.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        eval.findings.indexes.push(index);
        write_item(out, element, element_row, record, eval);
        eval.findings.indexes.pop();
    }
    out.push(b']');
    eval.sources = outer;
}

/// False where the item's condition doesn't hold, so that it is left out.
fn is_wanted<'r>(item: &'r Item, row: Row<'r>, eval: &Eval<'_, 'r>) -> bool {
    let when = match &item.kind {
        ItemKind::Value { expr: Expr { when, .. }, .. }
        | ItemKind::Object { when, .. }
        | ItemKind::List { when, .. } => when,
    };
    when.as_ref().is_none_or(|when| eval.holds(when, row))
}
