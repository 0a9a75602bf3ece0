"""Compiled modules: one engine and one clock in a process, whatever the number of threads and sessions."""

from __future__ import annotations

import functools
import importlib.resources
import os
import threading
import time
from typing import Final

from wasmtime import Config, Engine, Module, WasmtimeError

TICK: Final = 0.1
"""Seconds from one tick of the clock, by which time limits are counted, to the next."""

_LOCK: Final = threading.Lock()


def compiled(module: bytes | None) -> tuple[Engine, Module]:
    """Compile a module, or the ``pmh.wasm`` that the package carries; in a process each module is compiled once.

    Raises ``WasmtimeError`` where it is no module that this engine runs.
    """
    with _LOCK:
        return _compile(_packaged() if module is None else module)


@functools.cache
def _packaged() -> bytes:
    return importlib.resources.files(__package__).joinpath("pmh.wasm").read_bytes()


@functools.lru_cache(maxsize=4)
def _compile(module: bytes) -> tuple[Engine, Module]:
    if not module.startswith(b"\0asm"):  # a text would be compiled as WAT, and quoted where it is none
        raise WasmtimeError("no WebAssembly")
    engine = _engine()
    return engine, Module(engine, module)


@functools.cache
def _engine() -> Engine:
    config = Config()
    config.epoch_interruption = True
    config.wasm_relaxed_simd = False
    config.wasm_simd = False
    engine = Engine(config)
    _start_clock(engine)
    return engine


def _start_clock(engine: Engine) -> None:
    def tick() -> None:
        while True:
            time.sleep(TICK)
            engine.increment_epoch()

    threading.Thread(target=tick, name="pmh-clock", daemon=True).start()


def _after_fork() -> None:
    _LOCK.release()
    if _engine.cache_info().currsize:
        _start_clock(_engine())  # the thread that ticked stayed behind in the parent


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_after_fork)
