//! The compiled plan: what to pick out of a record, and how to make the payload of it.

use crate::{
    caption::{Agreement, Items},
    characters::{CharacterTable, Level},
    convert::{
        date::{DateStyle, Notation},
        name::split,
    },
    payload::{FIELD_COUNT, Field},
    profile::keys::Keys,
    rules::{Rule, Severity},
    scheme::Scheme,
};

/// Position of a picked value in its scope.
pub(crate) type SlotId = usize;
/// Position in [`Plan::places`].
pub(crate) type PlaceId = usize;
/// Position in [`Plan::nodes`].
pub(crate) type NodeId = usize;
/// Position in [`Plan::scopes`]; 0 is the record.
pub(crate) type ScopeId = usize;

/// Everything that a run needs to know of a profile.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The places that are read, as a tree of keys.
    pub(crate) nodes: Vec<Node>,
    /// The record, and the elements of each list that is looped over.
    pub(crate) scopes: Vec<Scope>,
    /// Every pointer of the profile.
    pub(crate) places: Vec<Reference>,
    /// Every entry of the value tables: pointers into the profile.
    pub(crate) entries: Vec<String>,
    pub(crate) record_key: PlaceId,
    pub(crate) records: Records,
    pub(crate) scheme: Expr,
    /// By position in [`crate::payload::FIELDS`].
    pub(crate) fields: [Option<Expr>; FIELD_COUNT],
    pub(crate) certificate: Item,
    pub(crate) severities: Vec<(&'static Rule, Severity)>,
    pub(crate) limits: Limits,
    /// The payer numbers' first two digits in local schemes; the usual ones if the profile names none.
    pub(crate) local_numbers: Option<Vec<u8>>,
    /// What is sent in place of characters.
    pub(crate) character_table: Option<CharacterTable>,
    /// The characters that names and addresses may have, if the profile says so.
    pub(crate) level: Option<Level>,
}

impl Plan {
    /// Whether the end of validity is the earliest of several dates.
    pub(crate) fn end_is_earliest(&self) -> bool {
        let end = self.fields.get(Field::EndDate as usize);
        matches!(end, Some(Some(Expr { kind: ExprKind::Earliest(_), .. })))
    }
}

/// Bounds of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes.
    pub(crate) record_bytes: usize,
    /// Levels of nesting.
    pub(crate) depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { record_bytes: 1 << 20, depth: 64 }
    }
}

/// Which payload elements are made of a record.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The list with one payload element an element, and its scope; the record itself where there is none.
    pub(crate) each: Option<(PlaceId, ScopeId)>,
    /// What it doesn't hold for is excluded.
    pub(crate) when: Option<Condition>,
}

/// Where a pointer leads, from the row that it is read in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Loops outwards.
    pub(crate) up: usize,
    /// The scope that is reached so.
    pub(crate) base: ScopeId,
    /// Lists on the way that are looped over elsewhere: which of their elements.
    pub(crate) steps: Vec<(SlotId, usize)>,
    pub(crate) slot: SlotId,
    /// The place itself: several pointers of the profile may lead there.
    pub(crate) node: NodeId,
    /// Pointer into the record, with [`crate::pointer::INDEX`] for loops.
    pub(crate) pointer: String,
    /// Pointer into the profile.
    pub(crate) profile: String,
    /// The alternatives that it belongs to, by number; 0 for none.
    pub(crate) choice: usize,
    /// A condition asks whether it is there, so the profile's author expects it to be missing.
    pub(crate) may_lack: bool,
}

/// A place in a record on the way to a picked value, or at one.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) children: Vec<Child>,
    /// Finds one of them by its key.
    pub(crate) keys: Keys,
    /// Where the value is put.
    pub(crate) slot: Option<SlotId>,
    /// The scope of the elements, where this is a list that is looped over.
    pub(crate) list: Option<ScopeId>,
    /// Pointer into the record, with [`crate::pointer::INDEX`] for loops.
    pub(crate) pointer: String,
}

