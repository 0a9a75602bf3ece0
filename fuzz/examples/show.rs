//! Shows what a target makes of a file, for a person who looks at a finding: `cargo run -p pmh-fuzz --example show TARGET FILE`.

#![expect(clippy::print_stdout, reason = "a program for people at a terminal")]

use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [target, file] = &arguments[..] else { return Err("usage: show TARGET FILE".into()) };
    let case = pmh_fuzz::case(target, &fs::read(file)?);
    for part in [&case.profile, &case.options, &case.input] {
        println!("{}\n", String::from_utf8_lossy(part));
    }
    Ok(())
}
