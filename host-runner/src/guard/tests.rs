//! Each guard by itself; all of them at random are compared with an oracle in `tests/tests/guards.rs`.

use super::*;

const NOW: &str = "2026-11-21T17:30:00Z";

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

fn counts(accepted: u64, rejected: u64, complete: bool) -> Summary {
    let usage = Some(EMPTY.clone());
    Summary { read: accepted + rejected, accepted, rejected, complete, usage, ..Summary::default() }
}

const SAME: Comparison =
    Comparison::Known { changes: Changes { added: 0, changed: 0, gone: 0 }, before: 1000 };

static EMPTY: Usage = Usage { places: Vec::new(), entries: Vec::new() };

fn situation(summary: &Summary) -> Situation<'_> {
    Situation {
        summary,
        as_of: "2026-11-22",
        today: "2026-11-22",
        now: time(NOW),
        input_changed: Some(time(NOW)),
        input_faults: &[],
        profile: "p1",
        module: "m1",
        last: None,
        nights: &[],
        comparison: &SAME,
        outside: Outside::default(),
        usage: Some(&EMPTY),
    }
}

fn codes(failures: &[Failure]) -> Vec<&'static str> {
    failures.iter().map(|failure| failure.rule.code).collect()
}

fn stopped(accepted: u64, rejected: u64, complete: bool, config: &GuardConfig) -> Vec<&'static str> {
    codes(&judge(&situation(&counts(accepted, rejected, complete)), config, &[]).stops)
}

#[test]
fn nothing_is_lost_by_default() {
    let config = GuardConfig::default();
    assert_eq!(stopped(3, 0, true, &config), [""; 0]);
    assert_eq!(stopped(3, 1, true, &config), ["PMH6101"]);
    assert_eq!(stopped(3, 0, false, &config), ["PMH6102"]);
    assert_eq!(stopped(0, 0, true, &config), ["PMH6103"]);
    assert_eq!(stopped(0, 2, false, &config), ["PMH6102", "PMH6101", "PMH6103"]);
}

#[test]
fn a_site_may_allow_more() {
    let config = GuardConfig { max_rejected: 2, allow_empty: true, ..GuardConfig::default() };
    assert_eq!(stopped(3, 2, true, &config), [""; 0]);
    assert_eq!(stopped(3, 3, true, &config), ["PMH6101"]);
    assert_eq!(stopped(0, 0, true, &config), [""; 0]);
    assert_eq!(stopped(0, 0, false, &config), ["PMH6102"]);
}

#[test]
fn a_set_may_shrink_by_so_much_and_no_more() {
    let last = LastAccepted { run: 1, records: 1000, profile: "p1".into(), module: "m1".into() };
    for (accepted, percent, stops) in
        [(900, 10, false), (899, 10, true), (2000, 10, false), (999, 0, true), (0, 100, false)]
    {
        let summary = counts(accepted, 0, true);
        let situation = Situation { last: Some(&last), ..situation(&summary) };
        let config = GuardConfig { max_shrink_percent: percent, allow_empty: true, ..GuardConfig::default() };
        let expected = if stops { vec!["PMH6104"] } else { vec![] };
        assert_eq!(codes(&judge(&situation, &config, &[]).stops), expected, "{accepted} {percent}");
    }
}

#[test]
fn another_day_and_an_old_input_stop() {
    let summary = counts(3, 0, true);
    let config = GuardConfig { max_input_age: Some(Duration::from_hours(20)), ..GuardConfig::default() };
    let other = Situation { as_of: "2026-11-23", ..situation(&summary) };
    assert_eq!(codes(&judge(&other, &config, &[]).stops), ["PMH6105"]);
    for (changed, expected) in [
        (Some("2026-11-20T21:30:00Z"), vec![]),
        (Some("2026-11-20T21:29:59Z"), vec!["PMH6107"]),
        (Some("2027-01-01T00:00:00Z"), vec![]),
        (None, vec![]),
    ] {
        let situation = Situation { input_changed: changed.map(time), ..situation(&summary) };
        assert_eq!(codes(&judge(&situation, &config, &[]).stops), expected, "{changed:?}");
        assert!(judge(&situation, &GuardConfig::default(), &[]).stops.is_empty());
    }
}

