//! Kana and digits turned the way old systems write them: the inverse of what a profile's steps undo.

const FULL: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン\
                    ァィゥェォッャュョー・　";
const HALF: &str = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ･ ";
const VOICED: &str = "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ";
const VOICED_BASE: &str = "カキクケコサシスセソタチツテトハヒフヘホウ";
const SEMI_VOICED: &str = "パピプペポ";
const SEMI_VOICED_BASE: &str = "ハヒフヘホ";

fn counterpart(letter: char, from: &str, to: &str) -> Option<char> {
    from.chars().position(|known| known == letter).and_then(|at| to.chars().nth(at))
}

/// The letter without its mark, and whether that was ゛ (true) or ゜ (false).
fn unmarked(letter: char) -> Option<(char, bool)> {
    let voiced = counterpart(letter, VOICED, VOICED_BASE).map(|base| (base, true));
    voiced.or_else(|| counterpart(letter, SEMI_VOICED, SEMI_VOICED_BASE).map(|base| (base, false)))
}

/// `ヤマダ　タロウ` as `ﾔﾏﾀﾞ ﾀﾛｳ`; what isn't kana stays.
pub(crate) fn halfwidth(text: &str) -> String {
    let half = |letter| counterpart(letter, FULL, HALF).unwrap_or(letter);
    let mut written = String::new();
    for letter in text.chars() {
        match unmarked(letter) {
            Some((base, voiced)) => written.extend([half(base), if voiced { 'ﾞ' } else { 'ﾟ' }]),
            None => written.push(half(letter)),
        }
    }
    written
}

/// `ヤマダ` as `やまだ`.
pub(crate) fn hiragana(text: &str) -> String {
    let lower = |letter: char| match letter {
        'ァ'..='ヴ' => char::from_u32(u32::from(letter) - 0x60).unwrap(),
        _ => letter,
    };
    text.chars().map(lower).collect()
}

/// Marks written as letters of their own, as macOS does in file names (NFD).
pub(crate) fn decomposed(text: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        match unmarked(letter) {
            Some((base, voiced)) => written.extend([base, if voiced { '\u{3099}' } else { '\u{309A}' }]),
            None => written.push(letter),
        }
    }
    written
}

/// ASCII letters, digits and signs as their full-width forms.
pub(crate) fn fullwidth_ascii(text: &str) -> String {
    let wide = |letter: char| match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap(),
        ' ' => '　',
        _ => letter,
    };
    text.chars().map(wide).collect()
}
