"""One instance of ``pmh.wasm`` under wasmtime: calls with a time limit, and bytes in and out, as ``wasm/ABI.md`` says.

It knows nothing of sessions, and must never look into what it carries. What the module answers is checked before use.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wasmtime import Func, Instance, Memory, Store, Trap, TrapCode, WasmtimeError

from .engine import TICK, compiled
from .errors import Lang, PmhError

if TYPE_CHECKING:
    from wasmtime import Module

ABI_VERSION: Final = 1
"""The ABI version that this host was written for."""

_MIB: Final = 1 << 20
_FUNCTIONS: Final = (
    "pmh_abi_version", "pmh_alloc", "pmh_free", "pmh_open", "pmh_status",
    "pmh_push", "pmh_finish", "pmh_reset", "pmh_output_ptr", "pmh_output_len",
)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """What one session may use."""

    memory: int = 256 * _MIB
    """Memory of its instance in bytes; the default is enough for about eight million records."""
    seconds: float = 60.0
    """Time of one call, which as a rule takes milliseconds."""


class Guest:
    """An instance. After a ``PmhError`` it is in an unknown state: close it, and make a new one."""

    def __init__(self, module: bytes | None, limits: Limits, lang: Lang) -> None:
        """Start an instance of the module (``None``: the packaged one), once it's known to be one for this host."""
        self._lang = lang
        self._limits = limits
        self._ticks = math.ceil(limits.seconds / TICK) + 1  # the first may come at once
        try:
            engine, code = compiled(module)
        except WasmtimeError:
            raise self._unfit("it is not core WebAssembly", "コアWebAssemblyではありません") from None
        self._store = Store(engine)
        try:
            self._start(code)
        except BaseException:
            self.close()
            raise

    def has(self, name: str) -> bool:
        """Tell whether the module has an export that modules of earlier versions lack."""
        return name in self._functions

    def call(self, name: str, *arguments: int) -> int:
        """Call an export; what has no result gives nothing of use."""
        self._store.set_epoch_deadline(self._ticks)
        try:
            result: int = self._functions[name](self._store, *arguments)
        except (WasmtimeError, Trap) as error:
            trap = error.trap_code if isinstance(error, Trap) else None
            if trap is TrapCode.INTERRUPT:
                raise self.error("PMH6403", f"{self._limits.seconds:g}") from None
            # a module that gets no more memory can but stop; a buffer that doubles may ask for twice what is in use
            if trap is TrapCode.UNREACHABLE and 3 * self.memory >= self._limits.memory:
                raise self.error("PMH6404", self._limits.memory // _MIB) from None
            raise self.error("PMH6402", f"{name}: {trap.name if trap else type(error).__name__}") from None
        return result

    def allocate(self, length: int) -> int:
        """Make room of this length, which is the caller's to free."""
        pointer = self.call("pmh_alloc", length) & 0xFFFF_FFFF
        if pointer == 0:
            raise self.error("PMH6404", self._limits.memory // _MIB)
        if pointer > self.memory - length:
            raise self.error("PMH6405", "pmh_alloc")
        return pointer

    def lend(self, text: bytes) -> tuple[int, int]:
        """Copy bytes into room of their own: where they are, and how many."""
        pointer = self.allocate(len(text))
        self.write(pointer, text)
        return pointer, len(text)

    def write(self, pointer: int, data: bytes | memoryview) -> None:
        """Copy bytes to a place that was allocated for them."""
        if data:
            self._memory.write(self._store, bytearray(data), pointer)

    def read(self, pointer: int, length: int) -> bytes:
        """Copy bytes from where the module says that they are."""
        start = pointer & 0xFFFF_FFFF
        if not 0 < length <= self.memory - start:
            raise self.error("PMH6405", "pmh_output_ptr, pmh_output_len")
        return bytes(self._memory.read(self._store, start, start + length))

    @property
    def memory(self) -> int:
        """Bytes of memory that the instance has; never shrinks."""
        return self._memory.data_len(self._store)

    def close(self) -> None:
        """Throw the instance away, with everything in it."""
        self._store.close()

    def error(self, code: str, detail: object) -> PmhError:
        """Make the failure of this code, in the language of the messages."""
        return PmhError.of_code(code, self._lang, detail)

    def _start(self, code: Module) -> None:
        store = self._store
        store.set_limits(self._limits.memory, table_elements=100_000, instances=1, tables=4, memories=1)
        store.set_epoch_deadline(self._ticks)
        for item in code.imports:
            name = f"{item.module}.{item.name}"
            raise self._unfit(f"it imports {name}", f"{name} をインポートしています")
        try:
            exports = Instance(store, code, []).exports(store)
        except (WasmtimeError, Trap):
            raise self._unfit("it does not start within the limits", "制限の範囲内で起動しません") from None
        self._functions = {name: export for name, export in exports.items() if isinstance(export, Func)}
        memory = exports.get("memory")
        missing = [name for name in _FUNCTIONS if name not in self._functions]
        if missing or not isinstance(memory, Memory):
            lacks = ", ".join(missing or ["memory"])
            raise self._unfit(f"it does not export {lacks}", f"{lacks} がエクスポートされていません")
        self._memory = memory
        if (version := self.call("pmh_abi_version")) != ABI_VERSION:
            raise self._unfit(
                f"its ABI has version {version}, this program needs version {ABI_VERSION}",
                f"ABIのバージョンは {version} ですが、このプログラムには {ABI_VERSION} が必要です",
            )

    def _unfit(self, english: str, japanese: str) -> PmhError:
        return self.error("PMH6401", english if self._lang == "en" else japanese)
