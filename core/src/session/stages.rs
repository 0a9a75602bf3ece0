//! A run in three stages, so that several sessions share its work: one splits the input, several map, one joins. What comes out is what one session
//! alone gives, byte for byte.
//!
//! Only the joining stage knows the whole set. A mapped record is taken as it is where nothing of the set speaks against its certificates; where
//! something does, or where the stage before it was in doubt, the record is mapped again here, by the same engine, with the set.

mod wire;

use self::wire::{Mapped, Reader, Shard, Unit};
use super::{Engine, Output, Run};
use crate::{
    finding::Detail,
    framer::{Event, Framer},
    observe::Silent,
    options::Mode,
    report::Summary,
    rules,
    set::{Memory, Search},
};

/// Cuts the input into shards: what a call leaves as payload is one shard, or nothing.
#[derive(Debug)]
pub(super) struct Split {
    framer: Framer,
    mode: Mode,
    /// Records in the shards so far.
    records: u64,
}

impl Split {
    pub(super) fn new(run: Run<Silent>) -> Self {
        Self { framer: run.framer, mode: run.engine.options.mode, records: 0 }
    }

    pub(super) fn push(&mut self, piece: &[u8], out: &mut Output) {
        let mut shard = Shard::begin(&mut out.payload, self.records);
        self.framer.push(piece, &mut |event| shard.put(Unit::Event(event)));
        self.records = shard.end();
    }

    pub(super) fn finish(mut self, out: &mut Output) {
        let mut shard = Shard::begin(&mut out.payload, self.records);
        self.framer.finish(&mut |event| shard.put(Unit::Event(event)));
        if self.mode == Mode::Payload && self.framer.has_mark() {
            let _always_goes_on = shard.put(Unit::Mark);
        }
        shard.end();
    }
}

/// Maps and checks the records of one shard a call, each as if it were alone.
#[derive(Debug)]
pub(super) struct Map {
    engine: Engine<Silent>,
    scratch: Output,
    parts: Vec<u8>,
}

impl Map {
    pub(super) fn new(run: Run<Silent>) -> Self {
        Self { engine: run.engine, scratch: Output::default(), parts: Vec::new() }
    }

    pub(super) fn push(&mut self, shard: &[u8], out: &mut Output) {
        let Some((index, mut units, _)) = wire::open(shard) else { return };
        self.engine.index = index;
        self.engine.tally = self.engine.fresh_tally();
        self.parts.clear();
        let mut tally = None;
        while let Some(unit) = units.unit() {
            match unit {
                Unit::Event(event @ Event::Record { .. }) => {
                    if self.record(event) && tally.is_none() {
                        // what comes after it isn't read
                        tally = Some(core::mem::take(&mut self.engine.tally));
                    }
                }
                unit => self.engine.index = self.engine.index.saturating_add(unit.records()),
            }
        }
        wire::put_tally(&mut out.payload, tally.as_mut().unwrap_or(&mut self.engine.tally));
        out.payload.extend_from_slice(&self.parts);
    }

    /// Maps a record; true if it ends the reading.
    fn record(&mut self, event: Event<'_>) -> bool {
        let Self { engine, scratch, parts } = self;
        scratch.clear();
        engine.summary = Summary { complete: true, ..Summary::default() };
        engine.seen = Memory::Noted(Vec::new());
        engine.begun = true;
        engine.writer.go_on();
        let flow = engine.take(event, scratch);
        // what ends the reading tells of what was read before, which isn't known here
        let in_doubt = flow.is_break() || !engine.summary.complete;
        let Memory::Noted(certificates) = &engine.seen else { return true };
        let (payload, report) = (&scratch.payload[..], &scratch.report[..]);
        let mapped = Mapped { summary: &engine.summary, certificates, payload, report };
        wire::put_mapped(parts, (!in_doubt).then_some(&mapped));
        flow.is_break()
    }
}

/// Joins what was mapped. Each call takes a shard and, behind it, what came of it; in the input's order.
#[derive(Debug)]
pub(super) struct Join {
    engine: Engine<Silent>,
    /// Nothing is read any more.
    ended: bool,
}

impl Join {
    pub(super) fn new(run: Run<Silent>) -> Self {
        Self { engine: run.engine, ended: false }
    }

    pub(super) fn push(&mut self, shard_and_parts: &[u8], out: &mut Output) {
        let Some((_, mut units, mut parts)) = wire::open(shard_and_parts) else {
            self.engine.stop(&rules::CALL_ORDER, Detail::Nothing, None, out);
            return;
        };
        // what was counted already isn't counted again if it must be mapped again here
        let mut tally = core::mem::take(&mut self.engine.tally);
        if self.ended || !parts.tally(&mut tally) {
            core::mem::swap(&mut self.engine.tally, &mut tally);
        }
        while let Some(unit) = units.unit() {
            match unit {
                Unit::Mark => self.engine.stop(&rules::PAYLOAD_BOM, Detail::Nothing, Some(0), out),
                Unit::Event(_) if self.ended => {}
                Unit::Event(event @ Event::Record { .. }) => self.record(event, &mut parts, out),
                Unit::Event(event) => self.ended |= self.engine.take(event, out).is_break(),
            }
        }
        if self.engine.tally.places.is_empty() {
            self.engine.tally = tally;
        }
    }

    fn record(&mut self, event: Event<'_>, parts: &mut Reader<'_>, out: &mut Output) {
        let mut summary = Summary::default();
        let mut certificates = Vec::new();
        let adopted = match parts.mapped(&mut summary, &mut certificates) {
            Some((payload, report)) => {
                let mapped = Mapped { summary: &summary, certificates: &certificates, payload, report };
                self.engine.adopt(&mapped, out)
            }
            None => false,
        };
        if !adopted {
            self.ended |= self.engine.take(event, out).is_break();
        }
    }

    /// Makes this the second run.
    pub(super) fn search(&mut self, search: Search) {
        self.engine.seen.search(search);
    }

    pub(super) fn finish(mut self, out: &mut Output) -> (Summary, Search) {
        self.engine.end(out);
        (self.engine.summary, self.engine.seen.into_search())
    }
}

impl Engine<Silent> {
    /// Takes a mapped record as it is, unless the set speaks against it.
    fn adopt(&mut self, mapped: &Mapped<'_>, out: &mut Output) -> bool {
        if !self.seen.admit(mapped.certificates) {
            return false;
        }
        if let Some((_comma, elements)) = mapped.payload.split_first() {
            out.payload.push(if self.begun { b',' } else { b'[' });
            out.payload.extend_from_slice(elements);
        }
        self.begun |= mapped.summary.accepted > 0;
        self.writer.adopt(&mut out.report, mapped.report);
        self.summary.add(mapped.summary);
        self.index = self.index.saturating_add(1);
        true
    }
}

impl Unit<'_> {
    /// How many records it is: one that can't be read counts as well.
    fn records(self) -> u64 {
        u64::from(matches!(
            self,
            Unit::Event(
                Event::Record { .. }
                    | Event::TooLarge { .. }
                    | Event::TooDeep { .. }
                    | Event::Truncated { inside_record: true, .. }
            )
        ))
    }
}
