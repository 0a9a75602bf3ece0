//! The guards that compare with what PMH holds: against an oracle at random, and night by night against the simulator.
//!
//! How a night could end with success and harm somebody, and the test that would notice:
//! - the number of records is right, but the people are others, or everything about them has changed;
//! - a tenth is lost every night, until few are left (`twelve_nights`);
//! - the guard has nothing to compare with, because a file was deleted, and says nothing;
//! - the reference is a run to another endpoint;
//! - the file is the neighbouring town's;
//! - a dry run promises what the real run then refuses;
//! - `--pass` of one guard silently passes another.

use std::fs;

use chrono::{DateTime, Utc};
use pmh_core::{convert::check_digit, rules::Rule};
use pmh_runner::{
    failure::Failure,
    guard::{Comparison, GuardConfig, LastAccepted, Night, Outside, PASSABLE, Situation, judge},
    ledger::Changes,
    report::Summary,
};
use pmh_simulator::Config as Pmh;
use pmh_tests::{Result, pmh::Done, site::Site};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    test_runner::{Config, TestRunner},
};
use serde_json::json;

/// Everything that a case varies.
#[derive(Debug, Clone)]
struct Case {
    /// Records of the last accepted set, of this one, and how the recipients differ.
    counts: (u64, u64, [u64; 3]),
    /// Whether there is an earlier set, and whether it can be compared with.
    reference: u8,
    /// Earlier nights: records, gone, confirmed.
    nights: Vec<(u64, Option<u64>, bool)>,
    outside: (u64, u64),
    bounds: [u64; 6],
    tolerance: u64,
    incomplete: bool,
    pass: Vec<bool>,
}

fn cases() -> impl Strategy<Value = Case> {
    let small = || 0..400_u64;
    (
        (small(), small(), [small(), small(), small()]),
        0..3_u8,
        vec((small(), proptest::option::of(0..60_u64), proptest::bool::weighted(0.1)), 0..6),
        (0..3_u64, 0..60_u64),
        vec(proptest::strategy::Union::new([(0..101_u64).boxed(), proptest::strategy::Just(0).boxed()]), 6),
        0..12_u64,
        proptest::bool::weighted(0.1),
        vec(any::<bool>(), PASSABLE.len()),
    )
        .prop_map(
            |(counts, reference, nights, (numbers, cities), bounds, tolerance, incomplete, pass)| {
                let (before, after, [added, changed, gone]) = counts;
                // no more can be gone, changed or elsewhere than there are
                let differences = [added, changed.min(before), gone.min(before)];
                Case {
                    counts: (before, after, differences),
                    reference,
                    nights,
                    outside: (numbers.min(after), cities.min(after)),
                    bounds: bounds.try_into().unwrap_or_default(),
                    tolerance,
                    incomplete,
                    pass,
                }
            },
        )
}

/// Too many: in other words than the guard's, by counting what may be at most.
fn too_many(count: u64, of: u64, percent: u64, tolerance: u64) -> bool {
    let trifle = tolerance.min(of / 2);
    count > if percent == 0 { 0 } else { trifle.max(of * percent / 100) }
}

