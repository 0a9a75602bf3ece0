//! What the stages hand to each other, as bytes. Both ends are the same module: it is nobody's format, and may change with every version.
//!
//! A shard is its length in four bytes, the index of its first record, and its units. Numbers are unsigned LEB128. Behind a shard stand the counts of the profile's use, and its parts: one for
//! each record, in their order. Where something doesn't read, there is nothing, and the joining stage does the work itself.
//!
//! What is called often is kept out of line: a module's bytes count more here than a call does.

use core::ops::ControlFlow;

use crate::{
    framer::{Event, Form},
    report::Summary,
    rules,
    scheme::Scheme,
    set::Certificate,
    usage::Tally,
};

/// Something of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit<'a> {
    Event(Event<'a>),
    /// The input, a finished payload, began with a byte order mark.
    Mark,
}

/// What became of a record as long as nothing is known of the set.
#[derive(Debug)]
pub(super) struct Mapped<'a> {
    pub(super) summary: &'a Summary,
    pub(super) certificates: &'a [Certificate],
    /// Each element behind a comma.
    pub(super) payload: &'a [u8],
    pub(super) report: &'a [u8],
}

const LENGTH: usize = 4;

/// A shard that is being written.
pub(super) struct Shard<'o> {
    out: &'o mut Vec<u8>,
    begin: usize,
    records: u64,
    empty: bool,
}

impl<'o> Shard<'o> {
    /// Begins a shard behind so many records.
    pub(super) fn begin(out: &'o mut Vec<u8>, records: u64) -> Self {
        let begin = out.len();
        out.extend_from_slice(&[0; LENGTH]);
        put(out, records);
        Self { out, begin, records, empty: true }
    }

    pub(super) fn put(&mut self, unit: Unit<'_>) -> ControlFlow<()> {
        self.empty = false;
        self.records = self.records.saturating_add(unit.records());
        let (tag, offset, bytes) = match unit {
            Unit::Event(Event::Record { bytes, offset, form }) => {
                let tag = match form {
                    Form::Element => Tag::Element,
                    Form::Line => Tag::Line,
                    Form::LastLine => Tag::LastLine,
                };
                (tag, offset, Some(bytes))
            }
            Unit::Event(Event::TooLarge { offset }) => (Tag::TooLarge, offset, None),
            Unit::Event(Event::TooDeep { offset }) => (Tag::TooDeep, offset, None),
            Unit::Event(Event::NotJson { offset }) => (Tag::NotJson, offset, None),
            Unit::Event(Event::NotUtf8 { offset }) => (Tag::NotUtf8, offset, None),
            Unit::Event(Event::BadArray { offset }) => (Tag::BadArray, offset, None),
            Unit::Event(Event::Truncated { offset, inside_record: false }) => (Tag::Truncated, offset, None),
            Unit::Event(Event::Truncated { offset, inside_record: true }) => {
                (Tag::TruncatedRecord, offset, None)
            }
            Unit::Event(Event::TrailingData { offset }) => (Tag::TrailingData, offset, None),
            Unit::Event(Event::Empty) => (Tag::Empty, 0, None),
            Unit::Mark => (Tag::Mark, 0, None),
        };
        self.out.push(tag as u8);
        put(self.out, offset);
        if let Some(bytes) = bytes {
            put_bytes(self.out, bytes);
        }
        ControlFlow::Continue(())
    }

    /// Ends the shard, which vanishes if it is empty; gives the records up to here.
    pub(super) fn end(self) -> u64 {
        if self.empty {
            self.out.truncate(self.begin);
            return self.records;
        }
        let behind = self.begin.saturating_add(LENGTH);
        let length = u32::try_from(self.out.len().saturating_sub(behind)).unwrap_or(u32::MAX);
        if let Some(place) = self.out.get_mut(self.begin..behind) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        self.records
    }
}

macro_rules! tags {
    ($($name:ident)+) => {
        #[derive(Clone, Copy)]
        enum Tag { $($name),+ }
        const TAGS: &[Tag] = &[$(Tag::$name),+];
    };
}

tags! {
    Element Line LastLine TooLarge TooDeep NotJson NotUtf8 BadArray Truncated TruncatedRecord TrailingData Empty Mark
}

/// A shard's first index and units, and what stands behind it.
pub(super) fn open(bytes: &[u8]) -> Option<(u64, Reader<'_>, Reader<'_>)> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH>()?;
    let (units, behind) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let mut units = Reader(units);
    Some((units.number()?, units, Reader(behind)))
}

