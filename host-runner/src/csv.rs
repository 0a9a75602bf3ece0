//! CSV to NDJSON: `{"header":"cell",…}` a row, streamed.
//!
//! A row whose number of cells differs from the header's becomes a JSON array of its cells, so that the module reports
//! that one record and goes on. Malformed characters become U+FFFD, which the module refuses where they are read.
//! The header must never occur in a message: a file without one has a record in its place.
//!
//! A file that ends inside quotation marks is not complete. The `csv` crate takes it for complete, and `1,"山` for a row; here
//! the row becomes JSON that is cut off, so that the module finds the input incomplete.

use std::{
    collections::HashMap,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use pmh_core::rules;

use crate::{
    failure::{Failure, Words},
    input::Encoding,
};

/// No row may be longer: a quotation mark that is never closed would swallow the rest of the file.
const MAX_ROW: u64 = 16 << 20;

/// How many bytes are converted at a time.
const BATCH: usize = 64 * 1024;

/// What ends a cell.
const DELIMITER: u8 = b',';

/// What is written for a row that the end of the file has cut off.
const CUT_OFF: &[u8] = b"{";

type Source<R> = Rationed<DecodeReaderBytes<R, Vec<u8>>>;

/// Reads as NDJSON what is written as CSV.
pub(crate) struct CsvRecords<R> {
    rows: csv::Reader<Source<R>>,
    ration: Arc<AtomicU64>,
    /// The line of a quotation mark that is never closed; 0 so far.
    open_quote: Arc<AtomicU64>,
    row: csv::StringRecord,
    /// Each column as `"name":`, once the header was read.
    columns: Option<Vec<Vec<u8>>>,
    /// Converted bytes that nobody has read yet, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> CsvRecords<R> {
    pub(crate) fn new(raw: R, encoding: Encoding, open_quote: Arc<AtomicU64>) -> Self {
        let text = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding.decoder()))
            .bom_override(true)
            .strip_bom(true)
            .build(raw);
        let ration = Arc::new(AtomicU64::new(MAX_ROW));
        let rows = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(BATCH)
            .delimiter(DELIMITER)
            .from_reader(Rationed {
                inner: text,
                left: Arc::clone(&ration),
                quotes: Quotes::default(),
                ended: false,
            });
        Self {
            rows,
            ration,
            open_quote,
            row: csv::StringRecord::new(),
            columns: None,
            ready: Vec::with_capacity(2 * BATCH),
            taken: 0,
        }
    }

    /// Reads one row; false at the end, and when the end of the file cut the row off.
    fn next_row(&mut self) -> io::Result<bool> {
        self.ration.store(MAX_ROW, Relaxed);
        let line = self.rows.position().line();
        let read = self.rows.read_record(&mut self.row).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                io::Error::other(Failure::new(&rules::CSV_ROW_TOO_LONG, line))
            }
            csv::ErrorKind::Io(error) => error,
            _ => io::ErrorKind::InvalidData.into(),
        })?;
        // only a row that goes on to the end of the file sees that end
        let Rationed { quotes, ended, .. } = self.rows.get_ref();
        match quotes.open().filter(|_| read && *ended) {
            Some(line) => {
                self.open_quote.store(line, Relaxed);
                self.ready.extend_from_slice(CUT_OFF);
                Ok(false)
            }
            None => Ok(read),
        }
    }

    /// Converts rows until there is enough to hand out, or none is left.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        if self.open_quote.load(Relaxed) > 0 {
            return Ok(());
        }
        if self.columns.is_none() {
            if !self.next_row()? && !self.ready.is_empty() {
                return Ok(());
            }
            self.columns = Some(header(&self.row).map_err(io::Error::other)?);
        }
        while self.ready.len() < BATCH && self.next_row()? {
            match &self.columns {
                Some(columns) if columns.len() == self.row.len() => {
                    object(&mut self.ready, columns, &self.row)?;
                }
                _ => array(&mut self.ready, &self.row)?,
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for CsvRecords<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.fill()?;
        }
        let mut rest = self.ready.get(self.taken..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.taken = self.taken.saturating_add(count);
        Ok(count)
    }
}

