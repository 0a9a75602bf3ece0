"""A module that fails or doesn't fit surfaces as this host's own error, and its instance is thrown away."""

from __future__ import annotations

import pickle

import pytest

import pmh
from support import AS_OF, ENDLESS, OPTIONS, PROFILE, RECORDS, TEST_TRAP, TRANSFORMER, faulty, joined

TRAPS = faulty(pmh_push="(param i32 i32 i32) (result i32) unreachable")
I32_OF_STATUS = "(param i32) (result i32) i32.const"
I32_OF_OUTPUT = "(param i32 i32) (result i32) i32.const"


def opened(module: bytes, lang: str = "en", limits: pmh.Limits | None = None) -> pmh.Session:
    return pmh.Session(b"{}", OPTIONS | {"lang": lang}, module=module, limits=limits or pmh.Limits())


def test_the_module_of_these_tests_works_where_nothing_is_broken() -> None:
    with opened(faulty()) as session:
        assert session.push(b"x") == pmh.Output(b"", b"")


def test_a_trap_ends_the_instance() -> None:
    session = opened(TRAPS)
    with pytest.raises(pmh.PmhError) as failed:
        session.push(b"x")
    assert failed.value.code == "PMH6402"
    assert failed.value.message == "the module ended abnormally: pmh_push: UNREACHABLE"
    with pytest.raises(ValueError, match="closed"):
        session.reset()
    with opened(TRAPS) as another:
        assert another.reset() == pmh.Output(b"", b"")


def test_a_trap_of_the_real_module_ends_its_session_alone() -> None:
    transform = pmh.Transformer(PROFILE, as_of=AS_OF, lang="en", module=(TEST_TRAP / "pmh.wasm").read_bytes())
    marked = RECORDS.replace(b"{", b'{"note":"pmh-test-trap",', 1)
    sound = transform.session()
    session = transform.session()
    with pytest.raises(pmh.PmhError) as failed:
        session.push(marked)
    assert failed.value.code == "PMH6402"
    assert "見本" not in repr(failed.value)
    with pytest.raises(ValueError, match="closed"):
        session.finish()
    with pytest.raises(pmh.PmhError, match="PMH6402"):
        transform([marked])
    expected = TRANSFORMER([RECORDS])
    assert transform([RECORDS]) == expected
    assert joined(sound.stream([RECORDS])).payload == expected.payload
    assert TRANSFORMER([marked]) == expected  # the module that is handed out does no such thing


def test_an_interrupted_call_ends_the_instance_for_its_output_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> bytes:
        raise SystemExit

    session = opened(faulty())
    monkeypatch.setattr(session, "_output", interrupted)
    with pytest.raises(SystemExit):
        session.push(b"x")
    with pytest.raises(ValueError, match="closed"):
        session.push(b"x")


def test_a_call_that_does_not_end_is_ended() -> None:
    session = opened(ENDLESS, limits=pmh.Limits(seconds=0.3))
    with pytest.raises(pmh.PmhError, match=r"PMH6403: .* 0\.3 seconds"):
        session.push(b"x")
    with pytest.raises(ValueError, match="closed"):
        session.push(b"x")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (
            faulty(pmh_abi_version="(result i32) i32.const 2"),
            "its ABI has version 2, this program needs version 1",
        ),
        (faulty(pmh_reset=""), "it does not export pmh_reset"),
        (faulty(memory=""), "it does not export memory"),
        (faulty(memory="", pmh_push="", pmh_free=""), "it does not export pmh_free, pmh_push"),
        (faulty(before='(import "host" "clock" (func))'), "it imports host.clock"),
        (faulty(before="(func $f unreachable) (start $f)"), "it does not start"),
        (faulty(memory='(memory (export "memory") 4097)'), "it does not start within the limits"),
        (faulty()[:-1], "it is not core WebAssembly"),
        (b"(module)", "it is not core WebAssembly"),
        (b"", "it is not core WebAssembly"),
    ],
)
def test_a_module_that_does_not_fit_is_refused(module: bytes, words: str) -> None:
    with pytest.raises(pmh.PmhError, match="the module cannot be used: ") as refused:
        opened(module)
    assert refused.value.code == "PMH6401"
    assert words in refused.value.message


def test_a_file_of_records_that_is_taken_for_a_module_is_not_quoted() -> None:
    with pytest.raises(pmh.PmhError) as refused:
        opened(RECORDS)
    assert refused.value.message == "the module cannot be used: it is not core WebAssembly"


def test_another_version_is_refused_in_japanese_too() -> None:
    with pytest.raises(pmh.PmhError, match="ABIのバージョンは 7 ですが、このプログラムには 1 が必要です"):
        opened(faulty(pmh_abi_version="(result i32) i32.const 7"), lang="ja")


@pytest.mark.parametrize(
    ("module", "code"),
    [
        (faulty(pmh_alloc="(param i32) (result i32) i32.const 0"), "PMH6404"),
        (faulty(pmh_alloc="(param i32) (result i32) i32.const 524288"), "PMH6405"),
        (faulty(pmh_alloc="(param i32) (result i32) i32.const -8"), "PMH6405"),
        (faulty(pmh_status=f"{I32_OF_STATUS} 4"), "PMH6405"),
        (faulty(pmh_status=f"{I32_OF_STATUS} -1"), "PMH6405"),
        (faulty(pmh_output_len=f"{I32_OF_OUTPUT} -1"), "PMH6405"),
        (faulty(pmh_output_len=f"{I32_OF_OUTPUT} 524289"), "PMH6405"),
        (faulty(pmh_output_len=f"{I32_OF_OUTPUT} 1", pmh_output_ptr=f"{I32_OF_OUTPUT} 524288"), "PMH6405"),
        (faulty(pmh_output_len=f"{I32_OF_OUTPUT} 1", pmh_output_ptr=f"{I32_OF_OUTPUT} -1"), "PMH6405"),
        (faulty(pmh_open="(param i32 i32 i32 i32) (result i32) unreachable"), "PMH6402"),
        (faulty(pmh_free="(param i32)"), "PMH6402"),
    ],
)
def test_what_a_module_answers_is_not_believed(module: bytes, code: str) -> None:
    with pytest.raises(pmh.PmhError) as failed:
        opened(module)
    assert failed.value.code == code


def test_memory_has_a_limit_and_a_record_never_stands_in_the_error() -> None:
    secret = b"123456789018"
    limits = pmh.Limits(memory=3 << 20)
    with pmh.Session(PROFILE, OPTIONS, limits=limits) as session, pytest.raises(pmh.PmhError) as failed:
        session.push(b'{"x":"' + secret * 90_000)
    assert failed.value.code == "PMH6404"
    assert "3 MiB" in failed.value.message
    assert "123456789018" not in repr(failed.value)
    with pytest.raises(ValueError, match="closed"):
        session.finish()


def test_an_error_survives_the_way_between_processes() -> None:
    with pytest.raises(pmh.PmhError) as refused:
        pmh.Session(b"{}", OPTIONS)
    copy = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert isinstance(copy, pmh.PmhError)
    assert (copy.code, str(copy), copy.findings) == (
        refused.value.code,
        str(refused.value),
        refused.value.findings,
    )
