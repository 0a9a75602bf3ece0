//! Cuts the input into records, whatever the pieces it comes in.
//!
//! Only brackets and quotation marks are counted here; whether a record is JSON is for `serde_json` to say. The result never depends on
//! where the pieces were cut, and no more than one record is ever kept.

mod scan;

use core::ops::ControlFlow;

use memchr::memchr;

use self::scan::{Nesting, Quoted};
use crate::{options::InputFormat, profile::plan::Limits};

/// Something that was found in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    /// A record, or what stands in a record's place.
    Record { bytes: &'a [u8], offset: u64, form: Form },
    /// A record over the limit of bytes; reading goes on behind it.
    TooLarge { offset: u64 },
    /// A record over the limit of nesting; reading goes on behind it.
    TooDeep { offset: u64 },
    /// Neither an array nor objects; reading ends.
    NotJson { offset: u64 },
    /// Bytes that begin another encoding; reading ends.
    NotUtf8 { offset: u64 },
    /// Something other than a comma, a bracket or a value between two records; reading ends.
    BadArray { offset: u64 },
    /// The input ends inside the array; `inside_record` where it ends inside a record.
    Truncated { offset: u64, inside_record: bool },
    /// Something follows the array; reading ends.
    TrailingData { offset: u64 },
    /// There was nothing but white space.
    Empty,
}

/// The form of the input that a record came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// An element of an array.
    Element,
    /// A line.
    Line,
    /// The last line, without a line break behind it.
    LastLine,
}

/// What takes the events; `Break` ends the reading.
pub(crate) type Sink<'s> = dyn FnMut(Event<'_>) -> ControlFlow<()> + 's;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte that matters.
    Start,
    /// In a line.
    Line,
    /// After `[`: a record or `]`.
    First,
    /// After `,`: a record.
    Next,
    /// In an object or array, this deep.
    Nested { depth: usize, string: Quoted },
    /// In a string that stands in a record's place.
    Text { string: Quoted },
    /// In a number or a word that stands in a record's place.
    Word,
    /// After a record: `,` or `]`.
    AfterRecord,
    /// After `]`.
    After,
    /// Nothing is read any more.
    Ended,
}

/// The framer of one input.
#[derive(Debug)]
pub(crate) struct Framer {
    format: InputFormat,
    limits: Limits,
    state: State,
    /// The record so far, where it began in an earlier piece.
    carry: Vec<u8>,
    /// Byte of the input at which the record began.
    start: u64,
    /// Byte of the input behind everything that was pushed.
    end: u64,
    /// Bytes of the record in earlier pieces, kept or not.
    length: usize,
    /// The record is nested deeper than allowed.
    deep: bool,
    /// Bytes of a byte order mark that were seen.
    mark: usize,
}

const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

impl Framer {
    pub(crate) fn new(format: InputFormat, limits: Limits) -> Self {
        Self {
            format,
            limits,
            state: State::Start,
            carry: Vec::new(),
            start: 0,
            end: 0,
            length: 0,
            deep: false,
            mark: 0,
        }
    }

    /// Takes the next piece. Out of line: it has two callers, and its sink is called by address anyway.
    #[inline(never)]
    pub(crate) fn push(&mut self, piece: &[u8], sink: &mut Sink<'_>) {
        let base = self.end;
        self.end = base.saturating_add(piece.len() as u64);
        let mut at = 0;
        while at < piece.len() && self.state != State::Ended {
            let rest = piece.get(at..).unwrap_or_default();
            let offset = base.saturating_add(at as u64);
            let taken = match self.state {
                State::Line => self.line(rest, offset, sink),
                State::Nested { .. } | State::Text { .. } | State::Word => self.value(rest, sink),
                _ => self.between(rest, offset, sink),
            };
            at = at.saturating_add(taken);
        }
    }

    /// True where the input began with a byte order mark.
    pub(crate) fn has_mark(&self) -> bool {
        self.mark == MARK.len()
    }

