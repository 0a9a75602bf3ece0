//! What kind of character a character is: one that may be sent, or one of those that only one system can read.
//!
//! By code points alone, the same for every profile; what each class means for a field is decided by the rules.

mod jis;
mod jis_table;
mod marks;
mod table;

use self::marks::is_combining_mark;
pub(crate) use self::{
    jis::Level,
    table::{CharacterTable, substitute},
};

/// What a character may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    Plain,
    HalfWidth,
    LineBreak,
    PrivateUse,
    /// Plane 16, where 行政事務標準文字 (MJ+) puts the characters that it adds.
    Plane16,
    Unreadable,
    Combining,
    Variation,
    Compatibility,
}

impl Class {
    /// The class of a character; `docs/characters.md` lists them with what is found of each.
    pub(crate) fn of(c: char) -> Self {
        match c {
            // most text ends here
            '\u{3000}'..='\u{3029}'
            | '\u{3030}'..='\u{3098}'
            | '\u{309B}'..='\u{3163}'
            | '\u{3165}'..='\u{9FFF}'
            | '\u{FF01}'..='\u{FF60}' => Self::Plain,
            // letters, signs, kana and Hangul, and every space but the ideographic one
            ' '..='~'
            | '\u{A5}'
            | '\u{203E}'
            | '\u{FF61}'..='\u{FF9F}'
            | '\u{FFA1}'..='\u{FFDC}'
            | '\u{FFE8}'..='\u{FFEE}'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{202F}'
            | '\u{205F}' => Self::HalfWidth,
            '\n' | '\r' => Self::LineBreak,
            _ if is_unreadable(c) => Self::Unreadable,
            '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' => Self::PrivateUse,
            '\u{100000}'..='\u{10FFFF}' => Self::Plane16,
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Self::Variation,
            '\u{F900}'..='\u{FAD9}' | '\u{2F800}'..='\u{2FA1D}' if !is_unified(c) => Self::Compatibility,
            // radicals that look like ideographs: ⼭ for 山
            '\u{2E80}'..='\u{2FDF}' => Self::Compatibility,
            _ if is_combining_mark(c) => Self::Combining,
            _ => Self::Plain,
        }
    }

    /// Whether UTF-8 of three bytes is kana, a common ideograph, or a full-width letter, digit or sign: most text is, and its bytes tell.
    #[inline]
    pub(crate) fn is_plain(utf8: [u8; 3]) -> bool {
        match utf8 {
            [0xE4..=0xE9, ..]
            | [0xE3, 0x81 | 0x83, _]
            | [0xEF, 0xBC, 0x81..=0xBF]
            | [0xEF, 0xBD, 0x80..=0xA0] => true,
            [0xE3, 0x80, last] => !matches!(last, 0xAA..=0xAF),
            [0xE3, 0x82, last] => !matches!(last, 0x99 | 0x9A),
            _ => false,
        }
    }

    /// Whether a text with such a character has lost another one, or is no text that a system shows: a table of characters leaves it alone.
    fn is_lost(self) -> bool {
        matches!(
            self,
            Self::HalfWidth | Self::LineBreak | Self::Unreadable | Self::Combining | Self::Variation
        )
    }

    /// Refused in every name and address, whatever the profile says.
    pub(crate) fn is_refused(self) -> bool {
        matches!(
            self,
            Self::HalfWidth | Self::LineBreak | Self::PrivateUse | Self::Plane16 | Self::Unreadable
        )
    }
}

/// Signs that systems write in place of a character that they lost or could not print: `?`, 〓, ■ and their like, at any width.
pub(crate) fn is_substitute(c: char) -> bool {
    matches!(
        c,
        '?' | '*' | '_' | '？' | '＊' | '＿' | '〓' | '\u{FE56}' | '\u{FE61}' | '\u{25A0}'..='\u{25FF}'
    )
}

/// Controls, invisible characters, U+FFFD and noncharacters.
pub(crate) fn is_unreadable(c: char) -> bool {
    matches!(c, '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{180E}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFD}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// The twelve ideographs that stand among the compatibility ones without being one, and two places that are free.
fn is_unified(c: char) -> bool {
    matches!(c, '\u{FA0E}'..='\u{FA0F}' | '\u{FA11}' | '\u{FA13}'..='\u{FA14}' | '\u{FA1F}' | '\u{FA21}'
        | '\u{FA23}'..='\u{FA24}' | '\u{FA27}'..='\u{FA29}' | '\u{FA6E}'..='\u{FA6F}')
}

/// What a reading (カナ) may hold.
pub(crate) fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | '・'..='ヾ' | '\u{3000}' | '－' | '．' | '，' | '’' | '＝' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_bytes_tell_is_so() {
        let mut plain = 0;
        for c in '\u{800}'..='\u{FFFF}' {
            let mut utf8 = [0; 3];
            c.encode_utf8(&mut utf8);
            if Class::is_plain(utf8) {
                assert_eq!(Class::of(c), Class::Plain, "{c:?}");
                plain += 1;
            }
        }
        assert_eq!(plain, (0xA000 - 0x4000) + 0x100 - 8 + 0x60);
    }

    /// A compatibility ideograph is one that Unicode takes apart into another.
    #[test]
    fn compatibility_ideographs_are_unicodes() {
        for c in ('\u{F900}'..='\u{FAFF}').chain('\u{2F800}'..='\u{2FA1F}') {
            let mut same = true;
            unicode_normalization::char::decompose_canonical(c, |part| same &= part == c);
            assert_eq!(Class::of(c) == Class::Compatibility, !same, "{c:?}");
        }
    }
}
