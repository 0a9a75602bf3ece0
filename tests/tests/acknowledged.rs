//! Acknowledgements, from outside: an issued number that fails its check digit is sent from then on, and nothing else is.
//!
//! What could end well and harm somebody: an entry meets another value or another record than the one that was looked at; one is made for what nobody has
//! seen; a file that others may write, or half a file, decides what passes; an entry is lost or counted twice; a set made under an entry that was taken
//! back is sent after all; a number gets into the ledger, or into the file as a hash that anyone can search.

use std::{fs, os::unix::fs::PermissionsExt};

use pmh_simulator::Answer;
use pmh_tests::{
    Result,
    pmh::{self, Done},
    root,
    site::{AS_OF, Site},
};
use serde_json::{Value, json};

const FILE: &str = "acknowledged.json";
const RECIPIENT: &str = "/medicalSubsidyCertificationNumber";
const UNTIL: &str = "2027-03-31";

/// A sample record by its position: on purpose, no. 5 has a wrong My Number, 11 a wrong payer number, 17 a wrong recipient number.
fn sample(index: usize) -> Result<Value> {
    let text = fs::read_to_string(root().join("vendors/flat-romaji/records.ndjson"))?;
    Ok(serde_json::from_str(text.lines().nth(index).ok_or("too few")?)?)
}

fn put(site: &Site, records: &[&Value]) -> Result<()> {
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    Ok(fs::write(site.path("records.ndjson"), lines.join("\n") + "\n")?)
}

/// A site that sends nothing as long as a record is rejected.
fn site(records: &[&Value]) -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    site.change("max_rejected = 19", "max_rejected = 0")?;
    site.change("profile = ", "acknowledged = \"acknowledged.json\"\nprofile = ")?;
    fs::write(site.path(FILE), "[]")?;
    fs::set_permissions(site.path(FILE), fs::Permissions::from_mode(0o600))?;
    put(&site, records)?;
    Ok(site)
}

fn acknowledge(site: &Site, code: &str, more: &[&str]) -> Result<Done> {
    let own =
        ["acknowledge", code, "--as-of", AS_OF, "--reason", "printed on the certificate", "--by", "the desk"];
    let until: &[&str] = if more.contains(&"--until") { &[] } else { &["--until", UNTIL] };
    site.run(&[&own, until, more].concat())
}

fn key(record: &Value) -> &str {
    record["ATENA_NO"].as_str().unwrap_or_default()
}

fn list(site: &Site) -> Result<Vec<Value>> {
    Ok(serde_json::from_slice(&fs::read(site.path(FILE))?)?)
}

/// Whether the last digit is the check digit: the others doubled in turn from the right, and all digits added up to the next ten.
fn holds(number: &str) -> bool {
    let digits: Vec<u32> = number.chars().rev().filter_map(|digit| digit.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .skip(1)
        .zip([2, 1].iter().cycle())
        .map(|(digit, times)| digit * times)
        .map(|n| n / 10 + n % 10)
        .sum();
    digits.first().is_some_and(|last| (sum + last).is_multiple_of(10))
}

fn refused(done: &Done, exit: i32, code: &str) {
    assert_eq!(done.code, exit, "{done:?}");
    assert!(done.stderr.contains(code) || done.stdout.contains(code), "{code}: {done:?}");
}

#[test]
fn an_issued_number_is_sent_once_a_person_has_looked_at_it() -> Result<()> {
    let (good, odd) = (sample(0)?, sample(17)?);
    let site = site(&[&good, &odd])?;
    refused(&site.sync(&[])?, 7, "PMH6101");
    let done = acknowledge(&site, "pmh3107", &["--record-key", key(&odd)])?;
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(fs::metadata(site.path(FILE))?.permissions().mode() & 0o777, 0o600);
    let [entry] = &list(&site)?[..] else { return Err("not one entry".into()) };
    assert_eq!((&entry["code"], &entry["recordKey"]), (&json!("PMH3107"), &json!(key(&odd))));
    assert_eq!(
        (&entry["target"], &entry["on"], &entry["until"]),
        (&json!(RECIPIENT), &json!(AS_OF), &json!(UNTIL))
    );

    let done = site.sync(&[])?;
    assert_eq!(done.code, 0, "{done:?}");
    let told = done.json()?;
    assert_eq!((&told["summary"]["accepted"], &told["summary"]["rejected"]), (&json!(2), &json!(0)));
    assert_eq!(told["summary"]["acknowledged"], json!({ "byCode": { "PMH3107": 1 }, "byEntry": [1] }));
    assert_eq!((&told["summary"]["warnings"], &told["summary"]["byCode"]), (&json!(0), &json!({})));

    // the run tells which entries it made use of, and of whom nothing
    let run = site.history()?.pop().ok_or("no run")?;
    let noted = &site.history_of(&run)?["acknowledged"];
    assert_eq!(
        (&noted[0]["code"], &noted[0]["by"], &noted[0]["until"]),
        (&json!("PMH3107"), &json!("the desk"), &json!(UNTIL))
    );
    assert_eq!((noted.as_array().map(Vec::len), &noted[0]["findings"]), (Some(1), &json!(1)));
    assert_eq!(site.run(&["history", "verify"])?.code, 0);
    let number = odd["JUKYUSHA_NO"].as_str().unwrap_or_default().trim();
    for (path, bytes) in site.written()? {
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains(number) || path.starts_with(site.path("spool")), "{}", path.display());
        let is_ledger = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("ledger"));
        assert!(!is_ledger || !text.contains(key(&odd)), "{}", path.display());
    }
    let detail: String = rusqlite::Connection::open(site.path("ledger.sqlite3"))?.query_row(
        "SELECT detail FROM entry WHERE kind = 'acknowledge'",
        [],
        |row| row.get(0),
    )?;
    assert!(detail.contains("\"user\"") && detail.contains("PMH3107"), "{detail}");
    Ok(())
}