    /// Says that the input has ended.
    pub(crate) fn finish(&mut self, sink: &mut Sink<'_>) {
        let end = self.end;
        let state = core::mem::replace(&mut self.state, State::Ended);
        let _ended = match state {
            State::Start => sink(Event::Empty),
            State::Line => self.emit(&[], Form::LastLine, sink),
            State::First | State::Next | State::AfterRecord => {
                sink(Event::Truncated { offset: end, inside_record: false })
            }
            State::Nested { .. } | State::Text { .. } | State::Word => {
                sink(Event::Truncated { offset: end, inside_record: true })
            }
            State::After | State::Ended => ControlFlow::Continue(()),
        };
    }

    /// Hands out the last event.
    fn end_reading(&mut self, event: Event<'_>, sink: &mut Sink<'_>) {
        self.state = State::Ended;
        let _ended = sink(event);
    }

    /// White space and punctuation between records. Takes one byte, or none where a record begins at it.
    fn between(&mut self, rest: &[u8], offset: u64, sink: &mut Sink<'_>) -> usize {
        let Some(&byte) = rest.first() else { return 0 };
        if self.state == State::Start {
            return self.first_byte(byte, offset, sink);
        }
        match (self.state, byte) {
            (_, b' ' | b'\t' | b'\n' | b'\r') => 1,
            (State::After, _) => {
                self.end_reading(Event::TrailingData { offset }, sink);
                1
            }
            (State::First | State::AfterRecord, b']') => {
                self.state = State::After;
                1
            }
            (State::AfterRecord, b',') => {
                self.state = State::Next;
                1
            }
            (State::AfterRecord, _) | (_, b',' | b']' | b'}' | b':') => {
                self.end_reading(Event::BadArray { offset }, sink);
                1
            }
            _ => {
                self.start = offset;
                self.state = match byte {
                    b'{' | b'[' => State::Nested { depth: 0, string: Quoted::No },
                    b'"' => State::Text { string: Quoted::No },
                    _ => State::Word,
                };
                0
            }
        }
    }

    /// Tells an array from lines by the first byte that is no white space, behind a byte order mark.
    fn first_byte(&mut self, byte: u8, offset: u64, sink: &mut Sink<'_>) -> usize {
        if MARK.get(self.mark) == Some(&byte) && offset == self.mark as u64 {
            self.mark = self.mark.saturating_add(1);
            return 1;
        }
        match (self.format, byte) {
            _ if self.mark == 1 || self.mark == 2 => self.end_reading(Event::NotUtf8 { offset: 0 }, sink),
            (_, b' ' | b'\t' | b'\n' | b'\r') => {}
            (_, 0xFE | 0xFF) => self.end_reading(Event::NotUtf8 { offset }, sink),
            (InputFormat::Auto | InputFormat::Json, b'[') => self.state = State::First,
            (InputFormat::Ndjson, _) | (InputFormat::Auto, b'{') => {
                self.state = State::Line;
                self.start = offset;
                return 0;
            }
            _ => self.end_reading(Event::NotJson { offset }, sink),
        }
        1
    }

    /// Takes up to and with the line break.
    fn line(&mut self, rest: &[u8], offset: u64, sink: &mut Sink<'_>) -> usize {
        let Some(length) = memchr(b'\n', rest) else {
            self.keep(rest);
            return rest.len();
        };
        let line = rest.get(..length).unwrap_or_default();
        if self.emit(line, Form::Line, sink).is_break() {
            self.state = State::Ended;
        }
        let taken = length.saturating_add(1);
        self.start = offset.saturating_add(taken as u64);
        taken
    }

    /// Takes up to the record's end.
    fn value(&mut self, rest: &[u8], sink: &mut Sink<'_>) -> usize {
        let (taken, scanned) = scan(self.state, rest, self.limits.depth);
        match scanned {
            Scanned::In { state, deep } => {
                self.state = state;
                self.deep |= deep;
                self.keep(rest);
                return rest.len();
            }
            Scanned::End { deep } => self.deep |= deep,
        }
        self.state = State::AfterRecord;
        let last = rest.get(..taken).unwrap_or_default();
        if self.emit(last, Form::Element, sink).is_break() {
            self.state = State::Ended;
        }
        taken
    }

