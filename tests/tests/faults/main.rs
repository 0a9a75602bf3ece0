//! What a night can do to `pmh sync`, done to it: PMH, the disk, the ledger's file, other runs, the clock, sheer size. Every
//! test counts what it injects; `docs/testing.md` has the counts (`pmh_tests::faults`).

#[cfg(test)]
mod clock;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod load;
#[cfg(test)]
mod model;
#[cfg(test)]
mod network;
#[cfg(test)]
mod world;

use std::{env, fs, path::Path, process::Command};

use pmh_tests::{Result, faults, root};

const BEGIN: &str = "<!-- faults: PMH_DOCS=write cargo test --workspace --test faults writes this -->\n";
const END: &str = "<!-- /faults -->";

/// The document has the table, and each fault of it is counted by a test.
#[test]
fn the_document_has_the_table() -> Result<()> {
    let path = root().join("../docs/testing.md");
    let text = fs::read_to_string(&path)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("no table")?;
    let (_, after) = rest.split_once(END).ok_or("no end of the table")?;
    let written = format!("{before}{BEGIN}\n{}\n{END}{after}", faults::table());
    if env::var_os("PMH_DOCS").is_some_and(|mode| mode == "write") {
        fs::write(&path, &written)?;
    }
    assert!(
        fs::read_to_string(&path)? == written,
        "docs/testing.md is out of date: PMH_DOCS=write cargo test --workspace --test faults"
    );
    let mut sources = fs::read_to_string(root().join("tests/crash.rs"))?;
    for file in fs::read_dir(root().join("tests/faults"))? {
        sources += &fs::read_to_string(file?.path())?;
    }
    for fault in faults::FAULTS {
        let named = format!("\"{}\"", fault.name);
        assert!(sources.contains(&named), "no test counts {named}");
    }
    Ok(())
}

/// Writes synthetic records in the layout of `nested-japanese`; of every hundred so many have something wrong.
fn workload(file: &Path, records: u64, findings: u64) -> Result<()> {
    let mut generator = Command::new(env!("CARGO_BIN_EXE_vendor_records"));
    generator.arg("workload").arg(file).args([records, 1, findings].map(|number| number.to_string()));
    if generator.status()?.success() { Ok(()) } else { Err("no records".into()) }
}
