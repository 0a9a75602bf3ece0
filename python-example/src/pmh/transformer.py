"""A whole transformation as one value, that can be called here or sent to a worker process."""

from __future__ import annotations

import json
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .guest import Limits
from .report import Finding, Summary, read_report
from .session import PIECE, Bytes, Session

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping

    from .errors import Lang


class Result(NamedTuple):
    """What became of one input."""

    payload: bytes
    """A JSON array, as PMH takes it; send it only where ``summary["complete"]`` is true."""
    findings: list[Finding]
    """Everything that is wrong, in the order of the records."""
    summary: Summary
    """How many records became what."""


@dataclass(frozen=True)
class Transformer:
    """A profile with its options. It can be pickled; in each process the module is compiled once, when it's needed."""

    profile: bytes
    """The profile, a JSON document."""
    _: KW_ONLY
    as_of: datetime.date
    """The processing date in Japan."""
    lang: Lang = "ja"
    """The language of the findings."""
    mode: Literal["records", "payload"] = "records"
    """``payload`` checks a finished payload as it is."""
    input: Literal["auto", "json", "ndjson"] = "auto"
    """The form of the input: a JSON array, or one object a line."""
    payload: bool = True
    """Whether the payload is wanted, or the findings alone."""
    limits: Limits = field(default_factory=Limits)
    """What the module may use."""
    module: bytes | None = None
    """A module in place of the ``pmh.wasm`` that the package carries."""

    def session(self) -> Session:
        """Open a session, for inputs that are too large to be held; see ``Session.stream``."""
        options = {
            "asOf": self.as_of.isoformat(),
            "lang": self.lang,
            "mode": self.mode,
            "input": self.input,
            "payload": self.payload,
        }
        return Session(self.profile, options, limits=self.limits, module=self.module)

    def __call__(self, pieces: Iterable[Bytes]) -> Result:
        """Run one input, given in pieces cut anywhere, and hold what comes out.

        Raises ``PmhError`` as ``Session`` does. Records that are wrong don't raise: they are findings.
        """
        with self.session() as session:
            outputs = list(session.stream(pieces))
        findings, summary = read_report(b"".join(output.report for output in outputs))
        return Result(b"".join(output.payload for output in outputs), findings, summary)


def ndjson(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Write records, rows of a database say, as pieces of NDJSON for a session or a transformer.

    Raises ``TypeError`` for a value that JSON doesn't have, and ``ValueError`` for NaN and infinity.
    """
    piece = bytearray()
    for record in records:
        # in ASCII, so that a text that is no Unicode reaches the module too and becomes a finding
        piece += json.dumps(record, allow_nan=False).encode() + b"\n"
        if len(piece) >= PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
