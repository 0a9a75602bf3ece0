//! CSV to NDJSON: `{"header":"cell",…}` a row, streamed.
//!
//! A row whose number of cells differs from the header's becomes a JSON array of its cells, so that the module reports
//! that one record and goes on. Malformed characters become U+FFFD, which the module refuses where they are read.
//! The header must never stand in a message: a file without one has a record in its place.

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

type Source<R> = Rationed<DecodeReaderBytes<R, Vec<u8>>>;

/// Reads as NDJSON what is written as CSV.
pub(crate) struct CsvRecords<R> {
    rows: csv::Reader<Source<R>>,
    ration: Arc<AtomicU64>,
    row: csv::StringRecord,
    /// Each column as `"name":`, once the header was read.
    columns: Option<Vec<Vec<u8>>>,
    /// Converted bytes that nobody has read yet, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> CsvRecords<R> {
    pub(crate) fn new(raw: R, encoding: Encoding) -> Self {
        let encoding = match encoding {
            Encoding::Utf8 => encoding_rs::UTF_8,
            Encoding::ShiftJis => encoding_rs::SHIFT_JIS,
        };
        let text = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .strip_bom(true)
            .build(raw);
        let ration = Arc::new(AtomicU64::new(MAX_ROW));
        let rows = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(BATCH)
            .from_reader(Rationed { inner: text, left: Arc::clone(&ration) });
        Self {
            rows,
            ration,
            row: csv::StringRecord::new(),
            columns: None,
            ready: Vec::with_capacity(2 * BATCH),
            taken: 0,
        }
    }

    /// Reads one row; false at the end.
    fn next_row(&mut self) -> io::Result<bool> {
        self.ration.store(MAX_ROW, Relaxed);
        let line = self.rows.position().line();
        self.rows.read_record(&mut self.row).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                io::Error::other(Failure::new(&rules::CSV_ROW_TOO_LONG, line))
            }
            csv::ErrorKind::Io(error) => error,
            _ => io::ErrorKind::InvalidData.into(),
        })
    }

    /// Converts rows until there is enough to hand out, or none is left.
    fn fill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        if self.columns.is_none() {
            self.next_row()?;
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

/// Lets only so many bytes through until more are granted.
struct Rationed<R> {
    inner: R,
    left: Arc<AtomicU64>,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
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
        match CsvRecords::new(raw, encoding).read_to_string(&mut text) {
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
}