#[test]
fn people_see_it_apart_whether_one_thread_works_or_three() -> Result<()> {
    let (good, odd, more) = (sample(0)?, sample(17)?, sample(2)?);
    let site = site(&[&good, &odd, &more])?;
    assert_eq!(acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?.code, 0);
    let mut shown = Vec::new();
    for jobs in ["1", "3"] {
        let mut command = pmh::command(["check", "--as-of", AS_OF, "--jobs", jobs]);
        command.arg("--profile").arg(site.path("profile.json"));
        command
            .arg("--acknowledged")
            .arg(site.path(FILE))
            .arg("--hash-key")
            .arg(site.path("ledger.sqlite3.key"));
        let done = pmh::done(command.arg(site.path("records.ndjson")).output()?)?;
        assert_eq!(done.code, 0, "{done:?}");
        shown.push(done.stdout);
    }
    assert_eq!(shown[0], shown[1]);
    assert!(
        shown[0].contains("acknowledged[PMH3107]") && shown[0].contains("(until 2027-03-31)"),
        "{}",
        shown[0]
    );
    assert!(!shown[0].contains("error[") && !shown[0].contains("warning["), "{}", shown[0]);

    // without the key nobody knows the value again
    let mut command = pmh::command(["check", "--as-of", AS_OF]);
    command.arg("--profile").arg(site.path("profile.json")).arg("--acknowledged").arg(site.path(FILE));
    refused(&pmh::done(command.arg(site.path("records.ndjson")).output()?)?, 2, "PMH6124");
    Ok(())
}

#[test]
fn the_error_is_back_with_another_value_another_record_or_another_day() -> Result<()> {
    let (good, odd) = (sample(0)?, sample(17)?);
    let site = site(&[&good, &odd])?;
    assert_eq!(acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?.code, 0);
    let with = |member: &str, text: &str| {
        let mut other = odd.clone();
        other[member] = json!(text);
        other
    };
    let number = odd["JUKYUSHA_NO"].as_str().unwrap_or_default().trim().to_owned();
    let turned: String = number.chars().rev().collect();
    let wrong = if holds(&turned) { format!("{}{}", &turned[1..], &turned[..1]) } else { turned };
    assert!(!holds(&wrong) && wrong != number, "{wrong}");
    for other in [with("JUKYUSHA_NO", &wrong), with("ATENA_NO", "0000099999")] {
        put(&site, &[&good, &other])?;
        let done = site.sync(&["--dry-run"])?;
        refused(&done, 7, "PMH6101");
        let summary = &done.json()?["summary"];
        assert_eq!((&summary["byCode"]["PMH3107"], &summary["byCode"]["PMH5007"]), (&json!(1), &json!(1)));
    }
    put(&site, &[&good, &odd])?;
    for (day, exit) in [("2026-11-21", 7), (AS_OF, 0), (UNTIL, 0), ("2027-04-01", 7)] {
        let done = site.run(&["sync", "--dry-run", "--format", "json", "--as-of", day])?;
        let rejected = done.json()?["summary"]["byCode"]["PMH3107"] == json!(1);
        assert_eq!((done.code, rejected), (exit, exit == 7), "{day}: {done:?}");
    }
    Ok(())
}

