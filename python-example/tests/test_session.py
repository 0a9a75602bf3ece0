"""A session keeps the contract of `wasm/ABI.md` in Python's manner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import pmh
from support import AS_OF, OPTIONS, PROFILE, RECORDS, TRANSFORMER, code_of, joined, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = TRANSFORMER([RECORDS])


def test_the_sample_is_accepted() -> None:
    assert WHOLE.summary["accepted"] == WHOLE.summary["read"] == 3
    assert WHOLE.summary["complete"]
    assert WHOLE.payload.startswith(b'[{"myNumber":')


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_input_of_any_kind_and_length(kind: type[bytes | bytearray | memoryview]) -> None:
    many = RECORDS * (2 * pmh.session.PIECE // len(RECORDS))
    once = TRANSFORMER([kind(many)])
    assert once == TRANSFORMER([many[:1000], b"", many[1000:]])
    assert once.summary["read"] == many.count(b"\n")


def test_a_session_takes_one_input_after_another() -> None:
    with TRANSFORMER.session() as session:
        first, second = joined(session.stream([RECORDS])), joined(session.stream([RECORDS]))
    assert first == second
    assert first.payload == WHOLE.payload


def test_outputs_come_as_the_input_goes_in() -> None:
    asked: list[int] = []

    def lines() -> Iterator[bytes]:
        for number, line in enumerate(RECORDS.splitlines(keepends=True)):
            asked.append(number)
            yield line

    with TRANSFORMER.session() as session:
        outputs = session.stream(lines())
        next(output for output in outputs if b"myNumber" in output.payload)
        assert asked[-1] < 2
        list(outputs)
    assert asked == [0, 1, 2]


def test_a_call_out_of_order_is_refused_and_a_reset_helps() -> None:
    with TRANSFORMER.session() as session:
        session.finish()
        with pytest.raises(pmh.PmhError) as refused:
            session.push(b"[]")
        assert refused.value.code == "PMH9102"
        assert joined(session.stream([RECORDS])).payload == WHOLE.payload


def test_a_closed_session_says_so() -> None:
    with TRANSFORMER.session() as session:
        pass
    session.close()
    with pytest.raises(ValueError, match="closed"):
        session.push(b"[]")


def test_every_mistake_of_a_profile_is_told() -> None:
    with pytest.raises(pmh.PmhError) as refused:
        pmh.Session(b'{"name": "mine", "nmae": 1}', OPTIONS)
    codes = [finding["code"] for finding in refused.value.findings]
    assert len(codes) > 2
    assert refused.value.code == codes[0]
    assert str(refused.value).startswith(f"{codes[0]}: ")
    assert refused.value.what_to_do == refused.value.findings[0]["help"]


def test_options_are_judged_by_the_module() -> None:
    assert code_of(lambda: pmh.Session(PROFILE, {"asOf": "2026-11-22", "extra": 1})) == "PMH9101"
    japanese = pmh.Transformer(b"{}", as_of=AS_OF)
    with pytest.raises(pmh.PmhError, match="キー"):
        japanese([])


def test_the_findings_alone() -> None:
    result = pmh.Transformer(PROFILE, as_of=AS_OF, payload=False, input="ndjson")([RECORDS])
    assert (result.payload, result.summary) == (b"", WHOLE.summary)


def test_a_finished_payload_is_checked() -> None:
    assert pmh.Transformer(b"", as_of=AS_OF, mode="payload")([WHOLE.payload]).summary["accepted"] == 3


def test_records_of_python() -> None:
    vector = next(vector for vector in vectors() if vector.name == "002-clean-three-schemes")
    records = [{"宛名番号": "0000000001", "氏名": "見本　\udcff太郎", "制度": "15"}]
    mended = pmh.Transformer(vector.profile, as_of=AS_OF, lang="en")
    assert [f["code"] for f in mended(pmh.ndjson(records)).findings] == ["PMH1002"]
    with pytest.raises(ValueError, match="Out of range") as refused:
        list(pmh.ndjson([{"氏名": "見本　太郎", "金額": float("nan")}]))
    assert "見本" not in str(refused.value)


def test_a_second_thread_is_kept_out() -> None:
    session = TRANSFORMER.session()
    with ThreadPoolExecutor(1) as other:
        with session._exclusively() as guest:
            with pytest.raises(RuntimeError, match="another thread"):
                other.submit(session.push, b" ").result()
            closing = other.submit(session.close)  # waits for the call that is under way
            assert not closing.done()
            assert guest is session._guest
        closing.result()
    assert session._guest is None


def test_a_report_of_the_other_form_is_read_too() -> None:
    with pmh.Session(PROFILE, OPTIONS | {"report": "json"}) as session:
        findings, summary = pmh.read_report(joined(session.stream([RECORDS])).report)
    assert (findings, summary) == (WHOLE.findings, WHOLE.summary)
    with pytest.raises(pmh.PmhError) as refused:
        pmh.Session(b"{}", OPTIONS | {"report": "json"})
    assert refused.value.code == "PMH9004"
