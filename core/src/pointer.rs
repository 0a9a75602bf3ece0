//! JSON Pointers (RFC 6901).

/// The tokens of a pointer, unescaped; `None` where it isn't one.
pub(crate) fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Option<String> {
    let mut out = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match c {
            '~' => out.push(match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            c if c.is_control() => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

/// The array index that a token is; `None` where it is none.
pub(crate) fn index(token: &str) -> Option<usize> {
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (token == "0" || !token.starts_with('0'))).then(|| token.parse().ok()).flatten()
}

/// A pointer and one token more.
pub(crate) fn join(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}

/// Stands in a compiled pointer for the index of a loop; no document's pointer can hold it.
pub(crate) const INDEX: char = '\u{1}';

/// A compiled pointer with its loops' indexes filled in, outermost first.
pub(crate) fn fill(pointer: &str, indexes: &[usize]) -> String {
    let mut pieces = pointer.split(INDEX);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for (piece, index) in pieces.zip(indexes) {
        out.push_str(&index.to_string());
        out.push_str(piece);
    }
    out
}
