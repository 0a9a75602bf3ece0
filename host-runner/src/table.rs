//! Tables to NDJSON: `{"column":"cell",…}` per row, streamed. A table is a CSV file or a file of fixed-length records.
//!
//! A row that is no record becomes a JSON array of nothing, so that the module rejects that one record and goes on; what is wrong with
//! it is told in the words of tables (`report/retell.rs`). A row that the end of the file cut off becomes JSON that is cut off, so that the
//! module finds the input incomplete.

mod beginning;
mod csv;
mod encoding;
mod fixed;
mod layout;
mod marks;
mod places;

#[cfg(test)]
mod tests;

use std::{
    io::{self, Read},
    sync::Arc,
};

pub use self::{beginning::Delimiter, encoding::Encoding, layout::Layout, places::Places};
use self::{beginning::Said, csv::CsvRows, fixed::FixedRows};
pub(crate) use self::{encoding::WINDOW, marks::Marks};

/// How many bytes are converted at a time.
const BATCH: usize = 64 * 1024;

/// What is written for a row that is no record.
const ODD: &[u8] = b"[]\n";

/// What is written for a row that the end of the file has cut off.
const CUT_OFF: &[u8] = b"{";

/// What was said of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// CSV.
    Csv {
        /// What ends a cell, unless the file tells.
        delimiter: Option<Delimiter>,
        /// Whether the first row names the columns.
        header: bool,
    },
    /// Fixed-length records.
    Fixed(Arc<Layout>),
}

/// What the next row is.
enum Next {
    /// A record: its cells are in the row.
    Record,
    /// No record.
    Odd,
    /// Cut off by the end of the file.
    CutOff,
    /// There is none.
    End,
}

/// A table that is read row by row. It writes each row's place down.
trait Table: Send {
    /// Each column as `"name":`, or empty for one that is left out.
    fn keys(&self) -> &[Vec<u8>];

    /// Reads the next row.
    fn next(&mut self, row: &mut ::csv::StringRecord) -> io::Result<Next>;
}

/// Reads as NDJSON what is written as a table.
pub(crate) struct Records<R> {
    /// What is not opened yet: opening looks at the beginning.
    unopened: Option<(R, Kind, Encoding)>,
    table: Option<Box<dyn Table>>,
    places: Arc<Places>,
    row: ::csv::StringRecord,
    /// Converted bytes that nobody has read yet, from `taken` on.
    ready: Vec<u8>,
    taken: usize,
    ended: bool,
}

impl<R: Read + Send + 'static> Records<R> {
    pub(crate) fn new(raw: R, kind: Kind, encoding: Encoding, places: Arc<Places>) -> Self {
        Self {
            unopened: Some((raw, kind, encoding)),
            table: None,
            places,
            row: ::csv::StringRecord::new(),
            ready: Vec::with_capacity(2 * BATCH),
            taken: 0,
            ended: false,
        }
    }

    fn open(&mut self) -> io::Result<()> {
        let Some((raw, kind, encoding)) = self.unopened.take() else { return Ok(()) };
        let places = Arc::clone(&self.places);
        self.table = Some(match kind {
            Kind::Csv { delimiter, header } => {
                Box::new(CsvRows::open(raw, encoding, Said { delimiter, header }, places)?)
            }
            Kind::Fixed(layout) => Box::new(FixedRows::open(raw, encoding, layout, places)?),
        });
        Ok(())
    }

    /// Converts rows until there is enough to hand out, or none is left.
    fn fill(&mut self) -> io::Result<()> {
        self.open()?;
        self.ready.clear();
        self.taken = 0;
        let Some(table) = self.table.as_mut() else { return Ok(()) };
        while self.ready.len() < BATCH && !self.ended {
            match table.next(&mut self.row)? {
                Next::Record => object(&mut self.ready, table.keys(), &self.row)?,
                Next::Odd => self.ready.extend_from_slice(ODD),
                Next::CutOff => {
                    self.ready.extend_from_slice(CUT_OFF);
                    self.ended = true;
                }
                Next::End => self.ended = true,
            }
        }
        Ok(())
    }
}

impl<R: Read + Send + 'static> Read for Records<R> {
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

fn object(out: &mut Vec<u8>, keys: &[Vec<u8>], row: &::csv::StringRecord) -> io::Result<()> {
    let mut separator = b'{';
    for (key, cell) in keys.iter().zip(row) {
        out.push(separator);
        out.extend_from_slice(key);
        serde_json::to_writer(&mut *out, cell)?;
        separator = b',';
    }
    out.extend_from_slice(b"}\n");
    Ok(())
}
