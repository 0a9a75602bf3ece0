//! How long it is from a profile's bytes to the first record's payload, in microseconds; the module is compiled already.
//!
//! `cargo run --release -p pmh-runner --example first_record PROFILE RECORD`

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::{env, error::Error, fs, time::Instant};

use pmh_runner::module::Module;

const RUNS: usize = 101;

fn main() -> Result<(), Box<dyn Error>> {
    let [profile, record] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "a profile and a record")?;
    let (profile, record) = (fs::read(profile)?, fs::read(record)?);
    let module = Module::embedded().map_err(|failure| format!("{failure:?}"))?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = Instant::now();
        let mut session = module
            .session_with(&profile, br#"{"asOf":"2026-11-22"}"#)
            .map_err(|failure| format!("{failure:?}"))?;
        let output = session.push(&record).map_err(|failure| format!("{failure:?}"))?;
        if output.payload.len() < 2 {
            return Err("the record gives no payload".into());
        }
        times.push(start.elapsed().as_micros());
    }
    times.sort_unstable();
    println!("{}", times.get(RUNS / 2).copied().unwrap_or_default());
    Ok(())
}