/// The codes that should stop a case.
fn oracle(case: &Case) -> Vec<&'static str> {
    let (before, after, [added, changed, gone]) = case.counts;
    let [shrink, most_gone, week, most_added, most_changed, elsewhere] = case.bounds;
    let too_many = |count, of, percent| too_many(count, of, percent, case.tolerance);
    let mut codes = Vec::new();
    if case.incomplete {
        codes.push("PMH6102");
    }
    if after == 0 {
        codes.push("PMH6103");
    }
    if case.reference > 0 {
        let fewer = before.saturating_sub(after);
        let is_known = case.reference == 2;
        let is_smaller = too_many(fewer, before, shrink);
        // what the number of records doesn't explain
        let hidden = if is_smaller { gone.saturating_sub(fewer) } else { gone };
        if is_known && too_many(hidden, before, most_gone) {
            codes.push("PMH6113");
        } else if is_smaller {
            codes.push("PMH6104");
        } else {
            let tonight = if is_known { gone } else { fewer };
            let mut sum = tonight;
            let mut largest = None;
            // backwards from tonight to the last night that a person looked at
            for (index, (records, lost, confirmed)) in case.nights.iter().enumerate().rev() {
                largest = largest.max(Some(*records));
                if *confirmed || index == 0 {
                    break;
                }
                let earlier = case.nights.get(index - 1).map_or(0, |night| night.0);
                sum += lost.unwrap_or(earlier.saturating_sub(*records));
            }
            if let Some(largest) = largest
                && tonight > 0
                && too_many(sum, largest, week)
            {
                codes.push("PMH6116");
            }
        }
        match case.reference {
            1 => codes.push("PMH6117"),
            _ if before == 0 => {}
            _ => {
                codes.extend(too_many(added, before, most_added).then_some("PMH6114"));
                codes.extend(too_many(changed, before, most_changed).then_some("PMH6115"));
            }
        }
    }
    codes.extend((case.outside.0 > 0).then_some("PMH6118"));
    codes.extend(too_many(case.outside.1, after, elsewhere).then_some("PMH6119"));
    codes.sort_unstable();
    codes
}

#[test]
fn the_guards_agree_with_an_oracle() {
    let mut runner =
        TestRunner::new(Config { cases: 20_000, failure_persistence: None, ..Config::default() });
    runner
        .run(&cases(), |case| {
            let (before, after, [added, changed, gone]) = case.counts;
            let summary =
                Summary { read: after, accepted: after, complete: !case.incomplete, ..Summary::default() };
            let last = LastAccepted { run: 1, records: before, profile: "p".into(), module: "m".into() };
            let comparison = match case.reference {
                0 => Comparison::None("first".into()),
                1 => Comparison::Impossible("gone".into()),
                _ => Comparison::Known { changes: Changes { added, changed, gone }, before },
            };
            let nights: Vec<Night> = case
                .nights
                .iter()
                .map(|(records, gone, confirmed)| {
                    Night::new(*records, *gone, if *confirmed { "PMH6105 PMH6104" } else { "PMH6105" })
                })
                .collect();
            let situation = Situation {
                summary: &summary,
                as_of: "2026-11-22",
                today: "2026-11-22",
                now: DateTime::<Utc>::UNIX_EPOCH,
                input_changed: None,
                input_faults: &[],
                profile: "p",
                module: "m",
                last: (case.reference > 0).then_some(&last),
                nights: &nights,
                comparison: &comparison,
                outside: Outside { numbers: case.outside.0, cities: case.outside.1 },
                usage: None,
            };
            let [shrink, most_gone, week, most_added, most_changed, elsewhere] = case.bounds;
            let config = GuardConfig {
                max_shrink_percent: shrink,
                max_gone_percent: most_gone,
                max_gone_percent_7d: week,
                max_added_percent: most_added,
                max_changed_percent: most_changed,
                max_other_cities_percent: elsewhere,
                tolerance: case.tolerance,
                ..GuardConfig::default()
            };
            let codes = |failures: &[Failure]| {
                let mut codes: Vec<&str> = failures.iter().map(|failure| failure.rule.code).collect();
                codes.sort_unstable();
                codes
            };
            let expected = oracle(&case);
            assert_eq!(codes(&judge(&situation, &config, &[]).stops), expected);
            let pass: Vec<&'static Rule> =
                PASSABLE.iter().zip(&case.pass).filter(|(_, pass)| **pass).map(|(rule, _)| *rule).collect();
            let is_passed = |code: &&str| pass.iter().any(|rule| rule.code == *code);
            let verdict = judge(&situation, &config, &pass);
            let (passed, stops): (Vec<&str>, Vec<&str>) = expected.iter().copied().partition(is_passed);
            assert_eq!((codes(&verdict.passed), codes(&verdict.stops)), (passed, stops));
            assert_eq!(verdict.warnings.iter().any(|told| told.rule.code == "PMH6315"), {
                case.reference == 0 || (case.reference == 2 && before == 0)
            });
            Ok(())
        })
        .unwrap();
}

