//! Finds the end of a nested value: counts brackets outside of strings, and knows nothing else of JSON.

use crate::bytes;

/// Whether the scan is inside a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    No,
    Yes,
    Escaped,
}

/// Where a scan of a nested value is.
pub(super) struct Nesting {
    pub(super) depth: usize,
    pub(super) string: Quoted,
    /// It was nested deeper than allowed.
    pub(super) deep: bool,
    /// Levels that are allowed.
    pub(super) deepest: usize,
}

impl Nesting {
    /// Goes on over the next bytes; tells how many belong to the value where it ends in them.
    pub(super) fn scan(&mut self, bytes: &[u8]) -> Option<usize> {
        let (words, _) = bytes.as_chunks::<8>();
        let (pairs, _) = words.as_chunks::<2>();
        let mut at = 0;
        for &[one, two] in pairs {
            let pair = [one, two].map(u64::from_le_bytes);
            let [others, more] = pair.map(bytes::structure);
            if others | more == 0 && self.string != Quoted::Escaped {
                let [quotes, more] = pair.map(|word| bytes::equal(word, b'"'));
                // as many of the marks are left as there are quotation marks, or fewer by an even number
                self.pass_quotes(bytes::count(quotes ^ more));
                at += 16;
                continue;
            }
            for word in pair {
                if !self.pass_word(word)
                    && let Some(taken) = self.take_word(word)
                {
                    return Some(at + taken);
                }
                at += 8;
            }
        }
        for byte in bytes.get(at..).unwrap_or_default() {
            at += 1;
            if self.take(*byte) {
                return Some(at);
            }
        }
        None
    }

    /// Goes on over quotation marks without a backslash among them.
    fn pass_quotes(&mut self, count: usize) {
        if count % 2 == 1 {
            self.string = if self.string == Quoted::No { Quoted::Yes } else { Quoted::No };
        }
    }

    /// Goes on over a word at once where nothing is escaped in it, no limit may be reached, and the value doesn't end.
    ///
    /// Never inlined: the loop that passes over nearly all of a record would lose its registers.
    #[inline(never)]
    fn pass_word(&mut self, word: u64) -> bool {
        let quotes = bytes::equal(word, b'"');
        let inside = bytes::behind_odd(quotes) ^ if self.string == Quoted::Yes { bytes::ALL } else { 0 };
        // of what is marked, bit 0 tells brackets from `\` and `|`, and of brackets bit 1 is set in those that open, bit 2 in those that close
        let brackets = bytes::structure(word) & !inside & bytes::with_bit(word, 0);
        let opened = bytes::count(brackets & bytes::with_bit(word, 1));
        let closed = bytes::count(brackets & bytes::with_bit(word, 2));
        let passes = self.string != Quoted::Escaped
            && bytes::equal(word, b'\\') == 0
            && closed < self.depth
            && self.depth + opened <= self.deepest;
        if passes {
            self.depth = self.depth + opened - closed;
            self.pass_quotes(bytes::count(quotes));
        }
        passes
    }

    /// Goes on over the bytes of a word that matter, one by one; tells how many belong to the value where it ends.
    #[inline(never)]
    fn take_word(&mut self, word: u64) -> Option<usize> {
        let mut marks = bytes::equal(word, b'"') | bytes::structure(word);
        let mut at = 0;
        loop {
            if self.string == Quoted::Escaped {
                self.string = Quoted::Yes;
                marks &= !bytes::mark(at);
            }
            at = bytes::first(marks);
            let byte = *word.to_le_bytes().get(at)?;
            marks &= !bytes::mark(at);
            at += 1;
            if self.take(byte) {
                return Some(at);
            }
            if at == 8 {
                return None;
            }
        }
    }

    /// Goes on over one byte; true where the value ends with it.
    fn take(&mut self, byte: u8) -> bool {
        match (self.string, byte) {
            (Quoted::Escaped, _) | (Quoted::No, b'"') => self.string = Quoted::Yes,
            (Quoted::Yes, b'"') => self.string = Quoted::No,
            (Quoted::Yes, b'\\') => self.string = Quoted::Escaped,
            (Quoted::No, b'{' | b'[') => {
                self.depth += 1;
                self.deep |= self.depth > self.deepest;
            }
            (Quoted::No, b'}' | b']') if self.depth <= 1 => return true,
            (Quoted::No, b'}' | b']') => self.depth -= 1,
            _ => {}
        }
        false
    }
}
