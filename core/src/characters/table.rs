//! A site's table of characters: which one to send in place of one that only its own systems can show (縮退).
//!
//! A table that could hide the loss of a character, or change the spelling of ordinary names, is refused as a whole.

use bumpalo::{Bump, collections::String as Text};

use super::{Class, is_substitute, jis::Level};
use crate::{finding::Detail, json::Json, packed::Packed, rules::Text as Words};

/// Code points that share one bit of [`CharacterTable::blocks`].
const BLOCK: u32 = 256;
/// Words of 64 blocks, up to U+10FFFF.
const WORDS: usize = 0x0011_0000 / BLOCK as usize / 64;
/// Mistakes that are told.
const MOST: usize = 100;

/// Bits of a code point.
const POINT: u32 = 21;

/// Characters and what is sent in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CharacterTable {
    /// A character, the selector behind it (0 if there is none), and what is sent.
    entries: Packed,
    /// Blocks that have such a character, a bit each: most text is told from it by them.
    blocks: [u64; WORDS],
}

/// A character and the selector behind it, as a key of [`CharacterTable::entries`].
fn key(c: char, selector: Option<char>) -> u64 {
    u64::from(u32::from(c)) << (2 * POINT) | u64::from(selector.map_or(0, u32::from)) << POINT
}

impl CharacterTable {
    /// Reads a table: an object of `"U+E000": "U+9AD8"`.
    ///
    /// # Errors
    ///
    /// Its mistakes, one for each entry.
    #[inline(never)]
    pub(crate) fn read(json: &Json) -> Result<Self, Vec<Detail>> {
        let Json::Object(members) = json else { return Err(vec![Detail::Words(FORM)]) };
        if members.is_empty() {
            return Err(vec![Detail::Words(Words { en: "it is empty", ja: "空です" })]);
        }
        let mut mistakes = Vec::new();
        let mut keys = Vec::with_capacity(members.len());
        let mut blocks = [0; WORDS];
        for (from, to) in members {
            match entry(from, to) {
                Ok((from, selector, to)) => {
                    keys.push(key(from, selector) | u64::from(u32::from(to)));
                    let (word, bit) = block(from);
                    if let Some(word) = blocks.get_mut(word) {
                        *word |= bit;
                    }
                }
                Err(why) => mistakes.push(Detail::Entry(from.clone(), why)),
            }
        }
        let table = Self { entries: Packed::of(keys), blocks };
        let mut before = None;
        for entry in table.entries.from(0) {
            let (from, to) = (entry >> POINT, u32::try_from(entry & ((1 << POINT) - 1)).ok());
            let why = if before.replace(from) == Some(from) {
                Words { en: "it occurs twice", ja: "2回書かれています" }
            } else if to.and_then(char::from_u32).is_some_and(|to| table.find(to, None).is_some()) {
                Words {
                    en: "what is sent in its place is replaced itself",
                    ja: "置き換え後の文字が、さらに置き換えの対象になっています",
                }
            } else {
                continue;
            };
            mistakes.push(Detail::Entry(format!("U+{:04X}", from >> POINT), why));
        }
        mistakes.truncate(MOST);
        if mistakes.is_empty() { Ok(table) } else { Err(mistakes) }
    }

    #[inline(never)]
    fn find(&self, c: char, selector: Option<char>) -> Option<char> {
        let (word, bit) = block(c);
        if self.blocks.get(word).is_none_or(|word| word & bit == 0) {
            return None;
        }
        let key = key(c, selector);
        let entry = self.entries.from(key).first().filter(|entry| **entry >> POINT == key >> POINT)?;
        char::from_u32(u32::try_from(entry & ((1 << POINT) - 1)).ok()?)
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
    let mut out = Text::new_in(bump);
    let mut count = 0u64;
    // what is before it is in `out`
    let mut taken = 0usize;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        let behind = chars.as_str();
        let selector = behind.chars().next().filter(|next| is_selector(*next));
        let Some(to) = tables.into_iter().flatten().find_map(|table| table.find(c, selector)) else {
            continue;
        };
        out.push_str(text.get(taken..at).unwrap_or_default());
        out.push(to);
        count = count.saturating_add(1);
        taken = text.len().saturating_sub(behind.len()).saturating_add(selector.map_or(0, char::len_utf8));
    }
    if count == 0 {
        return None;
    }
    out.push_str(text.get(taken..).unwrap_or_default());
    Some((out.into_bump_str(), count))
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

fn block(c: char) -> (usize, u64) {
    let block = u32::from(c) / BLOCK;
    ((block / 64) as usize, 1 << (block % 64))
}

const FORM: Words = Words {
    en: "write `\"U+E000\": \"U+9AD8\"`, a selector as `U+9089 U+E0100`",
    ja: "`\"U+E000\": \"U+9AD8\"` の形で書いてください(異体字セレクタは `U+9089 U+E0100`)",
};

/// An entry, or what is wrong with it.
#[inline(never)]
fn entry(from: &str, to: &Json) -> Result<(char, Option<char>, char), Words> {
    let (base, selector) =
        from.split_once(' ').map_or((from, None), |(base, selector)| (base, Some(selector)));
    let (Some(base), Json::String(to)) = (code_point(base), to) else { return Err(FORM) };
    let Some(to) = code_point(to) else { return Err(FORM) };
    let selector = selector.map(|selector| code_point(selector).ok_or(FORM)).transpose()?;
    let is_replaceable = match selector {
        Some(selector) => is_selector(selector) && !Class::of(base).is_lost(),
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
#[inline(never)]
fn code_point(text: &str) -> Option<char> {
    let digits = text.strip_prefix(['U', 'u'])?.strip_prefix('+')?;
    let mut point = 0;
    for digit in digits.chars() {
        point = point << 4 | digit.to_digit(16)?;
    }
    char::from_u32(point).filter(|_| (4..=6).contains(&digits.len()))
}