/// Synthetic records of a town: a number per recipient, and a kana that all of them share.
fn people(site: &Site, numbers: impl IntoIterator<Item = u32>, kana: &str) -> Result<()> {
    let vendor = fs::read_to_string(site.path("vendor.ndjson"))?;
    let pattern = vendor.lines().next().ok_or("no record")?;
    let lines: Vec<String> = numbers
        .into_iter()
        .map(|number| -> Result<String> {
            let mut record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(pattern)?;
            record.insert("ATENA_NO".to_owned(), format!("{number:010}").into());
            record.insert("KOJIN_NO".to_owned(), my_number(number).into());
            record.insert("JUKYUSHA_NO".to_owned(), recipient(number).into());
            record.insert("SHIMEI_KANA".to_owned(), kana.into());
            Ok(serde_json::to_string(&record)?)
        })
        .collect::<Result<_>>()?;
    Ok(fs::write(site.path("records.ndjson"), lines.join("\n") + "\n")?)
}

/// A My Number with a right check digit that no person has.
fn my_number(number: u32) -> String {
    let digits = format!("{:011}", 10_000_000_000_u64 + u64::from(number));
    let check = check_digit::my_number(&digits).unwrap_or_default();
    format!("{digits}{check}")
}

/// A recipient's number with a right check digit.
fn recipient(number: u32) -> String {
    let digits = (100_000 + number).to_string();
    let check = check_digit::number(&digits).unwrap_or_default();
    format!("{digits}{check}")
}

/// A site with these recipients.
fn town(numbers: impl IntoIterator<Item = u32>) -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    let vendor = fs::read_to_string(site.path("records.ndjson"))?;
    let sample = vendor.lines().nth(SAMPLE).ok_or("too few records")?;
    fs::write(site.path("vendor.ndjson"), format!("{sample}\n"))?;
    site.change("max_rejected = 19", "max_rejected = 0")?;
    people(&site, numbers, KANA)?;
    Ok(site)
}

/// A record of the vendor's that is accepted.
const SAMPLE: usize = 0;
const KANA: &str = "ﾐﾎﾝ ﾀﾛｳ";

/// The codes of a list, but for the records' own day, which is hardly ever today.
fn codes(done: &Done, list: &str) -> Result<Vec<String>> {
    let report = done.json()?;
    let told = report.get(list).and_then(|told| told.as_array()).into_iter().flatten();
    let codes = told.filter_map(|told| told.get("code")?.as_str().map(str::to_owned));
    Ok(codes.filter(|code| code != "PMH6105").collect())
}

/// The dry run and the run end with these stops; nothing more reaches PMH.
fn stopped(site: &Site, expected: &[&str]) -> Result<()> {
    let before = (site.pmh.requests().len(), site.files(".")?);
    for dry in [&["--dry-run"][..], &[]] {
        let done = site.sync(dry)?;
        assert_eq!((done.code, codes(&done, "stops")?), (7, owned(expected)), "{dry:?}: {done:?}");
        assert!(!site.spool()?.iter().any(|name| name.starts_with("payload-")), "a stop leaves no payload");
    }
    assert_eq!((site.pmh.requests().len(), site.files(".")?), before);
    let run = site.history()?.pop().ok_or("no run")?;
    assert_eq!((run.get("state"), run.get("codes")), (Some(&json!("stopped")), Some(&json!(expected))));
    Ok(())
}

fn owned(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|&code| code.to_owned()).collect()
}

/// The run is accepted, and with `--pass` these guards are noted.
fn accepted(site: &Site, pass: &[&str]) -> Result<Done> {
    let arguments: Vec<&str> = pass.iter().flat_map(|code| ["--pass", code]).collect();
    let done = site.sync(&arguments)?;
    assert_eq!((done.code, codes(&done, "passed")?), (0, owned(pass)), "{done:?}");
    Ok(done)
}

