//! The rules across the set, against comparing each record with all that were accepted before it, on every host, by one session and by several.
//!
//! Small worlds of few people on purpose: what is compared must often be found. All data is synthetic.

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a test that cannot go on stops")]

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{Days, NaiveDate};
use pmh_tests::{Host, Native, Outcome, Staged, Wasmtime, root};
use proptest::prelude::*;
use serde_json::{Value, json};

static MODULE: LazyLock<Wasmtime> = LazyLock::new(|| Wasmtime::embedded().expect("the module"));

/// An element of a finished payload that is right in itself.
static ELEMENT: LazyLock<Value> = LazyLock::new(|| {
    let vector = std::fs::read(root().join("vectors/270-payload-clean.json")).expect("a vector");
    serde_json::from_slice::<Value>(&vector).expect("a vector")["json"][0].clone()
});

const PEOPLE: [&str; 4] = ["123456789018", "000000000019", "100000000005", "555555555557"];
const NAMES: [&str; 2] = ["山田", "鈴木"];
const BIRTHS: [&str; 2] = ["1975-04-01", "1982-11-23"];
/// Payer numbers of two schemes, two of them of the same.
const PAYERS: [(&str, &str, &str); 3] =
    [("15138019", "15", "更生医療"), ("15131014", "15", "更生医療"), ("21138011", "21", "精神通院医療")];
/// Each person's own recipient number, and one that any of them may have.
const RECIPIENTS: [&str; 4] = ["0000018", "0000026", "0000034", "0000042"];
const SHARED: &str = "0000059";

/// Positions in the lists above, `recipient` 1 for the shared number; the first day counts from 2026-11-22, the days are the period's length.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Case {
    person: usize,
    name: usize,
    birth: usize,
    payer: usize,
    recipient: usize,
    start: u64,
    days: u64,
}

impl Case {
    fn element(self) -> Value {
        let date = |days| NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day") + Days::new(days);
        let (payer, _, scheme) = PAYERS[self.payer];
        let mut element = ELEMENT.clone();
        element["myNumber"] = json!(PEOPLE[self.person]);
        element["lastName"] = json!(NAMES[self.name]);
        element["birthDate"] = json!(BIRTHS[self.birth]);
        element["medicalSubsidyRegistrationNumber"] = json!(payer);
        element["medicalSubsidyCertificationNumber"] = json!(self.number());
        element["certificationStartDate"] = json!(date(self.start).to_string());
        element["certificationEndDate"] = json!(date(self.start + self.days).to_string());
        element["certificateAllItems"] =
            json!({ "受給者証名称": format!("自立支援医療受給者証（{scheme}）") });
        element
    }

    fn number(self) -> &'static str {
        if self.recipient == 0 { RECIPIENTS[self.person] } else { SHARED }
    }

    fn is_same_certificate(self, other: Self) -> bool {
        (self.payer, self.recipient, self.start) == (other.payer, other.recipient, other.start)
    }

    fn overlaps(self, other: Self) -> bool {
        !self.is_same_certificate(other)
            && PAYERS[self.payer].1 == PAYERS[other.payer].1
            && self.shares_days(other)
    }

    fn shares_days(self, other: Self) -> bool {
        self.start <= other.start + other.days && other.start <= self.start + self.days
    }
}

/// How many certificates of one person a new one is compared with; an equal one is found beyond them too.
const MOST_COMPARED: usize = 16;

/// What must be found, and the first record that it is found against: each record compared with those of the person, and of the same numbers, that were
/// accepted before.
fn expected(cases: &[Case]) -> BTreeMap<(u64, String), Option<u64>> {
    let (mut accepted, mut places, mut found) = (Vec::<Case>::new(), Vec::<u64>::new(), BTreeMap::new());
    for (case, index) in cases.iter().zip(0..) {
        let others: Vec<Case> =
            accepted.iter().copied().filter(|other| other.person == case.person).collect();
        let mut hit = |code: &str, holds: &dyn Fn(Case) -> bool| {
            let most = if code == "PMH5001" { others.len() } else { MOST_COMPARED };
            let hit = others.iter().take(most).any(|other| holds(*other));
            if hit {
                let first = accepted.iter().position(|other| other.person == case.person && holds(*other));
                found.insert((index, code.to_owned()), first.and_then(|at| places.get(at).copied()));
            }
            hit
        };
        let duplicate = hit("PMH5001", &|other| case.is_same_certificate(other));
        hit("PMH5002", &|other| case.overlaps(other));
        hit("PMH5003", &|other| case.name != other.name);
        let two_births = hit("PMH5004", &|other| case.birth != other.birth);
        // of each person only so many are looked at
        let nth = |index: usize| {
            let before: &[Case] = accepted.get(..index).unwrap_or_default();
            before.iter().filter(|earlier| earlier.person == accepted[index].person).count()
        };
        let anothers = |other: Case| {
            let same_numbers = (case.payer, case.number()) == (other.payer, other.number());
            other.person != case.person && same_numbers && case.shares_days(other)
        };
        let two_people = (0..accepted.len()).any(|at| anothers(accepted[at]) && nth(at) < MOST_COMPARED);
        if two_people {
            let first = accepted.iter().position(|other| anothers(*other));
            found.insert((index, "PMH5005".to_owned()), first.and_then(|at| places.get(at).copied()));
        }
        if !duplicate && !two_births && !two_people {
            accepted.push(*case);
            places.push(index);
        }
    }
    found
}

fn case() -> impl Strategy<Value = Case> {
    let seldom = || prop_oneof![6 => Just(0usize), 1 => Just(1usize)];
    let place = (0..PEOPLE.len(), seldom(), seldom(), 0..PAYERS.len(), seldom());
    (place, (0u64..24).prop_map(|n| n * 10), prop_oneof![Just(9u64), Just(10), Just(120)]).prop_map(
        |((person, name, birth, payer, recipient), start, days)| Case {
            person,
            name,
            birth,
            payer,
            recipient,
            start,
            days,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn each_record_against_those_before(cases in prop::collection::vec(case(), 1..100)) {
        let payload = Value::Array(cases.iter().map(|case| case.element()).collect()).to_string();
        let options = br#"{"asOf":"2026-11-22","mode":"payload","report":"ndjson"}"#;
        let pieces: Vec<&[u8]> = payload.as_bytes().chunks(3_000).collect();
        let (native, second) = Native.run_twice(b"", options, &[payload.as_bytes()]).expect("a run");
        let named = |outcome: &Outcome| -> BTreeMap<(u64, String), Option<u64>> {
            let (findings, _) = outcome.report_lines().expect("a report");
            let of_the_set = findings.iter().filter(|finding| finding["code"].as_str().is_some_and(|code| code.starts_with("PMH5")));
            let named = of_the_set.map(|finding| {
                let record = finding["record"].as_u64().unwrap_or(u64::MAX);
                let code = finding["code"].as_str().unwrap_or_default().to_owned();
                ((record, code), finding["other"]["record"].as_u64())
            });
            named.collect()
        };
        let expected = expected(&cases);
        prop_assert_eq!(&named(second.as_ref().unwrap_or(&native)), &expected);
        prop_assert!(named(&native).keys().eq(expected.keys()) && named(&native).values().all(Option::is_none));
        prop_assert_eq!(second.is_some(), !expected.is_empty());
        let both = (native, second);
        prop_assert_eq!(&MODULE.run_twice(b"", options, &[payload.as_bytes()]).expect("a run"), &both);
        prop_assert_eq!(&Staged(Native).run_twice(b"", options, &pieces).expect("a run"), &both);
    }
}
