//! The column table of fixed-length records: `name,start,length`, one line per column, in bytes.
//!
//! The columns follow one another without a gap, so that a wrong number shows. A filler is a column without a name. The record is as
//! long as its columns.

use std::{fs, path::Path};

use pmh_core::rules;

use super::beginning::key;
use crate::failure::{Failure, Result, Words};

/// The longest record.
const MAX_RECORD: usize = 1 << 20;

/// The first line of a column table.
const HEAD: [&str; 3] = ["name", "start", "length"];

/// The columns of fixed-length records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub(super) columns: Vec<Column>,
    /// Bytes of a record.
    pub(super) length: usize,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    /// `"name":`; none for a filler.
    pub(super) key: Option<Vec<u8>>,
    /// From 0.
    pub(super) start: usize,
    pub(super) length: usize,
}

impl Layout {
    /// Reads a column table.
    ///
    /// # Errors
    ///
    /// `PMH6301` if the file can't be read, `PMH6324` if it is no column table.
    pub fn load(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).map_err(|error| Failure::file(&rules::FILE_UNREADABLE, path, &error))?;
        Self::parse(&text, path)
    }

    /// Reads the text of a column table; `path` is named in failures.
    ///
    /// # Errors
    ///
    /// `PMH6324` if it is no column table.
    pub fn parse(text: &str, path: &Path) -> Result<Self> {
        let fail = |line: u64, en: &str, ja: &str| {
            let path = path.display();
            let words = Words::new(format!("{path}, line {line}: {en}"), format!("{path} {line}行目: {ja}"));
            Err(Failure::new(&rules::FIXED_LAYOUT, words))
        };
        let mut rows = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .trim(csv::Trim::All)
            .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let mut layout = Self { columns: Vec::new(), length: 0 };
        let mut names = std::collections::HashSet::new();
        for (at, row) in rows.records().enumerate() {
            // the csv crate's position is the line before blank ones
            let line = row.as_ref().ok().and_then(csv::StringRecord::position).map_or(0, csv::Position::line);
            let Ok(row) = row else { return fail(line, "not text", "テキストではありません") };
            let cells: Vec<&str> = row.iter().take(HEAD.len()).collect();
            if at == 0 {
                if cells != HEAD {
                    return fail(
                        1,
                        "begin with the line name,start,length",
                        "1行目は name,start,length としてください",
                    );
                }
                continue;
            }
            let [name, start, length] = cells.as_slice() else {
                return fail(
                    line,
                    "give name, start and length",
                    "name、start、length の3つを書いてください",
                );
            };
            let (Ok(start), Ok(length)) = (start.parse::<usize>(), length.parse::<usize>()) else {
                return fail(line, "start and length are numbers of bytes", "start と length はバイト数です");
            };
            let next = layout.length.saturating_add(1);
            if start != next {
                return fail(
                    line,
                    &format!("the column should start at {next}; give a filler an empty name"),
                    &format!("開始位置は {next} のはずです(予備の項目は名前を空にして書きます)"),
                );
            }
            if length == 0 || length > MAX_RECORD.saturating_sub(layout.length) {
                return fail(
                    line,
                    "from 1 byte to 1 MiB a record",
                    "長さは1バイト以上、レコード全体で1MiB以下です",
                );
            }
            if !name.is_empty() && !names.insert((*name).to_owned()) {
                return fail(line, "the name occurs twice", "同じ名前が2回あります");
            }
            let key = if name.is_empty() { None } else { Some(key(name)?) };
            layout.columns.push(Column { key, start: layout.length, length });
            layout.length = layout.length.saturating_add(length);
        }
        if names.is_empty() {
            return fail(1, "there is no column", "項目がありません");
        }
        Ok(layout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_follow_one_another() {
        let layout = Layout::parse(
            "\u{feff}name,start,length\r\n番号,1,10\r\n,11,2\r\n氏名,13,20\r\n",
            Path::new("c"),
        );
        let layout = layout.unwrap();
        assert_eq!((layout.length, layout.columns.len()), (32, 3));
        for wrong in [
            "",
            "a,1,2\n",
            "name,start,length\n",
            "name,start,length\n,1,2\n",
            "name,start,length\na,0,2\n",
            "name,start,length\na,1,2\nb,2,2\n",
            "name,start,length\na,1,2\nb,4,2\n",
            "name,start,length\na,1,2\na,3,2\n",
            "name,start,length\na,1,0\n",
            "name,start,length\na,1,x\n",
            "name,start,length\na,1\n",
            "name,start,length\na,1,18446744073709551615\n",
        ] {
            assert_eq!(Layout::parse(wrong, Path::new("c")).unwrap_err().rule.code, "PMH6324", "{wrong:?}");
        }
    }
}