#[test]
fn a_change_of_profile_or_module_is_told_and_stops_nothing() {
    let summary = counts(3, 0, true);
    let told = |profile: &str, module: &str| {
        let last = LastAccepted { run: 1, records: 3, profile: profile.into(), module: module.into() };
        let situation = Situation { last: Some(&last), ..situation(&summary) };
        let verdict = judge(&situation, &GuardConfig::default(), &[]);
        assert!(verdict.stops.is_empty());
        verdict.warnings.first().map(|warning| warning.message(rules::Lang::En))
    };
    assert_eq!(told("p1", "m1"), None);
    assert_eq!(told("p0", "m1").as_deref(), Some("changed since the last accepted run: profile"));
    assert!(told("p0", "m0").unwrap().ends_with("profile and module"));
}

#[test]
fn only_what_is_named_is_passed() {
    let summary = counts(0, 2, false);
    let situation = Situation { as_of: "2026-01-01", ..situation(&summary) };
    let verdict = judge(&situation, &GuardConfig::default(), &[&rules::OTHER_DAY]);
    assert_eq!(codes(&verdict.passed), ["PMH6105"]);
    assert_eq!(codes(&verdict.stops), ["PMH6102", "PMH6101", "PMH6103"]);
    // an incomplete input is not "all records", whatever a person says
    let verdict = judge(&situation, &GuardConfig::default(), &PASSABLE);
    assert_eq!(codes(&verdict.stops), ["PMH6102"]);
}

fn last(records: u64) -> LastAccepted {
    LastAccepted { run: 1, records, profile: "p1".into(), module: "m1".into() }
}

/// The stops of a set of `after` records, whose recipients differ so from those of `before` records.
fn compared(before: u64, after: u64, [added, changed, gone]: [u64; 3]) -> Vec<&'static str> {
    let (summary, last) = (counts(after, 0, true), last(before));
    let comparison = Comparison::Known { changes: Changes { added, changed, gone }, before };
    let nights = [Night::new(before, None, "")];
    let situation =
        Situation { last: Some(&last), comparison: &comparison, nights: &nights, ..situation(&summary) };
    codes(&judge(&situation, &GuardConfig::default(), &[]).stops)
}

#[test]
fn the_same_number_of_other_people_is_not_the_same_set() {
    assert_eq!(compared(300, 300, [0, 0, 0]), [""; 0]);
    assert_eq!(compared(300, 300, [300, 0, 300]), ["PMH6113", "PMH6114"]);
    assert_eq!(compared(284, 284, [0, 284, 0]), ["PMH6115"]);
    assert_eq!(compared(300, 300, [30, 150, 30]), [""; 0]);
    assert_eq!(compared(300, 301, [61, 0, 60]), ["PMH6113", "PMH6114"]);
    assert_eq!(compared(300, 300, [0, 151, 0]), ["PMH6115"]);
    // a loss that the number of records tells has one code
    assert_eq!(compared(300, 200, [0, 0, 100]), ["PMH6104"]);
    // unless others have taken places as well
    assert_eq!(compared(300, 200, [40, 0, 140]), ["PMH6113"]);
}

/// In a small town one person is more than ten percent, and half of them are never a trifle.
#[test]
fn a_small_town_is_not_stopped_by_each_lapse() {
    for (before, after, stops) in [
        (9, 8, false),
        (20, 17, false),
        (10, 5, false),
        (10, 4, true),
        (3, 1, true),
        (2, 1, false),
        (1, 1, false),
    ] {
        let gone = before - after;
        let expected = if stops { vec!["PMH6104"] } else { vec![] };
        assert_eq!(compared(before, after, [0, 0, gone]), expected, "{before} → {after}");
    }
    assert_eq!(compared(5, 5, [5, 0, 5]), ["PMH6113", "PMH6114"]);
    assert_eq!(compared(1, 1, [1, 0, 1]), ["PMH6113", "PMH6114"]);
}

