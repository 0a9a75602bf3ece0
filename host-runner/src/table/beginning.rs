//! What the first lines of a CSV file say: its delimiter, its columns, and whether its rows fit them at all.
//!
//! A header must never occur in a message: a file without one has a record in its place.

use std::collections::HashMap;

use clap::ValueEnum;
use pmh_core::rules;

use super::marks::Marks;
use crate::failure::{Failure, Words};

/// How many rows are looked at.
const ROWS: usize = 100;

/// How many rows that don't fit may be a mistake of the whole file.
const FEW: usize = 3;

/// What ends a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Delimiter {
    /// `,`
    #[value(name = ",", alias = "comma")]
    Comma,
    /// A tab.
    #[value(name = "tab", alias = "\t")]
    Tab,
    /// `;`
    #[value(name = ";", alias = "semicolon")]
    Semicolon,
    /// `|`
    #[value(name = "|", alias = "pipe")]
    Pipe,
}

impl Delimiter {
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
            Self::Semicolon => b';',
            Self::Pipe => b'|',
        }
    }

    /// Its name in a message, in English and Japanese, and as it is set.
    pub(super) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Comma => ("a comma (\",\")", "カンマ \",\""),
            Self::Tab => ("a tab (\"tab\")", "タブ \"tab\""),
            Self::Semicolon => ("a semicolon (\";\")", "セミコロン \";\""),
            Self::Pipe => ("a vertical bar (\"|\")", "縦線 \"|\""),
        }
    }
}

/// What was said of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) delimiter: Option<Delimiter>,
    pub(super) header: bool,
}

/// What the first lines say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    pub(super) delimiter: Delimiter,
    /// The first line is `sep=`, and no row.
    pub(super) sep_line: bool,
    /// The columns of a file without a header.
    pub(super) columns: usize,
}

impl Beginning {
    /// Looks at the first lines; `all` says that there are no others.
    pub(super) fn of(text: &str, all: bool, said: Said) -> Result<Self, Failure> {
        let separator = separator(text);
        let sep_line = separator.is_some();
        let sample = |delimiter| Sample::read(text, all, sep_line, delimiter);
        let fixed = said.delimiter.or(separator);
        let mut best: Option<(usize, usize, Delimiter)> = None;
        for &delimiter in Delimiter::value_variants() {
            let sample = sample(delimiter);
            let columns = sample.columns(said.header);
            let fitting = sample.fitting(columns);
            // of two that fit as many rows alike, the one with more columns; a comma ahead of others
            let named = columns.filled;
            if named > 1 && best.is_none_or(|(most, wide, _)| (fitting, named) > (most, wide)) {
                best = Some((fitting, named, delimiter));
            }
        }
        let delimiter = fixed.or(best.map(|(.., delimiter)| delimiter)).unwrap_or(Delimiter::Comma);
        let sample = sample(delimiter);
        let columns = sample.columns(said.header);
        if let Some((fitting, wide, other)) = best
            && columns.filled == 1
            && fitting == sample.rows.len()
        {
            let ((en, ja), (other_en, other_ja)) = (delimiter.names(), other.names());
            let words = Words::new(
                format!("with {en} the file has one column, with {other_en} it has {wide}"),
                format!("区切り文字が{ja}では1列、{other_ja}では{wide}列になります"),
            );
            return Err(Failure::new(&rules::CSV_COLUMNS, words));
        }
        if said.header {
            sample.check(columns)?;
        }
        Ok(Self { delimiter, sep_line, columns: columns.cells })
    }
}

/// The delimiter that the first line gives to spreadsheet programs: `sep=;`.
fn separator(text: &str) -> Option<Delimiter> {
    let line = text.split(['\r', '\n']).next()?;
    let line = line.strip_prefix("sep=")?;
    Delimiter::value_variants().iter().copied().find(|known| line.bytes().eq([known.byte()]))
}

/// How many cells a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    /// All of them.
    pub(super) cells: usize,
    /// Without the empty ones at the end.
    pub(super) filled: usize,
}

