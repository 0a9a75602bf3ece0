//! The engine compiled for this machine, all checks on: `native PROFILE INPUT OUTPUT`.

#![expect(clippy::print_stderr, reason = "a program for people at a terminal")]

use std::{
    env,
    error::Error,
    fs::{self, File},
    io::{Read, Write},
    sync::Arc,
};

use pmh_core::{Options, Output, Profile, Session};

/// How much is read at a time, as the runner does.
const PIECE: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [profile, input, output] = &arguments[..] else {
        return Err("usage: native PROFILE INPUT OUTPUT".into());
    };
    let profile = Profile::compile(&fs::read(profile)?)?;
    let options = Options::from_json(br#"{"asOf":"2026-11-22","lang":"en"}"#)?;
    let mut session = Session::new(Arc::new(profile), options);
    let (mut input, mut output) = (File::open(input)?, File::create(output)?);
    let (mut piece, mut out) = (vec![0; PIECE], Output::default());
    loop {
        let read = input.read(&mut piece)?;
        session.push(piece.get(..read).unwrap_or_default(), &mut out);
        output.write_all(&out.payload)?;
        out.clear();
        if read == 0 {
            break;
        }
    }
    let summary = session.finish(&mut out);
    output.write_all(&out.payload)?;
    eprintln!("{} accepted, {} rejected", summary.accepted, summary.rejected);
    Ok(())
}
