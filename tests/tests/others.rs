//! The other record of a finding across the set, against comparing each record with all the others, in thousands of small random inputs of records
//! with keys. All data is synthetic.
//!
//! How this could end with success and mislead somebody: a record is named that was itself rejected or left out, that comes later, or that clashes in
//! something else; one of another input than the one that the report is about; a key that is personal data.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a test that cannot go on stops")]

use pmh_core::{Job, Output, Session};
use pmh_tests::{Host, Native, Outcome, Staged, Wasmtime, root};
use serde_json::{Value, json};

const PEOPLE: [&str; 5] = ["123456789018", "000000000019", "100000000005", "555555555557", "123456789019"];
/// The last number's check digit is wrong.
const NOBODY: usize = 4;
const RULES: [&str; 4] = [
    "{}",
    r#"{"PMH5001": "warning", "PMH5004": "warning"}"#,
    r#"{"PMH5002": "error", "PMH5005": "off"}"#,
    r#"{"PMH5006": "off", "PMH5003": "error", "PMH5005": "warning"}"#,
];
const OPTIONS: &[u8] = br#"{"asOf":"2026-11-22","lang":"en"}"#;

/// Numbers that look random, and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// A place in a list of this length.
    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Row {
    person: usize,
    name: &'static str,
    birth: &'static str,
    /// The payer number is a national scheme's.
    national: bool,
    recipient: u64,
    /// Months of 2026 and 2027, counted from 0.
    months: (u64, u64),
    amount: u64,
    key: u64,
}

impl Row {
    fn random(dice: &mut Dice) -> Self {
        let (person, start) = (if dice.one_in(12) { NOBODY } else { dice.place(4) }, dice.below(14));
        Self {
            person,
            name: if dice.one_in(5) { "鈴木" } else { "山田" },
            birth: if dice.one_in(5) { "1982-11-23" } else { "1975-04-01" },
            national: !dice.one_in(4),
            recipient: if dice.one_in(4) { 42 } else { [18, 26, 34, 59, 67][person] },
            months: (start, (start + [0, 3, 11][dice.place(3)]).min(23)),
            amount: [5_000, 10_000][dice.place(2)],
            key: dice.below(12),
        }
    }

    fn day(month: u64, day: u64) -> String {
        format!("{}-{:02}-{day:02}", 2026 + month / 12, month % 12 + 1)
    }

    /// The key as the record has it: number 9 has none, of 10 and 11 it is personal data.
    fn json(&self) -> Value {
        let mut record = json!({
            "key": format!("K-{:04}", self.key),
            "scheme": if self.national { "kosei" } else { "local" },
            "myNumber": PEOPLE[self.person],
            "lastName": self.name, "firstName": "太郎", "lastNameKana": "ヤマダ", "firstNameKana": "タロウ",
            "birthDate": self.birth, "gender": if self.national { "0" } else { "1" },
            "addressPref": "東京都", "addressCity": "架空市", "addressSection": "本町一丁目", "addressHouseNumber": "２－３",
            "medicalSubsidyRegistrationNumber": if self.national { "15138019" } else { "81138018" },
            "medicalSubsidyCertificationNumber": format!("{:07}", self.recipient),
            "common": { "amount": self.amount, "perDayOrMonth": "2" },
            "certificationStartDate": Self::day(self.months.0, 1),
            "certificationEndDate": Self::day(self.months.1, 28),
        });
        match self.key {
            9 => record["key"] = Value::Null,
            10 => record["key"] = record["myNumber"].clone(),
            11 => record["key"] = json!(format!("{}-1", self.birth)),
            _ => {}
        }
        record
    }

    fn shown_key(&self) -> Value {
        if self.key < 9 { json!(format!("K-{:04}", self.key)) } else { Value::Null }
    }

    /// Ended before the processing date, or wrong in itself: compared with nothing.
    fn is_out(&self) -> bool {
        self.person == NOBODY || self.months.1 < 10
    }

    fn meets(&self, other: &Self) -> bool {
        self.months.0 <= other.months.1 && other.months.0 <= self.months.1
    }

    fn numbers(&self) -> (bool, u64) {
        (self.national, self.recipient)
    }

