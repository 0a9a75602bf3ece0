//! The places in a record that a profile reads: gathered while expressions are compiled, laid out as a tree at the end.
//!
//! Only at the end is it known which lists are looped over, so the order in which a profile speaks of them doesn't matter.

use super::{
    keys::Keys,
    plan::{Child, Node, NodeId, PlaceId, Reference, Scope, ScopeId, SlotId},
    reader::{Mistakes, Value},
};
use crate::{finding::Detail, pointer, rules};

const MOST_PLACES: usize = 10_000;
const MOST_LISTS: usize = 1_000;
/// So that a set of keys that were seen fits into one word.
const MOST_KEYS_OF_AN_OBJECT: usize = 128;
/// Stands before a pointer that starts one loop further out.
const OUTWARDS: char = '^';

/// A pointer as the profile has it.
#[derive(Debug, Clone)]
struct Wanted {
    up: usize,
    base: ScopeId,
    tokens: Vec<String>,
    /// Where the profile speaks of it.
    at: String,
    choice: usize,
    may_lack: bool,
}

/// A list that is looped over.
#[derive(Debug)]
struct List {
    place: PlaceId,
    elements: ScopeId,
}

/// The places wanted so far, and the loops that are open.
#[derive(Debug)]
pub(super) struct Places {
    wanted: Vec<Wanted>,
    /// In the order in which they are laid out.
    lists: Vec<List>,
    /// The loops around what is being compiled, the record first.
    open: Vec<ScopeId>,
    /// Alternatives so far, and those that are open: the number of the outermost, and how deep they are nested.
    choices: usize,
    choice: (usize, usize),
    key_prefix: String,
}

/// What the engine reads.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) nodes: Vec<Node>,
    pub(super) scopes: Vec<Scope>,
    pub(super) places: Vec<Reference>,
}

/// How a pointer goes: which elements of looped lists it takes, and where it ends.
struct Way {
    steps: Vec<(SlotId, usize)>,
    scope: ScopeId,
    node: NodeId,
}

impl Places {
    /// None yet; every key of the record begins with `key_prefix`.
    pub(super) fn new(key_prefix: String) -> Self {
        Self { wanted: Vec::new(), lists: Vec::new(), open: vec![0], choices: 0, choice: (0, 0), key_prefix }
    }

    /// The place that a pointer leads to.
    pub(super) fn place(&mut self, value: Value<'_>, text: &str, mistakes: &mut Mistakes) -> Option<PlaceId> {
        let path = text.trim_start_matches(OUTWARDS);
        let up = text.len().saturating_sub(path.len());
        let Some(tokens) = pointer::tokens(path) else {
            mistakes.add(&rules::PROFILE_POINTER, value.at, Detail::Nothing);
            return None;
        };
        let Some(base) = self.open.iter().rev().nth(up) else {
            return value.expected(
                "as many `^` as there are loops around this place",
                "この場所を囲む繰り返しの数までの `^`",
                mistakes,
            );
        };
        self.wanted.push(Wanted {
            up,
            base: *base,
            tokens,
            at: value.at.to_owned(),
            choice: self.choice.0,
            may_lack: false,
        });
        Some(self.wanted.len().saturating_sub(1))
    }

    /// Notes that a condition asks whether a place is there.
    pub(super) fn may_lack(&mut self, place: PlaceId) {
        if let Some(wanted) = self.wanted.get_mut(place) {
            wanted.may_lack = true;
        }
    }

    /// True where two pointers lead to the same place.
    pub(super) fn same(&self, one: PlaceId, other: PlaceId) -> bool {
        let key = |place: PlaceId| self.wanted.get(place).map(|wanted| (wanted.base, &wanted.tokens));
        key(one) == key(other)
    }

    /// A list that is looped over, and the scope of its elements.
    pub(super) fn list(&mut self, value: Value<'_>, mistakes: &mut Mistakes) -> Option<(PlaceId, ScopeId)> {
        let place = self.place(value, value.string(mistakes)?, mistakes)?;
        if let Some(known) = self.lists.iter().find(|list| self.same(list.place, place)) {
            return Some((place, known.elements));
        }
        if self.lists.len() >= MOST_LISTS {
            mistakes.add(&rules::PROFILE_LIMIT, value.at, Detail::Name(format!("{MOST_LISTS} lists")));
            return None;
        }
        let elements = self.lists.len().saturating_add(1);
        // outer lists first, and of one scope the shorter pointers: a list's scope stands before anything is read in it
        let rank = |place: PlaceId| self.wanted.get(place).map(|wanted| (wanted.base, wanted.tokens.len()));
        let at = self.lists.partition_point(|list| rank(list.place) <= rank(place));
        self.lists.insert(at, List { place, elements });
        Some((place, elements))
    }

    /// Compiles with pointers that start at a list's elements.
    pub(super) fn enter(&mut self, scope: ScopeId) {
        self.open.push(scope);
    }

