"""`python -m pmh` converts a file, ends with the exit codes of the program `pmh`, and leaves nothing half-done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pmh import __main__ as command
from support import AS_OF, PROFILE, RECORDS, TRANSFORMER, faulty

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = TRANSFORMER([RECORDS])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "profile.json").write_bytes(PROFILE)
    (tmp_path / "records.ndjson").write_bytes(RECORDS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*more: str, profile: str = "profile.json", records: str = "records.ndjson") -> int:
    return command.main(
        [
            "-p",
            profile,
            "-i",
            records,
            "-o",
            "payload.json",
            "--as-of",
            AS_OF.isoformat(),
            "--lang",
            "en",
            *more,
        ]
    )


def test_a_process_converts_a_file(folder: Path) -> None:
    line = "-p profile.json -i records.ndjson -o payload.json --as-of 2026-11-22 --lang en"
    done = subprocess.run([sys.executable, "-m", "pmh", *line.split()], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["summary"] == WHOLE.summary
    assert (folder / "payload.json").read_bytes() == WHOLE.payload


def test_findings_go_to_a_file(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    (folder / "records.ndjson").write_bytes(RECORDS.replace(b"123456789018", b"123456789010"))
    assert run("--report", "report.ndjson") == command.REJECTED
    assert capfdbinary.readouterr() == (b"", b"")
    lines = [json.loads(line) for line in (folder / "report.ndjson").read_bytes().splitlines()]
    assert lines[0]["code"] == "PMH3102"
    assert lines[-1]["summary"]["rejected"] == 1
    assert len(json.loads((folder / "payload.json").read_bytes())) == 2


def test_an_input_that_is_cut_off_is_not_done(folder: Path) -> None:
    (folder / "records.ndjson").write_bytes(b"[")
    assert run() == command.REJECTED


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_results_are_readable_by_their_owner_alone(folder: Path) -> None:
    assert run("--report", "report.ndjson") == command.DONE
    assert [(folder / name).stat().st_mode & 0o777 for name in ("payload.json", "report.ndjson")] == [0o600] * 2


def test_a_profile_with_mistakes_is_told_with_all_of_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "profile.json").write_bytes(PROFILE.replace(b'"recordKey"', b'"recordkey"'))
    (folder / "payload.json").write_bytes(b"yesterday's")
    assert run() == command.USAGE
    told = capsys.readouterr()
    assert {line.split(":")[0] for line in told.err.splitlines() if not line.startswith(" ")} == {
        "PMH9003",
        "PMH9004",
    }
    assert told.out == ""
    assert (folder / "payload.json").read_bytes() == b"yesterday's"


def test_files_that_are_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.iterdir())
    assert run(profile="none.json") == command.USAGE
    assert "PMH6301: cannot read none.json" in capsys.readouterr().err
    assert run(records="none.ndjson") == command.USAGE
    assert "PMH6301: cannot read none.ndjson" in capsys.readouterr().err
    assert run("-o", "none/payload.json") == command.USAGE
    assert f"PMH6306: cannot write {os.path.join('none', 'payload.json')}" in capsys.readouterr().err  # noqa: PTH118
    assert sorted(folder.iterdir()) == before


def test_a_module_that_fails_leaves_what_was_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "payload.json").write_bytes(b"yesterday's")
    (folder / "other.wasm").write_bytes(faulty(pmh_push="(param i32 i32 i32) (result i32) unreachable"))
    before = sorted(folder.iterdir())
    assert run("--module", "other.wasm") == command.BUG
    assert capsys.readouterr().err.startswith("PMH6402: ")
    (folder / "other.wasm").write_bytes(faulty(pmh_abi_version="(result i32) i32.const 2"))
    assert run("--module", "other.wasm") == command.USAGE
    assert capsys.readouterr().err.startswith("PMH6401: ")
    assert sorted(folder.iterdir()) == before
    assert (folder / "payload.json").read_bytes() == b"yesterday's"


@pytest.mark.parametrize("arguments", [[], ["--as-of", "2026/11/22"], ["--lang", "fr"]])
def test_a_command_line_that_is_not_understood(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == command.USAGE
    assert "usage: python -m pmh" in capsys.readouterr().err
