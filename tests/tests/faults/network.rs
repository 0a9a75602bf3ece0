//! Every way in which PMH and the network fail, mixed at random, run after run on one ledger.

use std::collections::BTreeMap;

use pmh_simulator::{Answer, Moment};
use pmh_tests::{
    Result,
    faults::{tell, wanted},
    site::Site,
    truth::{nothing_is_lost, nothing_is_made_up, text},
};

/// The fault, what PMH does (nothing listens where there is none), and what becomes of the try.
fn kinds() -> Vec<(&'static str, Option<Answer>, &'static str)> {
    let mut kinds: Vec<(&str, Option<Answer>, &str)> = vec![
        ("cut before the body", Some(Answer::Cut(Moment::Before)), "unknown"),
        ("cut during the body", Some(Answer::Cut(Moment::During)), "unknown"),
        ("cut after the body", Some(Answer::Cut(Moment::After)), "unknown"),
        ("garbage", Some(Answer::Garbage), "unknown"),
        ("hanging", Some(Answer::Hang), "unknown"),
        ("late", Some(Answer::Late(60)), "unknown"),
        ("nobody there", None, "unavailable"),
    ];
    kinds.extend([400, 401, 403, 404, 302].map(|code| ("refused", Some(Answer::status(code)), "refused")));
    kinds.extend([500, 502].map(|code| ("failed", Some(Answer::status(code)), "unknown")));
    kinds.extend([429, 503].map(|code| ("failed", Some(Answer::status(code)), "unavailable")));
    kinds.push(("failed", Some(Answer::status(503).retry_after(30)), "unavailable"));
    kinds
}

#[test]
fn network() -> Result<()> {
    // the ledger belongs to its endpoint
    const PASS: &[&str] = &["--pass", "PMH6507"];
    const NOWHERE: &str = "http://127.0.0.1:9/medicalSubsidiesTargetPersons";
    let site = Site::new("flat-romaji")?;
    // long enough for a busy machine, and what a hanging PMH costs here
    site.change("token_file", "idle_timeout = \"6s\"\ntoken_file")?;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let kinds = kinds();
    let mut night: Vec<usize> = Vec::new();
    for (number, (name, ..)) in kinds.iter().enumerate() {
        night.extend((0..wanted(name)).map(|_| number));
    }
    chance.shuffle(&mut night);
    let mut injected = BTreeMap::new();
    for number in night {
        let (name, answer, outcome) = kinds.get(number).ok_or("no kind")?;
        let before = site.pmh.requests().len();
        match answer {
            Some(answer) => site.pmh.answer_next([answer.clone()]),
            None => site.change(&site.pmh.endpoint(), NOWHERE)?,
        }
        let done = site.sync(PASS)?;
        if answer.is_none() {
            site.change(NOWHERE, &site.pmh.endpoint())?;
        } else {
            assert_eq!(site.pmh.requests().len(), before + 1, "{name}: one request: {done:?}");
        }
        // whatever comes after a lost answer, the outcome stays unknown
        let codes: &[i32] = match *outcome {
            "refused" => &[4, 6],
            "unknown" => &[6],
            _ => &[5, 6],
        };
        assert!(codes.contains(&done.code), "{name}: {done:?}");
        let run = site.history_of(&serde_json::json!({ "id": done.json()?["run"] }))?;
        let tried = run["attempts"].as_array().and_then(|tries| tries.last()).ok_or("no try")?;
        assert_eq!(text(tried, "outcome").as_deref(), Some(*outcome), "{name}: {done:?}");
        *injected.entry(number).or_insert(0) += 1;
        if chance.u8(0..4) == 0 {
            assert_eq!(site.sync(PASS)?.code, 0, "PMH is well again");
        }
    }
    nothing_is_made_up(&site)?;
    assert_eq!(site.sync(PASS)?.code, 0);
    nothing_is_lost(&site)?;
    let mut told = BTreeMap::new();
    for (number, (name, ..)) in kinds.iter().enumerate() {
        let times = injected.get(&number).copied().unwrap_or(0);
        assert_eq!(
            *told.entry(*name).or_insert(times),
            times,
            "{name}: each kind of it as often as the others"
        );
    }
    for (name, times) in told {
        tell(name, times);
    }
    Ok(())
}
