//! Fixed-length records, with or without line ends, cut by a column table in bytes of the encoding.
//!
//! Spaces at the end of a column are padding, in half and full width, and left out. A column that begins inside a two-byte character would
//! give wrong characters on both sides: the record is rejected.

use std::{
    io::{self, BufRead, BufReader, Read},
    sync::Arc,
};

use pmh_core::rules;

use super::{
    Next, Table,
    encoding::{Encoding, WINDOW, Windows},
    layout::Layout,
    places::{Odd, Places},
};
use crate::failure::{Failure, Words};

/// The longest line: more than any record.
const MAX_LINE: usize = 2 << 20;

/// How many records, none of which fits, are a mistake of the table.
const FEW: usize = 3;

/// What may follow the last record of a file without line ends.
const END: &[u8] = b"\r\n\x1a";

/// The records of a fixed-length file.
pub(super) struct FixedRows<R> {
    raw: BufReader<Windows<R>>,
    encoding: Encoding,
    layout: Arc<Layout>,
    keys: Vec<Vec<u8>>,
    places: Arc<Places>,
    /// Whether each record is a line.
    has_lines: bool,
    line: u64,
    /// Blank lines that no record follows so far, and the first of them.
    blank: (u64, u64),
    record: Vec<u8>,
}

impl<R: Read> FixedRows<R> {
    /// Looks at the beginning.
    pub(super) fn open(
        raw: R,
        encoding: Encoding,
        layout: Arc<Layout>,
        places: Arc<Places>,
    ) -> io::Result<Self> {
        let mut windows = Windows::new(raw, encoding);
        let (bytes, all) = windows.beginning()?;
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            let words = Words::new("UTF-16 has no fixed-length records", "固定長のUTF-16は読めません");
            return Err(io::Error::other(Failure::new(&rules::ENCODING_WRONG, words)));
        }
        let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let bytes = bytes.get(mark..).unwrap_or_default();
        // a file without line ends may still have one at its end
        let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let has_lines = end.is_some_and(|end| end < layout.length.saturating_mul(2));
        let keys = layout.columns.iter().filter_map(|column| column.key.clone()).collect();
        fits(bytes, all, has_lines, encoding, &layout).map_err(io::Error::other)?;
        let mut raw = BufReader::with_capacity(WINDOW, windows);
        io::copy(&mut raw.by_ref().take(mark as u64), &mut io::sink())?;
        let encoding = if mark > 0 { Encoding::Utf8 } else { encoding };
        Ok(Self {
            raw,
            encoding,
            layout,
            keys,
            places,
            has_lines,
            line: 0,
            blank: (0, 0),
            record: Vec::new(),
        })
    }

    /// Reads a record's bytes; false at the end.
    fn read(&mut self) -> io::Result<bool> {
        self.record.clear();
        if !self.has_lines {
            let length = self.layout.length;
            self.raw.by_ref().take(length as u64).read_to_end(&mut self.record)?;
            let only_end = self.record.len() < length && self.record.iter().all(|byte| END.contains(byte));
            return Ok(!only_end);
        }
        loop {
            self.record.clear();
            self.raw.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut self.record)?;
            self.line = self.line.saturating_add(1);
            if self.record.len() == MAX_LINE && !self.record.ends_with(b"\n") {
                return Err(io::Error::other(Failure::new(&rules::CSV_ROW_TOO_LONG, self.line)));
            }
            if !self.record.ends_with(b"\n") {
                let end = self.record.iter().rev().take_while(|byte| **byte == 0x1a).count();
                self.record.truncate(self.record.len().saturating_sub(end));
                if self.record.is_empty() {
                    return Ok(false);
                }
            }
            self.record.truncate(without_end(&self.record).len());
            if !self.record.is_empty() {
                let (count, first) = std::mem::take(&mut self.blank);
                self.places.skip(count, first);
                return Ok(true);
            }
            let (count, first) = self.blank;
            self.blank = (count.saturating_add(1), if count == 0 { self.line } else { first });
        }
    }
}

/// A line without its end.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Fails if the first records are several and none of them fits the table.
fn fits(
    bytes: &[u8],
    all: bool,
    has_lines: bool,
    encoding: Encoding,
    layout: &Layout,
) -> Result<(), Failure> {
    let mut records: Vec<&[u8]> = if has_lines {
        let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').map(without_end).collect();
        if !all {
            lines.pop();
        }
        lines.retain(|line| !line.is_empty());
        lines
    } else {
        bytes.chunks_exact(layout.length).collect()
    };
    records.truncate(100);
    let odd: Vec<Odd> = records.iter().filter_map(|record| cells(record, encoding, layout).err()).collect();
    match odd.first() {
        Some(first) if odd.len() >= FEW && odd.len() == records.len() => {
            Err(Failure::new(&rules::FIXED_LAYOUT, first.failure().detail))
        }
        _ => Ok(()),
    }
}

/// The cells of a record, fillers left out.
fn cells(record: &[u8], encoding: Encoding, layout: &Layout) -> Result<csv::StringRecord, Odd> {
    let expected = layout.length;
    if record.len() != expected {
        return Err(Odd::Length { expected, found: record.len() });
    }
    // a record without a line end that holds one is shifted
    if let Some(end) = record.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(Odd::Length { expected, found: end });
    }
    let mut row = csv::StringRecord::new();
    let mut at = 0;
    for (number, column) in (1..).zip(&layout.columns) {
        let end = column.start.saturating_add(column.length);
        // every character of every column, so that each column begins where a character does
        while at < end {
            at = at.saturating_add(width(record.get(at).copied().unwrap_or_default(), encoding));
        }
        let bytes = record.get(column.start..end).unwrap_or_default();
        let text = encoding.decoder().decode_without_bom_handling_and_without_replacement(bytes);
        let text = text.filter(|_| at == end).ok_or(Odd::Cut { column: number })?;
        if column.key.is_some() {
            row.push_field(text.trim_end_matches([' ', '\u{3000}']));
        }
    }
    Ok(row)
}

/// How many bytes a character has that begins with this one.
fn width(lead: u8, encoding: Encoding) -> usize {
    match (encoding, lead) {
        (Encoding::ShiftJis, 0x81..=0x9f | 0xe0..=0xfc) | (Encoding::Utf8, 0xc2..=0xdf) => 2,
        (Encoding::Utf8, 0xe0..=0xef) => 3,
        (Encoding::Utf8, 0xf0..=0xf4) => 4,
        _ => 1,
    }
}

impl<R: Read + Send> Table for FixedRows<R> {
    fn keys(&self) -> &[Vec<u8>] {
        &self.keys
    }

    fn next(&mut self, row: &mut csv::StringRecord) -> io::Result<Next> {
        if !self.read()? {
            return Ok(Next::End);
        }
        let (expected, found) = (self.layout.length, self.record.len());
        if !self.has_lines && found < expected {
            let words = Words::new(
                format!("{expected} bytes a record, {found} at the end"),
                format!("1レコード{expected}バイトに対し、末尾が{found}バイト"),
            );
            self.places.cut(Failure::new(&rules::FIXED_CUT_OFF, words));
            return Ok(Next::CutOff);
        }
        let read = cells(&self.record, self.encoding, &self.layout);
        self.places.record(self.has_lines.then_some(self.line), read.as_ref().err().copied());
        Ok(match read {
            Ok(cells) => {
                *row = cells;
                Next::Record
            }
            Err(_) => Next::Odd,
        })
    }
}
