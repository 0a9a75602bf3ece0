"""A million small calls and a thousand large ones leave memory as it was: the module's to the byte.

Each measurement has a process of its own, in which nothing that was freed before can hide growth.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

import pmh
from support import OPTIONS, PROFILE, RECORDS, TRANSFORMER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wasmtime import Store

ALLOWED = 6 << 20
"""What a process may grow by: six bytes a call, less than any object that could leak."""


class Growth(NamedTuple):
    """How many bytes came on top between two moments."""

    module: int
    process: int


class CountingSession(pmh.Session):
    """Counts the calls of the module."""

    calls = 0

    def _call(self, store: Store, name: str, *arguments: int) -> int:
        self.calls += 1
        return super()._call(store, name, *arguments)

    @property
    def sizes(self) -> tuple[int, int]:
        with self._exclusively() as store:
            return self._memory.data_len(store), psutil.Process().memory_info().rss

    def growth(self, warm_up: Callable[[], None], work: Callable[[], None]) -> Growth:
        warm_up()
        before = self.sizes
        work()
        after = self.sizes
        return Growth(after[0] - before[0], after[1] - before[1])


def million_small() -> tuple[Growth, int]:
    """Push an input a byte a call, each followed by the calls that look for outputs."""
    many = RECORDS * (340_000 // len(RECORDS) + 1)
    with CountingSession(PROFILE, OPTIONS) as session:

        def run(count: int) -> None:
            session.reset()
            for byte in range(count):
                session.push(many[byte : byte + 1])

        growth = session.growth(lambda: run(20_000), lambda: run(340_000))
        return growth, session.calls


def thousand_large() -> tuple[Growth, int]:
    """Push the most that this host hands over in one call, each time as an input of its own."""
    large = (RECORDS * (pmh.session.PIECE // len(RECORDS) + 1))[: pmh.session.PIECE]
    count = 0
    with CountingSession(PROFILE, OPTIONS) as session:

        def run(times: int) -> None:
            nonlocal count
            for _ in range(times):
                session.reset()
                count += len(session.push(large).payload) > 1000

        return session.growth(lambda: run(20), lambda: run(1000)), count


def thousand_sessions() -> tuple[Growth, int]:
    """Open a session for each input, as a worker does that is handed one small input after another."""
    with CountingSession(PROFILE, OPTIONS) as session:

        def run(times: int) -> None:
            for _ in range(times):
                TRANSFORMER([RECORDS])

        return session.growth(lambda: run(50), lambda: run(1000)), 1000


def leak() -> tuple[Growth, int]:
    """Never give room back."""
    with CountingSession(PROFILE, OPTIONS) as session:

        def run(times: int) -> None:
            with session._exclusively() as store:
                for _ in range(times):
                    session._lend(store, bytes(pmh.session.PIECE))

        return session.growth(lambda: run(1), lambda: run(100)), 100


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, Future[tuple[Growth, int]]]]:
    """Start every measurement at once, each in a process of its own."""
    with ExitStack() as stack:
        futures = {}
        for work in (million_small, thousand_large, thousand_sessions, leak):
            pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            futures[work.__name__] = stack.enter_context(pool).submit(work)
        yield futures


def test_a_million_small_calls(measured: dict[str, Future[tuple[Growth, int]]]) -> None:
    growth, calls = measured["million_small"].result()
    assert calls > 1_000_000
    assert growth.module == 0
    assert growth.process < ALLOWED


def test_a_thousand_large_calls(measured: dict[str, Future[tuple[Growth, int]]]) -> None:
    growth, calls = measured["thousand_large"].result()
    assert calls == 1020
    assert growth.module == 0
    assert growth.process < ALLOWED


def test_a_thousand_sessions(measured: dict[str, Future[tuple[Growth, int]]]) -> None:
    growth, _ = measured["thousand_sessions"].result()
    assert growth.process < ALLOWED


def test_these_measurements_would_see_a_leak(measured: dict[str, Future[tuple[Growth, int]]]) -> None:
    growth, _ = measured["leak"].result()
    assert growth.module >= 100 * pmh.session.PIECE
    assert growth.process > ALLOWED
