//! The body of a request: the share of the payload between brackets, hashed as it leaves.
//!
//! What harms unseen is a body that isn't what the ledger says: the payload was changed after it was checked, even in the
//! middle of sending. So the closing bracket is withheld until the hash of everything else is right. Otherwise the body ends
//! early: shorter than its `Content-Length` and no complete JSON, it can't be registered.

use std::{
    io::{self, Read},
    mem,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    task::{JoinHandle, spawn_blocking},
};

use super::PIECE;
use crate::{
    key::BodyHasher,
    spool::{Part, ReadAt, Spool},
};

/// How far a body has come, and whether to go on.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) moved: AtomicU64,
    pub(super) stopped: AtomicBool,
    /// What was read isn't what the ledger says.
    pub(super) changed: AtomicBool,
}

/// The next step of the reader.
enum Step {
    /// To fetch the next bytes of the file.
    Fetch(ReadAt),
    /// A read is under way.
    Reading(JoinHandle<(ReadAt, io::Result<Vec<u8>>)>),
    /// The last byte was given.
    Done,
}

/// Reads the body of one request.
pub(super) struct Sealed {
    step: Step,
    ready: io::Cursor<Vec<u8>>,
    /// Bytes of the share that haven't come yet.
    left: u64,
    hash: BodyHasher,
    expected: String,
    flow: Arc<Flow>,
}

impl Sealed {
    pub(super) fn new(spool: &Spool, part: &Part, expected: &str, flow: Arc<Flow>) -> Self {
        let (share, mut hash) = spool.share(part);
        hash.update(b"[");
        Self {
            step: Step::Fetch(share),
            ready: io::Cursor::new(b"[".to_vec()),
            left: part.end.saturating_sub(part.start),
            hash,
            expected: expected.to_owned(),
            flow,
        }
    }

    /// The closing bracket, if everything ahead of it is what the ledger says.
    fn seal(&mut self) -> io::Result<Vec<u8>> {
        self.hash.update(b"]");
        if self.left == 0 && self.hash.finish() == self.expected {
            return Ok(b"]".to_vec());
        }
        self.flow.changed.store(true, Ordering::Relaxed);
        Err(io::Error::other("the payload changed"))
    }
}

/// Reads a piece from the disk, away from the thread that talks to the network.
fn fetch(mut share: ReadAt) -> Step {
    Step::Reading(spawn_blocking(move || {
        let mut piece = vec![0; PIECE];
        let read = share.read(&mut piece).map(|count| {
            piece.truncate(count);
            piece
        });
        (share, read)
    }))
}

impl AsyncRead for Sealed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let count = self.ready.read(buffer.initialize_unfilled())?;
            buffer.advance(count);
            if count > 0 || buffer.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            self.step = match mem::replace(&mut self.step, Step::Done) {
                Step::Fetch(share) if self.left > 0 => fetch(share),
                Step::Fetch(_) => {
                    self.ready = io::Cursor::new(self.seal()?);
                    Step::Done
                }
                Step::Reading(mut reading) => match Pin::new(&mut reading).poll(cx) {
                    Poll::Pending => {
                        self.step = Step::Reading(reading);
                        return Poll::Pending;
                    }
                    Poll::Ready(read) => {
                        let (share, read) = read.map_err(io::Error::other)?;
                        let piece = read?;
                        if piece.is_empty() {
                            // the file has become shorter
                            return Poll::Ready(self.seal().map(drop));
                        }
                        self.left = self.left.saturating_sub(piece.len() as u64);
                        self.hash.update(&piece);
                        self.ready = io::Cursor::new(piece);
                        Step::Fetch(share)
                    }
                },
                Step::Done => return Poll::Ready(Ok(())),
            };
        }
    }
}
