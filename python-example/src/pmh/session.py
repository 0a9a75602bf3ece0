"""The wasmtime host of ``pmh.wasm``: moves bytes in and out as ``wasm/ABI.md`` says, and nothing more.

It must never look into a record, a profile or a payload. Each session runs in an instance of its own, with limits on
memory and on the time of a call; after a trap the instance is thrown away.
"""

from __future__ import annotations

import json
import math
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from wasmtime import Func, Instance, Memory, Store, Trap, TrapCode, WasmtimeError

from .engine import TICK, compiled
from .errors import Lang, PmhError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from typing_extensions import Self

ABI_VERSION: Final = 1
"""The ABI version that this host was written for."""

PIECE: Final = 256 * 1024
"""How many bytes go to the module in one call; longer input is cut."""

_MIB: Final = 1 << 20
_FUNCTIONS: Final = (
    "pmh_abi_version", "pmh_alloc", "pmh_free", "pmh_open", "pmh_status",
    "pmh_push", "pmh_finish", "pmh_reset", "pmh_output_ptr", "pmh_output_len",
)  # fmt: skip

Bytes: TypeAlias = "bytes | bytearray | memoryview"
"""What input may come as."""


@dataclass(frozen=True)
class Limits:
    """What one session may use."""

    memory: int = 256 * _MIB
    """Memory of its instance in bytes; the default is enough for about eight million records."""
    seconds: float = 60.0
    """Time of one call, which as a rule takes milliseconds."""


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
        limits: Limits = Limits(),
        module: bytes | None = None,
    ) -> None:
        """Make an instance and open a session in it.

        ``profile`` is the JSON document; ``options`` are those of ``wasm/ABI.md``;
        ``module`` takes the place of the ``pmh.wasm`` that the package carries.
        """
        self._lang: Lang = "en" if options.get("lang") == "en" else "ja"
        self._limits = limits
        self._ticks = math.ceil(limits.seconds / TICK) + 1  # the first may come at once
        self._turn = threading.Lock()
        self._store: Store | None = None
        try:
            engine, code = compiled(module)
        except WasmtimeError:
            raise self._unfit("it is not core WebAssembly", "コアWebAssemblyではありません") from None
        self._store = Store(engine)
        with self._exclusively() as store:
            store.set_limits(limits.memory, table_elements=100_000, instances=1, tables=4, memories=1)
            store.set_epoch_deadline(self._ticks)
            for item in code.imports:
                name = f"{item.module}.{item.name}"
                raise self._unfit(f"it imports {name}", f"{name} をインポートしています")
            try:
                exports = Instance(store, code, []).exports(store)
            except (WasmtimeError, Trap):
                raise self._unfit("it does not start within the limits", "制限の範囲内で起動しません") from None
            functions = {name: export for name, export in exports.items() if isinstance(export, Func)}
            memory = exports.get("memory")
            missing = [name for name in _FUNCTIONS if name not in functions]
            if missing or not isinstance(memory, Memory):
                lacks = ", ".join(missing or ["memory"])
                raise self._unfit(f"it does not export {lacks}", f"{lacks} がエクスポートされていません")
            self._functions, self._memory = functions, memory
            if (version := self._call(store, "pmh_abi_version")) != ABI_VERSION:
                raise self._unfit(
                    f"its ABI has version {version}, this program needs version {ABI_VERSION}",
                    f"ABIのバージョンは {version} ですが、このプログラムには {ABI_VERSION} が必要です",
                )
            lent = [self._lend(store, text) for text in (profile, _json(options))]
            self._id = self._call(store, "pmh_open", *lent[0], *lent[1])
            for pointer, length in lent:
                self._call(store, "pmh_free", pointer, length)
            self._settle(store, self._call(store, "pmh_status", self._id))
            self._buffer = self._allocate(store, PIECE)

    def stream(self, pieces: Iterable[Bytes]) -> Iterator[Output]:
        """Run one whole input, cut anywhere; outputs come as the input goes in, so neither is held as a whole."""
        yield self.reset()
        for piece in pieces:
            yield self.push(piece)
        yield self.finish()

    def push(self, piece: Bytes) -> Output:
        """Hand over the next bytes of the input, cut anywhere."""
        view = memoryview(piece).cast("B")
        with self._exclusively() as store:
            outputs = []
            for start in range(0, len(view), PIECE):
                part = bytearray(view[start : start + PIECE])
                self._memory.write(store, part, self._buffer)
                outputs.append(self._settle(store, self._call(store, "pmh_push", self._id, self._buffer, len(part))))
        return Output(b"".join(o.payload for o in outputs), b"".join(o.report for o in outputs))

    def finish(self) -> Output:
        """Say that the input has ended."""
        with self._exclusively() as store:
            return self._settle(store, self._call(store, "pmh_finish", self._id))

    def reset(self) -> Output:
        """Go back to the state after opening, with the same profile and options."""
        with self._exclusively() as store:
            return self._settle(store, self._call(store, "pmh_reset", self._id))

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
    def _exclusively(self) -> Iterator[Store]:
        """Keep other threads out, whose calls would corrupt the memory, and throw a failed instance away."""
        if not self._turn.acquire(blocking=False):
            raise RuntimeError("this session is at work in another thread: open one for each thread")
        try:
            if self._store is None:
                raise ValueError("the session is closed")
            yield self._store
        except BaseException as error:
            # only after a call out of order is nothing lost: an interrupted one leaves outputs that nobody has read
            if not (isinstance(error, PmhError) and error.code == "PMH9102"):
                self._discard()
            raise
        finally:
            self._turn.release()

    def _discard(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _call(self, store: Store, name: str, *arguments: int) -> int:
        store.set_epoch_deadline(self._ticks)
        try:
            result: int = self._functions[name](store, *arguments)
        except (WasmtimeError, Trap) as error:
            trap = error.trap_code if isinstance(error, Trap) else None
            if trap is TrapCode.INTERRUPT:
                raise self._error("PMH6403", f"{self._limits.seconds:g}") from None
            # a module that gets no more memory can but stop; a buffer that doubles may ask for twice what is in use
            if trap is TrapCode.UNREACHABLE and 3 * self._memory.data_len(store) >= self._limits.memory:
                raise self._error("PMH6404", self._limits.memory // _MIB) from None
            raise self._error("PMH6402", f"{name}: {trap.name if trap else type(error).__name__}") from None
        return result

    def _settle(self, store: Store, status: int) -> Output:
        """Read both outputs after a call, and raise what the module refused."""
        if status not in range(4):
            raise self._error("PMH6405", f"status {status}")
        output = Output(self._output(store, 0), self._output(store, 1))
        if status:
            raise PmhError.of_report(output.report)
        return output

    def _output(self, store: Store, which: int) -> bytes:
        if (length := self._call(store, "pmh_output_len", self._id, which)) == 0:
            return b""
        start = self._call(store, "pmh_output_ptr", self._id, which) & 0xFFFF_FFFF
        if not 0 < length <= self._memory.data_len(store) - start:
            raise self._error("PMH6405", "pmh_output_ptr, pmh_output_len")
        return bytes(self._memory.read(store, start, start + length))

    def _lend(self, store: Store, text: bytes) -> tuple[int, int]:
        pointer = self._allocate(store, len(text))
        if text:
            self._memory.write(store, bytearray(text), pointer)
        return pointer, len(text)

    def _allocate(self, store: Store, length: int) -> int:
        pointer = self._call(store, "pmh_alloc", length) & 0xFFFF_FFFF
        if pointer == 0:
            raise self._error("PMH6404", self._limits.memory // _MIB)
        if pointer > self._memory.data_len(store) - length:
            raise self._error("PMH6405", "pmh_alloc")
        return pointer

    def _error(self, code: str, detail: object) -> PmhError:
        return PmhError.of_code(code, self._lang, detail)

    def _unfit(self, english: str, japanese: str) -> PmhError:
        return self._error("PMH6401", english if self._lang == "en" else japanese)


def _json(options: Mapping[str, object]) -> bytes:
    return json.dumps(dict(options), separators=(",", ":")).encode()