#[test]
fn other_people_in_the_same_number_are_stopped() -> Result<()> {
    let site = town(0..40)?;
    let first = accepted(&site, &[])?;
    assert_eq!(codes(&first, "warnings")?, ["PMH6315"], "a first run is told as such");
    assert_eq!(codes(&accepted(&site, &[])?, "warnings")?, [""; 0]);
    people(&site, 100..140, KANA)?;
    stopped(&site, &["PMH6113", "PMH6114"])?;
    // one name passes one guard
    let done = site.sync(&["--pass", "PMH6113"])?;
    assert_eq!((done.code, codes(&done, "stops")?), (7, owned(&["PMH6114"])), "{done:?}");
    accepted(&site, &["PMH6113", "PMH6114"])?;
    // a trifle is none of a guard's business: five of forty
    people(&site, 105..145, KANA)?;
    accepted(&site, &[])?;
    people(&site, 111..151, KANA)?;
    stopped(&site, &["PMH6113"])?;
    Ok(())
}

#[test]
fn a_change_of_nearly_all_is_stopped_and_passed_by_its_name() -> Result<()> {
    let site = town(0..40)?;
    accepted(&site, &[])?;
    people(&site, 0..40, "ﾐﾎﾝ ﾊﾅｺ")?;
    stopped(&site, &["PMH6115"])?;
    let done = accepted(&site, &["PMH6115"])?;
    assert_eq!(done.json()?["changes"], json!({ "added": 0, "changed": 40, "gone": 0 }));
    Ok(())
}

/// 300, 270, 243, … recipients: no night loses more than a tenth.
#[test]
fn twelve_nights() -> Result<()> {
    let site = town(0..300)?;
    let mut left = 300;
    accepted(&site, &[])?;
    let yesterday = || -> Result<()> {
        let db = rusqlite::Connection::open(site.path("ledger.sqlite3"))?;
        db.execute("UPDATE run SET started_at = strftime('%Y-%m-%dT%H:%M:%fZ', started_at, '-1 day')", [])?;
        Ok(())
    };
    let mut confirmed = Vec::new();
    for night in 1..=12 {
        yesterday()?;
        left = left * 9 / 10 + u32::from(left * 9 % 10 > 0);
        people(&site, 0..left, KANA)?;
        let done = site.sync(&[])?;
        if done.code != 0 {
            assert_eq!((done.code, codes(&done, "stops")?), (7, owned(&["PMH6116"])), "{night}: {done:?}");
            confirmed.push(night);
            accepted(&site, &["PMH6116"])?;
        }
    }
    // a person was asked three times before 300 had become 90
    assert_eq!(confirmed, [3, 6, 9, 12], "{left}");
    // a week later the count begins with what is there
    for _ in 0..8 {
        yesterday()?;
    }
    people(&site, 0..left - left / 10, KANA)?;
    accepted(&site, &[])?;
    Ok(())
}

/// Deleted, damaged or hashed with another key: the guard can't judge, and says so with a stop.
#[test]
fn a_reference_that_cannot_be_used_stops_the_run() -> Result<()> {
    let site = town(0..40)?;
    accepted(&site, &[])?;
    let set = site.path("ledger.sqlite3.set-1");
    let good = fs::read(&set)?;
    fs::remove_file(&set)?;
    stopped(&site, &["PMH6117"])?;
    assert_eq!(site.run(&["history", "verify"])?.code, 2, "a missing file is a difference");
    fs::write(&set, &good[..good.len() - 1])?;
    stopped(&site, &["PMH6117"])?;
    // put back, it is as before
    fs::write(&set, &good)?;
    accepted(&site, &[])?;
    // other people and no reference: one guard passed is one guard passed
    let set = fs::read_dir(site.folder())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().contains(".set-"))
        .ok_or("no set")?;
    fs::remove_file(set)?;
    people(&site, 0..20, KANA)?;
    stopped(&site, &["PMH6104", "PMH6117"])?;
    accepted(&site, &["PMH6104", "PMH6117"])?;
    // and the next run compares again
    people(&site, 30..50, KANA)?;
    stopped(&site, &["PMH6113", "PMH6114"])?;
    Ok(())
}