    fn is_certificate(&self, other: &Self) -> bool {
        self.person == other.person && self.numbers() == other.numbers() && self.months.0 == other.months.0
    }

    fn is_sent_as(&self, other: &Self) -> bool {
        self.is_certificate(other)
            && (self.name, self.birth, self.months, self.amount)
                == (other.name, other.birth, other.months, other.amount)
    }
}

/// Record, code and the other's record and key, sorted.
type Found = Vec<(u64, String, Value)>;

fn expected(rows: &[Row], rules: &Value) -> Found {
    let (mut found, mut standing) = (Found::new(), Vec::<(u64, Row)>::new());
    for (row, index) in rows.iter().zip(0u64..).filter(|(row, _)| !row.is_out()) {
        let mut rejected = false;
        let mut hit = |code: &str, default: &str, holds: &dyn Fn(&Row) -> bool| {
            let Some((place, other)) = standing.iter().find(|(_, other)| holds(other)) else { return false };
            let severity = rules[code].as_str().unwrap_or(default);
            rejected |= severity == "error";
            if severity != "off" {
                found.push((
                    index,
                    code.to_owned(),
                    json!({ "record": place, "recordKey": other.shown_key() }),
                ));
            }
            true
        };
        if hit("PMH5006", "warning", &|other| row.is_sent_as(other)) {
            continue;
        }
        let twice = hit("PMH5001", "error", &|other| row.is_certificate(other));
        hit("PMH5002", "warning", &|other| {
            let same_scheme = row.person == other.person && row.national == other.national;
            same_scheme && row.meets(other) && !row.is_certificate(other)
        });
        hit("PMH5003", "warning", &|other| row.person == other.person && row.name != other.name);
        hit("PMH5004", "error", &|other| row.person == other.person && row.birth != other.birth);
        hit("PMH5005", "error", &|other| {
            row.person != other.person && row.national && row.numbers() == other.numbers() && row.meets(other)
        });
        if !twice && !rejected {
            standing.push((index, *row));
        }
    }
    found.sort_by_key(|(record, code, _)| (*record, code.clone()));
    found
}

fn found(outcome: &Outcome) -> Found {
    let (findings, _) = outcome.report_lines().expect("a report");
    let of_set = findings.iter().filter(|finding| finding.get("other").is_some());
    let mut found: Found = of_set
        .map(|finding| {
            let code = finding["code"].as_str().unwrap_or_default();
            assert!(code.starts_with("PMH5"), "{finding}");
            (finding["record"].as_u64().unwrap_or(u64::MAX), code.to_owned(), finding["other"].clone())
        })
        .collect();
    found.sort_by_key(|(record, code, _)| (*record, code.clone()));
    found
}

/// Otherwise there would be nothing to compare.
#[test]
fn rows_are_right_in_themselves() {
    let mut dice = Dice(3);
    for _ in 0..200 {
        let row = Row::random(&mut dice);
        let outcome = Native.run(&profile(&json!({})), OPTIONS, &[&input(&[row])]).expect("a run");
        let (_, summary) = outcome.report_lines().expect("a report");
        assert_eq!(summary["accepted"], u64::from(!row.is_out()), "{row:?} {outcome:?}");
    }
}

fn profile(rules: &Value) -> Vec<u8> {
    let text = std::fs::read(root().join("vectors/profiles/identity.json")).expect("a profile");
    let mut profile: Value = serde_json::from_slice(&text).expect("a profile");
    profile["rules"] = rules.clone();
    profile["localNumbers"] = json!(["81"]);
    profile.to_string().into_bytes()
}

fn input(rows: &[Row]) -> Vec<u8> {
    rows.iter().flat_map(|row| [row.json().to_string(), "\n".to_owned()]).collect::<String>().into_bytes()
}

