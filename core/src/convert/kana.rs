//! Kana: half-width (ﾔﾏﾀﾞ), hiragana and katakana to one another, voiced marks composed.

use bumpalo::{Bump, collections::String};

use super::width;

/// U+FF61 to U+FF9D in order.
const HALF_WIDTH: [char; 61] = [
    '。', '「', '」', '、', '・', 'ヲ', 'ァ', 'ィ', 'ゥ', 'ェ', 'ォ', 'ャ', 'ュ', 'ョ', 'ッ', 'ー', 'ア',
    'イ', 'ウ', 'エ', 'オ', 'カ', 'キ', 'ク', 'ケ', 'コ', 'サ', 'シ', 'ス', 'セ', 'ソ', 'タ', 'チ', 'ツ',
    'テ', 'ト', 'ナ', 'ニ', 'ヌ', 'ネ', 'ノ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'マ', 'ミ', 'ム', 'メ', 'モ',
    'ヤ', 'ユ', 'ヨ', 'ラ', 'リ', 'ル', 'レ', 'ロ', 'ワ', 'ン',
];

/// The combining mark that a voiced or semi-voiced mark of any width stands for.
fn voiced_mark(c: char) -> Option<char> {
    match c {
        '\u{FF9E}' | '\u{3099}' | '\u{309B}' => Some('\u{3099}'),
        '\u{FF9F}' | '\u{309A}' | '\u{309C}' => Some('\u{309A}'),
        _ => None,
    }
}

/// The one kana that a kana and a combining mark make; `None` where Unicode has none.
fn compose(kana: char, mark: char) -> Option<char> {
    let apart = match (mark, kana) {
        ('\u{3099}', 'う' | 'ウ') => u32::from('ゔ') - u32::from('う'),
        ('\u{3099}', 'ワ'..='ヲ') => u32::from('ヷ') - u32::from('ワ'),
        (
            '\u{3099}',
            'か' | 'き' | 'く' | 'け' | 'こ' | 'さ' | 'し' | 'す' | 'せ' | 'そ' | 'た' | 'ち' | 'つ' | 'て'
            | 'と' | 'は' | 'ひ' | 'ふ' | 'へ' | 'ほ' | 'ゝ' | 'カ' | 'キ' | 'ク' | 'ケ' | 'コ' | 'サ' | 'シ'
            | 'ス' | 'セ' | 'ソ' | 'タ' | 'チ' | 'ツ' | 'テ' | 'ト' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ' | 'ヽ',
        ) => 1,
        ('\u{309A}', 'は' | 'ひ' | 'ふ' | 'へ' | 'ほ' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ') => 2,
        _ => return None,
    };
    char::from_u32(u32::from(kana) + apart)
}

fn from_half_width(c: char) -> char {
    let index = u32::from(c).checked_sub(0xFF61).and_then(|index| usize::try_from(index).ok());
    index.and_then(|index| HALF_WIDTH.get(index)).copied().unwrap_or(c)
}

fn from_hiragana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    }
}

fn from_katakana(c: char) -> char {
    match c {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// Maps each character and joins a voiced mark to the one before it; a mark that joins nothing stays as `゛` or `゜`.
fn convert<'r>(bump: &'r Bump, text: &'r str, map: impl Fn(char) -> char) -> &'r str {
    if text.chars().all(|c| voiced_mark(c).is_none() && map(c) == c) {
        return text;
    }
    let mut out = String::with_capacity_in(text.len() + 16, bump);
    for c in text.chars() {
        let Some(mark) = voiced_mark(c) else {
            out.push(map(c));
            continue;
        };
        match out.pop() {
            Some(last) => match compose(last, mark) {
                Some(joined) => out.push(joined),
                None => out.extend([last, standalone(mark)]),
            },
            None => out.push(standalone(mark)),
        }
    }
    out.into_bump_str()
}

fn standalone(mark: char) -> char {
    if mark == '\u{3099}' { '\u{309B}' } else { '\u{309C}' }
}

/// Half-width kana to full-width, nothing else.
pub(crate) fn half_to_full<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    convert(bump, text, from_half_width)
}

/// All of it to full-width katakana: kana of any kind, letters, digits, signs and spaces full-width.
#[inline(never)]
pub(crate) fn katakana<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    if text.chars().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー' | '\u{3000}')) {
        return text;
    }
    convert(bump, text, |c| match c {
        // the one apostrophe that a reading may hold
        '\'' | '＇' => '’',
        c => width::full(from_hiragana(from_half_width(c))),
    })
}

/// All of it to hiragana: kana of any kind, letters, digits, signs and spaces full-width. `ー` stays, as do the few katakana without a hiragana.
pub(crate) fn hiragana<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    convert(bump, text, |c| width::full(from_katakana(from_half_width(c))))
}

/// Joins combining voiced marks to the kana before them; everything else stays as it is.
///
/// Kana alone, since NFC over the whole text would also replace CJK compatibility ideographs, and so change people's names.
pub(crate) fn compose_kana<'r>(bump: &'r Bump, text: &'r str) -> &'r str {
    if !text.contains(['\u{3099}', '\u{309A}']) {
        return text;
    }
    let mut out = String::with_capacity_in(text.len(), bump);
    for c in text.chars() {
        let joined = matches!(c, '\u{3099}' | '\u{309A}')
            .then(|| out.chars().next_back().and_then(|last| compose(last, c)))
            .flatten();
        if let Some(joined) = joined {
            out.pop();
            out.push(joined);
        } else {
            out.push(c);
        }
    }
    out.into_bump_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_join_as_unicode_has_it() {
        for mark in ['\u{3099}', '\u{309A}'] {
            for c in '\0'..=char::MAX {
                assert_eq!(compose(c, mark), unicode_normalization::char::compose(c, mark), "{c:?} {mark:?}");
            }
        }
    }
}
