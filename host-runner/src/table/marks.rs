//! Where in a CSV file the reader is: by the same rules as the `csv` crate, which doesn't tell on which line a row begins, how many
//! blank lines it passed over, and whether the file ends inside quotation marks.

use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Before the first byte of a row: line ends are passed over.
    #[default]
    Row,
    /// Before the first byte of a cell: only here and before a row a quotation mark opens one.
    Cell,
    /// In a cell without quotation marks, or after the closing one.
    Bare,
    Quoted,
    /// After a quotation mark in a quoted cell: it is doubled, or it was the closing one.
    Closing,
}

/// Follows the bytes of a CSV file.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    delimiter: u8,
    place: Place,
    /// The line of the next byte, from 1.
    line: u64,
    /// The last byte was a carriage return: a line feed now ends no further line.
    returned: bool,
    /// The line of the last opening quotation mark.
    opened: u64,
    /// The first lines of the rows that the reader has not asked for yet.
    rows: VecDeque<u64>,
    /// Blank lines ahead of a row, and the first of them.
    blank: (u64, u64),
    /// Blank lines that no row follows so far, and the first of them.
    pending: (u64, u64),
}

impl Marks {
    pub(crate) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            place: Place::Row,
            line: 1,
            returned: false,
            opened: 0,
            rows: VecDeque::new(),
            blank: (0, 0),
            pending: (0, 0),
        }
    }

    pub(crate) fn follow(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            let ends = byte == b'\r' || (byte == b'\n' && !self.returned);
            if self.place == Place::Row && byte != b'\r' && byte != b'\n' {
                self.begin();
            }
            self.place = match (self.place, byte) {
                (Place::Row, b'\r' | b'\n') => {
                    if ends {
                        let (count, first) = self.pending;
                        let first = if count == 0 { self.line } else { first };
                        self.pending = (count.saturating_add(1), first);
                    }
                    Place::Row
                }
                (Place::Quoted, b'"') => Place::Closing,
                (Place::Quoted, _) | (Place::Closing, b'"') => Place::Quoted,
                (Place::Row | Place::Cell, b'"') => {
                    self.opened = self.line;
                    Place::Quoted
                }
                (_, b'\r' | b'\n') => Place::Row,
                (_, byte) if byte == self.delimiter => Place::Cell,
                _ => Place::Bare,
            };
            self.line = self.line.saturating_add(u64::from(ends));
            self.returned = byte == b'\r';
        }
    }

    /// A row begins: the blank lines ahead of it were not the end of the file.
    fn begin(&mut self) {
        self.rows.push_back(self.line);
        let (count, first) = std::mem::take(&mut self.pending);
        if count > 0 {
            let (before, earlier) = self.blank;
            self.blank = (before.saturating_add(count), if before == 0 { first } else { earlier });
        }
    }

    /// The line on which the next row begins; it is taken for read.
    pub(super) fn next_row(&mut self) -> Option<u64> {
        self.rows.pop_front()
    }

    /// The line on which the row begins that is being read.
    pub(super) fn row(&self) -> Option<u64> {
        self.rows.front().copied()
    }

    /// The line on which the quotation mark opens that isn't closed yet.
    pub(crate) fn open(&self) -> Option<u64> {
        (self.place == Place::Quoted).then_some(self.opened)
    }

    /// How many blank lines were passed over ahead of a row, and the first of them.
    pub(super) fn blank(&self) -> (u64, u64) {
        self.blank
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the `csv` crate itself: only after an open quotation mark a further row is swallowed, and there are as many rows.
    #[test]
    fn marks_are_followed_as_the_csv_crate_does() {
        let mut chance = fastrand::Rng::with_seed(7);
        let mut open = 0;
        for round in 0..40_000 {
            let delimiter = [b',', b';', b'\t', b'|'][round % 4];
            let raw: String = (0..chance.usize(0..14))
                .map(|_| *chance.choice(&['"', '"', delimiter as char, '\n', '\r', 'x', ' ']).unwrap())
                .collect();
            let mut marks = Marks::new(delimiter);
            marks.follow(raw.as_bytes());
            let read = |text: &str| -> Vec<csv::StringRecord> {
                let mut builder = csv::ReaderBuilder::new();
                builder.flexible(true).has_headers(false).delimiter(delimiter);
                builder.from_reader(text.as_bytes()).records().map(Result::unwrap).collect()
            };
            assert_eq!(marks.rows.len(), read(&raw).len(), "{raw:?}");
            let swallowed = read(&format!("{raw}\nlast")).last().unwrap() != vec!["last"].as_slice();
            assert_eq!(marks.open().is_some(), swallowed, "{raw:?}");
            open += u32::from(swallowed);
        }
        assert!((4000..36_000).contains(&open), "{open}");
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        for end in ["\n", "\r\n", "\r"] {
            let mut marks = Marks::new(b',');
            let lines = ["", "a,b", "\"x", "y\",1", "", "", "2,3", "", ""];
            marks.follow(lines.join(end).as_bytes());
            assert_eq!(marks.rows, [2, 3, 7], "{end:?}");
            // the last ones are the end of the file
            assert_eq!(marks.blank(), (3, 1), "{end:?}");
        }
    }
}
