//! One pass over a record: picks out what the plan asks for, and nothing else.
//!
//! `serde_json` parses; values that nobody asks for are passed over without being built. Text without escapes is borrowed
//! from the input, everything else goes into the record's arena.

use core::fmt;

use bumpalo::{Bump, collections::Vec};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{
    convert::is_blank,
    profile::{
        Plan,
        plan::{Node, NodeId, ScopeId},
    },
};

/// What stands at a place of the record.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Slot<'r> {
    /// Not even `null`.
    #[default]
    Missing,
    Text(&'r str),
    Int(i64),
    /// `null`, an object, a list that nobody loops over, or a number that isn't an integer of 64 bits.
    Other {
        empty: bool,
    },
    /// A list with a row of slots an element.
    List(&'r [Row<'r>]),
}

/// The slots of one scope.
pub(crate) type Row<'r> = &'r [Slot<'r>];

impl Slot<'_> {
    /// Nothing, `null`, `""`, only spaces, or an empty object or list.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => is_blank(text),
            Self::Int(_) => false,
            Self::Other { empty } => *empty,
            Self::List(rows) => rows.is_empty(),
        }
    }
}

/// A key that the plan reads stands twice.
#[derive(Debug)]
pub(crate) struct Duplicate {
    pub(crate) node: NodeId,
    pub(crate) indexes: std::vec::Vec<usize>,
}

/// What was picked out of a record.
#[derive(Debug)]
pub(crate) struct Extracted<'r> {
    /// The record itself.
    pub(crate) text: &'r str,
    pub(crate) row: Row<'r>,
    pub(crate) duplicates: std::vec::Vec<Duplicate>,
    /// True where the record has at least one of the plan's keys.
    pub(crate) any: bool,
}

/// Picks the plan's places out of one record.
///
/// # Errors
///
/// `serde_json`'s error where the text isn't one whole JSON value.
pub(crate) fn extract<'r>(
    plan: &'r Plan,
    text: &'r str,
    bump: &'r Bump,
) -> serde_json::Result<Extracted<'r>> {
    let mut pass =
        Pass { plan, bump, duplicates: std::vec::Vec::new(), indexes: Vec::new_in(bump), any: false };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let row = pass.scope(0, |pass, row, node| Place { pass, row, node }.deserialize(&mut deserializer))?;
    deserializer.end()?;
    Ok(Extracted { text, row, duplicates: pass.duplicates, any: pass.any })
}

struct Pass<'r> {
    plan: &'r Plan,
    bump: &'r Bump,
    duplicates: std::vec::Vec<Duplicate>,
    indexes: Vec<'r, usize>,
    any: bool,
}

impl<'r> Pass<'r> {
    /// Fills a fresh row of a scope.
    fn scope<E: Error>(
        &mut self,
        scope: ScopeId,
        fill: impl FnOnce(&mut Self, &mut [Slot<'r>], NodeId) -> Result<(), E>,
    ) -> Result<Row<'r>, E> {
        let scope = self.plan.scopes.get(scope).ok_or_else(|| E::custom("no such scope"))?;
        let row = self.bump.alloc_slice_fill_default(scope.slots);
        fill(self, row, scope.root)?;
        Ok(row)
    }
}

/// A value at a node of the plan.
struct Place<'a, 'r> {
    pass: &'a mut Pass<'r>,
    row: &'a mut [Slot<'r>],
    node: NodeId,
}

impl<'r> Place<'_, 'r> {
    fn put(self, slot: Slot<'r>) {
        let wanted = self.pass.plan.nodes.get(self.node).and_then(|node| node.slot);
        if let Some(place) = wanted.and_then(|wanted| self.row.get_mut(wanted)) {
            *place = slot;
        }
    }
}

impl<'r> DeserializeSeed<'r> for Place<'_, 'r> {
    type Value = ();

    fn deserialize<D: Deserializer<'r>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'r> Visitor<'r> for Place<'_, 'r> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E>(self, value: &'r str) -> Result<(), E> {
        self.put(Slot::Text(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let value = self.pass.bump.alloc_str(value);
        self.put(Slot::Text(value));
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.put(Slot::Text(if value { "true" } else { "false" }));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.put(Slot::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.put(i64::try_from(value).map_or(Slot::Other { empty: false }, Slot::Int));
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.put(Slot::Other { empty: false });
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.put(Slot::Other { empty: true });
        Ok(())
    }

    fn visit_map<A: MapAccess<'r>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { pass, row, node } = self;
        let Some(known) = pass.plan.nodes.get(node) else { return Err(A::Error::custom("no such place")) };
        let mut seen = [0u64; 2];
        let mut empty = true;
        while let Some(position) = map.next_key_seed(Key(known))? {
            empty = false;
            // the profile's compiler allows no more than 128 keys of an object
            let (Some(child), Some(seen)) = (known.children.get(position), seen.get_mut(position / 64))
            else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let child = child.node;
            pass.any = true;
            if *seen & (1 << (position % 64)) != 0 {
                pass.duplicates.push(Duplicate { node: child, indexes: pass.indexes.to_vec() });
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            *seen |= 1 << (position % 64);
            map.next_value_seed(Place { pass, row, node: child })?;
        }
        Self { pass, row, node }.put(Slot::Other { empty });
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'r>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { pass, row, node } = self;
        let Some(known) = pass.plan.nodes.get(node) else { return Ok(()) };
        let mut index = 0;
        if let Some(scope) = known.list {
            let mut rows = Vec::new_in(pass.bump);
            while let Some(element) = seq.next_element_seed(Element { pass, scope, index })? {
                rows.push(element);
                index += 1;
            }
            Self { pass, row, node }.put(Slot::List(rows.into_bump_slice()));
            return Ok(());
        }
        loop {
            let child = known.children.iter().find(|child| child.index == Some(index));
            let more = match child {
                Some(child) => {
                    pass.any = true;
                    seq.next_element_seed(Place { pass, row, node: child.node })?.is_some()
                }
                None => seq.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
            index += 1;
        }
        Self { pass, row, node }.put(Slot::Other { empty: index == 0 });
        Ok(())
    }
}

/// An element of a list that is looped over.
struct Element<'a, 'r> {
    pass: &'a mut Pass<'r>,
    scope: ScopeId,
    index: usize,
}

impl<'r> DeserializeSeed<'r> for Element<'_, 'r> {
    type Value = Row<'r>;

    fn deserialize<D: Deserializer<'r>>(self, deserializer: D) -> Result<Row<'r>, D::Error> {
        self.pass.indexes.push(self.index);
        let row = self
            .pass
            .scope(self.scope, |pass, row, node| Place { pass, row, node }.deserialize(deserializer));
        self.pass.indexes.pop();
        row
    }
}

/// A key of an object: the position of the child that it names, as [`Node::position`] tells it.
struct Key<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<usize, E> {
        Ok(self.0.position(key))
    }
}
