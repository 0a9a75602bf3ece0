//! The encoding of a table, and whether its bytes are in another one than was said.
//!
//! UTF-8 that is read as `Shift_JIS` gives other, valid characters: wrong names would be sent. So every part of a file is
//! looked at before a character of it is handed on, not only the first.

use std::io::{self, Read};

use clap::ValueEnum;
use pmh_core::rules;

use crate::failure::{Failure, Words};

/// How many bytes are looked at together. The first of these windows also decides on delimiter and columns.
pub(crate) const WINDOW: usize = 64 * 1024;

/// Of a later window, as many bytes are judged from its first byte on that isn't ASCII.
const JUDGED: usize = 4096;

/// How many characters must speak for another encoding in a later window: a single damaged byte is one record's mistake.
const LATER: usize = 16;

/// The character encoding of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Encoding {
    /// UTF-8, with or without BOM.
    #[default]
    #[value(name = "utf-8")]
    Utf8,
    /// `Shift_JIS` with the extensions of Windows (CP932).
    #[value(name = "shift_jis")]
    ShiftJis,
}

impl Encoding {
    /// Its name in a configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::ShiftJis => "shift_jis",
        }
    }

    pub(crate) fn decoder(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::ShiftJis => encoding_rs::SHIFT_JIS,
        }
    }

    /// The failure of a file that is in another encoding, if its beginning says so.
    pub(crate) fn check(self, beginning: &[u8]) -> Result<(), Failure> {
        self.other(beginning, 1).map_or(Ok(()), Err)
    }

    /// `least`: how many characters must speak for the other encoding.
    fn other(self, bytes: &[u8], least: usize) -> Option<Failure> {
        if has_mark(bytes) {
            return None;
        }
        let configured = self.name();
        if is_utf16(bytes) {
            let words = Words::new(
                format!(
                    "{configured} is set, and the file looks like UTF-16 without a byte order mark; save it as UTF-8"
                ),
                format!(
                    "指定は {configured}、ファイルの内容はBOMのないUTF-16とみられます。UTF-8で保存し直してください"
                ),
            );
            return Some(Failure::new(&rules::ENCODING_WRONG, words));
        }
        let utf8 = Count::of(&String::from_utf8_lossy(whole(bytes)));
        let other = match self {
            Self::ShiftJis if utf8.is_text(least) => Self::Utf8,
            Self::Utf8 if !utf8.is_mostly_valid() => {
                let count = Count::of(&encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes).0);
                Some(Self::ShiftJis).filter(|_| count.wide >= least && count.is_mostly_valid())?
            }
            _ => return None,
        };
        let other = other.name();
        let words = Words::new(
            format!("{configured} is set, and the file looks like {other}: encoding = \"{other}\""),
            format!("指定は {configured}、ファイルの内容は {other} とみられます: encoding = \"{other}\""),
        );
        Some(Failure::new(&rules::ENCODING_WRONG, words))
    }
}

/// Whether the bytes begin with a byte order mark, which decides whatever was said.
pub(super) fn has_mark(bytes: &[u8]) -> bool {
    encoding_rs::Encoding::for_bom(bytes).is_some()
}

/// Whether it is UTF-16 without a byte order mark: every second byte of its ASCII characters is 0. What a mainframe pads with zeros is not.
fn is_utf16(bytes: &[u8]) -> bool {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).map(|byte| usize::from(*byte == 0)).sum();
    let (even, odd): (usize, usize) = (zeros(0), zeros(1));
    even + odd > bytes.len() / 16 && even.max(odd) > even.min(odd).saturating_mul(4)
}

/// The bytes without what their cut left of a UTF-8 character at either end.
fn whole(bytes: &[u8]) -> &[u8] {
    let begin = bytes.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let bytes = bytes.get(begin..).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => bytes.get(..error.valid_up_to()).unwrap_or_default(),
        _ => bytes,
    }
}

/// The characters of a decoded text that say something of its encoding.
#[derive(Debug, Clone, Copy)]
struct Count {
    /// Outside of ASCII.
    wide: usize,
    /// In UTF-8 of three bytes or more, as all Japanese ones. Two half-width kana of `Shift_JIS` are often one of two bytes.
    long: usize,
    damaged: usize,
}

impl Count {
    fn of(text: &str) -> Self {
        let mut count = Self { wide: 0, long: 0, damaged: 0 };
        for c in text.chars().filter(|c| !c.is_ascii()) {
            if c == char::REPLACEMENT_CHARACTER {
                count.damaged += 1;
            } else {
                count.wide += 1;
                count.long += usize::from(c >= '\u{800}');
            }
        }
        count
    }

    /// Whether there are several characters for each that could not be decoded.
    fn is_mostly_valid(self) -> bool {
        self.wide > self.damaged.saturating_mul(4)
    }

    /// Whether it is Japanese text in UTF-8. In `Shift_JIS` hardly a character of it would be valid.
    fn is_text(self, least: usize) -> bool {
        self.long >= least && self.long > self.damaged.saturating_mul(4)
    }
}

/// Reads a file window by window, and fails at the first one that is in another encoding.
pub(super) struct Windows<R> {
    raw: R,
    encoding: Encoding,
    window: Vec<u8>,
    taken: usize,
    /// Windows so far.
    count: u64,
    ended: bool,
    /// A byte order mark decides.
    marked: bool,
}

