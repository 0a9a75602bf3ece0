//! The ledger's file damaged between two runs: cut off at any length, overwritten anywhere.

use std::{collections::BTreeMap, fs};

use pmh_simulator::Answer;
use pmh_tests::{
    Result,
    faults::{tell, wanted},
    site::Site,
    truth::nothing_is_lost,
};

/// A site whose ledger knows an accepted set and one that waits.
fn prepared() -> Result<Site> {
    let site = Site::new("flat-romaji")?;
    assert_eq!(site.sync(&[])?.code, 0);
    site.pmh.answer_next([Answer::status(503)]);
    assert_eq!(site.sync(&[])?.code, 5);
    Ok(site)
}

/// Refused before anything is sent, and well again once the ledger is put back.
#[test]
fn truncated() -> Result<()> {
    let site = prepared()?;
    let path = site.path("ledger.sqlite3");
    let good = fs::read(&path)?;
    let mut lengths = vec![0, 1, 100, 4096, good.len() / 2, good.len() - 1];
    while (lengths.len() as u64) < wanted("truncated ledger") {
        lengths.push(fastrand::usize(1..good.len()));
    }
    let requests = site.pmh.requests().len();
    for length in &lengths {
        fs::write(&path, good.get(..*length).ok_or("too long")?)?;
        for command in ["sync", "history"] {
            let done = site.run(&[command])?;
            assert_eq!(done.code, 2, "{length} bytes of {}: {done:?}", good.len());
            assert!(done.stderr.contains("PMH6502"), "{length} bytes of {}: {done:?}", good.len());
        }
    }
    assert_eq!(site.pmh.requests().len(), requests);
    fs::write(&path, good)?;
    assert_eq!(site.sync(&[])?.code, 0);
    nothing_is_lost(&site)?;
    // moved away, as the help says, it is begun anew
    fs::rename(&path, site.path("moved"))?;
    assert_eq!(site.sync(&[])?.code, 0);
    tell("truncated ledger", lengths.len() as u64);
    Ok(())
}

/// Refused before anything is sent; or not seen, because it hit no more than a word, and then the run ends as any other.
#[test]
fn scribbled() -> Result<()> {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut site = prepared()?;
    let mut good = fs::read(site.path("ledger.sqlite3"))?;
    let mut ends = BTreeMap::new();
    for round in 0..wanted("scribbled ledger") {
        let mut bad = good.clone();
        let start = chance.usize(0..bad.len());
        let length = chance.choice([1, 16, 512]).unwrap_or(1);
        bad.iter_mut().skip(start).take(length).for_each(|byte| *byte = chance.u8(..));
        fs::write(site.path("ledger.sqlite3"), bad)?;
        let (before, registered) = (site.pmh.requests().len(), site.pmh.registrations().len());
        let done = site.sync(&[])?;
        *ends.entry(done.code).or_insert(0) += 1;
        let sent = site.pmh.requests().len() - before;
        let place = format!("round {round}: {length} bytes at {start}: {done:?}");
        match done.code {
            0 => {
                // other runs may be what was hit
                let own = site.history_of(&serde_json::json!({ "id": done.json()?["run"] }))?;
                assert_eq!(own["state"], "accepted", "{place}");
                assert_eq!(sent, 1, "{place}");
            }
            2 | 7 => assert_eq!(sent, 0, "{place}"),
            // the hash of a request was hit: its body doesn't leave to the end
            6 => {
                assert!(done.stderr.contains("PMH6506"), "{place}");
                assert_eq!(site.pmh.registrations().len(), registered, "{place}");
            }
            _ => panic!("{place}"),
        }
        if done.code == 2 {
            fs::write(site.path("ledger.sqlite3"), &good)?;
        } else {
            site = prepared()?;
            good = fs::read(site.path("ledger.sqlite3"))?;
        }
    }
    assert_eq!(site.sync(&[])?.code, 0);
    nothing_is_lost(&site)?;
    println!("by exit code: {ends:?}");
    tell("scribbled ledger", ends.values().sum());
    Ok(())
}
