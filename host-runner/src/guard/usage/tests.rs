//! The guards against changed columns, by counts that are made by hand.

use pmh_core::rules::Lang;

use super::*;
use crate::{
    guard::{self, Comparison, LastAccepted, Outside},
    report::Summary,
    usage::Entry,
};

fn place(source: &str, asked: u64, filled: u64) -> Place {
    Place {
        profile: format!("/fields{source}"),
        source: source.to_owned(),
        asked,
        present: asked,
        filled,
        absent: false,
    }
}

fn places(places: &[(&str, u64, u64)]) -> Usage {
    Usage {
        places: places.iter().map(|(source, asked, filled)| place(source, *asked, *filled)).collect(),
        entries: vec![],
    }
}

fn entries(entries: &[(&str, u64)]) -> Usage {
    let entry = |(profile, used): &(&str, u64)| Entry { profile: (*profile).to_owned(), used: *used };
    Usage { places: vec![], entries: entries.iter().map(entry).collect() }
}

/// The codes that stop, and those that warn, but for what speaks of no earlier run.
fn told(before: Option<&Usage>, now: Usage, config: &GuardConfig) -> (Vec<&'static str>, Vec<&'static str>) {
    let summary = Summary { read: 9, accepted: 9, complete: true, usage: Some(now), ..Summary::default() };
    let last = LastAccepted { run: 1, records: 9, profile: "p".into(), module: "m".into() };
    let now = chrono::DateTime::UNIX_EPOCH;
    let situation = Situation {
        summary: &summary,
        as_of: "2026-11-22",
        today: "2026-11-22",
        now,
        input_changed: None,
        input_faults: &[],
        profile: "p",
        module: "m",
        last: Some(&last),
        nights: &[],
        comparison: &Comparison::None("not compared here".into()),
        outside: Outside::default(),
        usage: before,
    };
    let verdict = guard::judge(&situation, config, &[]);
    let codes = |failures: &[Failure]| {
        let codes = failures.iter().map(|failure| failure.rule.code);
        codes.filter(|code| *code != "PMH6315").collect::<Vec<_>>()
    };
    (codes(&verdict.stops), codes(&verdict.warnings))
}

fn warned(before: &Usage, now: Usage) -> Vec<&'static str> {
    told(Some(before), now, &GuardConfig::default()).1
}

const NONE: [&str; 0] = [];

#[test]
fn a_column_that_is_emptied_is_told_and_one_that_varies_is_not() {
    let before = places(&[("/番地", 284, 278)]);
    assert_eq!(warned(&before, places(&[("/番地", 284, 9)])), ["PMH6121"], "98 % to 3 %");
    assert_eq!(warned(&before, places(&[("/番地", 284, 150)])), NONE);
    assert_eq!(warned(&before, places(&[("/番地", 284, 284)])), NONE);
    assert_eq!(warned(&before, places(&[("/番地", 142, 139)])), NONE, "half of the records, the same share");
    assert_eq!(warned(&before, places(&[("/番地", 0, 0)])), NONE, "no record asks for it");
    assert_eq!(warned(&before, places(&[("/地番", 284, 0)])), NONE, "another place has no reference");
    let rare = places(&[("/方書", 10_000, 500)]);
    assert_eq!(
        warned(&rare, places(&[("/方書", 10_000, 0)])),
        ["PMH6121"],
        "five in a hundred are five hundred people"
    );
    assert_eq!(warned(&rare, places(&[("/方書", 10_000, 251)])), NONE);
    assert_eq!(
        warned(&places(&[("/新", 3, 3)]), places(&[("/新", 1000, 300)])),
        NONE,
        "three are no reference"
    );
}

#[test]
fn nine_people_are_no_noise_but_all_of_them_are() {
    let before = places(&[("/方書", 9, 4), ("/番地", 9, 9)]);
    assert_eq!(warned(&before, places(&[("/方書", 9, 0), ("/番地", 9, 5)])), NONE);
    assert_eq!(warned(&before, places(&[("/方書", 9, 4), ("/番地", 9, 0)])), ["PMH6121"]);
    assert_eq!(warned(&places(&[("/番地", 3, 3)]), places(&[("/番地", 3, 0)])), ["PMH6121"]);
    assert_eq!(warned(&places(&[("/番地", 2, 2)]), places(&[("/番地", 2, 0)])), NONE);
    let codes = entries(&[("/a/map/1", 6), ("/a/map/2", 3)]);
    assert_eq!(warned(&codes, entries(&[("/a/map/1", 9), ("/a/map/2", 0)])), NONE);
}