    /// Keeps a part of a record for the next piece, unless the record is over a limit already.
    fn keep(&mut self, part: &[u8]) {
        self.length = self.length.saturating_add(part.len());
        if self.deep || self.length > self.limits.record_bytes {
            self.carry = Vec::new();
        } else {
            self.carry.extend_from_slice(part);
        }
    }

    /// Hands out what was kept and its last part as one record.
    fn emit(&mut self, last: &[u8], form: Form, sink: &mut Sink<'_>) -> ControlFlow<()> {
        let offset = self.start;
        let length = core::mem::take(&mut self.length).saturating_add(last.len());
        let deep = core::mem::take(&mut self.deep);
        let flow = if length > self.limits.record_bytes {
            sink(Event::TooLarge { offset })
        } else if deep {
            sink(Event::TooDeep { offset })
        } else if self.carry.is_empty() {
            emit_whole(last, offset, form, self.limits.depth, sink)
        } else {
            self.carry.extend_from_slice(last);
            emit_whole(&self.carry, offset, form, self.limits.depth, sink)
        };
        self.carry.clear();
        flow
    }
}

fn emit_whole(bytes: &[u8], offset: u64, form: Form, depth: usize, sink: &mut Sink<'_>) -> ControlFlow<()> {
    if form != Form::Element {
        if bytes.trim_ascii().is_empty() {
            return ControlFlow::Continue(());
        }
        if deeper(bytes, depth) {
            return sink(Event::TooDeep { offset });
        }
    }
    sink(Event::Record { bytes, offset, form })
}

/// True where a line is nested deeper than allowed.
fn deeper(bytes: &[u8], depth: usize) -> bool {
    // Most lines hold fewer brackets than the limit has levels, so the exact scan is for the others.
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
    let trimmed = bytes.trim_ascii_start();
    brackets > depth && {
        let state = State::Nested { depth: 0, string: Quoted::No };
        matches!(scan(state, trimmed, depth).1, Scanned::End { deep: true } | Scanned::In { deep: true, .. })
    }
}

enum Scanned {
    /// The record goes on.
    In { state: State, deep: bool },
    /// The record ends.
    End { deep: bool },
}

/// Scans a value; tells how many bytes belong to it where it ends.
fn scan(state: State, bytes: &[u8], deepest: usize) -> (usize, Scanned) {
    match state {
        State::Nested { depth, string } => scan_nested(depth, string, bytes, deepest),
        State::Text { string } => scan_text(string, bytes),
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            match bytes.iter().position(ends) {
                Some(end) => (end, Scanned::End { deep: false }),
                None => (bytes.len(), Scanned::In { state, deep: false }),
            }
        }
    }
}

fn scan_nested(depth: usize, string: Quoted, bytes: &[u8], deepest: usize) -> (usize, Scanned) {
    let mut nesting = Nesting { depth, string, deep: false, deepest };
    let end = nesting.scan(bytes);
    let Nesting { depth, string, deep, .. } = nesting;
    match end {
        Some(end) => (end, Scanned::End { deep }),
        None => (bytes.len(), Scanned::In { state: State::Nested { depth, string }, deep }),
    }
}

fn scan_text(mut string: Quoted, bytes: &[u8]) -> (usize, Scanned) {
    for (at, byte) in bytes.iter().enumerate() {
        string = match (string, byte) {
            (Quoted::Yes, b'\\') => Quoted::Escaped,
            (Quoted::Yes, b'"') => return (at + 1, Scanned::End { deep: false }),
            _ => Quoted::Yes,
        };
    }
    (bytes.len(), Scanned::In { state: State::Text { string }, deep: false })
}
