//! One input through the module: bytes in, payload and report out, in flat memory.

use crate::{
    failure::Result,
    input::Input,
    module::{Output, Session, Status},
    report::{Report, Summary},
};

/// How much is read and handed over at a time.
const PIECE: usize = 256 * 1024;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Anything but [`Status::Ok`]: the profile or the options have errors, and nothing was read.
    pub status: Status,
    /// The counts.
    pub summary: Summary,
}

/// Runs an opened session over the whole input. A session that did not open well yields its findings alone.
///
/// # Errors
///
/// What reading, writing and the module fail with.
pub fn run(
    session: &mut Session,
    input: &mut Input,
    mut report: Report,
    mut payload: impl FnMut(&[u8]) -> Result<()>,
) -> Result<Ended> {
    let mut take = |output: Output<'_>| {
        payload(output.payload)?;
        report.push(output.report)?;
        Ok(output.status)
    };
    let mut status = take(session.output()?)?;
    let mut piece = vec![0; PIECE];
    while status == Status::Ok {
        let count = input.read(&mut piece)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
            status = take(session.finish()?)?;
            break;
        };
        status = take(session.push(bytes)?)?;
    }
    Ok(Ended { status, summary: report.end()? })
}