/// The columns, or why they can't be used: by number, never by name.
fn header(row: &csv::StringRecord) -> Result<Vec<Vec<u8>>, Failure> {
    let fail = |en: String, ja: String| Err(Failure::new(&rules::CSV_HEADER, Words::new(en, ja)));
    if row.is_empty() {
        return fail("the file is empty".to_owned(), "ファイルが空です".to_owned());
    }
    let mut seen = HashMap::new();
    let mut columns = Vec::with_capacity(row.len());
    for (number, name) in (1..).zip(row) {
        if name.trim().is_empty() {
            return fail(
                format!("column {number} has no name"),
                format!("{number} 列目に見出しがありません"),
            );
        }
        if let Some(first) = seen.insert(name, number) {
            return fail(
                format!("columns {first} and {number} have the same name"),
                format!("{first} 列目と {number} 列目の見出しが同じです"),
            );
        }
        let mut key = serde_json::to_vec(name).map_err(Failure::internal)?;
        key.push(b':');
        columns.push(key);
    }
    Ok(columns)
}

fn object(out: &mut Vec<u8>, columns: &[Vec<u8>], row: &csv::StringRecord) -> io::Result<()> {
    let mut separator = b'{';
    for (key, cell) in columns.iter().zip(row) {
        out.push(separator);
        out.extend_from_slice(key);
        serde_json::to_writer(&mut *out, cell)?;
        separator = b',';
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn array(out: &mut Vec<u8>, row: &csv::StringRecord) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &row.iter().collect::<Vec<_>>())?;
    out.push(b'\n');
    Ok(())
}

/// Where in a row a CSV file is: by the same rules as the `csv` crate, which doesn't tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Before the first byte of a cell: only here a quotation mark opens one.
    #[default]
    Start,
    /// In a cell without quotation marks, or after the closing one.
    Bare,
    Quoted,
    /// After a quotation mark in a quoted cell: it is doubled, or it was the closing one.
    Closing,
}

/// Follows the quotation marks of a CSV file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quotes {
    place: Place,
    /// Line feeds so far.
    lines: u64,
    /// Line feeds before the last opening quotation mark.
    opened: u64,
}

impl Quotes {
    pub(crate) fn follow(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.lines = self.lines.saturating_add(u64::from(byte == b'\n'));
            self.place = match (self.place, byte) {
                (Place::Quoted, b'"') => Place::Closing,
                (Place::Quoted, _) | (Place::Closing, b'"') => Place::Quoted,
                (Place::Start, b'"') => {
                    self.opened = self.lines;
                    Place::Quoted
                }
                (_, DELIMITER | b'\r' | b'\n') => Place::Start,
                _ => Place::Bare,
            };
        }
    }

    /// The line on which the quotation mark opens that isn't closed yet.
    pub(crate) fn open(&self) -> Option<u64> {
        (self.place == Place::Quoted).then(|| self.opened.saturating_add(1))
    }
}

/// Lets only so many bytes through until more are granted.
struct Rationed<R> {
    inner: R,
    left: Arc<AtomicU64>,
    quotes: Quotes,
    ended: bool,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ended = count == 0 && !buffer.is_empty();
        self.quotes.follow(buffer.get(..count).unwrap_or_default());
        match self.left.load(Relaxed).checked_sub(count as u64) {
            Some(left) => self.left.store(left, Relaxed),
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(raw: &[u8], encoding: Encoding) -> Result<String, Failure> {
        let mut text = String::new();
        match CsvRecords::new(raw, encoding, Arc::default()).read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(error.downcast::<Failure>().unwrap()),
        }
    }

    #[test]
    fn rows_become_objects() {
        let text =
            convert("\u{feff}番号,氏名\r\n1,\"山田 \"\"太郎\"\"\r\n\"\r\n2,\n".as_bytes(), Encoding::Utf8);
        assert_eq!(
            text.unwrap(),
            "{\"番号\":\"1\",\"氏名\":\"山田 \\\"太郎\\\"\\r\\n\"}\n{\"番号\":\"2\",\"氏名\":\"\"}\n"
        );
    }

    #[test]
    fn cp932_is_read() {
        // ①, 髙 and 〜 exist in CP932 alone
        let (raw, _, unmappable) = encoding_rs::SHIFT_JIS.encode("氏名\n①髙橋～\n");
        assert!(!unmappable);
        assert_eq!(convert(&raw, Encoding::ShiftJis).unwrap(), "{\"氏名\":\"①髙橋～\"}\n");
    }

