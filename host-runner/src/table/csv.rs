//! The rows of a CSV file, streamed.
//!
//! Malformed characters become U+FFFD, which the module refuses where they are read. A file that ends inside quotation marks is not
//! complete: the `csv` crate takes it for complete, and `1,"山` for a row. A control character ^Z at the end is what DOS ended
//! files with. Rows without any value are skipped and counted.

use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};
use pmh_core::rules;

use super::{
    Next, Table,
    beginning::{Beginning, Said, Width, header, numbered},
    encoding::{Encoding, Windows},
    marks::Marks,
    places::{Odd, Places},
};
use crate::failure::Failure;

/// No row may be longer: a quotation mark that is never closed would swallow the rest of the file.
const MAX_ROW: u64 = 16 << 20;

/// How many bytes are decoded at a time.
const BATCH: usize = 64 * 1024;

/// What DOS ended text files with.
const DOS_END: u8 = 0x1a;

type Source<R> = Rationed<WithoutDosEnd<DecodeReaderBytes<Windows<R>, Vec<u8>>>>;

/// The rows of a CSV file.
pub(super) struct CsvRows<R> {
    rows: csv::Reader<Source<R>>,
    ration: Arc<AtomicU64>,
    places: Arc<Places>,
    keys: Vec<Vec<u8>>,
    columns: Width,
    ended: bool,
}

impl<R: Read> CsvRows<R> {
    /// Looks at the beginning, and reads the header if there is one.
    pub(super) fn open(raw: R, encoding: Encoding, said: Said, places: Arc<Places>) -> io::Result<Self> {
        let mut windows = Windows::new(raw, encoding);
        let encoding = encoding.decoder();
        let (bytes, all) = windows.beginning()?;
        let (text, ..) = encoding.decode(bytes);
        let text = if all { text.trim_end_matches(char::from(DOS_END)) } else { &text };
        let Beginning { delimiter, sep_line, columns } =
            Beginning::of(text, all, said).map_err(io::Error::other)?;
        if said.delimiter.is_none() && delimiter.byte() != b',' {
            places.detected(delimiter);
        }
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding(Some(encoding))
            .bom_override(true)
            .strip_bom(true)
            .build(windows);
        let ration = Arc::new(AtomicU64::new(MAX_ROW));
        let rows = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(BATCH)
            .delimiter(delimiter.byte())
            .from_reader(Rationed {
                inner: WithoutDosEnd { inner: decoded, held: 0 },
                left: Arc::clone(&ration),
                marks: Marks::new(delimiter.byte()),
                ended: false,
            });
        let columns = Width { cells: columns, filled: columns };
        let mut opened = Self { rows, ration, places, keys: Vec::new(), columns, ended: false };
        let mut row = csv::StringRecord::new();
        if sep_line {
            opened.read(&mut row)?;
        }
        opened.keys = if said.header {
            match opened.filled(&mut row)? {
                Some(Filled::Open { .. }) => Vec::new(),
                Some(Filled::Row { width, .. }) => {
                    opened.columns = width;
                    header(&row).map_err(io::Error::other)?
                }
                None => header(&csv::StringRecord::new()).map_err(io::Error::other)?,
            }
        } else {
            numbered(columns.cells)
        };
        Ok(opened)
    }

    /// Reads a row, and gives the line on which it begins.
    fn read(&mut self, row: &mut csv::StringRecord) -> io::Result<Option<Filled>> {
        if self.ended {
            return Ok(None);
        }
        self.ration.store(MAX_ROW, Relaxed);
        let read = self.rows.read_record(row);
        let Rationed { marks, ended, .. } = self.rows.get_mut();
        let read = read.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let line = marks.row().unwrap_or_default();
                io::Error::other(Failure::new(&rules::CSV_ROW_TOO_LONG, line))
            }
            csv::ErrorKind::Io(error) => error,
            _ => io::ErrorKind::InvalidData.into(),
        })?;
        if !read {
            self.ended = true;
            let (blank, first) = marks.blank();
            self.places.skip(blank, first);
            return Ok(None);
        }
        let line = marks.next_row().unwrap_or_default();
        // only a row that goes on to the end of the file sees that end
        let open = marks.open().filter(|_| *ended);
        if let Some(opens) = open {
            self.ended = true;
            self.places.cut(Failure::new(&rules::CSV_CUT_OFF, opens));
            return Ok(Some(Filled::Open { line }));
        }
        Ok(Some(Filled::Row { line, width: Width::of(row) }))
    }

    /// As [`CsvRows::read`], but passes over rows without any value.
    fn filled(&mut self, row: &mut csv::StringRecord) -> io::Result<Option<Filled>> {
        loop {
            match self.read(row)? {
                Some(Filled::Row { line, width: Width { filled: 0, .. } }) => self.places.skip(1, line),
                other => return Ok(other),
            }
        }
    }
}

/// What was read.
enum Filled {
    /// A row.
    Row { line: u64, width: Width },
    /// A row that the end of the file cut off inside a quotation mark.
    Open { line: u64 },
}

impl<R: Read + Send> Table for CsvRows<R> {
    fn keys(&self) -> &[Vec<u8>] {
        &self.keys
    }

    fn next(&mut self, row: &mut csv::StringRecord) -> io::Result<Next> {
        Ok(match self.filled(row)? {
            None if self.places.cut_off().is_some() && self.keys.is_empty() => Next::CutOff,
            None => Next::End,
            Some(Filled::Open { line }) => {
                self.places.record(Some(line), None);
                Next::CutOff
            }
            Some(Filled::Row { line, width }) => {
                if self.keys.is_empty() {
                    // the beginning held no whole row
                    self.keys = numbered(width.cells);
                    self.columns = Width { filled: width.cells, ..width };
                }
                let misfit = self.columns.misfit(width);
                let odd = misfit.map(|(expected, found)| Odd::Columns { expected, found });
                self.places.record(Some(line), odd);
                if odd.is_some() { Next::Odd } else { Next::Record }
            }
        })
    }
}

/// Passes on everything but the ^Z at the end.
struct WithoutDosEnd<R> {
    inner: R,
    /// ^Z that were read and not passed on.
    held: usize,
}

impl<R: Read> Read for WithoutDosEnd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some((held, room)) =
                buffer.split_at_mut_checked(self.held).filter(|(_, room)| !room.is_empty())
            else {
                // more than the buffer holds: they are no end
                buffer.fill(DOS_END);
                self.held = self.held.saturating_sub(buffer.len());
                return Ok(buffer.len());
            };
            let count = self.inner.read(room)?;
            if count == 0 {
                return Ok(0);
            }
            held.fill(DOS_END);
            let read = self.held.saturating_add(count);
            let bytes = buffer.get(..read).unwrap_or_default();
            self.held = bytes.iter().rev().take_while(|byte| **byte == DOS_END).count();
            if read > self.held {
                return Ok(read.saturating_sub(self.held));
            }
        }
    }
}

/// Lets only so many bytes through until more are granted.
struct Rationed<R> {
    inner: R,
    left: Arc<AtomicU64>,
    marks: Marks,
    ended: bool,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ended = count == 0 && !buffer.is_empty();
        self.marks.follow(buffer.get(..count).unwrap_or_default());
        match self.left.load(Relaxed).checked_sub(count as u64) {
            Some(left) => self.left.store(left, Relaxed),
            None => return Err(io::ErrorKind::FileTooLarge.into()),
        }
        Ok(count)
    }
}
