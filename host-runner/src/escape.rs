//! Keeps text of others from steering a terminal: file names, keys, PMH's words, the operating system's.
//!
//! It could end with success and still harm somebody: a file name in the vendor's folder erases the line that says what
//! is wrong and writes "✓" instead; a bidirectional override shows another path than the one that is meant. A line break
//! becomes a space; everything else that is not seen but acts is written as `\u{…}`. In JSON the same characters are
//! escaped as JSON does it, so that a program reads the text unchanged.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a character acts on a terminal, or can't be seen: control characters and format characters, but not the
/// variation selectors that Japanese names use.
pub(crate) fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line of text, fit to be shown to a person.
pub(crate) fn printable(text: &str) -> String {
    cleaned(text.to_owned())
}

/// As [`printable`]; text that needs nothing is not copied.
pub(crate) fn cleaned(text: String) -> String {
    if !text.contains(steers) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut shown, c);
    }
    shown
}

fn push(shown: &mut String, c: char) {
    match c {
        '\n' | '\r' | '\t' => shown.push(' '),
        c if steers(c) => {
            // writing to a string can't fail
            let _ = write!(shown, "{}", c.escape_unicode());
        }
        c => shown.push(c),
    }
}

/// Lines for a person: line breaks and the given styles pass, everything else that steers does not.
pub(crate) fn lines(text: &str, styles: &[String]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(style) = styles.iter().find(|style| !style.is_empty() && rest.starts_with(style.as_str()))
        {
            shown.push_str(style);
            rest = rest.get(style.len()..).unwrap_or_default();
            continue;
        }
        if c == '\n' {
            shown.push(c);
        } else {
            push(&mut shown, c);
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    shown
}

/// JSON text whose strings hold no character that steers, as `\uXXXX` of the same meaning.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let acts = |c: char| steers(c) && !matches!(c, '\n' | '\r' | '\t');
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // writing to a string can't fail
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\nd"), "a\\u{1b}[31mb\\u{202e}c d");
        for c in [
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{61c}',
            '\u{200b}',
            '\u{2066}',
            '\u{feff}',
            '\u{e0041}',
            '\u{2028}',
        ] {
            assert!(printable(&c.to_string()).is_ascii(), "{c:?}");
        }
        // a variation selector chooses the shape of a kanji
        assert_eq!(printable("葛\u{e0100}城"), "葛\u{e0100}城");
    }

    #[test]
    fn own_styles_and_lines_pass() {
        let styles = ["\u{1b}[1m".to_owned(), "\u{1b}[0m".to_owned()];
        assert_eq!(lines("\u{1b}[1mx\u{1b}[0m\n\u{1b}[2Ky", &styles), "\u{1b}[1mx\u{1b}[0m\n\\u{1b}[2Ky");
        assert_eq!(lines("\u{1b}[1mx", &[]), "\\u{1b}[1mx");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "path": "a\u{9b}2Kb\u{202e}c\u{e0041}\n漢" });
        let text = value.to_string();
        let escaped = json(&text);
        assert!(!escaped.contains(steers), "{escaped}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
    }
}