impl Width {
    pub(super) fn of(row: &csv::StringRecord) -> Self {
        Self { cells: row.len(), filled: filled(row) }
    }

    /// The number expected and the number found, if a row doesn't fit these columns. As many cells must be there, and those in
    /// columns without a name at the end must be empty. Fewer names than cells could be a name that is missing in the middle.
    pub(super) fn misfit(self, row: Self) -> Option<(usize, usize)> {
        if row.cells == self.cells {
            (row.filled > self.filled).then_some((self.filled, row.filled))
        } else {
            Some((self.cells, row.cells))
        }
    }
}

/// The first rows with a delimiter.
struct Sample {
    /// Each with its line.
    rows: Vec<(u64, Width)>,
}

impl Sample {
    fn read(text: &str, all: bool, sep_line: bool, delimiter: Delimiter) -> Self {
        let mut marks = Marks::new(delimiter.byte());
        marks.follow(text.as_bytes());
        let is_open = marks.open().is_some();
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(delimiter.byte())
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let mut cells = csv::StringRecord::new();
        while let Ok(true) = reader.read_record(&mut cells) {
            rows.push((marks.next_row().unwrap_or_default(), Width::of(&cells)));
            if rows.len() > ROWS {
                break;
            }
        }
        // the last one may be cut off
        if !all || is_open || rows.len() > ROWS {
            rows.pop();
        }
        if sep_line && !rows.is_empty() {
            rows.remove(0);
        }
        rows.retain(|(_, width)| width.filled > 0);
        Self { rows }
    }

    /// The columns: those of the header, or of most rows if there is none.
    fn columns(&self, header: bool) -> Width {
        let none = Width { cells: 0, filled: 0 };
        if header {
            return self.rows.first().map_or(none, |(_, width)| *width);
        }
        let mut counts = HashMap::<usize, usize>::new();
        for (_, width) in &self.rows {
            *counts.entry(width.cells).or_default() += 1;
        }
        // as many rows for two numbers: the larger one, so that no cell is left out
        let most = counts.into_iter().max_by_key(|(cells, rows)| (*rows, *cells));
        most.map_or(none, |(cells, _)| Width { cells, filled: cells })
    }

    /// How many rows fit these columns.
    fn fitting(&self, columns: Width) -> usize {
        self.rows.iter().filter(|(_, row)| columns.misfit(*row).is_none()).count()
    }

    /// Fails if the header fits hardly a row: one or the other may have as many cells by chance.
    fn check(&self, columns: Width) -> Result<(), Failure> {
        let below = self.rows.get(1..).unwrap_or_default();
        let mut misfits = below.iter().filter_map(|(line, row)| Some((line, columns.misfit(*row)?)));
        let Some((line, (expected, found))) = misfits.next() else { return Ok(()) };
        let (rows, odd) = (below.len(), misfits.count().saturating_add(1));
        if odd < FEW || odd.saturating_mul(10) < rows.saturating_mul(9) {
            return Ok(());
        }
        let words = Words::new(
            format!(
                "the header has {expected} columns, line {line} has {found}; {odd} of the first {rows} rows do not fit"
            ),
            format!(
                "見出し行は{expected}列、{line}行目は{found}列。先頭の{rows}行のうち{odd}行で列数が合いません"
            ),
        );
        Err(Failure::new(&rules::CSV_COLUMNS, words))
    }
}

/// The number of cells without the empty ones at the end.
pub(super) fn filled(row: &csv::StringRecord) -> usize {
    row.iter()
        .enumerate()
        .filter(|(_, cell)| !cell.is_empty())
        .last()
        .map_or(0, |(at, _)| at.saturating_add(1))
}

/// The keys of a file without a header: the columns' numbers, from 1.
pub(super) fn numbered(columns: usize) -> Vec<Vec<u8>> {
    (1..=columns).map(|number| format!("\"{number}\":").into_bytes()).collect()
}