/// The hashes that an earlier version wrote can't be compared with: no reason to stop every site on the night of an update.
#[test]
fn hashes_of_an_earlier_version_are_told_and_replaced() -> Result<()> {
    let site = town(0..40)?;
    accepted(&site, &[])?;
    let set = site.path("ledger.sqlite3.set-1");
    let mut old = fs::read(&set)?;
    old.truncate(old.len() - 32);
    old[..8].copy_from_slice(b"pmh-set1");
    let checksum = blake3::hash(&old);
    old.extend_from_slice(checksum.as_bytes());
    fs::write(&set, old)?;
    assert_eq!(codes(&accepted(&site, &[])?, "warnings")?, ["PMH6315"]);
    assert_eq!(codes(&accepted(&site, &[])?, "warnings")?, [""; 0]);
    Ok(())
}

#[test]
fn a_neighbouring_towns_file_is_stopped() -> Result<()> {
    let site = town(0..40)?;
    accepted(&site, &[])?;
    let record: serde_json::Value = serde_json::from_str(&fs::read_to_string(site.path("vendor.ndjson"))?)?;
    let number = record["KOHI_FUTANSHA_NO"].as_str().ok_or("no number")?.trim().to_owned();
    let city = record["JUSHO_SHI"].as_str().ok_or("no city")?.trim().to_owned();
    for (line, code) in [
        ("registration_numbers = [\"99\", \"98123456\"]", Some("PMH6118")),
        ("registration_numbers = [\"99\", \"NUMBER\"]", None),
        ("cities = [\"手本町\"]", Some("PMH6119")),
        ("cities = [\"手本町\", \"CITY\"]", None),
    ] {
        let line = line.replace("NUMBER", &number).replace("CITY", &city);
        site.change("[guard]", &format!("[guard]\n{line}"))?;
        let done = site.sync(&["--dry-run"])?;
        let expected: Vec<String> = code.iter().map(|&code| code.to_owned()).collect();
        assert_eq!(codes(&done, "stops")?, expected, "{line}: {done:?}");
        if let Some(code) = code {
            let told = format!("{}{}", done.stdout, done.stderr);
            assert!(told.contains("40") && !told.contains(&number) && !told.contains(&city), "{told}");
            stopped(&site, &[code])?;
            let done = site.sync(&["--pass", code, "--dry-run"])?;
            assert_eq!((done.code, codes(&done, "passed")?), (0, owned(&[code])), "{done:?}");
        }
        site.change(&format!("{line}\n"), "")?;
    }
    Ok(())
}

/// What one endpoint accepted says nothing about what another one holds.
#[test]
fn the_reference_is_of_the_same_endpoint() -> Result<()> {
    let site = town(0..40)?;
    accepted(&site, &[])?;
    let other =
        pmh_simulator::Simulator::start(Pmh { token: site.pmh.token().to_owned(), ..Pmh::default() })?;
    site.change(&site.pmh.endpoint(), &other.endpoint())?;
    people(&site, 0..10, KANA)?;
    let dry = site.sync(&["--dry-run", "--pass", "PMH6507"])?;
    assert_eq!((dry.code, codes(&dry, "warnings")?), (0, owned(&["PMH6315"])), "{dry:?}");
    let elsewhere = site.sync(&["--pass", "PMH6507"])?;
    assert_eq!(elsewhere.code, 0, "{elsewhere:?}");
    assert_eq!(codes(&elsewhere, "warnings")?, ["PMH6315"]);
    // back at the first endpoint, ten are compared with the forty that it holds
    site.change(&other.endpoint(), &site.pmh.endpoint())?;
    for dry in [&["--dry-run"][..], &[]] {
        let done = site.sync(&[&["--pass", "PMH6507"], dry].concat())?;
        assert_eq!((done.code, codes(&done, "stops")?), (7, owned(&["PMH6104"])), "{dry:?}: {done:?}");
    }
    Ok(())
}
