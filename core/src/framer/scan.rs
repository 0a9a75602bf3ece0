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
            let bits = [one, two].map(u64::from_le_bytes);
            let [others, more] = bits.map(bytes::structure);
            if others | more == 0 && self.string != Quoted::Escaped {
                let [quotes, more] = bits.map(|bits| bytes::equal(bits, b'"'));
                self.pass_quotes(quotes ^ more);
            } else if let Some(taken) = self.take_word(one) {
                return Some(at + taken);
            } else if let Some(taken) = self.take_word(two) {
                return Some(at + 8 + taken);
            }
            at += 16;
        }
        for byte in bytes.get(at..).unwrap_or_default() {
            at += 1;
            if self.take(*byte) {
                return Some(at);
            }
        }
        None
    }

    /// Goes on over text without brackets and backslashes; as many of its marks are set as quotation marks are in it, or fewer by an even number.
    fn pass_quotes(&mut self, quotes: u64) {
        if bytes::are_odd(quotes) {
            self.string = if self.string == Quoted::No { Quoted::Yes } else { Quoted::No };
        }
    }

    /// Goes on over the bytes of a word that matter; tells how many belong to the value where it ends.
    ///
    /// Never inlined: the loop that passes over nearly all of a record would lose its registers.
    #[inline(never)]
    fn take_word(&mut self, word: [u8; 8]) -> Option<usize> {
        let bits = u64::from_le_bytes(word);
        let (quotes, others) = (bytes::equal(bits, b'"'), bytes::structure(bits));
        if others == 0 && self.string != Quoted::Escaped {
            self.pass_quotes(quotes);
            return None;
        }
        let mut marks = quotes | others;
        let mut at = 0;
        loop {
            if self.string == Quoted::Escaped {
                self.string = Quoted::Yes;
                marks &= !bytes::mark(at);
            }
            at = bytes::first(marks);
            let byte = *word.get(at)?;
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