impl<R: Read> Windows<R> {
    pub(super) fn new(raw: R, encoding: Encoding) -> Self {
        Self { raw, encoding, window: Vec::new(), taken: 0, count: 0, ended: false, marked: false }
    }

    /// The beginning of the file, and whether it is all of it. Nothing is taken.
    pub(super) fn beginning(&mut self) -> io::Result<(&[u8], bool)> {
        if self.count == 0 {
            self.fill()?;
        }
        Ok((&self.window, self.ended))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.window.clear();
        self.taken = 0;
        let raw = &mut self.raw;
        let read = raw.take(WINDOW as u64).read_to_end(&mut self.window)?;
        self.ended = read < WINDOW;
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            self.marked = has_mark(&self.window);
            return self.encoding.check(&self.window).map_err(io::Error::other);
        }
        let wide = self.window.iter().position(|byte| !byte.is_ascii());
        let Some(wide) = wide.filter(|_| !self.marked) else { return Ok(()) };
        let judged = self.window.get(wide..).unwrap_or_default();
        let judged = judged.get(..JUDGED).unwrap_or(judged);
        // a window may begin in the middle of a character: the bytes that belong to the one before say nothing
        self.encoding.other(judged, LATER).map_or(Ok(()), |failure| Err(io::Error::other(failure)))
    }
}

impl<R: Read> Read for Windows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.window.len() && !self.ended {
            self.fill()?;
        }
        let mut rest = self.window.get(self.taken..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.taken = self.taken.saturating_add(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_is_told_by_its_bytes() {
        let text = "宛名番号,氏名\n1,山田　太郎\n";
        let (sjis, ..) = encoding_rs::SHIFT_JIS.encode(text);
        let (kana, ..) = encoding_rs::SHIFT_JIS.encode("id,kana\n1,ﾃｱ\n");
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, utf8, shift_jis) in [
            (text.as_bytes(), false, true),
            (&*sjis, true, false),
            // valid UTF-8, as it happens; nothing tells that it isn't
            (&*kana, false, false),
            (b"id,name\n1,a\n", false, false),
            ("\u{feff}宛名".as_bytes(), false, false),
            (&utf16, true, true),
            (b"1,a\0\0\0\0\0,b\0\0\0\0\0\0", false, false),
            // neither
            (b"a\xff\xff", false, false),
        ] {
            assert_eq!(Encoding::Utf8.check(bytes).is_err(), utf8, "{bytes:?}");
            assert_eq!(Encoding::ShiftJis.check(bytes).is_err(), shift_jis, "{bytes:?}");
        }
        // cut inside a character
        assert!(Encoding::Utf8.check(&sjis[..sjis.len() - 2]).is_err());
        assert!(Encoding::ShiftJis.check(&text.as_bytes()[..text.len() - 3]).is_err());
    }

    fn read(raw: &[u8], encoding: Encoding) -> Result<Vec<u8>, Failure> {
        let mut out = Vec::new();
        let mut windows = Windows::new(raw, encoding);
        match windows.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(error) => Err(error.downcast::<Failure>().unwrap()),
        }
    }

    /// However a file is cut into windows, it is taken for what it is.
    #[test]
    fn a_later_part_in_another_encoding_is_found_and_no_cut_is_taken_for_one() {
        let mut chance = fastrand::Rng::with_seed(11);
        let names =
            ["山田　太郎", "髙橋　花子", "ﾔﾏﾀﾞ ﾀﾛｳ", "a", "1985-04-01", "東京都千代田区霞が関１－２－３"];
        for _ in 0..60 {
            let rows = |chance: &mut fastrand::Rng, bytes: usize| {
                let mut text = String::new();
                while text.len() < bytes {
                    text += chance.choice(&names).unwrap();
                    text += [",", "\n"][chance.usize(0..2)];
                    // long stretches without a wide character, so that cuts meet single ones
                    if chance.u8(0..8) == 0 {
                        text += &"0".repeat(chance.usize(0..WINDOW));
                    }
                }
                text
            };
            let bytes = chance.usize(1..4 * WINDOW);
            let text = rows(&mut chance, bytes);
            let (sjis, ..) = encoding_rs::SHIFT_JIS.encode(&text);
            assert!(read(text.as_bytes(), Encoding::Utf8).unwrap() == text.as_bytes());
            assert!(read(&sjis, Encoding::ShiftJis).unwrap() == *sjis);
        }
        let ascii = "0,1\n".repeat(WINDOW);
        let (text, raw) = ("山田　太郎,".repeat(100), ascii.as_bytes());
        let (sjis, ..) = encoding_rs::SHIFT_JIS.encode(&text);
        let late = |end: &[u8]| [raw, end, raw].concat();
        assert_eq!(read(&late(text.as_bytes()), Encoding::ShiftJis).unwrap_err().rule.code, "PMH6212");
        assert_eq!(read(&late(&sjis), Encoding::Utf8).unwrap_err().rule.code, "PMH6212");
        // one damaged byte is one record's mistake
        assert!(read(&late(b"\xb1"), Encoding::Utf8).is_ok());
    }
}