#[test]
fn what_nobody_saw_and_what_is_never_right_is_not_acknowledged() -> Result<()> {
    let (good, odd, stranger) = (sample(0)?, sample(17)?, sample(5)?);
    let site = site(&[&good, &odd, &stranger])?;
    let own = ["--record-key", key(&odd)];
    for (code, more, expected) in [
        ("PMH3107", vec!["--record-key", key(&good)], "PMH6125"),
        ("PMH3107", vec!["--record-key", "1"], "PMH6125"),
        ("PMH3105", own.to_vec(), "PMH6125"),
        ("PMH3107", [&own[..], &["--target", "/lastName"]].concat(), "PMH6125"),
        ("PMH3107", vec!["--number", "0000018", "--payer-number", "15118011"], "PMH6125"),
        ("PMH3102", vec!["--record-key", key(&stranger)], "PMH6126"),
        ("PMH3101", own.to_vec(), "PMH6126"),
        ("PMH5001", own.to_vec(), "PMH6126"),
        ("PMH9999", own.to_vec(), "PMH6126"),
        ("PMH3107", [&own[..], &["--until", "2029-11-23"]].concat(), "PMH9013"),
        ("PMH3107", [&own[..], &["--until", "2026-11-21"]].concat(), "PMH9013"),
        ("PMH3107", [&own[..], &["--until", "31.3.2027"]].concat(), "PMH6308"),
    ] {
        refused(&acknowledge(&site, code, &more)?, 2, expected);
        assert_eq!(fs::read(site.path(FILE))?, b"[]", "{code} {more:?}");
    }
    // without the key of the configuration the file is nothing
    site.change("acknowledged = ", "# ")?;
    refused(&acknowledge(&site, "PMH3107", &own)?, 2, "PMH6203");
    Ok(())
}

#[test]
fn one_key_with_two_values_is_not_acknowledged_at_a_stroke() -> Result<()> {
    let odd = sample(17)?;
    let mut other = odd.clone();
    let number = odd["JUKYUSHA_NO"].as_str().unwrap_or_default().trim();
    // one digit more in the last place, as wrong as before or right
    let last = number.chars().last().and_then(|digit| digit.to_digit(10)).unwrap_or_default();
    let wrong = (1..10).map(|add| format!("{}{}", &number[..6], (last + add) % 10));
    let wrong = wrong.into_iter().find(|number| !holds(number)).ok_or("none")?;
    other["JUKYUSHA_NO"] = json!(wrong);
    let site = site(&[&odd, &other])?;
    refused(&acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?, 2, "PMH6125");
    Ok(())
}

#[test]
fn an_entry_is_made_anew_in_place_of_the_old_one_and_others_stay_as_they_are() -> Result<()> {
    let (odd, payer) = (sample(17)?, sample(11)?);
    let site = site(&[&odd, &payer])?;
    let number = payer["KOHI_FUTANSHA_NO"].as_str().unwrap_or_default().trim();
    assert_eq!(acknowledge(&site, "PMH3105", &["--number", number])?.code, 0);
    let first = list(&site)?.pop().ok_or("no entry")?;
    for until in ["2027-01-31", UNTIL] {
        let done = acknowledge(&site, "PMH3107", &["--record-key", key(&odd), "--until", until])?;
        assert_eq!(done.code, 0, "{done:?}");
        let entries = list(&site)?;
        assert_eq!((entries.len(), &entries[0], &entries[1]["until"]), (2, &first, &json!(until)));
    }
    assert_eq!(site.sync(&[])?.code, 0);

    // two at a time would lose an entry
    let lock = fs::File::options().append(true).create(true).open(site.path("acknowledged.json.lock"))?;
    lock.lock()?;
    refused(&acknowledge(&site, "PMH3105", &["--number", number])?, 7, "PMH6108");
    assert_eq!(list(&site)?.len(), 2);
    Ok(())
}

