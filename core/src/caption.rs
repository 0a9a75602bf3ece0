//! Captions of the certificate's face (券面): what a caption says that its item is, and so what it must agree with.
//!
//! Captions are the municipality's own. Each is compared with lists of words, without spaces, brackets and の, whatever its width; a caption that isn't listed
//! says nothing.

use crate::{bytes, convert::width, payload::CERTIFICATE};

/// What a captioned item must agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    PayerNumber,
    RecipientNumber,
    SchemeName,
    /// What is printed of a person: of the patient, or of the 受給者, who may be a parent.
    Person {
        part: PersonPart,
        recipient: bool,
    },
    /// The copayment limit; `perDayOrMonth`'s code if the caption says it.
    Limit(Option<&'static str>),
    /// First and last day of validity in one text.
    Validity,
    StartDate,
    EndDate,
}

/// What a certificate prints of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PersonPart {
    Name,
    Kana,
    BirthDate,
    Address,
}

/// Items that a certificate of 自立支援医療 has, as bits.
pub(crate) type Items = u8;

pub(crate) const GUARDIAN: Items = 1;
const INSTITUTION: Items = 2;
const VALIDITY: Items = 4;
const PAYER_NUMBER: Items = 8;
const RECIPIENT_NUMBER: Items = 16;

/// What every certificate of 自立支援医療 prints, by its usual caption.
pub(crate) const REQUIRED: [(Items, &str); 4] = [
    (INSTITUTION, "指定医療機関名"),
    (VALIDITY, "有効期間"),
    (PAYER_NUMBER, "公費負担者番号"),
    (RECIPIENT_NUMBER, "受給者番号"),
];

const NAME: Agreement = Agreement::Person { part: PersonPart::Name, recipient: false };
const KANA: Agreement = Agreement::Person { part: PersonPart::Kana, recipient: false };

/// Captions of the certificate's top level.
const AT_TOP: &[(&str, Agreement)] = &[
    ("受給者証名", Agreement::SchemeName),
    ("受給者証種類", Agreement::SchemeName),
    ("受給者証種別", Agreement::SchemeName),
    ("医療証名称", Agreement::SchemeName),
    ("証名称", Agreement::SchemeName),
    ("制度名", Agreement::SchemeName),
    ("制度名称", Agreement::SchemeName),
    ("有効期限", Agreement::EndDate),
    ("有効期間", Agreement::Validity),
];

/// What a certificate prints of a person.
const OF_PERSON: &[(&str, Agreement)] = &[
    ("氏名", NAME),
    ("フリガナ", KANA),
    ("ふりがな", KANA),
    ("ﾌﾘｶﾞﾅ", KANA),
    ("カナ", KANA),
    ("ｶﾅ", KANA),
    ("氏名フリガナ", KANA),
    ("氏名ふりがな", KANA),
    ("氏名ﾌﾘｶﾞﾅ", KANA),
    ("氏名カナ", KANA),
    ("氏名ｶﾅ", KANA),
    ("カナ氏名", KANA),
    ("ｶﾅ氏名", KANA),
    ("フリガナ氏名", KANA),
    ("生年月日", Agreement::Person { part: PersonPart::BirthDate, recipient: false }),
    ("住所", Agreement::Person { part: PersonPart::Address, recipient: false }),
];

/// Words for the ends of the validity.
const ENDS: &[(&str, Agreement)] = &[
    ("開始", Agreement::StartDate),
    ("開始日", Agreement::StartDate),
    ("開始年月日", Agreement::StartDate),
    ("始期", Agreement::StartDate),
    ("自", Agreement::StartDate),
    ("から", Agreement::StartDate),
    ("終了", Agreement::EndDate),
    ("終了日", Agreement::EndDate),
    ("終了年月日", Agreement::EndDate),
    ("終期", Agreement::EndDate),
    ("満了日", Agreement::EndDate),
    ("至", Agreement::EndDate),
    ("まで", Agreement::EndDate),
];

/// Captions of the copayment limit without day or month, and what such a group has.
const LIMITS: &[&str] = &["自己負担上限額", "自己負担上限", "負担上限額", "負担上限", "自己負担額上限"];
const IN_LIMIT: &[&str] = &["", "上限額", "上限", "金額", "額"];
const TITLES: &[&str] = &["名称", "種類", "種別"];
const PERSONS: &[&str] = &["受診者", "対象者", "患者", "本人", RECIPIENT];
const RECIPIENT: &str = "受給者";

impl Agreement {
    /// What the item with this caption at this pointer must agree with. Numbers and the certificate's name are compared wherever they are, the others on the
    /// certificate's top level and in the group of the person, of the limit or of the validity there.
    #[inline(never)]
    pub(crate) fn of(caption: &str, target: &str) -> Option<Self> {
        let folded = fold(caption);
        let folded = folded.as_str();
        if is_one_of(folded, &["公費負担者番号"]) {
            return Some(Self::PayerNumber);
        }
        if is_one_of(folded, &["受給者証名称"]) {
            return Some(Self::SchemeName);
        }
        if folded.strip_suffix("受給者番号").is_some_and(|before| !names_another(before)) {
            return Some(Self::RecipientNumber);
        }
        let path = target.strip_prefix(CERTIFICATE)?.strip_prefix('/')?;
        match bytes::cut::<1>(path, "/") {
            None => Self::at_top(folded),
            Some((group, below)) if !below.contains('/') => Self::in_group(&fold(group), folded),
            Some(_) => None,
        }
    }

