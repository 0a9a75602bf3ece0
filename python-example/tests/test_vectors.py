"""Every shared vector gives the same bytes here as on every other host: payload and report."""

from __future__ import annotations

import json

import pytest

import pmh
from support import REPOSITORY, Vector, joined, vectors

ALL = vectors()
every_vector = pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector.name)


def test_the_vectors_are_there() -> None:
    assert len(ALL) >= 200


@every_vector
def test_bytes(vector: Vector) -> None:
    assert vector.run([vector.input]) == vector.expected, vector.note


@every_vector
def test_bytes_however_the_input_is_cut(vector: Vector) -> None:
    size = max(7, len(vector.input) // 64)
    pieces = [vector.input[start : start + size] for start in range(0, len(vector.input), size)]
    assert vector.run(pieces) == vector.expected, vector.note


def test_types_name_every_member_of_the_report() -> None:
    kinds = {
        "finding": (pmh.Finding.__required_keys__, pmh.Finding.__annotations__.keys()),
        "summary": (pmh.Summary.__required_keys__, pmh.Summary.__annotations__.keys()),
    }
    seen: dict[str, set[str]] = {kind: set() for kind in kinds}
    for vector in ALL:
        findings, summary = pmh.read_report(vector.expected.report)
        for kind, member in [*(("finding", finding) for finding in findings), ("summary", summary)]:
            required, named = kinds[kind]
            assert required <= member.keys() <= named
            seen[kind] |= member.keys()
    assert all(seen[kind] == named for kind, (_, named) in kinds.items())


@every_vector
def test_a_second_run_names_the_other_records(vector: Vector) -> None:
    try:
        session = pmh.Session(vector.profile, vector.options)
    except pmh.PmhError:
        assert vector.second is None
        return
    with session:
        assert joined(session.stream([vector.input])) == vector.expected
        assert session.locate() == (vector.second is not None)
        if vector.second:
            assert joined([session.push(vector.input), session.finish()]) == vector.second
            assert not session.locate()


def test_words_are_there_for_every_code() -> None:
    for rule in json.loads((REPOSITORY / "docs/rules.json").read_bytes()):
        assert pmh.explain(rule["code"], "en") == rule["explanation"]["en"]
        assert pmh.explain(rule["code"]) == rule["explanation"]["ja"]
