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

impl Agreement {
    /// What the item with this caption at this pointer must agree with. Numbers and the certificate's name are compared wherever they are, the others on the
    /// certificate's top level and in the group of the person, of the limit or of the validity there.
    pub(crate) fn of(caption: &str, target: &str) -> Option<Self> {
        let folded = fold(caption);
        match folded.as_str() {
            "公費負担者番号" => return Some(Self::PayerNumber),
            "受給者証名称" => return Some(Self::SchemeName),
            _ if folded.strip_suffix("受給者番号").is_some_and(|before| !names_another(before)) => {
                return Some(Self::RecipientNumber);
            }
            _ => {}
        }
        let path = target.strip_prefix(CERTIFICATE)?.strip_prefix('/')?;
        match path.split_once('/') {
            None => Self::at_top(&folded),
            Some((group, below)) if !below.contains('/') => Self::in_group(&fold(group), &folded),
            Some(_) => None,
        }
    }

    fn at_top(caption: &str) -> Option<Self> {
        match caption {
            "受給者証名" | "受給者証種類" | "受給者証種別" | "医療証名称" | "証名称" | "制度名"
            | "制度名称" => {
                return Some(Self::SchemeName);
            }
            "有効期限" => return Some(Self::EndDate),
            _ => {}
        }
        if let Some(part) = caption.strip_prefix("有効期間") {
            return if part.is_empty() { Some(Self::Validity) } else { Self::of_end(part) };
        }
        let (recipient, part) = person(caption).unwrap_or((false, caption));
        let limit = || {
            let (period, name) = period(caption);
            let is_limit = matches!(
                name.as_str(),
                "自己負担上限額" | "自己負担上限" | "負担上限額" | "負担上限" | "自己負担額上限"
            );
            is_limit.then_some(Self::Limit(period))
        };
        PersonPart::of(part).map(|part| Self::Person { part, recipient }).or_else(limit)
    }

    fn in_group(group: &str, caption: &str) -> Option<Self> {
        if let Some((recipient, "")) = person(group) {
            return PersonPart::of(caption).map(|part| Self::Person { part, recipient });
        }
        if let Some(Self::Limit(of_group)) = Self::at_top(group) {
            let (period, name) = period(caption);
            let is_amount = matches!(name.as_str(), "" | "上限額" | "上限" | "金額" | "額");
            return is_amount.then_some(Self::Limit(period.or(of_group)));
        }
        match (group, caption) {
            ("受給者証", "名称" | "種類" | "種別") => Some(Self::SchemeName),
            ("有効期間", "") => Some(Self::Validity),
            ("有効期間", end) => Self::of_end(end),
            _ => None,
        }
    }

    /// Which end of the validity a word names.
    fn of_end(word: &str) -> Option<Self> {
        match word {
            "開始" | "開始日" | "開始年月日" | "始期" | "自" | "から" => Some(Self::StartDate),
            "終了" | "終了日" | "終了年月日" | "終期" | "満了日" | "至" | "まで" => {
                Some(Self::EndDate)
            }
            _ => None,
        }
    }
}

impl PersonPart {
    fn of(word: &str) -> Option<Self> {
        match word {
            "氏名" => Some(Self::Name),
            "フリガナ"
            | "ふりがな"
            | "ﾌﾘｶﾞﾅ"
            | "カナ"
            | "ｶﾅ"
            | "氏名フリガナ"
            | "氏名ふりがな"
            | "氏名ﾌﾘｶﾞﾅ"
            | "氏名カナ"
            | "氏名ｶﾅ"
            | "カナ氏名"
            | "ｶﾅ氏名"
            | "フリガナ氏名" => Some(Self::Kana),
            "生年月日" => Some(Self::BirthDate),
            "住所" => Some(Self::Address),
            _ => None,
        }
    }
}

/// The items of [`REQUIRED`] that a caption names, and the guardian.
pub(crate) fn items(caption: &str) -> Items {
    let folded = fold(caption);
    let has = |word: &str| bytes::find(folded.as_bytes(), word.as_bytes()).is_some();
    let own_number = |word| folded.split_once(word).is_some_and(|(before, _)| !names_another(before));
    let mut items = 0;
    let mut add = |item: Items, named: bool| items |= if named { item } else { 0 };
    add(GUARDIAN, has("保護者") || has("申請者") || matches!(folded.as_str(), "受給者" | "受給者氏名"));
    add(INSTITUTION, ["医療機関", "病院", "診療所", "薬局", "訪問看護"].into_iter().any(has));
    add(VALIDITY, has("有効期") || has("認定期間"));
    add(PAYER_NUMBER, own_number("負担者番号"));
    add(RECIPIENT_NUMBER, own_number("受給者番号") || own_number("受給者証番号"));
    items
}

/// The caption half-width, without spaces, brackets and の.
fn fold(caption: &str) -> String {
    let is_word = |c: &char| {
        !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']' | '【' | '】' | ':' | '・' | 'の')
    };
    caption.chars().map(width::half).filter(is_word).collect()
}

/// Whom a caption begins with, and whether that may be a parent; and the rest.
fn person(caption: &str) -> Option<(bool, &str)> {
    ["受診者", "対象者", "患者", "本人", "受給者"]
        .into_iter()
        .find_map(|who| Some((who == "受給者", caption.strip_prefix(who)?)))
}

/// What a caption says of day or month, as `perDayOrMonth`'s code; and the rest.
fn period(caption: &str) -> (Option<&'static str>, String) {
    for (word, code) in [("月額", "2"), ("日額", "1")] {
        if let Some((before, behind)) = caption.split_once(word) {
            return (Some(code), [before, behind].concat());
        }
    }
    (None, caption.to_owned())
}

/// Whether what precedes a caption's number says that the number isn't the certificate's own: 旧, 変更前, 他公費, 第二公費 and the like.
fn names_another(before: &str) -> bool {
    ["旧", "前", "他", "二", "2"]
        .into_iter()
        .any(|word| bytes::find(before.as_bytes(), word.as_bytes()).is_some())
}
