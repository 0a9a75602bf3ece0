"""Threads and worker processes give the same bytes, and each process compiles the module once."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

import pmh
from support import ENDLESS, OPTIONS, RECORDS, TRANSFORMER, Vector, run_endless, run_vector, vectors

SOME = vectors()[::7]


def test_eight_threads() -> None:
    start = threading.Barrier(8)

    def work(vectors: list[Vector]) -> list[str]:
        start.wait()
        return [vector.name for vector in vectors if vector.run([vector.input]) != vector.expected]

    with ThreadPoolExecutor(8) as pool:
        turned = [SOME[shift:] + SOME[:shift] for shift in range(8)]
        assert list(pool.map(work, turned)) == [[]] * 8


def test_eight_sessions_of_one_profile_side_by_side() -> None:
    sessions = [TRANSFORMER.session() for _ in range(8)]
    outputs: list[list[pmh.Output]] = [[session.reset()] for session in sessions]
    for byte in range(0, len(RECORDS), 97):
        for session, output in zip(sessions, outputs, strict=True):
            output.append(session.push(RECORDS[byte : byte + 97]))
    for session, output in zip(sessions, outputs, strict=True):
        output.append(session.finish())
        session.close()
    payloads = {b"".join(part.payload for part in output) for output in outputs}
    assert payloads == {TRANSFORMER([RECORDS]).payload}


def test_spawned_workers() -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = list(pool.map(run_vector, SOME))
        assert [output for output, _, _ in done] == [vector.expected for vector in SOME]
        assert all(process != os.getpid() and compiled == 1 for _, process, compiled in done)
        # a transformer goes there as it is, and so does what comes of it
        assert next(pool.map(TRANSFORMER, [[RECORDS]])) == TRANSFORMER([RECORDS])
        with pytest.raises(pmh.PmhError) as refused:
            pool.submit(pmh.Transformer(b"{}", as_of=TRANSFORMER.as_of), [RECORDS]).result()
    assert refused.value.code == "PMH9004"


def test_a_session_stays_where_it_is() -> None:
    with TRANSFORMER.session() as session, pytest.raises(TypeError):
        pickle.dumps(session)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_time_limit_holds_in_a_forked_process() -> None:
    pmh.Session(b"{}", OPTIONS, module=ENDLESS).close()  # so that the clock ticks before the fork
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.SimpleQueue[str | None] = context.SimpleQueue()
    child = context.Process(target=lambda: answers.put(run_endless()))
    child.start()
    child.join(60)
    if child.is_alive():
        child.kill()
        pytest.fail("the call did not end")
    assert answers.get() == "PMH6403"
