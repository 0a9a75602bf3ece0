//! What the reader of a table knows of its rows and the module doesn't: on which line a record begins, and what is wrong with a row
//! that could not become a record. The reader writes it down, the report looks it up. No cell is kept.
//!
//! Findings come in the order of the records and soon after them, so only a bounded number of rows is remembered.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pmh_core::rules;

use super::beginning::Delimiter;
use crate::failure::{Failure, Words};

/// How many entries are remembered: more than the sessions of a run are ahead of its report.
const MOST: usize = 1 << 17;

/// Why a row is no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// Another number of columns.
    Columns {
        /// As many as there should be.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// Another number of bytes.
    Length {
        /// As many as there should be.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// A column of a fixed-length record that is no text.
    Cut {
        /// From 1.
        column: usize,
    },
}

impl Odd {
    /// What is told of it.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::Columns { expected, found } => {
                let words = Words::new(
                    format!("{expected} columns expected, {found} found"),
                    format!("本来は{expected}列、この行は{found}列"),
                );
                Failure::new(&rules::CSV_ROW, words)
            }
            Self::Length { expected, found } => {
                let words = Words::new(
                    format!("{expected} bytes expected, {found} found"),
                    format!("本来は{expected}バイト、この行は{found}バイト"),
                );
                Failure::new(&rules::FIXED_RECORD, words)
            }
            Self::Cut { column } => {
                let words = Words::new(
                    format!(
                        "column {column} begins or ends inside a character, or holds a byte that is no character"
                    ),
                    format!(
                        "{column}番目の項目の境目が文字の途中にあるか、文字として読めないバイトがあります"
                    ),
                );
                Failure::new(&rules::FIXED_RECORD, words)
            }
        }
    }
}

/// What is known of the rows of one input.
#[derive(Debug, Default)]
pub struct Places(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// Records so far.
    records: u64,
    /// The line that would follow the last record if each took one line.
    next_line: u64,
    /// A record and its line, wherever it isn't on the line after the record before it.
    jumps: VecDeque<(u64, u64)>,
    /// Rows that are no records, by the index of the record in their place.
    odd: VecDeque<(u64, Odd)>,
    /// Rows without any value, and the line of the first.
    skipped: Option<(u64, u64)>,
    /// The delimiter that the file itself told.
    delimiter: Option<Delimiter>,
    /// Why the input isn't complete.
    cut_off: Option<Failure>,
}

impl Places {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next record: its line, if the file has lines, and what is wrong with it.
    pub(super) fn record(&self, line: Option<u64>, odd: Option<Odd>) {
        let mut known = self.known();
        let record = known.records;
        known.records = record.saturating_add(1);
        if let Some(line) = line {
            if line != known.next_line {
                keep(&mut known.jumps, (record, line));
            }
            known.next_line = line.saturating_add(1);
        }
        if let Some(odd) = odd {
            keep(&mut known.odd, (record, odd));
        }
    }

    /// Takes rows that are no records, with the line of the first.
    pub(super) fn skip(&self, count: u64, line: u64) {
        if count > 0 {
            let mut known = self.known();
            let (before, first) = known.skipped.unwrap_or((0, line));
            known.skipped = Some((before.saturating_add(count), first.min(line)));
        }
    }

    /// Takes the delimiter that the file itself told.
    pub(super) fn detected(&self, delimiter: Delimiter) {
        self.known().delimiter = Some(delimiter);
    }

    /// Takes why the input isn't complete.
    pub(super) fn cut(&self, failure: Failure) {
        self.known().cut_off = Some(failure);
    }

    /// Why the input that was read is not complete.
    pub(crate) fn cut_off(&self) -> Option<Failure> {
        self.known().cut_off.clone()
    }

    /// What is worth knowing of the file and stops nothing.
    pub(crate) fn notes(&self) -> Vec<Failure> {
        let known = self.known();
        let delimiter = known.delimiter.map(|delimiter| {
            let (name, ja) = delimiter.names();
            let words = Words::new(name, ja);
            Failure::new(&rules::CSV_DELIMITER, words)
        });
        let skipped = known.skipped.map(|(count, line)| {
            let words = Words::new(
                format!("{count}, the first on line {line}"),
                format!("{count}行。最初は{line}行目"),
            );
            Failure::new(&rules::CSV_SKIPPED, words)
        });
        delimiter.into_iter().chain(skipped).collect()
    }

    /// The line of a record, and what is wrong with its row. Records before this one are forgotten.
    pub(crate) fn of(&self, record: u64) -> (Option<u64>, Option<Odd>) {
        let mut known = self.known();
        while known.jumps.get(1).is_some_and(|(next, _)| *next <= record) {
            known.jumps.pop_front();
        }
        let line = known
            .jumps
            .front()
            .and_then(|(from, line)| Some(line.saturating_add(record.checked_sub(*from)?)));
        while known.odd.front().is_some_and(|(odd, _)| *odd < record) {
            known.odd.pop_front();
        }
        let odd = known.odd.front().filter(|(odd, _)| *odd == record).map(|(_, odd)| *odd);
        (line, odd)
    }
}

/// Adds an entry, and forgets the oldest if there are too many.
fn keep<T>(entries: &mut VecDeque<T>, entry: T) {
    if entries.len() == MOST {
        entries.pop_front();
    }
    entries.push_back(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_its_line() {
        let places = Places::default();
        let lines = [2, 3, 4, 9, 10, 12, 13, 20];
        for (record, line) in (0_u64..).zip(lines) {
            let odd = Odd::Columns { expected: 2, found: 3 };
            places.record(Some(line), (record % 2 == 1).then_some(odd));
        }
        for (record, line) in (0_u64..).zip(lines) {
            // as often as there are findings of a record
            for _ in 0..2 {
                let (found, odd) = places.of(record);
                assert_eq!((found, odd.is_some()), (Some(line), record % 2 == 1), "{record}");
            }
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let places = Places::default();
        for record in 0..3 * MOST as u64 {
            places.record(Some(record * 2), Some(Odd::Columns { expected: 1, found: 2 }));
        }
        let kept = |known: &Known| (known.jumps.len(), known.odd.len());
        assert_eq!(kept(&places.known()), (MOST, MOST));
        // forgotten, not wrong
        assert_eq!(places.of(5), (None, None));
        let last = 3 * MOST as u64 - 1;
        assert_eq!(places.of(last).0, Some(last * 2));
    }
}
