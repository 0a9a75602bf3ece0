//! Kana and width, through a profile's steps.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use crate::{cases, stepped};

const HALF: &str = "ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ｡｢｣､･";
const FULL: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン。「」、・";
/// A kana and its voiced form, two by two.
const VOICED: &str =
    "カガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヲヺ";
/// A kana and its semi-voiced form, two by two.
const SEMI_VOICED: &str = "ハパヒピフプヘペホポ";
const HIRAGANA: &str = "ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろゎわゐゑをんゔゕゖゝゞ";
const KATAKANA: &str = "ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶヽヾ";

/// The form with a mark, where there is one.
fn marked(kana: char, pairs: &str) -> Option<char> {
    let pairs: Vec<char> = pairs.chars().collect();
    pairs.chunks(2).find(|pair| pair[0] == kana).map(|pair| pair[1])
}

/// Every half-width kana alone, with ﾞ and with ﾟ: composed where there is such a kana, else the mark follows in full width.
#[test]
fn every_half_width_kana_with_every_mark() {
    let (mut texts, mut expected) = (Vec::new(), Vec::new());
    for (half, full) in HALF.chars().zip(FULL.chars()) {
        texts.push(format!("ｱ{half}"));
        expected.push(format!("ア{full}"));
        for (mark, pairs, alone) in [('ﾞ', VOICED, '゛'), ('ﾟ', SEMI_VOICED, '゜')] {
            texts.push(format!("{half}{mark}"));
            expected.push(marked(full, pairs).map_or(format!("{full}{alone}"), |joined| joined.to_string()));
        }
    }
    assert_eq!(texts.len(), (HALF.chars().count()) * 3);
    for name in ["katakana", "fullwidth"] {
        assert_eq!(stepped(name, &texts), expected, "{name}");
    }
}

/// The marks of every kind: half-width, standing alone, combining.
#[test]
fn every_kind_of_mark() {
    let (mut texts, mut expected) = (Vec::new(), Vec::new());
    for (pairs, marks) in [(VOICED, ['ﾞ', '゛', '\u{3099}']), (SEMI_VOICED, ['ﾟ', '゜', '\u{309A}'])] {
        let pairs: Vec<char> = pairs.chars().collect();
        for (pair, mark) in pairs.chunks(2).flat_map(|pair| marks.map(|mark| (pair, mark))) {
            texts.push(format!("{}{mark}ー", pair[0]));
            expected.push(format!("{}ー", pair[1]));
        }
    }
    assert_eq!(stepped("katakana", &texts), expected);
}

#[test]
fn every_hiragana() {
    assert_eq!(HIRAGANA.chars().count(), KATAKANA.chars().count());
    assert_eq!(stepped("katakana", &[HIRAGANA.to_owned()]), [KATAKANA]);
    // the other steps leave hiragana alone
    for name in ["fullwidth", "halfwidth", "compose"] {
        assert_eq!(stepped(name, &[HIRAGANA.to_owned()]), [HIRAGANA], "{name}");
    }
}

/// Letters, digits, signs and the space, both ways.
#[test]
fn every_letter_and_sign() {
    let half: String = (' '..='~').chain(['¥']).collect();
    let full: String =
        (' '..='~')
            .map(|c| {
                if c == ' ' {
                    '\u{3000}'
                } else {
                    char::from_u32(u32::from(c) + 0xFEE0).expect("a character")
                }
            })
            .chain(['￥'])
            .collect();
    let framed = |text: &str| format!("山{text}田");
    assert_eq!(stepped("fullwidth", &[framed(&half)]), [framed(&full)]);
    // of the apostrophes, a reading may hold only this one
    let of_a_reading = full.replace('＇', "’");
    assert_eq!(stepped("katakana", &[framed(&half)]), [framed(&of_a_reading)]);
    assert_eq!(stepped("katakana", &[framed(&full)]), [framed(&of_a_reading)]);
    assert_eq!(stepped("halfwidth", &[framed(&full)]), [framed(&half)]);
}

proptest! {
    #![proptest_config(cases(150))]

    /// A second time changes nothing, and a letter's way there and back ends where it began.
    #[test]
    fn conversions_settle(text in "山[ -~｡-ﾟァ-ヾぁ-ゖ！-～　一-龥]{0,40}田") {
        for name in ["katakana", "fullwidth", "halfwidth", "compose"] {
            let once = stepped(name, std::slice::from_ref(&text));
            prop_assert_eq!(&stepped(name, &once), &once, "{}", name);
        }
        let there = stepped("fullwidth", std::slice::from_ref(&text));
        let back = stepped("halfwidth", &there);
        prop_assert_eq!(stepped("fullwidth", &back), there);
    }

    /// `compose` gives NFC's kana, whatever they are written with, and leaves everything else as it is.
    #[test]
    fn compose_is_nfc_for_kana(text in "[ぁ-ゖァ-ヺゝゞヽヾー・]{1,40}", ideographs in "[一-龥\u{F900}-\u{FA0D}\u{FA10}\u{FA19}]{1,10}") {
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(stepped("compose", &[decomposed.clone() + &ideographs]), [text.clone() + &ideographs]);
        prop_assert_eq!(stepped("katakana", &[decomposed]), stepped("katakana", &[text]));
    }

    /// What `katakana` makes of kana of any kind is katakana that a reading may hold.
    #[test]
    fn katakana_of_kana_is_katakana(text in "[ｦ-ﾝぁ-ゖァ-ヺー・ｰ]{1,40}") {
        let made = stepped("katakana", &[text]);
        prop_assert!(made[0].chars().all(|c| matches!(c, 'ァ'..='ヺ' | 'ー' | '・')), "{}", made[0]);
    }
}
