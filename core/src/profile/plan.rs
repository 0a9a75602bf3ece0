//! The compiled plan: what to pick out of a record, and how to make the payload of it.

use crate::{
    bytes,
    characters::{CharacterTable, Level},
    convert::{
        date::{DateStyle, Notation},
        name::split,
    },
    payload::{CERTIFICATE, FIELD_COUNT},
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
    /// Pointer into the record, with [`crate::pointer::INDEX`] for loops.
    pub(crate) pointer: String,
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
    /// The texts of all of them, one after the other.
    Join(Vec<Expr>),
}

/// A value table.
#[derive(Debug)]
pub(crate) struct Table {
    /// Sorted by key.
    pub(crate) entries: Vec<(String, Constant)>,
    pub(crate) otherwise: Option<Constant>,
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
    /// The caption names a guardian.
    pub(crate) guardian: bool,
    pub(crate) item: Item,
}

/// What a captioned item must agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    PayerNumber,
    RecipientNumber,
    SchemeName,
    /// The name of whom the certificate is for.
    Name,
    /// The name of the 受給者, who may be a parent in local schemes.
    RecipientName,
    /// First and last day of validity in one text.
    Validity,
    StartDate,
    EndDate,
}

impl Agreement {
    /// What the item with this caption at this pointer must agree with. Numbers are compared wherever they stand, the others on the
    /// certificate's top level and in the group of the person or of the validity there.
    pub(crate) fn of(caption: &str, target: &str) -> Option<Self> {
        match caption {
            "公費負担者番号" => return Some(Self::PayerNumber),
            "受給者証名称" => return Some(Self::SchemeName),
            _ if caption.strip_suffix("受給者番号").is_some_and(|before| !names_another(before)) => {
                return Some(Self::RecipientNumber);
            }
            _ => {}
        }
        let path = target.strip_prefix(CERTIFICATE)?.strip_prefix('/')?;
        match path.split_once('/').map_or((path, ""), |(group, caption)| (group, caption)) {
            ("氏名" | "受診者氏名" | "対象者氏名" | "患者氏名" | "本人氏名", "")
            | ("受診者" | "対象者" | "患者" | "本人", "氏名") => Some(Self::Name),
            ("受給者氏名", "") | ("受給者", "氏名") => Some(Self::RecipientName),
            ("有効期限", "") => Some(Self::EndDate),
            (group, caption) => match (group.strip_prefix("有効期間")?, caption) {
                ("", "") => Some(Self::Validity),
                (part, "") | ("", part) => Self::of_end(part),
                _ => None,
            },
        }
    }

    /// Which end of the validity a word names.
    fn of_end(word: &str) -> Option<Self> {
        match word.trim_matches(['(', ')', '（', '）']) {
            "開始" | "開始日" | "開始年月日" | "始期" | "自" | "から" => Some(Self::StartDate),
            "終了" | "終了日" | "終了年月日" | "終期" | "満了日" | "至" | "まで" => {
                Some(Self::EndDate)
            }
            _ => None,
        }
    }
}

/// Whether what precedes a caption's 受給者番号 says that the number isn't the certificate's own: 旧, 変更前, 他公費, 第二公費 and the like.
fn names_another(before: &str) -> bool {
    ["旧", "前", "他", "二", "２", "2"]
        .into_iter()
        .any(|word| bytes::find(before.as_bytes(), word.as_bytes()).is_some())
}
