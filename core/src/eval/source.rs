//! Places of a record: where a compiled pointer leads from, and what stands there.

use crate::{
    extract::{Row, Slot},
    pointer,
    profile::plan::{Expr, Reference},
};

/// A place of the record: a compiled pointer, and what it starts from. It is only written out for a finding or a trace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'r> {
    pub(super) reference: &'r Reference,
    pub(super) env: &'r Env<'r>,
}

impl<'r> Source<'r> {
    /// What stands there.
    pub(crate) fn slot(self) -> Option<Slot<'r>> {
        let mut row = base(self.reference, self.env)?.row;
        for (list, index) in &self.reference.steps {
            let Slot::List(rows) = row.get(*list)? else { return None };
            row = rows.get(*index)?;
        }
        row.get(self.reference.slot).copied()
    }

    /// The pointer into the record.
    pub(crate) fn pointer(self) -> String {
        pointer::fill(&self.reference.pointer, &self.indexes())
    }

    /// Which elements of the lists on the way it takes, outermost first.
    pub(super) fn indexes(self) -> Vec<usize> {
        let around = base(self.reference, self.env).map(|env| env.indexes).unwrap_or_default();
        around.iter().copied().chain(self.reference.steps.iter().map(|(_, index)| *index)).collect()
    }
}

/// Where a value comes from and goes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'r> {
    pub(crate) source: Option<Source<'r>>,
    pub(crate) target: &'r str,
    pub(crate) profile: &'r str,
}

impl Expr {
    /// Where its value comes from and goes to.
    pub(crate) fn at<'r>(&'r self, source: Option<Source<'r>>) -> At<'r> {
        At { source, target: &self.target, profile: &self.profile }
    }
}

/// What pointers start from: the record, or an element of a loop and what is around it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Env<'r> {
    pub(crate) row: Row<'r>,
    /// Where in its lists the element stands, outermost first.
    pub(crate) indexes: &'r [usize],
    pub(crate) outer: Option<&'r Env<'r>>,
}

impl<'r> Env<'r> {
    /// The record.
    pub(crate) fn outermost(&'r self) -> &'r Self {
        let mut env = self;
        while let Some(outer) = env.outer {
            env = outer;
        }
        env
    }
}

/// The row that a reference starts from.
fn base<'e, 'r>(reference: &Reference, env: &'e Env<'r>) -> Option<&'e Env<'r>> {
    let mut env = env;
    for _ in 0..reference.up {
        env = env.outer?;
    }
    Some(env)
}