#[test]
fn a_reference_that_is_missing_stops_and_a_first_run_is_told() {
    let (summary, last) = (counts(300, 0, true), last(300));
    let said = |comparison: &Comparison, pass: &[&'static Rule]| {
        let situation = Situation { last: Some(&last), comparison, ..situation(&summary) };
        let verdict = judge(&situation, &GuardConfig::default(), pass);
        [verdict.stops, verdict.passed, verdict.warnings].map(|list| codes(&list).join(" "))
    };
    assert_eq!(said(&Comparison::Impossible("set-1".into()), &[]), ["PMH6117", "", ""]);
    assert_eq!(said(&Comparison::Impossible("set-1".into()), &[&rules::NOT_COMPARABLE]), ["", "PMH6117", ""]);
    assert_eq!(said(&Comparison::None("first".into()), &[]), ["", "", "PMH6315"]);
    let empty = Comparison::Known { changes: Changes { added: 300, changed: 0, gone: 0 }, before: 0 };
    assert_eq!(said(&empty, &[]), ["", "", "PMH6315"]);
}

#[test]
fn losses_of_seven_days_add_up_until_a_person_confirms_them() {
    let stopped = |nights: &[Night], after: u64, gone: Option<u64>| {
        let before = nights.last().map_or(0, |night| night.records);
        let (summary, last) = (counts(after, 0, true), last(before));
        let changes = gone.map(|gone| Changes { added: 0, changed: 0, gone });
        let comparison =
            changes.map_or(Comparison::None("first".into()), |changes| Comparison::Known { changes, before });
        let situation =
            Situation { last: Some(&last), nights, comparison: &comparison, ..situation(&summary) };
        codes(&judge(&situation, &GuardConfig::default(), &[]).stops)
    };
    let night = |records, gone: u64| Night::new(records, Some(gone), "");
    assert_eq!(stopped(&[night(300, 9), night(270, 30)], 243, Some(27)), [""; 0]);
    assert_eq!(stopped(&[night(300, 9), night(270, 30), night(243, 27)], 219, Some(24)), ["PMH6116"]);
    // by the number of records, if no more is known
    let unknown = |records| Night::new(records, None, "");
    assert_eq!(stopped(&[unknown(300), unknown(270), unknown(243)], 219, None), ["PMH6116"]);
    // as many new ones hide nothing
    assert_eq!(stopped(&[night(300, 0), night(300, 30), night(300, 27)], 300, Some(24)), ["PMH6116"]);
    // a night without loss isn't stopped for those before it
    assert_eq!(stopped(&[night(300, 9), night(270, 30), night(230, 40)], 230, Some(0)), [""; 0]);
    // confirmed by a person; another guard confirms nothing
    for (passed, stops) in
        [("PMH6104", false), ("PMH6105 PMH6113", false), ("PMH6116", false), ("PMH6105", true)]
    {
        let confirmed = Night::new(243, Some(27), passed);
        let expected = if stops { vec!["PMH6116"] } else { vec![] };
        assert_eq!(stopped(&[night(300, 9), night(270, 30), confirmed], 219, Some(24)), expected, "{passed}");
    }
}

#[test]
fn another_municipality_is_noticed() {
    let summary = counts(100, 0, true);
    let stopped = |numbers, cities| {
        let situation = Situation { outside: Outside { numbers, cities }, ..situation(&summary) };
        codes(&judge(&situation, &GuardConfig::default(), &[]).stops)
    };
    assert_eq!(stopped(0, 10), [""; 0]);
    assert_eq!(stopped(1, 0), ["PMH6118"]);
    assert_eq!(stopped(0, 11), ["PMH6119"]);
}

#[test]
fn what_is_wrong_with_the_input_cannot_be_passed() {
    let summary = counts(3, 0, true);
    let faults = [&rules::INPUT_UNSETTLED, &rules::INPUT_HASH, &rules::CSV_CUT_OFF];
    let faults = faults.map(|rule| Failure::new(rule, "x"));
    let situation = Situation { input_faults: &faults, ..situation(&summary) };
    let verdict = judge(&situation, &GuardConfig::default(), &PASSABLE);
    assert_eq!(codes(&verdict.stops), ["PMH6110", "PMH6112", "PMH6314"]);
}
