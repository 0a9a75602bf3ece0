//! Columns that no record has or that suddenly change, from the records to the guards and the ledger.
//!
//! How a night could end with success and harm somebody, and the test that would notice:
//! - a column is renamed after a run was accepted, or a pointer was mistyped from the first run on: the item is empty for everyone;
//! - one constant in place of a code: each record is valid, and most are wrong;
//! - a town with nine recipients is warned of each lapse, so that nobody reads warnings any more;
//! - after an update there is nothing to compare with, and the guard says nothing.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on stops")]

use std::fs;

use pmh_core::convert::check_digit;
use pmh_tests::{Result, pmh::Done, site::Site};
use serde_json::{Map, Value, json};

/// The codes of a list that are about columns.
fn codes(done: &Done, list: &str) -> Result<Vec<String>> {
    let report = done.json()?;
    let told = report.get(list).and_then(|told| told.as_array()).into_iter().flatten();
    let codes = told.filter_map(|told| told.get("code")?.as_str().map(str::to_owned));
    Ok(codes.filter(|code| ("PMH6120"..="PMH6123").contains(&code.as_str())).collect())
}

/// A run that is accepted, and its warnings.
fn accepted(site: &Site, pass: &[&str], warnings: &[&str]) -> Result<Done> {
    let arguments: Vec<&str> = pass.iter().flat_map(|code| ["--pass", code]).collect();
    let done = site.sync(&arguments)?;
    assert_eq!((done.code, codes(&done, "warnings")?), (0, owned(warnings)), "{done:?}");
    Ok(done)
}

/// A run and its rehearsal that these guards stop.
fn stopped(site: &Site, pass: &[&str], stops: &[&str]) -> Result<()> {
    let arguments: Vec<&str> = pass.iter().flat_map(|code| ["--pass", code]).collect();
    let before = site.pmh.requests().len();
    for dry in [&["--dry-run"][..], &[]] {
        let done = site.sync(&[dry, &arguments].concat())?;
        assert_eq!((done.code, codes(&done, "stops")?), (7, owned(stops)), "{done:?}");
    }
    assert_eq!(site.pmh.requests().len(), before);
    Ok(())
}

fn owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|&code| code.to_owned()).collect()
}

fn message(done: &Done, code: &str) -> Result<String> {
    let report = done.json()?;
    let told = report["warnings"].as_array().into_iter().flatten().find(|told| told["code"] == code);
    Ok(told.and_then(|told| told["message"].as_str()).ok_or("not told")?.to_owned())
}

/// A site with so many synthetic recipients, each changed by `change`.
fn town(count: u32, change: impl Fn(u32, &mut Map<String, Value>)) -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    let vendor = fs::read_to_string(site.path("records.ndjson"))?;
    fs::write(site.path("vendor.ndjson"), vendor.lines().next().ok_or("no record")?)?;
    site.change("max_rejected = 19", "max_rejected = 0")?;
    people(&site, count, change)?;
    Ok(site)
}

fn people(site: &Site, count: u32, change: impl Fn(u32, &mut Map<String, Value>)) -> Result<()> {
    let pattern: Map<String, Value> = serde_json::from_str(&fs::read_to_string(site.path("vendor.ndjson"))?)?;
    let mut lines = String::new();
    for number in 0..count {
        let mut record = pattern.clone();
        let digits = format!("{:011}", 10_000_000_000_u64 + u64::from(number));
        let check = check_digit::my_number(&digits).unwrap_or_default();
        record.insert("KOJIN_NO".to_owned(), format!("{digits}{check}").into());
        let digits = (100_000 + number).to_string();
        let check = check_digit::number(&digits).unwrap_or_default();
        record.insert("JUKYUSHA_NO".to_owned(), format!("{digits}{check}").into());
        record.insert("ATENA_NO".to_owned(), format!("{number:010}").into());
        change(number, &mut record);
        lines.push_str(&serde_json::to_string(&record)?);
        lines.push('\n');
    }
    Ok(fs::write(site.path("records.ndjson"), lines)?)
}

#[test]
fn a_renamed_column_of_a_csv_file_is_told_after_an_accepted_run() -> Result<()> {
    let site = Site::new("csv-shift-jis")?;
    accepted(&site, &[], &[])?;
    let bytes = fs::read(site.path("records.csv"))?;
    let (text, _, _) = encoding_rs::SHIFT_JIS.decode(&bytes);
    let (header, rows) = text.split_once('\n').ok_or("no header")?;
    let renamed = header.replace("番地", "地番");
    assert_ne!(renamed, header);
    let changed = format!("{renamed}\n{rows}");
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(&changed);
    fs::write(site.path("records.csv"), bytes)?;
    let done = site.sync(&["--dry-run", "--pass", "PMH6115"])?;
    assert_eq!(codes(&done, "warnings")?, ["PMH6120", "PMH6121"], "{done:?}");
    assert!(message(&done, "PMH6121")?.contains("% → 0%"), "{done:?}");
    assert!(done.json()?["summary"]["byCode"]["PMH2007"].is_u64(), "{done:?}");
    site.change("[guard]", "[guard]\nabsent_places = \"stop\"\nmax_fill_drop_percent = 50")?;
    stopped(&site, &["PMH6115"], &["PMH6120", "PMH6121"])?;
    stopped(&site, &["PMH6115", "PMH6120"], &["PMH6121"])?;
    let done = accepted(&site, &["PMH6115", "PMH6120", "PMH6121"], &[])?;
    assert_eq!(codes(&done, "passed")?, ["PMH6120", "PMH6121"]);
    // a person has confirmed it, and only the report still tells of it
    let done = accepted(&site, &[], &[])?;
    assert!(done.json()?["summary"]["byCode"]["PMH2007"].is_u64(), "{done:?}");
    Ok(())
}

