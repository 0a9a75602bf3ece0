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

ALLOWED = 6 << 20
"""What a process may grow by: six bytes a call, less than any object that could leak."""


class Growth(NamedTuple):
    """How many bytes came on top between two moments."""

    module: int
    process: int


class Measured:
    """Counts a session's calls of the module, and measures."""

    def __init__(self, session: pmh.Session) -> None:
        assert session._guest is not None
        self.guest = session._guest
        self.calls = 0
        self._call = self.guest.call
        self.guest.call = self._counted  # type: ignore[method-assign]

    def _counted(self, name: str, *arguments: int) -> int:
        self.calls += 1
        return self._call(name, *arguments)

    def growth(self, warm_up: Callable[[], None], work: Callable[[], None]) -> Growth:
        warm_up()
        before = self.guest.memory, psutil.Process().memory_info().rss
        work()
        return Growth(self.guest.memory - before[0], psutil.Process().memory_info().rss - before[1])


def million_small() -> tuple[Growth, int]:
    """Push an input a byte a call, each followed by the calls that look for outputs."""
    many = RECORDS * (340_000 // len(RECORDS) + 1)
    with pmh.Session(PROFILE, OPTIONS) as session:
        measured = Measured(session)

        def run(count: int) -> None:
            session.reset()
            for byte in range(count):
                session.push(many[byte : byte + 1])

        growth = measured.growth(lambda: run(20_000), lambda: run(340_000))
        return growth, measured.calls


def thousand_large() -> tuple[Growth, int]:
    """Push the most that this host hands over in one call, each time as an input of its own."""
    large = (RECORDS * (pmh.session.PIECE // len(RECORDS) + 1))[: pmh.session.PIECE]
    count = 0
    with pmh.Session(PROFILE, OPTIONS) as session:
        measured = Measured(session)

        def run(times: int) -> None:
            nonlocal count
            for _ in range(times):
                session.reset()
                count += len(session.push(large).payload) > 1000

        return measured.growth(lambda: run(20), lambda: run(1000)), count


def thousand_sessions() -> tuple[Growth, int]:
    """Open a session for each input, as a worker does that is handed one small input after another."""
    with pmh.Session(PROFILE, OPTIONS) as session:
        measured = Measured(session)

        def run(times: int) -> None:
            for _ in range(times):
                TRANSFORMER([RECORDS])

        return measured.growth(lambda: run(50), lambda: run(1000)), 1000


def leak() -> tuple[Growth, int]:
    """Never give room back."""
    with pmh.Session(PROFILE, OPTIONS) as session:
        measured = Measured(session)

        def run(times: int) -> None:
            for _ in range(times):
                measured.guest.lend(bytes(pmh.session.PIECE))

        return measured.growth(lambda: run(1), lambda: run(100)), 100


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