    #[inline(never)]
    fn at_top(caption: &str) -> Option<Self> {
        find(AT_TOP, caption)
            .or_else(|| find(ENDS, caption.strip_prefix("有効期間")?))
            .or_else(|| {
                let who = person(caption);
                Self::of_person(who, caption.get(who.len()..)?)
            })
            .or_else(|| {
                let (period, name) = period(caption);
                is_one_of(&name, LIMITS).then_some(Self::Limit(period))
            })
    }

    #[inline(never)]
    fn in_group(group: &str, caption: &str) -> Option<Self> {
        if is_one_of(group, PERSONS) {
            return Self::of_person(group, caption);
        }
        if is_one_of(group, &["受給者証"]) {
            return is_one_of(caption, TITLES).then_some(Self::SchemeName);
        }
        match Self::at_top(group)? {
            Self::Validity => find(ENDS, caption),
            Self::Limit(of_group) => {
                let (period, name) = period(caption);
                is_one_of(&name, IN_LIMIT).then_some(Self::Limit(period.or(of_group)))
            }
            _ => None,
        }
    }

    #[inline(never)]
    fn of_person(who: &str, word: &str) -> Option<Self> {
        match find(OF_PERSON, word)? {
            Self::Person { part, .. } => Some(Self::Person { part, recipient: is_one_of(who, &[RECIPIENT]) }),
            other => Some(other),
        }
    }
}

#[inline(never)]
fn find(table: &[(&str, Agreement)], caption: &str) -> Option<Agreement> {
    let found = table.iter().find(|(known, _)| bytes::same(known.as_bytes(), caption.as_bytes()))?;
    Some(found.1)
}

#[inline(never)]
fn is_one_of(caption: &str, words: &[&str]) -> bool {
    words.iter().any(|word| bytes::same(word.as_bytes(), caption.as_bytes()))
}

/// The items of [`REQUIRED`] that a caption names, and the guardian, by words that it contains.
const NAMING: &[(Items, &str)] = &[
    (GUARDIAN, "保護者"),
    (GUARDIAN, "申請者"),
    (INSTITUTION, "医療機関"),
    (INSTITUTION, "病院"),
    (INSTITUTION, "診療所"),
    (INSTITUTION, "薬局"),
    (INSTITUTION, "訪問看護"),
    (VALIDITY, "有効期"),
    (VALIDITY, "認定期間"),
    (PAYER_NUMBER, "負担者番号"),
    (RECIPIENT_NUMBER, "受給者番号"),
    (RECIPIENT_NUMBER, "受給者証番号"),
];

/// The items of [`REQUIRED`] that a caption names, and the guardian.
#[inline(never)]
pub(crate) fn items(caption: &str) -> Items {
    let folded = fold(caption);
    let mut items = if is_one_of(&folded, &[RECIPIENT, "受給者氏名"]) { GUARDIAN } else { 0 };
    for (item, word) in NAMING {
        let before = bytes::find(folded.as_bytes(), word.as_bytes()).and_then(|at| folded.get(..at));
        let is_number = matches!(*item, PAYER_NUMBER | RECIPIENT_NUMBER);
        if before.is_some_and(|before| !is_number || !names_another(before)) {
            items |= item;
        }
    }
    items
}

/// The caption half-width, without spaces, brackets and の.
#[inline(never)]
fn fold(caption: &str) -> String {
    let is_word = |c: &char| {
        !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | '【' | '】' | ':' | '・' | 'の')
    };
    caption.chars().map(width::half).filter(is_word).collect()
}

/// Whom a caption begins with; nobody, if it names no person.
fn person(caption: &str) -> &str {
    let found = PERSONS.iter().find(|who| caption.starts_with(**who));
    found.and_then(|who| caption.get(..who.len())).unwrap_or_default()
}

/// What a caption says of day or month, as `perDayOrMonth`'s code; and the rest.
#[inline(never)]
fn period(caption: &str) -> (Option<&'static str>, String) {
    for (word, code) in [("月額", "2"), ("日額", "1")] {
        if let Some((before, behind)) = bytes::cut::<6>(caption, word) {
            return (Some(code), before.to_owned() + behind);
        }
    }
    (None, caption.to_owned())
}

/// Whether what precedes a caption's number says that the number isn't the certificate's own: 旧, 変更前, 他公費, 第二公費 and the like.
#[inline(never)]
fn names_another(before: &str) -> bool {
    ["旧", "前", "他", "二", "2"]
        .into_iter()
        .any(|word| bytes::find(before.as_bytes(), word.as_bytes()).is_some())
}
