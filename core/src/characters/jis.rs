//! The two levels of characters that a profile may ask for: JIS X 0208 and JIS X 0213.
//!
//! A character that programs write with either of two code points (the full-width minus sign, the wave dash) belongs to a level with both.

use super::jis_table::{
    KANJI_0208, KANJI_0213, LENGTHS_0208, LENGTHS_0213, PLANE_2, STARTS_0208, STARTS_0213,
};

/// A level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    JisX0208,
    JisX0213,
}

const FIRST_KANJI: u32 = 0x4E00;
const PLANE_2_BEGIN: u32 = 0x20000;

impl Level {
    /// The level with a name of the profile language.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "jis-x-0208" => Some(Self::JisX0208),
            "jis-x-0213" => Some(Self::JisX0213),
            _ => None,
        }
    }

    /// The standard's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::JisX0208 => "JIS X 0208",
            Self::JisX0213 => "JIS X 0213",
        }
    }

    /// Whether the level has a character; of ASCII and half-width kana it has none.
    pub(crate) fn has(self, c: char) -> bool {
        let point = u32::from(c);
        let (kanji, starts, lengths): (&[u64], &[u16], &[u8]) = match self {
            Self::JisX0208 => (&KANJI_0208, &STARTS_0208, &LENGTHS_0208),
            Self::JisX0213 => (&KANJI_0213, &STARTS_0213, &LENGTHS_0213),
        };
        if let Some(place) = point.checked_sub(FIRST_KANJI)
            && let Some(word) = kanji.get((place >> 6) as usize)
        {
            return word >> (place & 63) & 1 == 1;
        }
        if let Some(place) = point.checked_sub(PLANE_2_BEGIN) {
            let place = u16::try_from(place).ok();
            return self == Self::JisX0213
                && place.is_some_and(|place| PLANE_2.binary_search(&place).is_ok());
        }
        let Ok(point) = u16::try_from(point) else { return false };
        let at = starts.partition_point(|start| *start <= point).checked_sub(1);
        at.is_some_and(|at| match (starts.get(at), lengths.get(at)) {
            (Some(start), Some(more)) => point.saturating_sub(*start) <= u16::from(*more),
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Characters that the standards have once and programs write with either code point.
    const TWINS: &str = "—―‖∥〜～−－¢￠£￡¬￢‾￣¥￥＼";

    fn differing(level: Level, expected: &BTreeSet<char>, twins: &str) -> Vec<char> {
        let known = |c: char| expected.contains(&c) || twins.contains(c);
        ('\u{80}'..=char::MAX).filter(|c| level.has(*c) != known(*c)).collect()
    }

    /// Against the web's decoder of EUC-JP, whose rows of the vendors (13, 89 to 92) are left out.
    #[test]
    fn jis_x_0208_is_the_webs() {
        let mut expected = BTreeSet::new();
        for row in (1..=8).chain(16..=84) {
            for cell in 1..=94 {
                let bytes = [0xA0 + row, 0xA0 + cell];
                let text = encoding_rs::EUC_JP.decode_without_bom_handling_and_without_replacement(&bytes);
                expected.extend(text.iter().flat_map(|text| text.chars()));
            }
        }
        assert_eq!(expected.len(), 6879);
        assert_eq!(differing(Level::JisX0208, &expected, TWINS), []);
    }

    /// Against glibc's iconv, as a text in this repository.
    #[test]
    fn jis_x_0213_is_glibcs() {
        let expected: BTreeSet<char> =
            include_str!("../../jis/jis-x-0213.txt").lines().flat_map(str::chars).collect();
        assert!(expected.len() > 11_000);
        let twins = format!("{TWINS}｟｠⦅⦆￤¦");
        assert_eq!(differing(Level::JisX0213, &expected, &twins), []);
    }

    #[test]
    fn the_smaller_level_is_part_of_the_larger() {
        let lost = ('\0'..=char::MAX).find(|c| Level::JisX0208.has(*c) && !Level::JisX0213.has(*c));
        assert_eq!(lost, None);
        for (c, in_0208, in_0213) in [
            ('山', true, true),
            ('髙', false, false),
            ('﨑', false, true),
            ('𠮷', false, false),
            ('𠮟', false, true),
            ('ア', true, true),
        ] {
            assert_eq!((Level::JisX0208.has(c), Level::JisX0213.has(c)), (in_0208, in_0213), "{c}");
        }
    }
}
