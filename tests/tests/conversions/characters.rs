//! `docs/characters.md` is true: each class is found as its table says, and each step gives what its table says.

use std::collections::BTreeMap;

use pmh_tests::{Host, Native, root};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{cases, stepped};

/// The codes in names, kana, address and on the certificate.
type Found = [Vec<String>; 4];

const TARGETS: [&str; 4] = ["/lastName", "/lastNameKana", "/addressCity", "/certificateAllItems/備考"];

/// The rows of the page's tables with so many columns, but for their headings.
fn rows(columns: usize) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(root().join("../docs/characters.md")).expect("docs/characters.md");
    let cells = |line: &str| {
        line.trim_matches('|').split('|').map(|cell| cell.trim_matches(' ').to_owned()).collect()
    };
    let rows = page.lines().filter(|line| line.starts_with('|')).map(cells);
    let rows: Vec<Vec<String>> = rows.filter(|row: &Vec<String>| row.len() == columns).collect();
    rows.into_iter().skip(2).collect()
}

struct Class {
    name: String,
    ranges: Vec<(u32, u32)>,
    found: Found,
}

fn classes() -> Vec<Class> {
    let class = |row: Vec<String>| {
        let codes = |cell: &String| cell.split(' ').filter(|code| *code != "ok").map(str::to_owned).collect();
        let ranges =
            if row[1] == "the rest" { Vec::new() } else { row[1].split(' ').flat_map(ranges).collect() };
        Class { name: row[0].clone(), ranges, found: [2, 3, 4, 5].map(|cell| codes(&row[cell])) }
    };
    rows(6).into_iter().map(class).collect()
}

/// `U+30A1–U+30FE`, `U+FA10`, or one a plane: `U+*FFFE–U+*FFFF`.
fn ranges(text: &str) -> Vec<(u32, u32)> {
    let planes = if text.contains('*') { 0..=16 } else { 0..=0 };
    let number = |text: &str, plane: u32| {
        let digits = text.strip_prefix("U+").expect("U+").replace('*', &format!("{plane:X}"));
        u32::from_str_radix(&digits, 16).expect("a code point")
    };
    let (first, last) = text.split_once('–').unwrap_or((text, text));
    planes.map(|plane| (number(first, plane), number(last, plane))).collect()
}

/// What is found of each character in each of the four places. Synthetic data; the element is the one of a vector.
fn found(characters: &[char]) -> Vec<Found> {
    let vector = std::fs::read(root().join("vectors/270-payload-clean.json")).expect("a vector");
    let vector: Value = serde_json::from_slice(&vector).expect("a vector");
    let element = |c: &char| {
        let mut element = vector["json"][0].clone();
        element["lastName"] = json!(format!("山{c}田"));
        element["lastNameKana"] = json!(format!("ヤ{c}マ"));
        element["addressCity"] = json!(format!("架{c}空"));
        element["certificateAllItems"]["備考"] = json!(format!("あ{c}い"));
        element
    };
    let payload = Value::Array(characters.iter().map(element).collect()).to_string();
    let options = br#"{"asOf":"2026-11-22","mode":"payload","report":"ndjson"}"#;
    let outcome = Native.run(b"", options, &[payload.as_bytes()]).expect("a run");
    let (findings, summary) = outcome.report_lines().expect("a report");
    assert_eq!(summary["read"], characters.len());
    let mut found = vec![Found::default(); characters.len()];
    for finding in findings {
        let record = usize::try_from(finding["record"].as_u64().expect("a record")).expect("a record");
        let code = finding["code"].as_str().expect("a code");
        let place = TARGETS.iter().position(|target| finding["target"] == *target);
        if let Some(place) = place.filter(|_| code.starts_with("PMH32")) {
            found[record][place].push(code.to_owned());
            found[record][place].sort();
        }
    }
    found
}

fn check(class: &Class, characters: &[char]) {
    if characters.is_empty() {
        return;
    }
    for (c, found) in characters.iter().zip(found(characters)) {
        assert_eq!(found, class.found, "{}: U+{:04X}", class.name, u32::from(*c));
    }
}

/// No code point stands in two rows, and every range is one.
#[test]
fn the_classes_are_disjoint() {
    let mut starts = BTreeMap::new();
    for class in classes() {
        for (first, last) in class.ranges {
            assert!(first <= last, "{}", class.name);
            assert_eq!(starts.insert(first, (last, class.name.clone())), None);
        }
    }
    let ranges: Vec<_> = starts.into_iter().collect();
    for pair in ranges.windows(2) {
        assert!(pair[0].1.0 < pair[1].0, "{} and {}: U+{:04X}", pair[0].1.1, pair[1].1.1, pair[1].0);
    }
}

/// Both ends of every range, and what lies between: all of it where it's short, every 61st character where it isn't.
#[test]
fn every_class_is_found_as_the_table_says() {
    let classes = classes();
    assert!(classes.len() > 20, "{} classes", classes.len());
    for class in &classes {
        let mut all: Vec<char> = Vec::new();
        for (first, last) in &class.ranges {
            let step = if last - first > 2_000 { 61 } else { 1 };
            all.extend((*first..=*last).step_by(step).chain([*last]).filter_map(char::from_u32));
        }
        check(class, &all);
    }
}

/// Every other character, at random: as combining marks where it is one, else as "everything else".
#[test]
fn the_rest_is_found_as_the_last_row_says() {
    let classes = classes();
    let (rest, named) = classes.split_last().expect("classes");
    let marks =
        named.iter().find(|class| class.name.starts_with("combining marks")).expect("combining marks");
    let is_named = |c: char| {
        let ranges = named.iter().flat_map(|class| &class.ranges);
        ranges.into_iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)))
    };
    let mut runner = TestRunner::new(cases(40));
    let characters =
        prop::collection::vec(any::<char>().prop_union(prop::char::range('\u{A0}', '\u{FFEF}')), 200);
    let run = runner.run(&characters, |all| {
        let all: Vec<char> = all.into_iter().filter(|c| !is_named(*c)).collect();
        let (combining, other): (Vec<char>, Vec<char>) = all.into_iter().partition(|c| is_combining_mark(*c));
        check(marks, &combining);
        check(rest, &other);
        Ok(())
    });
    run.expect("each is found so");
}

/// The second table: what NFKC gives, and what the step gives.
#[test]
fn the_steps_are_not_nfkc() {
    let rows = rows(5);
    assert!(rows.len() > 15, "{} rows", rows.len());
    for row in rows {
        let [text, nfkc, step, gives] = [0, 1, 2, 3].map(|cell| row[cell].clone());
        assert_eq!(text.nfkc().collect::<String>(), nfkc, "NFKC of {text}");
        assert_eq!(stepped(&step, std::slice::from_ref(&text)).concat(), gives, "{step} of {text}");
        assert_eq!(nfkc == gives, row[4].starts_with("it isn't"), "{text}: {}", row[4]);
    }
}