#[test]
fn one_code_for_everyone_is_told() {
    let before = entries(&[("/a/map/1", 100), ("/a/map/2", 60), ("/a/otherwise", 40), ("/b/map/1", 200)]);
    let now = |one, two, otherwise| {
        entries(&[("/a/map/1", one), ("/a/map/2", two), ("/a/otherwise", otherwise), ("/b/map/1", 200)])
    };
    assert_eq!(warned(&before, now(200, 0, 0)), ["PMH6122"]);
    assert_eq!(warned(&before, now(0, 0, 200)), ["PMH6122"], "no code of the table is known any more");
    assert_eq!(warned(&before, now(140, 60, 0)), ["PMH6122"]);
    assert_eq!(warned(&before, now(195, 5, 0)), ["PMH6122"]);
    assert_eq!(warned(&before, now(100, 92, 8)), NONE);
    assert_eq!(warned(&before, now(5, 3, 2)), NONE, "fewer records in the same shares");
    assert_eq!(
        warned(&before, entries(&[("/a/map/1", 200), ("/b/map/1", 200)])),
        NONE,
        "the profile has lost them"
    );
}

#[test]
fn the_configuration_decides_what_stops() {
    let (before, now) = (places(&[("/番地", 284, 278)]), || places(&[("/番地", 284, 180)]));
    let config = |percent| GuardConfig { max_fill_drop_percent: percent, ..GuardConfig::default() };
    assert_eq!(told(Some(&before), now(), &config(None)), (vec![], vec![]), "a third less");
    assert_eq!(told(Some(&before), now(), &config(Some(30))), (vec!["PMH6121"], vec![]));
    assert_eq!(told(Some(&before), now(), &config(Some(40))), (vec![], vec![]));
    let emptied = || places(&[("/番地", 284, 9)]);
    assert_eq!(
        told(Some(&before), emptied(), &config(Some(100))),
        (vec![], vec!["PMH6121"]),
        "it still warns"
    );
    let codes = entries(&[("/a/map/1", 100), ("/a/map/2", 60)]);
    let one = || entries(&[("/a/map/1", 160), ("/a/map/2", 0)]);
    let stop = GuardConfig { vanished_entries: Reaction::Stop, ..GuardConfig::default() };
    assert_eq!(told(Some(&codes), one(), &stop), (vec!["PMH6122"], vec![]));
}

#[test]
fn a_place_that_no_record_has_is_told_until_a_run_with_it_was_accepted() {
    let absent = || Usage {
        places: vec![Place { present: 0, absent: true, ..place("/番地", 284, 0) }],
        entries: vec![],
    };
    let config = GuardConfig::default();
    assert_eq!(told(None, absent(), &config).1, ["PMH6120", "PMH6123"], "no counts of the last run");
    assert_eq!(told(Some(&absent()), absent(), &config).1, NONE);
    let there = places(&[("/番地", 284, 0)]);
    assert_eq!(told(Some(&there), absent(), &config).1, ["PMH6120"], "empty, but it was there");
    assert_eq!(told(Some(&places(&[])), absent(), &config).1, ["PMH6120"], "a new pointer");
    let stop = GuardConfig { absent_places: Reaction::Stop, ..config };
    assert_eq!(told(Some(&there), absent(), &stop), (vec!["PMH6120"], vec![]));
    assert_eq!(told(Some(&absent()), absent(), &stop), (vec![], vec![]), "a person passed it");
}

#[test]
fn a_message_names_the_first_and_no_value() {
    let many: Vec<_> = (0..9).map(|number| place(&format!("/{number}"), 10, 0)).collect();
    let all = named(&rules::FILL_DROPPED, many.iter().map(|place| place.source.clone())).unwrap();
    assert!(all.message(Lang::En).ends_with(": /0, /1, /2 and 6 more"), "{}", all.message(Lang::En));
    assert!(all.message(Lang::Ja).ends_with(": /0, /1, /2 ほか6件"), "{}", all.message(Lang::Ja));
}

#[test]
fn what_the_ledger_keeps_reads_back_without_what_was_not_used() {
    let mut usage = places(&[("/a", 3, 2), ("/b", 0, 0)]);
    usage.entries = entries(&[("/t/map/1", 0), ("/t/map/2", 2)]).entries;
    let kept = Usage::read(&usage.kept().unwrap()).unwrap();
    assert_eq!(kept.places, [place("/a", 3, 2)]);
    assert_eq!(kept.entries, entries(&[("/t/map/2", 2)]).entries);
    assert_eq!(Usage::read("no JSON"), None);
}