/// Writes what became of a record; `None` leaves it to the joining stage.
pub(super) fn put_mapped(out: &mut Vec<u8>, mapped: Option<&Mapped<'_>>) {
    let Some(Mapped { summary, certificates, payload, report }) = mapped else {
        out.push(0);
        return;
    };
    out.push(1);
    for count in [summary.read, summary.accepted, summary.excluded, summary.rejected, summary.warnings] {
        put(out, count);
    }
    put(out, summary.by_code.len() as u64);
    for (code, count) in &summary.by_code {
        put_bytes(out, code.as_bytes());
        put(out, *count);
    }
    put(out, summary.by_scheme.len() as u64);
    for (scheme, count) in &summary.by_scheme {
        put(out, *scheme as u64);
        put(out, *count);
    }
    let used = summary.acknowledged.as_ref().map_or(&[][..], |counts| &counts.by_entry);
    put(out, used.len() as u64);
    for count in used {
        put(out, *count);
    }
    put(out, certificates.len() as u64);
    for certificate in *certificates {
        out.extend_from_slice(&certificate.to_bytes());
    }
    put_bytes(out, payload);
    put_bytes(out, report);
}

#[inline(never)]
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7F) as u8);
}

#[inline(never)]
fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A rule's code, as the rule has it.
#[inline(never)]
fn code(read: &[u8]) -> Option<&'static str> {
    let mut codes = rules::of_records().map(|rule| rule.code);
    codes.find(|code| code.as_bytes() == read)
}

/// Writes what was counted, ahead of the parts.
pub(super) fn put_tally(out: &mut Vec<u8>, tally: &mut Tally) {
    for count in tally.counts() {
        put(out, *count);
    }
}

/// What is left to read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline(never)]
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline(never)]
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// The next unit of a shard.
    pub(super) fn unit(&mut self) -> Option<Unit<'a>> {
        let tag = *TAGS.get(usize::from(self.byte()?))?;
        let offset = self.number()?;
        let mut record = |form| Some(Event::Record { bytes: self.bytes()?, offset, form });
        let event = match tag {
            Tag::Element => record(Form::Element)?,
            Tag::Line => record(Form::Line)?,
            Tag::LastLine => record(Form::LastLine)?,
            Tag::TooLarge => Event::TooLarge { offset },
            Tag::TooDeep => Event::TooDeep { offset },
            Tag::NotJson => Event::NotJson { offset },
            Tag::NotUtf8 => Event::NotUtf8 { offset },
            Tag::BadArray => Event::BadArray { offset },
            Tag::Truncated => Event::Truncated { offset, inside_record: false },
            Tag::TruncatedRecord => Event::Truncated { offset, inside_record: true },
            Tag::TrailingData => Event::TrailingData { offset },
            Tag::Empty => Event::Empty,
            Tag::Mark => return Some(Unit::Mark),
        };
        Some(Unit::Event(event))
    }

    /// Adds what was counted; false, and nothing added, if there is nothing.
    pub(super) fn tally(&mut self, tally: &mut Tally) -> bool {
        let mut ahead = *self;
        if !tally.counts().all(|_| ahead.number().is_some()) {
            return false;
        }
        for count in tally.counts() {
            *count = count.saturating_add(self.number().unwrap_or_default());
        }
        true
    }

    /// What became of the next record: counts and certificates into these, payload and report as they were written.
    pub(super) fn mapped(
        &mut self,
        summary: &mut Summary,
        certificates: &mut Vec<Certificate>,
    ) -> Option<(&'a [u8], &'a [u8])> {
        if self.byte()? == 0 {
            return None;
        }
        let Summary { read, accepted, excluded, rejected, warnings, .. } = summary;
        for count in [read, accepted, excluded, rejected, warnings] {
            *count = self.number()?;
        }
        for _ in 0..self.number()? {
            let code = code(self.bytes()?)?;
            summary.by_code.insert(code, self.number()?);
        }
        for _ in 0..self.number()? {
            let scheme = *Scheme::ALL.get(usize::try_from(self.number()?).ok()?)?;
            summary.by_scheme.insert(scheme, self.number()?);
        }
        for entry in 0..self.number()? {
            summary.used(usize::try_from(entry).ok()?, self.number()?);
        }
        for _ in 0..self.number()? {
            certificates.push(Certificate::from_bytes(*self.take(Certificate::BYTES)?.as_array()?)?);
        }
        Some((self.bytes()?, self.bytes()?))
    }
}
