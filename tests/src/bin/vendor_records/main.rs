//! Writes the records of the sample vendors under `tests/vendors`, and what must come of them.
//!
//! Everything is synthetic: people, places, institutions and numbers are drawn from small pools by a seeded
//! generator, so every run gives the same bytes. It must never use `pmh-core`: check digits, eras, periods and kana
//! are worked out here a second time, so that the files are an independent witness of what the core does.
//!
//! `cargo run -p pmh-tests --bin vendor_records` writes the files; with `--check` it writes nothing and fails
//! where a file isn't what would be written; with `workload FILE RECORDS SEED FINDINGS` it writes
//! that many records for measuring, of which so many in a hundred have findings (`cargo xtask workload`).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a generator of test data: where its own pools don't fit, stopping is right"
)]

mod csv_shift_jis;
mod days;
mod faults;
mod flat;
mod kana;
mod ledger;
mod nested;
mod numbers;
mod people;
mod places;
mod random;
mod workload;

use std::{env, fs, path::Path, process::ExitCode};

use faults::Fault;
use ledger::{Entry, Fate};
use places::Municipality;
use serde::Serialize;
use workload::Workload;

/// A sample vendor: whose ledger it exports, what is wrong in it and how it writes a record.
struct Vendor {
    folder: &'static str,
    file: &'static str,
    seed: u64,
    municipality: &'static Municipality,
    faults: &'static [&'static [Fault]],
    write: fn(&[Entry]) -> Vec<u8>,
}

const VENDORS: [Vendor; 3] = [
    Vendor {
        folder: "flat-romaji",
        file: "records.ndjson",
        seed: 11,
        municipality: &places::MIDORIGAHARA,
        faults: &[faults::COMMON, faults::NAME_NOT_SPLIT, faults::UNICODE_ONLY],
        write: flat::write,
    },
    Vendor {
        folder: "nested-japanese",
        file: "records.json",
        seed: 1,
        municipality: &places::SHIRAKABA,
        faults: &[faults::COMMON, faults::ONE_PART_NAME_ACCEPTED, faults::UNICODE_ONLY],
        write: nested::write,
    },
    Vendor {
        folder: "csv-shift-jis",
        file: "records.csv",
        seed: 20,
        municipality: &places::HOTAKAZAWA,
        faults: &[faults::COMMON, faults::GIVEN_NAME_MISSING],
        write: csv_shift_jis::write,
    },
];

/// What the transformation must say of a vendor's file on the day [`ledger::AS_OF`].
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Expected {
    as_of: String,
    read: usize,
    accepted: usize,
    excluded: usize,
    rejected: usize,
    rejected_records: Vec<Reason>,
    /// Once a reason and record, in however many fields of the payload it shows.
    warnings: Vec<Reason>,
}

#[derive(Serialize)]
struct Reason {
    record: usize,
    because: &'static str,
}

fn expected(entries: &[Entry]) -> Expected {
    let count = |fate: fn(&Fate) -> bool| entries.iter().filter(|entry| fate(&entry.fate)).count();
    let records = || entries.iter().enumerate();
    Expected {
        as_of: ledger::AS_OF.iso(),
        read: entries.len(),
        accepted: count(|fate| matches!(fate, Fate::Accepted)),
        excluded: count(|fate| matches!(fate, Fate::Excluded)),
        rejected: count(|fate| matches!(fate, Fate::Rejected(_))),
        rejected_records: records()
            .filter_map(|(record, entry)| match entry.fate {
                Fate::Rejected(because) => Some(Reason { record, because }),
                Fate::Accepted | Fate::Excluded => None,
            })
            .collect(),
        warnings: records()
            .flat_map(|(record, entry)| {
                let reasons = entry.warning.into_iter().chain(entry.transitional());
                reasons.map(move |because| Reason { record, because })
            })
            .collect(),
    }
}

fn main() -> ExitCode {
    numbers::agree_with_published_examples();
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [command, file, records, seed, findings] = &arguments[..]
        && command == "workload"
    {
        let [records, findings] = [records, findings].map(|number| number.parse().unwrap());
        Workload { records, seed: seed.parse().unwrap(), findings }.write(Path::new(file)).unwrap();
        return ExitCode::SUCCESS;
    }
    let check = arguments.iter().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("vendors");
    let mut stale = Vec::new();
    for vendor in &VENDORS {
        let mut entries = ledger::build(vendor.municipality, vendor.seed);
        faults::spread(&mut entries, vendor.faults);
        let mut expectation = serde_json::to_vec_pretty(&expected(&entries)).unwrap();
        expectation.push(b'\n');
        for (file, bytes) in [(vendor.file, (vendor.write)(&entries)), ("expected.json", expectation)] {
            let path = root.join(vendor.folder).join(file);
            if !check {
                fs::write(&path, bytes).unwrap();
            } else if fs::read(&path).ok().as_ref() != Some(&bytes) {
                stale.push(path);
            }
        }
    }
    assert!(stale.is_empty(), "not what the generator writes; run it again without --check: {stale:?}");
    ExitCode::SUCCESS
}
