//! A site's table of characters: which one to send in place of one that only its own systems can show (縮退).
//!
//! A table that could hide the loss of a character, or change the spelling of ordinary names, is refused as a whole.

use bumpalo::{Bump, collections::String as Text};

use super::{Class, is_substitute, jis::Level};
use crate::{finding::Detail, json::Json, rules::Text as Words};

/// Code points that share one bit of [`CharacterTable::blocks`].
const BLOCK: u32 = 256;
/// Words of 64 blocks, up to U+10FFFF.
const WORDS: usize = 0x0011_0000 / BLOCK as usize / 64;
/// Mistakes that are told.
const MOST: usize = 100;

/// Characters and what is sent in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CharacterTable {
    /// A character, the selector behind it, and what is sent; sorted.
    entries: Vec<(char, Option<char>, char)>,
    /// Blocks that have such a character, a bit each: most text is told from it by them.
    blocks: [u64; WORDS],
}

/// What is wrong with an entry: its key, and why.
pub(crate) type Mistake = (String, Words);

impl CharacterTable {
    /// Reads a table: an object of `"U+E000": "U+9AD8"`.
    ///
    /// # Errors
    ///
    /// Its mistakes, one for each entry; a key is empty if it is about the whole.
    pub(crate) fn read(json: &Json) -> Result<Self, Vec<Mistake>> {
        let Json::Object(members) = json else {
            return Err(whole("expected: an object", "オブジェクトを書いてください"));
        };
        if members.is_empty() {
            return Err(whole("it is empty", "空です"));
        }
        let mut mistakes = Vec::new();
        let mut table = Self { entries: Vec::with_capacity(members.len()), blocks: [0; WORDS] };
        for (from, to) in members {
            match entry(from, to) {
                Ok(entry) => table.entries.push(entry),
                Err(words) => mistakes.push((from.clone(), words)),
            }
        }
        table.entries.sort_unstable();
        for pair in table.entries.windows(2) {
            if let [(one, selector, _), (other, twin, _)] = pair
                && (one, selector) == (other, twin)
            {
                let words = Words { en: "it occurs twice", ja: "2回書かれています" };
                mistakes.push((written(*one, *selector), words));
            }
        }
        for (from, selector, to) in &table.entries {
            if table.find(*to, None).is_some() {
                let words = Words {
                    en: "what is sent in its place is replaced itself",
                    ja: "置き換え後の文字が、さらに置き換えの対象になっています",
                };
                mistakes.push((written(*from, *selector), words));
            }
        }
        mistakes.truncate(MOST);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        for (from, ..) in &table.entries {
            let (word, bit) = block(*from);
            if let Some(word) = table.blocks.get_mut(word) {
                *word |= bit;
            }
        }
        Ok(table)
    }

    fn find(&self, c: char, selector: Option<char>) -> Option<char> {
        let at =
            self.entries.binary_search_by_key(&(c, selector), |(c, selector, _)| (*c, *selector)).ok()?;
        self.entries.get(at).map(|(.., to)| *to)
    }

    fn may_have(&self, c: char) -> bool {
        let (word, bit) = block(c);
        self.blocks.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// A text with what the first of these tables that knows a character has for it, and how many were replaced; `None` if none was. A
/// character with a selector behind it is replaced only as an entry of both: with the selector it is another shape.
#[inline(never)]
pub(crate) fn substitute<'b>(
    tables: [Option<&CharacterTable>; 2],
    text: &str,
    bump: &'b Bump,
) -> Option<(&'b str, u64)> {
    let tables = || tables.into_iter().flatten();
    if !text.chars().any(|c| tables().any(|table| table.may_have(c))) {
        return None;
    }
    let mut out = Text::with_capacity_in(text.len(), bump);
    let mut count = 0u64;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let selector = rest.peek().copied().filter(|next| Class::of(*next) == Class::Variation);
        if let Some(to) = tables().find_map(|table| table.find(c, selector)) {
            if selector.is_some() {
                rest.next();
            }
            out.push(to);
            count = count.saturating_add(1);
        } else {
            out.push(c);
        }
    }
    (count > 0).then(|| (out.into_bump_str(), count))
}

fn block(c: char) -> (usize, u64) {
    let block = u32::from(c) / BLOCK;
    ((block / 64) as usize, 1 << (block % 64))
}

fn whole(en: &'static str, ja: &'static str) -> Vec<Mistake> {
    vec![(String::new(), Words { en, ja })]
}

/// An entry, or what is wrong with it.
fn entry(from: &str, to: &Json) -> Result<(char, Option<char>, char), Words> {
    let form = Words {
        en: "write `\"U+E000\": \"U+9AD8\"`, a selector as `U+9089 U+E0100`",
        ja: "`\"U+E000\": \"U+9AD8\"` の形で書いてください(異体字セレクタは `U+9089 U+E0100`)",
    };
    let (base, selector) =
        from.split_once(' ').map_or((from, None), |(base, selector)| (base, Some(selector)));
    let (Some(base), Json::String(to)) = (code_point(base), to) else { return Err(form) };
    let Some(to) = code_point(to) else { return Err(form) };
    let selector = selector.map(|selector| code_point(selector).ok_or(form)).transpose()?;
    let is_replaceable = match selector {
        Some(selector) => Class::of(selector) == Class::Variation && !Class::of(base).is_lost(),
        None => !Class::of(base).is_lost() && !is_substitute(base) && !Level::JisX0208.has(base),
    };
    if !is_replaceable {
        return Err(Words {
            en: "a character of JIS X 0208, or one that may be the trace of another, is not replaced",
            ja: "JIS X 0208の文字や、失われた文字の跡かもしれない文字は置き換えられません",
        });
    }
    if Class::of(to) != Class::Plain || is_substitute(to) {
        return Err(Words {
            en: "what is sent in its place must be an ordinary full-width character",
            ja: "置き換え後の文字は、通常の全角の文字でなければなりません",
        });
    }
    Ok((base, selector, to))
}

/// `U+` and four to six hexadecimal digits.
fn code_point(text: &str) -> Option<char> {
    let digits = text.strip_prefix("U+").or_else(|| text.strip_prefix("u+"))?;
    let is_hex = (4..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?)
}

#[cold]
fn written(c: char, selector: Option<char>) -> String {
    let selector = selector.map(|selector| format!(" U+{:04X}", u32::from(selector)));
    format!("U+{:04X}{}", u32::from(c), selector.unwrap_or_default())
}

/// A mistake, as the detail of a finding.
pub(crate) fn told((entry, why): Mistake) -> Detail {
    if entry.is_empty() { Detail::Words(why) } else { Detail::Entry(entry, why) }
}
