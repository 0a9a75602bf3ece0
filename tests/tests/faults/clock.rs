//! The clock set back between two runs: what the ledger has seen lies in the future. Here the ledger's times are moved
//! forward instead, which is the same to a program that compares the two.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use pmh_simulator::{Answer, Moment};
use pmh_tests::{Result, chain, faults::tell, site::Site, truth::nothing_is_lost};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

#[test]
fn clock() -> Result<()> {
    let shifts = [MINUTE, 60 * MINUTE, DAY, 31 * DAY, 366 * DAY, 3653 * DAY];
    for shift in shifts {
        let site = Site::new("flat-romaji")?;
        site.change("[ledger]", "[ledger]\nkeep_undelivered = \"1d\"\nkeep_runs = \"30d\"")?;
        assert_eq!(site.sync(&[])?.code, 0);
        site.pmh.answer_next([Answer::Cut(Moment::After)]);
        assert_eq!(site.sync(&[])?.code, 6);
        let before = site.history()?;
        let later =
            |column: &str| format!("{column} = strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '+{shift} seconds')");
        let sql = format!(
            "UPDATE run SET {}, {}; UPDATE attempt SET {}, {}; UPDATE run SET day = date(started_at, '+9 hours')",
            later("started_at"),
            later("ended_at"),
            later("began_at"),
            later("ended_at")
        );
        chain::rewrite(&site.path("ledger.sqlite3"), &sql)?;
        let day = |site: &Site| -> Result<Vec<String>> {
            Ok(site.history()?.iter().filter_map(|run| run["day"].as_str().map(str::to_owned)).collect())
        };
        let moved = day(&site)?;
        let input = fs::File::options().append(true).open(site.path("records.ndjson"))?;
        let same_day = before.last().and_then(|run| run["day"].as_str()) == moved.last().map(String::as_str);
        if !same_day {
            // an input from the future as well: a clock is wrong, and nothing is sent until it is right
            input.set_modified(SystemTime::now() + Duration::from_secs(shift))?;
            let done = site.sync(&[])?;
            assert!(done.code == 7 && done.stderr.contains("PMH6110"), "{shift}: {done:?}");
            input.set_modified(SystemTime::now())?;
        }
        let done = site.sync(&[])?;
        assert_eq!(done.code, 0, "{shift}: {done:?}");
        assert_eq!(done.json()?["resumed"], same_day, "{shift}: only a set of today is sent again: {done:?}");
        let runs = site.history()?;
        assert_eq!(runs.len(), if same_day { 2 } else { 4 }, "{shift}: nothing of the future is forgotten");
        assert_eq!(site.pmh.registrations().len(), 3, "{shift}");
        nothing_is_lost(&site)?;
        // and the next one compares with it
        assert_eq!(
            site.sync(&[])?.json()?["changes"],
            serde_json::json!({ "added": 0, "changed": 0, "gone": 0 })
        );
    }
    tell("clock set back", shifts.len() as u64);
    Ok(())
}
