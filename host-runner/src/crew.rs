//! One input through several sessions at once: one splits it, others map, one joins, each in a thread of its own.
//!
//! What comes out is what one session alone gives, byte for byte. Shards go round in turn, and their results are taken in the same turn: the order keeps
//! itself, and no thread gets further ahead of the next than [`AHEAD`] shards.

use std::{
    iter, panic,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use crate::{
    failure::Result,
    input::Input,
    module::{Output, Session, Stage, Status},
    run::Job,
};

/// How much is read for a shard. More than for one session alone: a shard changes hands three times.
const SHARD: usize = 256 * 1024;

/// Shards that may wait for each mapping session, and results for the joining one.
const AHEAD: usize = 8;

/// The sessions of a job beside the one that joins.
pub(crate) struct Crew<'j>(pub(crate) &'j Job<'j>);

impl Crew<'_> {
    /// Brings the whole input into the joining session.
    pub(crate) fn feed(
        &self,
        join: &mut Session,
        input: &mut Input,
        take: &mut impl FnMut(Output<'_>) -> Result<Status>,
    ) -> Result<()> {
        thread::scope(|scope| {
            let (shards, work): (Vec<_>, Vec<_>) = self.channels().unzip();
            let (results, mapped): (Vec<_>, Vec<_>) = self.channels().unzip();
            let mut threads = vec![scope.spawn(move || self.split(input, &shards))];
            for (work, results) in work.into_iter().zip(results) {
                threads.push(scope.spawn(move || self.map(&work, &results)));
            }
            let joined = join_all(join, &mapped, take);
            drop(mapped); // where joining failed, the others find nobody there and stop
            for thread in threads {
                thread.join().unwrap_or_else(|panic| panic::resume_unwind(panic))?;
            }
            joined
        })
    }

    fn channels(&self) -> impl Iterator<Item = (SyncSender<Vec<u8>>, Receiver<Vec<u8>>)> {
        iter::repeat_with(|| sync_channel(AHEAD)).take(self.0.jobs.get())
    }

    /// Reads the input, and hands its shards to the mapping sessions in turn.
    fn split(&self, input: &mut Input, shards: &[SyncSender<Vec<u8>>]) -> Result<()> {
        let mut session = self.0.session(Stage::Split)?;
        let mut turns = shards.iter().cycle();
        let mut piece = vec![0; SHARD];
        loop {
            let count = input.read(&mut piece)?;
            let bytes = piece.get(..count).unwrap_or_default();
            let shard = if bytes.is_empty() { session.finish()? } else { session.push(bytes)? }.payload;
            let is_taken =
                shard.is_empty() || turns.next().is_some_and(|next| next.send(shard.to_vec()).is_ok());
            if bytes.is_empty() || !is_taken {
                return Ok(()); // what isn't taken failed further on, where it is told
            }
        }
    }

    /// Maps shards, and hands on each with what came of it.
    fn map(&self, work: &Receiver<Vec<u8>>, results: &SyncSender<Vec<u8>>) -> Result<()> {
        let mut session = self.0.session(Stage::Map)?;
        for mut shard in work {
            let mapped = session.push(&shard)?.payload;
            shard.extend_from_slice(mapped);
            if results.send(shard).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Joins what the mapping sessions give, in turn, until the next one in turn has no more.
fn join_all(
    join: &mut Session,
    mapped: &[Receiver<Vec<u8>>],
    take: &mut impl FnMut(Output<'_>) -> Result<Status>,
) -> Result<()> {
    for next in mapped.iter().cycle() {
        let Ok(shard) = next.recv() else { break };
        take(join.push(&shard)?)?;
    }
    Ok(())
}
