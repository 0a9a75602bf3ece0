"""What the tests share: the vectors, modules with faults, and what runs in worker processes. All data is synthetic."""

from __future__ import annotations

import base64
import datetime
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wasmtime

import pmh
from pmh import engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROJECT = Path(__file__).resolve().parent.parent
REPOSITORY = PROJECT.parent
VECTORS = REPOSITORY / "tests/vectors"
MODULE = Path(os.environ.get("PMH_MODULE") or REPOSITORY / "target/dist/pmh.wasm")
TEST_TRAP = Path(os.environ.get("PMH_TEST_TRAP") or REPOSITORY / "target/test-trap")
"""Where `cargo xtask test-trap` leaves the real module, built to trap on request."""
TEMPLATES = REPOSITORY / "host-runner/templates"
PROFILE = (TEMPLATES / "profile.json").read_bytes()
RECORDS = (TEMPLATES / "records.ndjson").read_bytes()
AS_OF = datetime.date(2026, 11, 22)
OPTIONS = {"asOf": "2026-11-22", "lang": "en"}
TRANSFORMER = pmh.Transformer(PROFILE, as_of=AS_OF, lang="en")


def compact(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Vector:
    """A shared case; CONTRIBUTING.md says what a file holds."""

    name: str
    note: str
    profile: bytes
    options: dict[str, Any]
    input: bytes
    expected: pmh.Output
    second: pmh.Output | None
    """What a second run must give; None if there must be none."""

    @classmethod
    def read(cls, path: Path) -> Vector:
        case = json.loads(path.read_bytes())
        others = iter(case.get("others", []))
        named = [{**line, "other": next(others, None)} if "other" in line else line for line in case["findings"]]

        def report(findings: list[Any]) -> bytes:
            return b"".join(compact(line) + b"\n" for line in [*findings, {"summary": case["summary"]}])

        payload = b"" if case["payload"] is None else compact(case["payload"])
        return cls(
            name=path.stem,
            note=case["note"],
            profile=_profile(case["profile"]),
            options=case["options"],
            input=_input(case),
            expected=pmh.Output(payload, report(case["findings"])),
            second=pmh.Output(payload, report(named)) if "others" in case else None,
        )

    def run(self, pieces: Iterable[bytes]) -> pmh.Output:
        try:
            with pmh.Session(self.profile, self.options) as session:
                return joined(session.stream(pieces))
        except pmh.PmhError as error:
            return pmh.Output(b"", error.report)


def _profile(profile: Any) -> bytes:
    match profile:
        case None:
            return b""
        case str():
            return (VECTORS / "profiles" / f"{profile}.json").read_bytes()
        case {"$text": str(text)}:
            return text.encode()
    return compact(profile)


def _input(case: dict[str, Any]) -> bytes:
    if "json" in case:
        return compact(case["json"])
    return case["text"].encode() if "text" in case else base64.b64decode(case["base64"])


def vectors() -> list[Vector]:
    return [Vector.read(path) for path in sorted(VECTORS.glob("*.json"))]


def joined(outputs: Iterable[pmh.Output]) -> pmh.Output:
    """Join the outputs of a run."""
    outputs = list(outputs)
    return pmh.Output(b"".join(o.payload for o in outputs), b"".join(o.report for o in outputs))


def faulty(**changes: str) -> bytes:
    """Make a module with the exports of the ABI that do nothing, but for those that are given as WAT."""
    room = '(memory (export "memory") 8)'
    parts = {
        "memory": room,
        "pmh_abi_version": "(result i32) i32.const 1",
        "pmh_alloc": "(param i32) (result i32) i32.const 1024",
        "pmh_free": "(param i32 i32)",
        "pmh_open": "(param i32 i32 i32 i32) (result i32) i32.const 1",
        "pmh_status": "(param i32) (result i32) i32.const 0",
        "pmh_push": "(param i32 i32 i32) (result i32) i32.const 0",
        "pmh_finish": "(param i32) (result i32) i32.const 0",
        "pmh_reset": "(param i32) (result i32) i32.const 0",
        "pmh_output_ptr": "(param i32 i32) (result i32) i32.const 0",
        "pmh_output_len": "(param i32 i32) (result i32) i32.const 0",
    } | changes
    whole = [
        text if text.startswith("(memory") or name == "before" else f'(func (export "{name}") {text})'
        for name, text in parts.items()
        if text
    ]
    whole.sort(key=lambda text: "(import" not in text)
    return bytes(wasmtime.wat2wasm(f"(module {' '.join(whole)})"))


ENDLESS = faulty(pmh_push="(param i32 i32 i32) (result i32) (loop $again (br $again)) unreachable")


def code_of(act: Callable[[], object]) -> str | None:
    try:
        act()
    except pmh.PmhError as error:
        return error.code
    return None


# The rest runs in worker processes, which find it by its name.


def run_vector(vector: Vector) -> tuple[pmh.Output, int, int]:
    """Run a vector, and tell which process did it and how often it compiled a module."""
    return vector.run([vector.input]), os.getpid(), engine._compile.cache_info().misses


def run_endless() -> str | None:
    limits = pmh.Limits(seconds=0.3)
    with pmh.Session(b"{}", OPTIONS, limits=limits, module=ENDLESS) as session:
        return code_of(lambda: session.push(b" "))
