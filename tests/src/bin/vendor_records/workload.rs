//! The reference workload: a ledger of any length in the nested layout, for measuring.
//!
//! As a system writes that has one way to write each thing: dates in eras, kana full-width, yen with a comma. Every record is
//! valid on [`ledger::AS_OF`]; of every hundred, as many as asked for have something wrong.

use std::{
    fs::File,
    io::{BufWriter, Result, Write},
    path::Path,
};

use crate::{
    ledger::{Clerk, Entry, Limit},
    nested, numbers,
    people::Name,
    places,
};

/// What is wrong, in turn: three errors, and a warning that doesn't keep the record from being sent.
const FAULTS: [fn(&mut Entry); 4] = [
    |entry| entry.my_number = entry.my_number.as_deref().map(numbers::spoiled),
    |entry| entry.certification = numbers::spoiled(&entry.certification),
    |entry| entry.name = Name::new(("渡\u{E000}", "ワタナベ"), ("学", "マナブ")),
    |entry| entry.limit = Limit::Yen(3_000),
];

/// What is asked for.
pub(crate) struct Workload {
    pub(crate) records: usize,
    pub(crate) seed: u64,
    /// Records of a hundred with something wrong.
    pub(crate) findings: usize,
}

impl Workload {
    /// Writes the file: a JSON array in UTF-8, a record a line. Records are made as they are written.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let mut out = BufWriter::new(File::create(file)?);
        let mut clerk = Clerk::new(&places::SHIRAKABA, self.seed);
        let mut faults = FAULTS.iter().cycle();
        for number in 0..self.records {
            let mut entry = clerk.valid_entry();
            // no two people of a municipality have one number
            entry.certification = numbers::verified(&format!("{:06}", (number + 1) % 1_000_000));
            if number % 100 < self.findings {
                faults.by_ref().take(1).for_each(|spoil| spoil(&mut entry));
            }
            out.write_all(if number == 0 { b"[\n" } else { b",\n" })?;
            serde_json::to_writer(&mut out, &nested::record(0, &entry))?;
        }
        out.write_all(if self.records == 0 { b"[]\n" } else { b"\n]\n" })?;
        out.flush()
    }
}
