//! The master of payer numbers: any CSV with a column of numbers and, perhaps, of the first and the last day of each. Which columns these are is the
//! configuration's to say.

use chrono::{Datelike, NaiveDate};
use pmh_core::rules;

use super::{PayerNumbers, Source};
use crate::{config::MasterConfig, failure::Result};

/// Several times 地単公費マスター, the largest that is known.
const MOST_BYTES: u64 = 128 << 20;
/// How days are written.
const DAYS: [&str; 3] = ["%Y%m%d", "%Y-%m-%d", "%Y/%m/%d"];
/// No number is older.
const FIRST_YEAR: i32 = 1900;
/// The year of an end that is open.
const OPEN_YEAR: i32 = 9999;

/// The master as the option `payerNumbers`.
pub(super) fn read(config: &MasterConfig) -> Result<PayerNumbers> {
    let source = Source { path: &config.file, rule: &rules::MASTER_FILE };
    let mut valid = Vec::new();
    let mut is_first = true;
    source.rows(config.encoding, MOST_BYTES, |line, row| {
        let cell = |column: usize| {
            let cell = column.checked_sub(1).and_then(|column| row.get(column)).map(str::trim);
            cell.ok_or_else(|| {
                source.wrong_at(
                    line,
                    &format!("it has no column {column}; is the file complete?"),
                    &format!("{column}列目がありません。ファイルが途中で切れていないか確認してください"),
                )
            })
        };
        let number = cell(config.number)?;
        let is_number = number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit());
        if std::mem::take(&mut is_first) && config.header {
            return if is_number {
                Err(source.wrong_at(
                    line,
                    "by header = true this is the header, but it has a number",
                    "header = true では見出し行ですが、番号が書かれています",
                ))
            } else {
                Ok(())
            };
        }
        let (from, to) = (config.from.map(cell).transpose()?, config.to.map(cell).transpose()?);
        if number.is_empty() {
            return Ok(());
        }
        if !is_number {
            return Err(source.wrong_at(
                line,
                &format!("column {} is not a number of 8 digits", config.number),
                &format!("{}列目が数字8桁の番号ではありません", config.number),
            ));
        }
        let day = |cell: Option<&str>, column: Option<usize>, open: &[&str]| {
            day(cell.unwrap_or_default(), open).ok_or_else(|| {
                let column = column.unwrap_or_default();
                source.wrong_at(
                    line,
                    &format!("column {column} is not a day such as 20260401"),
                    &format!("{column}列目が 20260401 のような日付ではありません"),
                )
            })
        };
        let from = day(from, config.from, &["", "0", "00000000"])?;
        let to = day(to, config.to, &["", "0", "00000000", "99999999"])?;
        valid.push(if (&*from, &*to) == ("..", "..") {
            number.to_owned()
        } else {
            format!("{number} {from}/{to}")
        });
        Ok(())
    })?;
    if valid.is_empty() {
        return Err(source.wrong("it has no number", "番号が1件もありません"));
    }
    let count = valid.len() as u64;
    if count < config.min_rows {
        let least = config.min_rows;
        return Err(source.wrong(
            &format!("it has {count} numbers, fewer than min_rows = {least}; is it complete?"),
            &format!("番号が{count}件で、min_rows = {least} より少なくなっています。ファイルが途中で切れていないか確認してください"),
        ));
    }
    valid.sort_unstable();
    valid.dedup();
    Ok(PayerNumbers { prefixes: config.prefixes.clone(), valid })
}

/// A day as the module takes it, `..` for an end that is open.
fn day(cell: &str, open: &[&str]) -> Option<String> {
    if open.contains(&cell) {
        return Some("..".to_owned());
    }
    // chrono takes shorter years and months as well
    let is_whole = cell.len() == 8 || cell.contains(['-', '/']);
    let day = DAYS.iter().find_map(|form| NaiveDate::parse_from_str(cell, form).ok()).filter(|_| is_whole)?;
    match day.year() {
        OPEN_YEAR => Some("..".to_owned()),
        FIRST_YEAR..OPEN_YEAR => Some(day.to_string()),
        _ => None,
    }
}
