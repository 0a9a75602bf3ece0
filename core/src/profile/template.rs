//! Templates: text with `{place}`, `{place|format}` and `{place?}`.

use super::{plan::Format, reader::Mistakes, words};
use crate::{convert::date::DateStyle, rules};

/// A template's piece before its places are looked up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Literal(String),
    Place { name: &'a str, optional: bool, format: Option<&'a str> },
}

/// Cuts a template into pieces; `None` where its braces don't match.
pub(super) fn pieces(template: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at_checked(at)?;
        literal.push_str(before);
        if let Some(after) = brace.strip_prefix("{{") {
            literal.push('{');
            rest = after;
        } else if let Some(after) = brace.strip_prefix("}}") {
            literal.push('}');
            rest = after;
        } else {
            let (inside, after) = brace.strip_prefix('{')?.split_once('}')?;
            if !literal.is_empty() {
                pieces.push(Piece::Literal(core::mem::take(&mut literal)));
            }
            pieces.push(place(inside)?);
            rest = after;
        }
    }
    literal.push_str(rest);
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Some(pieces)
}

fn place(inside: &str) -> Option<Piece<'_>> {
    if inside.contains('{') {
        return None;
    }
    let (name, format) = match inside.split_once('|') {
        Some((name, format)) => (name, Some(format)),
        None => (inside, None),
    };
    let (name, optional) = name.strip_suffix('?').map_or((name, false), |name| (name, true));
    (!name.is_empty()).then_some(Piece::Place { name, optional, format })
}

/// True for a text that was surely meant to be read from the record: it would be printed for everybody. A slash that only separates
/// (`/` between joined parts) is none.
pub(super) fn looks_like_pointer(text: &str) -> bool {
    text.trim_start_matches('^').strip_prefix('/').is_some_and(|key| key.contains(char::is_alphanumeric))
}

/// The format with this name.
pub(super) fn format(name: &str, at: &str, mistakes: &mut Mistakes) -> Option<Format> {
    Some(match name {
        "era" => Format::Date(DateStyle::Era),
        "eraShort" => Format::Date(DateStyle::EraShort),
        "gregorian" => Format::Date(DateStyle::Gregorian),
        "slash" => Format::Date(DateStyle::Slash),
        "yen" => Format::Yen,
        "comma" => Format::Comma,
        "fullwidth" => Format::Fullwidth,
        _ => {
            mistakes.unknown(&rules::PROFILE_UNKNOWN_NAME, at, name, words::FORMATS.names);
            return None;
        }
    })
}