#[test]
fn the_first_record_that_clashes_is_named() {
    let (module, mut dice) = (Wasmtime::embedded().expect("the module"), Dice(1));
    let mut named = [0; 6];
    for round in 0..4_000 {
        let rules: Value = serde_json::from_str(RULES[round % RULES.len()]).expect("rules");
        // so few that nobody has more certificates than are compared
        let mut rows: Vec<Row> = (0..2 + dice.below(12)).map(|_| Row::random(&mut dice)).collect();
        for _ in 0..dice.below(4) {
            let again = rows[dice.place(rows.len())];
            rows.push(Row { key: dice.below(12), ..again });
        }
        let (profile, input) = (profile(&rules), input(&rows));
        let both = Native.run_twice(&profile, OPTIONS, &[&input]).expect("a run");
        let (first, second) = &both;
        let expected = expected(&rows, &rules);
        assert_eq!(second.is_some(), !expected.is_empty(), "{rows:#?}");
        let second = second.as_ref().unwrap_or(first);
        assert_eq!(found(second), expected, "{rules} {rows:#?}");
        assert!(found(first).iter().all(|(_, _, other)| other.is_null()));
        // but for the other's name, both runs give the same
        let without = |outcome: &Outcome| {
            let (mut findings, summary) = outcome.report_lines().expect("a report");
            for finding in &mut findings {
                finding["other"] = Value::Null;
            }
            (outcome.payload.clone(), findings, summary)
        };
        assert_eq!(without(first), without(second));
        for (_, code, _) in &expected {
            named[usize::from(code.as_bytes()[6] - b'1')] += 1;
        }
        if round % 40 == 0 {
            let staged = Staged(Native).run_twice(&profile, OPTIONS, &[&input]).expect("a run");
            assert_eq!(staged, both);
            assert_eq!(module.run_twice(&profile, OPTIONS, &[&input]).expect("a run"), both);
        }
    }
    assert!(named.iter().all(|count| *count > 250), "{named:?}");
}

fn session(job: &Job, input: &[u8], before: Option<Session>) -> (Outcome, pmh_core::Search) {
    let (mut session, mut out) = (before.unwrap_or_else(|| job.session()), Output::default());
    session.push(input, &mut out);
    let (_, search) = session.finish_first(&mut out);
    (Outcome { payload: out.payload, report: out.report }, search)
}

/// What the second run names is in the second run's input, whatever the first one's was.
#[test]
fn another_input_in_the_second_run_misleads_nobody() {
    let (mut dice, mut known) = (Dice(2), 0);
    let job = Job::from_json(&profile(&json!({})), OPTIONS).expect("a job");
    for _ in 0..1_000 {
        let mut rows: Vec<Row> = (0..12).map(|_| Row::random(&mut dice)).collect();
        let (_, search) = session(&job, &input(&rows), None);
        rows.rotate_left(dice.place(12));
        rows.truncate(dice.place(13));
        let (outcome, _) = session(&job, &input(&rows), Some(job.session().searching(search)));
        let expected = expected(&rows, &json!({}));
        let found = found(&outcome);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!((found.0, &found.1), (expected.0, &expected.1));
            assert!(found.2.is_null() || found.2 == expected.2, "{found:?} {expected:?} {rows:#?}");
            known += usize::from(!found.2.is_null());
        }
    }
    assert!(known > 500, "{known}");
}

/// The thousand first certificates are searched for; of those after them nothing is told.
#[test]
fn the_search_is_bounded() {
    let row = |n: u64| Row {
        person: 0,
        name: "山田",
        birth: "1975-04-01",
        national: false,
        recipient: n + 1,
        months: (8, 19),
        amount: 5_000,
        key: n % 9,
    };
    // the first record overlaps with every other; those that are the same as an earlier one are searched for once
    let rows: Vec<Row> = (0..1_100).flat_map(|n| [row(n), row(n)]).collect();
    let job = Job::from_json(&profile(&json!({})), OPTIONS).expect("a job");
    let (_, search) = session(&job, &input(&rows), None);
    let (outcome, _) = session(&job, &input(&rows), Some(job.session().searching(search)));
    let found = found(&outcome);
    // a few count as the same certificate, by chance of their hashes
    assert!((2_150..2_230).contains(&found.len()), "{}", found.len());
    for (record, code, other) in found.into_iter().filter(|(_, code, _)| code != "PMH5001") {
        let place = match (&*code, record) {
            (_, 2_000..) => None,
            ("PMH5006", _) => Some(record - 1),
            _ => Some(0),
        };
        assert_eq!(other["record"].as_u64(), place, "{record} {code}");
    }
}
