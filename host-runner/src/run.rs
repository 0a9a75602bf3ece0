//! One input through the module: bytes in, payload and report out, in flat memory.

use std::num::NonZeroUsize;

use crate::{
    crew::Crew,
    failure::{Failure, Result},
    input::Input,
    module::{Module, Options, Output, Session, Stage, Status},
    report::{Report, Summary},
};

/// How much is read and handed over at a time: with what becomes of it, it fits into the cache that a core has to itself.
const PIECE: usize = 64 * 1024;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Anything but [`Status::Ok`]: the profile or the options have errors, and nothing was read.
    pub status: Status,
    /// The counts.
    pub summary: Summary,
}

/// What a run begins with.
pub struct Job<'a> {
    /// The module.
    pub module: &'a Module,
    /// The profile's bytes.
    pub profile: &'a [u8],
    /// The options.
    pub options: Options,
    /// Sessions that map at the same time. How many there are changes nothing of what comes out.
    pub jobs: NonZeroUsize,
}

impl Job<'_> {
    /// The session that payload and report come from; profile and options that can't be used show in its output.
    ///
    /// # Errors
    ///
    /// As [`Module::session`].
    pub fn open(&self) -> Result<Session> {
        self.session(if self.is_shared() { Stage::Join } else { Stage::Whole })
    }

    fn is_shared(&self) -> bool {
        self.jobs > NonZeroUsize::MIN
    }

    /// A session for one stage.
    pub(crate) fn session(&self, stage: Stage) -> Result<Session> {
        self.module.session(self.profile, &Options { stage, ..self.options.clone() })
    }

    /// Runs the whole input; `session` is what [`Job::open`] gave. One that did not open well yields its findings alone.
    ///
    /// # Errors
    ///
    /// What reading, writing and the module fail with.
    pub fn run(
        &self,
        session: &mut Session,
        input: &mut Input,
        mut report: Report,
        mut payload: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Ended> {
        if input.is_a_file() {
            report.hold();
        }
        let mut take = |output: Output<'_>| {
            payload(output.payload)?;
            report.push(output.report)?;
            Ok(output.status)
        };
        let mut status = take(session.output()?)?;
        if status == Status::Ok {
            self.feed(session, input, &mut take)?;
            status = take(session.finish()?)?;
            if status == Status::Ok && report.is_holding() {
                self.name_others(session, input, &mut report, payload)?;
            }
        }
        Ok(Ended { status, summary: report.end()? })
    }

    /// Brings the whole input into the session.
    fn feed(
        &self,
        session: &mut Session,
        input: &mut Input,
        take: &mut impl FnMut(Output<'_>) -> Result<Status>,
    ) -> Result<()> {
        if self.is_shared() { Crew(self).feed(session, input, take) } else { feed(session, input, take) }
    }

    /// Runs the input a second time, for the names of the other records that the report waits for. What fails here fails nothing but the names, unless it is
    /// the caller's own wish to stop; the caller gets no payload any more.
    fn name_others(
        &self,
        session: &mut Session,
        input: &Input,
        report: &mut Report,
        mut stop: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut stopped = Ok(());
        let mut take = |output: Output<'_>| {
            stopped = stop(&[]);
            match stopped {
                Ok(()) => report.push_second(output.report),
                Err(_) => return Err(Failure::internal("stopped")),
            }
            Ok(output.status)
        };
        let mut second = || -> Result<bool> {
            if !session.locate()? {
                return Ok(false);
            }
            let Some(mut again) = input.again() else { return Ok(false) };
            self.feed(session, &mut again, &mut take)?;
            Ok(take(session.finish()?)? == Status::Ok && again.is_unchanged())
        };
        match second() {
            Ok(true) => report.name(),
            Ok(false) => {}
            Err(failure) => tracing::debug!(code = failure.rule.code, "other records are not named"),
        }
        stopped
    }
}

/// Hands over the whole input, piece by piece.
fn feed(
    session: &mut Session,
    input: &mut Input,
    take: &mut impl FnMut(Output<'_>) -> Result<Status>,
) -> Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = input.read(&mut piece)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
        take(session.push(bytes)?)?;
    }
}
