//! The table of characters: `from,to` by line, in code points. Further columns are notes.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

use pmh_core::rules;

use super::Source;
use crate::{failure::Result, input::Encoding};

/// Every character of Unicode would fit.
const MOST_BYTES: u64 = 16 << 20;
/// What the first line may say.
const HEADER: [&str; 2] = ["from", "to"];

/// The table as the option `characterTable`.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>> {
    let source = Source { path, rule: &rules::CHARACTER_TABLE_FILE };
    let mut table = BTreeMap::new();
    source.rows(Encoding::Utf8, MOST_BYTES, |line, row| {
        let cells = [0, 1].map(|column| row.get(column).unwrap_or_default().trim());
        if line == 1 && cells == HEADER {
            return Ok(());
        }
        let [from, to] = cells.map(normal);
        if from.is_empty() || to.is_empty() {
            return Err(source.wrong_at(
                line,
                "write two code points such as U+E000,U+9AD8",
                "U+E000,U+9AD8 のように2つのコードポイントを書いてください",
            ));
        }
        match table.entry(from) {
            Entry::Vacant(place) => {
                place.insert(to);
                Ok(())
            }
            Entry::Occupied(_) => {
                Err(source.wrong_at(line, "this character occurs twice", "同じ文字が2回書かれています"))
            }
        }
    })?;
    if table.is_empty() {
        return Err(source.wrong("it has no entry", "対応が1件もありません"));
    }
    Ok(table)
}

/// A code point, or two, in one notation; the module judges what else it may be.
fn normal(cell: &str) -> String {
    cell.split_whitespace().map(str::to_uppercase).collect::<Vec<_>>().join(" ")
}