#[test]
fn a_file_that_others_write_half_a_file_and_no_file_let_nothing_through() -> Result<()> {
    let (good, odd) = (sample(0)?, sample(17)?);
    let site = site(&[&good, &odd])?;
    assert_eq!(acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?.code, 0);
    let whole = fs::read_to_string(site.path(FILE))?;
    fs::set_permissions(site.path(FILE), fs::Permissions::from_mode(0o662))?;
    refused(&site.sync(&[])?, 2, "PMH6209");
    refused(&acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?, 2, "PMH6209");
    assert!(site.pmh.requests().is_empty());
    refused(&site.run(&["doctor", "--json"])?, 2, "PMH6209");
    let asked = site.pmh.requests().len();
    fs::set_permissions(site.path(FILE), fs::Permissions::from_mode(0o600))?;
    for (text, code) in [
        (&whole[..whole.len() / 2], "PMH6124"),
        ("", "PMH6124"),
        ("{}", "PMH9013"),
        (&whole.replace("\"reason\"", "\"because\""), "PMH9013"),
        (&whole.replace('[', &format!("[{},", whole.trim().trim_matches(['[', ']']))), "PMH9013"),
    ] {
        fs::write(site.path(FILE), text)?;
        refused(&site.sync(&[])?, 2, code);
        refused(&acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?, 2, code);
        assert_eq!(fs::read_to_string(site.path(FILE))?, text);
    }
    fs::remove_file(site.path(FILE))?;
    refused(&site.sync(&[])?, 2, "PMH6301");
    assert_eq!(site.pmh.requests().len(), asked, "doctor only asks whether PMH is there");
    Ok(())
}

#[test]
fn a_set_made_under_an_entry_that_was_taken_back_is_not_sent() -> Result<()> {
    let (good, odd) = (sample(0)?, sample(17)?);
    let site = site(&[&good, &odd])?;
    assert_eq!(acknowledge(&site, "PMH3107", &["--record-key", key(&odd)])?.code, 0);
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    fs::write(site.path(FILE), "[]")?;
    refused(&site.sync(&[])?, 7, "PMH6101");
    assert_eq!(site.pmh.requests().len(), 1);
    Ok(())
}

#[test]
fn another_key_knows_no_value_again() -> Result<()> {
    let (good, odd) = (sample(0)?, sample(17)?);
    let (site, other) = (site(&[&good, &odd])?, site(&[&good, &odd])?);
    for site in [&site, &other] {
        assert_eq!(acknowledge(site, "PMH3107", &["--record-key", key(&odd)])?.code, 0);
    }
    let (own, foreign) = (list(&site)?, list(&other)?);
    assert_ne!(own[0]["value"], foreign[0]["value"], "the same hash at two sites: anyone can compute it");
    fs::copy(other.path(FILE), site.path(FILE))?;
    refused(&site.sync(&["--dry-run"])?, 7, "PMH6101");
    Ok(())
}

/// The finding stands at the payer number, but the address is what may change.
#[test]
fn a_finding_about_several_fields_is_back_once_any_of_them_changes() -> Result<()> {
    let mut odd = sample(0)?;
    odd["JUSHO_KEN"] = json!("東京都");
    let site = site(&[&odd])?;
    let summary = |site: &Site| {
        Ok::<_, Box<dyn std::error::Error>>(site.sync(&["--dry-run"])?.json()?["summary"].clone())
    };
    assert_eq!(summary(&site)?["byCode"], json!({ "PMH4102": 1 }));
    // a number cannot stand for what depends on other fields too
    let number = odd["KOHI_FUTANSHA_NO"].as_str().unwrap_or_default().trim();
    refused(&acknowledge(&site, "PMH4102", &["--number", number])?, 2, "PMH9013");
    assert_eq!(acknowledge(&site, "PMH4102", &["--record-key", key(&odd)])?.code, 0);
    let counts = summary(&site)?;
    assert_eq!(
        (&counts["byCode"], &counts["acknowledged"]["byCode"]),
        (&json!({}), &json!({ "PMH4102": 1 }))
    );
    odd["JUSHO_KEN"] = json!("神奈川県");
    put(&site, &[&odd])?;
    let counts = summary(&site)?;
    assert_eq!(counts["byCode"], json!({ "PMH4102": 1, "PMH5007": 1 }));
    assert_eq!(counts["acknowledged"]["byCode"], json!({}));
    Ok(())
}