    #[test]
    fn malformed_characters_are_marked() {
        assert_eq!(convert(b"a\n\x82\n", Encoding::ShiftJis).unwrap(), "{\"a\":\"\u{fffd}\"}\n");
        assert_eq!(convert(b"a\n\xff\n", Encoding::Utf8).unwrap(), "{\"a\":\"\u{fffd}\"}\n");
    }

    #[test]
    fn a_row_of_another_length_stays_visible() {
        assert_eq!(
            convert(b"a,b\n1\n1,2,3\n1,2\n", Encoding::Utf8).unwrap(),
            "[\"1\"]\n[\"1\",\"2\",\"3\"]\n{\"a\":\"1\",\"b\":\"2\"}\n"
        );
    }

    #[test]
    fn a_header_must_name_each_column_once() {
        for raw in [&b""[..], b"a,,b\n", b"a,b,a\n1,2,3\n"] {
            assert_eq!(convert(raw, Encoding::Utf8).unwrap_err().rule.code, "PMH6304");
        }
        let failure = convert("山田,山田\n".as_bytes(), Encoding::Utf8).unwrap_err();
        assert!(!failure.to_string().contains("山田"));
    }

    #[test]
    fn an_open_quotation_mark_ends_early() {
        let mut raw = b"a\n1\n\"".to_vec();
        raw.resize(20 << 20, b'x');
        let failure = convert(&raw, Encoding::Utf8).unwrap_err();
        assert_eq!(
            (failure.rule.code, failure.message(rules::Lang::En).contains("line 3")),
            ("PMH6305", true)
        );
    }

    /// The text that becomes of a file, and the line on which its last quotation mark opens.
    fn cut(raw: &str) -> (String, u64) {
        let (open, mut text) = (Arc::default(), String::new());
        let mut records = CsvRecords::new(raw.as_bytes(), Encoding::Utf8, Arc::clone(&open));
        records.read_to_string(&mut text).unwrap();
        (text, open.load(Relaxed))
    }

    #[test]
    fn a_file_that_ends_inside_quotation_marks_is_cut_off() {
        let one = "{\"a\":\"1\",\"b\":\"2\"}\n";
        for (raw, rest, line) in [
            ("a,b\n1,2\n3,\"4", "{", 3),
            ("a,b\n1,2\n3,\"", "{", 3),
            ("a,b\n1,2\n3,\"4\"\"", "{", 3),
            ("a,b\n1,2\n\r\n\n3,\"4\n5,6\n7,8\n", "{", 5),
            ("a,b\r\n1,2\r\n\"x\r\ny\",\"4\r\n", "{", 4),
            // not open: closed, doubled, or no quotation mark that opens a cell
            ("a,b\n1,2\n3,\"4\"", "{\"a\":\"3\",\"b\":\"4\"}\n", 0),
            ("a,b\n1,2\n3,4\"", "{\"a\":\"3\",\"b\":\"4\\\"\"}\n", 0),
            ("a,b\n1,2\n", "", 0),
        ] {
            assert_eq!(cut(raw), (format!("{one}{rest}"), line), "{raw:?}");
        }
        assert_eq!(cut("\"a,b\n1,2\n"), ("{".to_owned(), 1), "the header");
    }

    /// Against the `csv` crate itself: only after an open quotation mark a further row is swallowed.
    #[test]
    fn quotation_marks_are_followed_as_the_csv_crate_does() {
        let mut chance = fastrand::Rng::with_seed(7);
        let mut open = 0;
        for _ in 0..20_000 {
            let raw: String = (0..chance.usize(0..12))
                .map(|_| *chance.choice(&['"', '"', ',', '\n', '\r', 'x', ' ']).unwrap())
                .collect();
            let mut quotes = Quotes::default();
            quotes.follow(raw.as_bytes());
            let longer = format!("{raw}\nlast");
            let mut reader =
                csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(longer.as_bytes());
            let last = reader.records().last().unwrap().unwrap();
            let swallowed = &last != vec!["last"].as_slice();
            assert_eq!(quotes.open().is_some(), swallowed, "{raw:?}");
            open += u32::from(swallowed);
        }
        assert!((2000..18_000).contains(&open), "{open}");
    }
}