#[test]
fn a_pointer_that_is_mistyped_from_the_first_run_on_is_told() -> Result<()> {
    let site = town(40, |_, _| {})?;
    let profile = fs::read_to_string(site.path("profile.json"))?;
    fs::write(site.path("profile.json"), profile.replace(r#""/JUSHO_BANCHI""#, r#""/JUSHO_BANTI""#))?;
    site.change("[guard]", "[guard]\nabsent_places = \"stop\"")?;
    stopped(&site, &[], &["PMH6120"])?;
    site.change("absent_places = \"stop\"", "absent_places = \"warn\"")?;
    let done = accepted(&site, &[], &["PMH6120"])?;
    let message = message(&done, "PMH6120")?;
    assert!(message.contains("/JUSHO_BANTI (/fields/addressHouseNumber/from)"), "{message}");
    accepted(&site, &[], &[])?;
    Ok(())
}

#[test]
fn one_constant_in_place_of_a_code_is_told() -> Result<()> {
    let codes = |number: u32, record: &mut Map<String, Value>| {
        let code = ["04", "05", "05", "06"][number as usize % 4];
        record.insert("SHOTOKU_KBN".to_owned(), code.into());
    };
    let site = town(40, codes)?;
    accepted(&site, &[], &[])?;
    accepted(&site, &[], &[])?;
    people(&site, 40, |_, record| drop(record.insert("SHOTOKU_KBN".to_owned(), "05".into())))?;
    let done = site.sync(&["--dry-run"])?;
    assert_eq!(self::codes(&done, "warnings")?, ["PMH6122"], "{done:?}");
    let message = message(&done, "PMH6122")?;
    assert!(message.contains("/map/04: 10 → 0") && message.contains("/map/06: 10 → 0"), "{message}");
    site.change("[guard]", "[guard]\nvanished_entries = \"stop\"")?;
    stopped(&site, &[], &["PMH6122"])?;
    accepted(&site, &["PMH6122"], &[])?;
    accepted(&site, &[], &[])?;
    Ok(())
}

#[test]
fn a_column_that_loses_most_of_its_values_is_told() -> Result<()> {
    let site = town(60, |_, _| {})?;
    accepted(&site, &[], &[])?;
    // 58 of 60 are changed, which a person passes at the yearly renewal
    people(&site, 60, |number, record| {
        if number > 1 {
            record.insert("JUSHO_BANCHI".to_owned(), "  ".into());
        }
    })?;
    let done = accepted(&site, &["PMH6115"], &["PMH6121"])?;
    assert!(
        message(&done, "PMH6121")?.contains("/JUSHO_BANCHI (/fields/addressHouseNumber/from): 100% → 3%")
    );
    Ok(())
}

#[test]
fn nine_recipients_are_not_warned_of_each_lapse() -> Result<()> {
    let some = |least: u32| {
        move |number: u32, record: &mut Map<String, Value>| {
            if number < least {
                record.insert("JUSHO_KATAGAKI".to_owned(), "".into());
                record.insert("SHOTOKU_KBN".to_owned(), "06".into());
            }
            record.remove("HOGOSHA_MEI");
        }
    };
    let site = town(9, some(3))?;
    accepted(&site, &[], &[])?;
    people(&site, 9, some(6))?;
    accepted(&site, &[], &[])?;
    people(&site, 9, some(2))?;
    accepted(&site, &[], &[])?;
    Ok(())
}

#[test]
fn a_ledger_without_counts_is_told_once() -> Result<()> {
    let site = town(9, |_, _| {})?;
    accepted(&site, &[], &[])?;
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    db.execute_batch("ALTER TABLE run DROP COLUMN usage; PRAGMA user_version = 2")?;
    drop(db);
    accepted(&site, &[], &["PMH6123"])?;
    accepted(&site, &[], &[])?;
    Ok(())
}

/// What the ledger keeps is counts and pointers of the profile.
#[test]
fn the_ledger_keeps_counts_and_nothing_of_a_record() -> Result<()> {
    let site = town(9, |_, _| {})?;
    accepted(&site, &[], &[])?;
    let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
    let kept: String = db.query_row("SELECT usage FROM run", [], |row| row.get(0))?;
    let counts: Value = serde_json::from_str(&kept)?;
    let place =
        json!({ "profile": "/recordKey", "source": "/ATENA_NO", "asked": 9, "present": 9, "filled": 9 });
    assert_eq!(counts["places"][0], place);
    let profile: Value = serde_json::from_str(&fs::read_to_string(site.path("profile.json"))?)?;
    let mut numbers = 0;
    for list in ["places", "entries"] {
        for item in counts[list].as_array().ok_or("no list")? {
            for (name, value) in item.as_object().ok_or("no object")? {
                match (name.as_str(), value) {
                    ("profile", Value::String(pointer)) => {
                        assert!(profile.pointer(pointer).is_some(), "{pointer}");
                    }
                    ("source", Value::String(pointer)) => {
                        assert!(profile.to_string().contains(pointer.as_str()), "{pointer}");
                    }
                    (_, Value::Number(_)) => numbers += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert!(numbers > 50);
    Ok(())
}