/// The keys that a header gives, or why it can't be used: by number, never by name. Columns without a name at its end are none.
pub(super) fn header(row: &csv::StringRecord) -> Result<Vec<Vec<u8>>, Failure> {
    let fail = |en: String, ja: String| Err(Failure::new(&rules::CSV_HEADER, Words::new(en, ja)));
    if filled(row) == 0 {
        return fail("the file is empty".to_owned(), "ファイルが空です".to_owned());
    }
    let mut seen = HashMap::new();
    let mut columns = Vec::with_capacity(row.len());
    for (number, name) in (1..).zip(row.iter().take(filled(row))) {
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
        columns.push(key(name)?);
    }
    Ok(columns)
}

/// A name as the key of a JSON object.
pub(super) fn key(name: &str) -> Result<Vec<u8>, Failure> {
    let mut key = serde_json::to_vec(name).map_err(Failure::internal)?;
    key.push(b':');
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTO: Said = Said { delimiter: None, header: true };

    #[test]
    fn a_delimiter_is_told_by_the_first_rows() {
        for (text, delimiter, columns) in [
            ("a,b,c\n1,2,3\n", Delimiter::Comma, 3),
            ("a\tb\n1,5\t2\n", Delimiter::Tab, 2),
            ("a;b;c\r\n1,0;2,0;3,0\r\n", Delimiter::Semicolon, 3),
            ("a|b\n\"1\n|2\"|3\n", Delimiter::Pipe, 2),
            ("a\n1\n", Delimiter::Comma, 1),
            ("a,b\n\"x;y;z\",\"1\t2\"\n", Delimiter::Comma, 2),
            ("sep=;\na;b\n1;2\n", Delimiter::Semicolon, 2),
            // every line with one more
            ("a;b;\n1;2;\n", Delimiter::Semicolon, 3),
        ] {
            let found = Beginning::of(text, true, AUTO).unwrap();
            assert_eq!((found.delimiter, found.columns), (delimiter, columns), "{text:?}");
        }
        assert_eq!(separator("sep=x\n"), None);
        assert_eq!(separator("sep=;;\n"), None);
        // in quotation marks it is a cell
        assert_eq!(separator("\"sep=;\"\n"), None);
    }

    #[test]
    fn without_a_header_most_rows_say_the_columns() {
        let said = Said { header: false, ..AUTO };
        for (text, columns) in [("1,2\n1,2,3\n1,2,\n", 3), ("1,2,3\n1,2\n1,2\n", 2), ("1,2\n", 2)] {
            assert_eq!(Beginning::of(text, true, said).unwrap().columns, columns, "{text:?}");
        }
    }

    #[test]
    fn one_cause_is_told_once() {
        let fails = |text: &str, said: Said| Beginning::of(text, true, said).unwrap_err().to_string();
        let title = "list\na,b,c\n1,2,3\n4,5,6\n";
        let message = fails(title, AUTO);
        assert!(message.contains("PMH6321") && message.contains("has 1 columns, line 2 has 3"), "{message}");
        let comma = Said { delimiter: Some(Delimiter::Comma), ..AUTO };
        let message = fails("a\tb\n1\t2\n", comma);
        assert!(message.contains("with a tab (\"tab\") it has 2"), "{message}");
        // a name is missing in the middle, and the last column is empty: the cells would be those of other columns
        let message = fails("a,c,d\n1,2,3,\n4,5,6,\n7,8,9,\n", AUTO);
        assert!(message.contains("has 3 columns, line 2 has 4"), "{message}");
        // one row that fits, or too few rows, are those rows' own mistakes
        assert!(Beginning::of("a,b\n1,2,3\n1,2\n1\n1\n", true, AUTO).is_ok());
        assert!(Beginning::of("a,b\n1,2,3\n1\n", true, AUTO).is_ok());
        // one of many that has as many cells as a title
        let many = format!("title\n{}x\n", "1,2,3\n".repeat(9));
        assert!(fails(&many, AUTO).contains("9 of the first 10 rows"));
    }
}
