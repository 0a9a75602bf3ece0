"""Runs inputs through ``pmh.wasm``: opens, pushes, finishes and resets as ``wasm/ABI.md`` says, and nothing more.

It must never look into a record, a profile or a payload. Each session runs in an instance of its own, with limits on
memory and on the time of a call; after a trap the instance is thrown away.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from .errors import PmhError
from .guest import Guest, Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

PIECE: Final = 256 * 1024
"""How many bytes go to the module in one call; longer input is cut."""

_NOTHING: Final = 6
"""The status of ``pmh_locate`` if there is nothing to locate."""

_DEFAULT: Final = Limits()

Bytes: TypeAlias = "bytes | bytearray | memoryview"
"""What input may come as."""


class Output(NamedTuple):
    """What one call produced; joined over a run it is the whole payload (a JSON array) and the whole report."""

    payload: bytes
    report: bytes


class Session:
    """Runs one input after another through the module, in an instance that no other session sees.

    A context manager. It belongs to one thread at a time, and never leaves its process.

    Raises ``PmhError``: 9xxx where the profile or the options have errors (``findings`` lists every one), or a call
    doesn't fit the order; 64xx where the module fails, after which the session is closed.
    A closed session raises ``ValueError``.
    """

    def __init__(
        self,
        profile: bytes,
        options: Mapping[str, object],
        *,
        limits: Limits = _DEFAULT,
        module: bytes | None = None,
    ) -> None:
        """Make an instance and open a session in it.

        ``profile`` is the JSON document; ``options`` are those of ``wasm/ABI.md``;
        ``module`` takes the place of the ``pmh.wasm`` that the package carries.
        """
        self._turn = threading.Lock()
        self._guest: Guest | None = Guest(module, limits, "en" if options.get("lang") == "en" else "ja")
        with self._exclusively() as guest:
            lent = [guest.lend(text) for text in (profile, _json(options))]
            self._id = guest.call("pmh_open", *lent[0], *lent[1])
            for pointer, length in lent:
                guest.call("pmh_free", pointer, length)
            self._settle(guest, guest.call("pmh_status", self._id))
            self._buffer = guest.allocate(PIECE)

    def stream(self, pieces: Iterable[Bytes]) -> Iterator[Output]:
        """Run one whole input, cut anywhere; outputs come as the input goes in, so neither is held as a whole."""
        yield self.reset()
        for piece in pieces:
            yield self.push(piece)
        yield self.finish()

    def push(self, piece: Bytes) -> Output:
        """Hand over the next bytes of the input, cut anywhere."""
        view = memoryview(piece).cast("B")
        with self._exclusively() as guest:
            outputs = []
            for start in range(0, len(view), PIECE):
                part = view[start : start + PIECE]
                guest.write(self._buffer, part)
                outputs.append(self._settle(guest, guest.call("pmh_push", self._id, self._buffer, len(part))))
        return Output(b"".join(o.payload for o in outputs), b"".join(o.report for o in outputs))

    def finish(self) -> Output:
        """Say that the input has ended."""
        with self._exclusively() as guest:
            return self._settle(guest, guest.call("pmh_finish", self._id))

    def reset(self) -> Output:
        """Go back to the state after opening, with the same profile and options."""
        with self._exclusively() as guest:
            return self._settle(guest, guest.call("pmh_reset", self._id))

    def locate(self) -> bool:
        """After ``finish``: go back to the beginning, if a second run over the same input would name other records.

        The second run gives the same payload, and the same report but for ``other`` of findings about two records.
        """
        with self._exclusively() as guest:
            status = guest.call("pmh_locate", self._id) if guest.has("pmh_locate") else _NOTHING
            if status == _NOTHING:
                return False
            self._settle(guest, status)
        return True

    def close(self) -> None:
        """Throw the instance away with everything in it, once a call that is under way has ended."""
        with self._turn:
            self._discard()

    def __enter__(self) -> Self:
        """Give the session itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the session."""
        self.close()

    @contextmanager
    def _exclusively(self) -> Iterator[Guest]:
        """Keep other threads out, whose calls would corrupt the memory, and throw a failed instance away."""
        if not self._turn.acquire(blocking=False):
            raise RuntimeError("this session is at work in another thread: open one for each thread")
        try:
            if self._guest is None:
                raise ValueError("the session is closed")
            yield self._guest
        except BaseException as error:
            # only after a call out of order is nothing lost: an interrupted one leaves outputs that nobody has read
            if not (isinstance(error, PmhError) and error.code == "PMH9102"):
                self._discard()
            raise
        finally:
            self._turn.release()

    def _discard(self) -> None:
        if self._guest is not None:
            self._guest.close()
            self._guest = None

    def _settle(self, guest: Guest, status: int) -> Output:
        """Read both outputs after a call, and raise what the module refused."""
        if status not in range(4):
            raise guest.error("PMH6405", f"status {status}")
        output = Output(self._output(guest, 0), self._output(guest, 1))
        if status:
            raise PmhError.of_report(output.report)
        return output

    def _output(self, guest: Guest, which: int) -> bytes:
        if (length := guest.call("pmh_output_len", self._id, which)) == 0:
            return b""
        return guest.read(guest.call("pmh_output_ptr", self._id, which), length)


def _json(options: Mapping[str, object]) -> bytes:
    return json.dumps(dict(options), separators=(",", ":")).encode()