    /// Ends what [`Self::enter`] began.
    pub(super) fn leave(&mut self) {
        self.open.pop();
    }

    /// Begins alternatives, of which a record need have only one.
    pub(super) fn choose(&mut self) {
        let (number, depth) = &mut self.choice;
        if *depth == 0 {
            self.choices = self.choices.saturating_add(1);
            *number = self.choices;
        }
        *depth = depth.saturating_add(1);
    }

    /// Ends what [`Self::choose`] began.
    pub(super) fn chosen(&mut self) {
        let (number, depth) = &mut self.choice;
        *depth = depth.saturating_sub(1);
        if *depth == 0 {
            *number = 0;
        }
    }

    /// The tree of places, checked for its bounds.
    pub(super) fn finish(self, mistakes: &mut Mistakes) -> Layout {
        let mut layout = Layout { nodes: vec![Node::default()], ..Layout::default() };
        layout.scopes.resize_with(self.lists.len().saturating_add(1), Scope::default);
        for list in &self.lists {
            layout.open_list(list, &self.wanted, &self.key_prefix);
        }
        for wanted in &self.wanted {
            let Some(reference) = layout.reference(wanted, &self.key_prefix) else {
                mistakes.add(
                    &rules::PROFILE_TYPE,
                    &wanted.at,
                    Detail::Words(rules::Text {
                        en: "an index after a list that `each` loops over",
                        ja: "`each` で繰り返す配列に続く添字",
                    }),
                );
                continue;
            };
            layout.places.push(reference);
        }
        let crowded = layout.nodes.iter().any(|node| node.children.len() > MOST_KEYS_OF_AN_OBJECT);
        if layout.nodes.len() > MOST_PLACES || crowded {
            let most = format!("{MOST_PLACES} places, {MOST_KEYS_OF_AN_OBJECT} of an object");
            mistakes.add(&rules::PROFILE_LIMIT, "/fields", Detail::Name(most));
        }
        for node in &mut layout.nodes {
            node.keys = Keys::of(&node.children);
        }
        layout
    }
}

impl Layout {
    /// Makes a place a list whose elements have a scope of their own; a mistake is found again as a place.
    fn open_list(&mut self, list: &List, wanted: &[Wanted], key_prefix: &str) -> Option<()> {
        let Way { node: id, .. } = self.walk(wanted.get(list.place)?, key_prefix)?;
        let root = self.nodes.len();
        let node = self.nodes.get_mut(id)?;
        node.list = Some(list.elements);
        let pointer = format!("{}/{}", node.pointer, pointer::INDEX);
        self.nodes.push(Node { pointer, ..Node::default() });
        self.scopes.get_mut(list.elements)?.root = root;
        Some(())
    }

    fn reference(&mut self, wanted: &Wanted, key_prefix: &str) -> Option<Reference> {
        let Way { steps, scope, node } = self.walk(wanted, key_prefix)?;
        let slot = self.slot(scope, node)?;
        let pointer = self.nodes.get(node)?.pointer.clone();
        let Wanted { up, base, ref at, choice, may_lack, .. } = *wanted;
        Some(Reference { up, base, steps, slot, node, pointer, profile: at.clone(), choice, may_lack })
    }

    /// From a scope's root along a pointer; `None` where it meets a looped list without an index.
    fn walk(&mut self, wanted: &Wanted, key_prefix: &str) -> Option<Way> {
        let mut scope = wanted.base;
        let mut id = self.scopes.get(scope)?.root;
        let mut steps = Vec::new();
        for token in &wanted.tokens {
            if let Some(elements) = self.nodes.get(id)?.list {
                steps.push((self.slot(scope, id)?, pointer::index(token)?));
                scope = elements;
                id = self.scopes.get(scope)?.root;
                continue;
            }
            let key = format!("{key_prefix}{token}");
            let known = self.nodes.get(id)?.children.iter().find(|child| child.token == key);
            id = match known {
                Some(child) => child.node,
                None => self.add_child(id, token, key)?,
            };
        }
        Some(Way { steps, scope, node: id })
    }

    fn add_child(&mut self, parent: NodeId, token: &str, key: String) -> Option<NodeId> {
        let node = self.nodes.len();
        let parent = self.nodes.get_mut(parent)?;
        let index = pointer::index(token);
        let pointer = pointer::join(&parent.pointer, if index.is_some() { token } else { &key });
        parent.children.push(Child { token: key, index, node });
        self.nodes.push(Node { pointer, ..Node::default() });
        Some(node)
    }

    fn slot(&mut self, scope: ScopeId, node: NodeId) -> Option<SlotId> {
        let node = self.nodes.get_mut(node)?;
        if node.slot.is_none() {
            let slots = &mut self.scopes.get_mut(scope)?.slots;
            node.slot = Some(*slots);
            *slots = slots.saturating_add(1);
        }
        node.slot
    }
}