impl Node {
    /// The position of the child with a key; one that no child has where there is none.
    pub(crate) fn position(&self, key: &str) -> usize {
        self.keys.find(&self.children, key)
    }
}

/// A key or index under a node.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) token: String,
    pub(crate) index: Option<usize>,
    pub(crate) node: NodeId,
}

/// A set of slots that are filled together.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) root: NodeId,
    /// How many slots there are.
    pub(crate) slots: usize,
}

/// A constant out of the profile.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    None,
    Text(String),
    Int(i64),
}

/// An expression.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) steps: Vec<Step>,
    pub(crate) table: Option<Table>,
    pub(crate) default: Option<Constant>,
    pub(crate) when: Option<Condition>,
    /// Pointer into the payload element, with [`crate::pointer::INDEX`] for loops.
    pub(crate) target: String,
    /// Pointer into the profile.
    pub(crate) profile: String,
}

/// Where an expression's value begins.
#[derive(Debug)]
pub(crate) enum ExprKind {
    /// The first place that isn't empty.
    From(Vec<PlaceId>),
    Constant(Constant),
    Template(Vec<Part>),
    /// The first expression that gives a value.
    First(Vec<Expr>),
    /// The earliest date of all of them.
    Earliest(Vec<Expr>),
    /// The texts of all of them, one after the other.
    Join(Vec<Expr>),
}

/// A value table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Sorted by key.
    pub(crate) entries: Vec<(String, Constant)>,
    pub(crate) otherwise: Option<Constant>,
    /// Position of the first one in [`Plan::entries`]; `otherwise` is behind the last.
    pub(crate) first: usize,
}

/// A conversion step.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    Trim,
    Katakana,
    Hiragana,
    Fullwidth,
    Halfwidth,
    Digits,
    Integer,
    Compose,
    DayBefore,
    Date(Vec<Notation>),
    SplitName {
        part: NamePart,
        unsplit: Option<NamePart>,
    },
    Pad(usize),
    /// The first characters.
    Take(usize),
    /// All but the first characters.
    Drop(usize),
    Format(Format),
    Replace(Vec<(String, String)>),
}

/// A part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NamePart {
    Family,
    Given,
}

impl NamePart {
    /// This part of a name; `None` where it doesn't split.
    pub(crate) fn of(self, name: &str) -> Option<&str> {
        let (family, given) = split(name)?;
        Some(match self {
            Self::Family => family,
            Self::Given => given,
        })
    }
}

/// A piece of a template.
#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    Literal(String),
    Place { place: Place, optional: bool, format: Option<Format> },
}

/// What a template's placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Record(PlaceId),
    /// Position in [`crate::payload::FIELDS`].
    Field(usize),
    SchemeName,
    SchemeNumber,
}

/// How a placeholder's value is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Date(DateStyle),
    Yen,
    Comma,
    Fullwidth,
}

/// A condition.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) test: Test,
    /// Pointer into the profile.
    pub(crate) profile: String,
}

/// What a condition asks.
#[derive(Debug)]
pub(crate) enum Test {
    Present(PlaceId),
    Absent(PlaceId),
    In(PlaceId, Vec<String>),
    Scheme(Vec<Scheme>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// An item of the certificate's face.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    /// Pointer into the payload element, with [`crate::pointer::INDEX`] for loops.
    pub(crate) target: String,
}

/// What an item is.
#[derive(Debug)]
pub(crate) enum ItemKind {
    Value { expr: Expr, agrees: Option<Agreement> },
    Object { members: Vec<Member>, when: Option<Condition> },
    List { list: PlaceId, element: Box<Item>, when: Option<Condition>, profile: String },
}

/// A captioned item.
#[derive(Debug)]
pub(crate) struct Member {
    /// The caption as a JSON key, with the colon behind it.
    pub(crate) lead: String,
    /// What the caption names.
    pub(crate) names: Items,
    pub(crate) item: Item,
}
