//! The sessions of one module instance, by number. Safe code; the pointers are `abi`'s business.

use pmh_core::{Document, Finding, Invalid, Job, Output, ReportFormat, Search, Session, failure, rules};

use crate::trap;

/// How a call went; see `ABI.md`, "Status".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum Status {
    Ok = 0,
    Profile = 1,
    Options = 2,
    Order = 3,
    Session = 4,
    Argument = 5,
    Nothing = 6,
}

/// One open session.
struct Slot {
    /// What a reset starts from; `None` where the session failed to open.
    job: Option<Job>,
    /// `None` before a reset and after the end.
    run: Option<Session>,
    /// What a second run needs, after a first one that found something to search for.
    search: Search,
    output: Output,
    status: Status,
}

/// Every session of the instance; a number is used once.
#[derive(Default)]
pub(crate) struct Sessions {
    /// Few are ever open at once.
    slots: Vec<(i32, Slot)>,
    last: i32,
}

impl Sessions {
    /// Nothing is open.
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), last: 0 }
    }

    /// Opens a session, whatever came of it, and tells its number.
    pub(crate) fn open(&mut self, profile: &[u8], options: &[u8]) -> i32 {
        let slot =
            Job::from_json(profile, options).map_or_else(|invalid| Slot::failed(&invalid), Slot::opened);
        // 2^31 sessions of one instance would take years; then the numbers begin again
        self.last = self.last.checked_add(1).unwrap_or(1);
        self.slots.push((self.last, slot));
        self.last
    }

    fn slot(&self, session: i32) -> Option<&Slot> {
        self.slots.iter().find(|(number, _)| *number == session).map(|(_, slot)| slot)
    }

    fn slot_mut(&mut self, session: i32) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|(number, _)| *number == session).map(|(_, slot)| slot)
    }

    /// The status of a session's last call.
    pub(crate) fn status(&self, session: i32) -> Status {
        self.slot(session).map_or(Status::Session, |slot| slot.status)
    }

    /// Takes the next piece of a session's input.
    pub(crate) fn push(&mut self, session: i32, piece: &[u8]) -> Status {
        self.with_run(session, |slot, mut run| {
            trap::if_asked_for(piece);
            run.push(piece, &mut slot.output);
            slot.run = Some(run);
        })
    }

    /// Ends a session's input.
    pub(crate) fn finish(&mut self, session: i32) -> Status {
        self.with_run(session, |slot, run| {
            slot.search = run.finish_first(&mut slot.output).1;
        })
    }

    /// Back to the state after opening, for a second run over the same input.
    pub(crate) fn locate(&mut self, session: i32) -> Status {
        let Some(slot) = self.slot_mut(session) else { return Status::Session };
        let search = core::mem::take(&mut slot.search);
        if slot.job.is_none() || slot.run.is_some() {
            slot.refuse();
        } else if search.is_empty() {
            slot.output.clear();
            slot.status = Status::Nothing;
        } else {
            slot.reset();
            slot.run = slot.run.take().map(|run| run.searching(search));
        }
        slot.status
    }

    fn with_run(&mut self, session: i32, call: impl FnOnce(&mut Slot, Session)) -> Status {
        let Some(slot) = self.slot_mut(session) else { return Status::Session };
        slot.output.clear();
        match slot.run.take() {
            Some(run) => {
                slot.status = Status::Ok;
                call(slot, run);
            }
            None => slot.refuse(),
        }
        slot.status
    }

    /// Back to the state after opening.
    pub(crate) fn reset(&mut self, session: i32) -> Status {
        let Some(slot) = self.slot_mut(session) else { return Status::Session };
        slot.reset();
        slot.status
    }

    /// Gives everything of a session back.
    pub(crate) fn close(&mut self, session: i32) -> Status {
        let before = self.slots.len();
        self.slots.retain(|(number, _)| *number != session);
        if self.slots.len() < before { Status::Ok } else { Status::Session }
    }

    /// An output of a session: 0 payload, 1 report; empty for anything else.
    pub(crate) fn output(&self, session: i32, which: i32) -> &[u8] {
        match (self.slot(session), which) {
            (Some(slot), 0) => &slot.output.payload,
            (Some(slot), 1) => &slot.output.report,
            _ => &[],
        }
    }
}

impl Slot {
    fn opened(job: Job) -> Self {
        let run = Some(job.session());
        Self { job: Some(job), run, search: Search::default(), output: Output::default(), status: Status::Ok }
    }

    fn failed(invalid: &Invalid) -> Self {
        let status = match invalid.document() {
            Document::Profile => Status::Profile,
            Document::Options => Status::Options,
        };
        let output = Output { payload: Vec::new(), report: invalid.report() };
        Self { job: None, run: None, search: Search::default(), output, status }
    }

    /// Begins anew, if it ever began.
    #[inline(never)]
    fn reset(&mut self) {
        match self.job.take() {
            Some(job) => *self = Self::opened(job),
            None => self.refuse(),
        }
    }

    /// A call that does not fit the state.
    fn refuse(&mut self) {
        let (format, lang) = match self.job.as_ref().map(Job::options) {
            Some(options) => (options.report, options.lang),
            None => (ReportFormat::default(), rules::Lang::default()),
        };
        let report = failure(&[Finding::new(&rules::CALL_ORDER)], format, lang);
        self.output = Output { payload: Vec::new(), report };
        self.status = Status::Order;
    }
}
