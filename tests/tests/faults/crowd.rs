//! Several runs started at once are as many as the lock lets through, one after the other.

use std::process::Stdio;

use pmh_tests::{Result, faults::tell, pmh, site::Site, truth::nothing_is_lost};

const ROUNDS: u64 = 5;
const AT_ONCE: u64 = 3;

#[test]
fn crowd() -> Result<()> {
    let site = Site::new("flat-romaji")?;
    let (mut accepted, mut kept_out) = (0, 0);
    for round in 0..ROUNDS {
        let start = || site.sync_command(&[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let started = (0..AT_ONCE).map(|_| start()).collect::<std::io::Result<Vec<_>>>()?;
        let before = accepted;
        for process in started {
            let done = pmh::done(process.wait_with_output()?)?;
            match done.code {
                0 => accepted += 1,
                7 if done.stderr.contains("PMH6108") => kept_out += 1,
                _ => panic!("round {round}: {done:?}"),
            }
        }
        assert!(accepted > before, "round {round}: nobody came through");
    }
    assert_eq!(site.pmh.requests().len(), accepted);
    let kept = |run: &&serde_json::Value| run["codes"] == serde_json::json!(["PMH6108"]);
    assert_eq!(
        site.history()?.iter().filter(kept).count(),
        kept_out,
        "each that was kept out left its trace"
    );
    assert_eq!(site.history()?.len(), accepted + kept_out);
    nothing_is_lost(&site)?;
    println!("{accepted} accepted, {kept_out} kept out");
    tell("at once", ROUNDS * AT_ONCE);
    Ok(())
}
