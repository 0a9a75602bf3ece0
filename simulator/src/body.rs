//! Judges a body while it arrives: its encoding, its JSON, and each element against the contract.
//!
//! It must never hold more than one element and a few pieces of the body (unless bodies are kept), and never let a
//! parser's own error text out, since that quotes the body.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::error::Category;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use crate::book::Accepted;
use crate::contract::Contract;
use crate::refusal::Refusal;
use crate::unique::Unique;

/// How many pieces may wait between the network and the parser.
const WAITING_PIECES: usize = 4;

/// Reads a body to its end, even where it is refused early: a sender that looks for the answer only after its last
/// byte would see a broken connection instead.
pub(crate) async fn judge(
    contract: Arc<Contract>,
    keep: bool,
    mut body: Incoming,
) -> Result<Accepted, Refusal> {
    let (pieces, arriving) = mpsc::channel(WAITING_PIECES);
    let verdict = tokio::task::spawn_blocking(move || parse(&contract, Arriving::new(arriving, keep)));
    while let Some(frame) = body.frame().await {
        let piece = match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(_trailers)) => continue,
            Err(_) => Err(io::ErrorKind::ConnectionAborted.into()),
        };
        // Fails once the parser has given up: the rest is only drained.
        let _ = pieces.send(piece).await;
    }
    drop(pieces);
    verdict.await.unwrap_or(Err(Refusal::Broken))
}

fn parse(contract: &Contract, mut arriving: Arriving) -> Result<Accepted, Refusal> {
    let mut start = Vec::new();
    let read = arriving.by_ref().take(3).read_to_end(&mut start);
    if start == "\u{feff}".as_bytes() {
        return Err(Refusal::ByteOrderMark);
    }
    let mut elements = Elements { contract, seen: None, refusal: None };
    let parsed = read.map_err(serde_json::Error::io).and_then(|_| {
        let mut json =
            serde_json::Deserializer::from_reader(BufReader::new(start.as_slice().chain(&mut arriving)));
        json.deserialize_seq(&mut elements)?;
        json.end()
    });
    match (parsed, elements) {
        (Ok(()), Elements { seen, .. }) => Ok(arriving.accepted(seen.unwrap_or(0))),
        (Err(_), Elements { refusal: Some(refusal), .. }) => Err(refusal),
        (Err(error), Elements { seen, .. }) => Err(match (error.classify(), seen) {
            (Category::Io, _) => arriving.not_utf8_at.map_or(Refusal::Broken, |at| Refusal::NotUtf8 { at }),
            (Category::Syntax | Category::Eof, _) => {
                Refusal::NotJson { line: error.line(), column: error.column() }
            }
            (Category::Data, None) => Refusal::NotAnArray,
            (Category::Data, Some(index)) => Refusal::DuplicateKey { index },
        }),
    }
}

/// Takes the elements of the array one by one.
struct Elements<'a> {
    contract: &'a Contract,
    /// How many were right; none until the array has begun.
    seen: Option<u64>,
    refusal: Option<Refusal>,
}

impl<'de> Visitor<'de> for &mut Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0;
        self.seen = Some(index);
        while let Some(Unique(recipient)) = items.next_element()? {
            if let Some((pointer, keyword)) = self.contract.fault(&recipient) {
                self.refusal = Some(Refusal::Schema { index, pointer, keyword });
                return Err(A::Error::custom("refused"));
            }
            index += 1;
            self.seen = Some(index);
        }
        Ok(())
    }
}

/// The body as a blocking reader that counts, hashes and checks the encoding of what goes through.
struct Arriving {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    /// The bytes of a character that the end of a piece cut in two: three at most.
    cut: Vec<u8>,
    not_utf8_at: Option<u64>,
    bytes: u64,
    hash: Sha256,
    kept: Option<Vec<u8>>,
}

impl Arriving {
    fn new(pieces: mpsc::Receiver<io::Result<Bytes>>, keep: bool) -> Self {
        Self {
            pieces,
            piece: Bytes::new(),
            cut: Vec::new(),
            not_utf8_at: None,
            bytes: 0,
            hash: Sha256::new(),
            kept: keep.then(Vec::new),
        }
    }

    fn accepted(self, records: u64) -> Accepted {
        let sha256 = format!("{:x}", self.hash.finalize());
        Accepted { records, bytes: self.bytes, sha256, body: self.kept }
    }

    fn inspect(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut rest = piece;
        while !self.cut.is_empty()
            && let Some((first, others)) = rest.split_first()
        {
            self.cut.push(*first);
            rest = others;
            match std::str::from_utf8(&self.cut) {
                Ok(_) => self.cut.clear(),
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(self.not_utf8(0)),
            }
        }
        if let Err(error) = std::str::from_utf8(rest) {
            let (right, wrong) = rest.split_at(error.valid_up_to());
            if error.error_len().is_some() {
                return Err(self.not_utf8(piece.len() - rest.len() + right.len()));
            }
            self.cut = wrong.to_vec();
        }
        self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.hash.update(piece);
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(piece);
        }
        Ok(())
    }

    /// `offset` counts from the start of the piece at hand.
    fn not_utf8(&mut self, offset: usize) -> io::Error {
        self.not_utf8_at = Some(self.bytes + u64::try_from(offset).unwrap_or(u64::MAX));
        io::ErrorKind::InvalidData.into()
    }
}

impl Read for Arriving {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            let Some(piece) = self.pieces.blocking_recv() else {
                return if self.cut.is_empty() { Ok(0) } else { Err(self.not_utf8(0)) };
            };
            let piece = piece?;
            self.inspect(&piece)?;
            self.piece = piece;
        }
        let count = self.piece.len().min(into.len());
        let (now, _) = into.split_at_mut(count);
        now.copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}
