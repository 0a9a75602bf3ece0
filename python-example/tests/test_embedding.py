"""The Python programs of ``docs/embedding.md`` do what is said of them, as they stand there."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support import REPOSITORY, VECTORS, Vector

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = REPOSITORY / "docs/embedding.md"
PROGRAMS = dict(re.findall(r"```python embedding:(\S+)\n(.*?\n)```", DOCUMENT.read_text("utf-8"), re.DOTALL))


def test_there_are_programs() -> None:
    assert PROGRAMS


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_does_what_is_said_of_it(name: str, tmp_path: Path) -> None:
    def run(profile: bytes, records: bytes) -> subprocess.CompletedProcess[str]:
        (tmp_path / "profile.json").write_bytes(profile)
        (tmp_path / "records.json").write_bytes(records)
        command = [sys.executable, "-W", "error", "-c", PROGRAMS[name]]
        return subprocess.run(command, capture_output=True, check=False, cwd=tmp_path, text=True)

    payload = tmp_path / "payload.json"
    refused = run(b"{}", b"[]")
    assert refused.returncode == 1
    assert "PMH9004" in refused.stderr
    faulty = Vector.read(VECTORS / "049-period-three-fates.json")
    assert "PMH3107" in run(faulty.profile, faulty.input).stdout
    assert not payload.exists()
    clean = Vector.read(VECTORS / "002-clean-three-schemes.json")
    done = run(clean.profile, clean.input)
    assert done.returncode == 0, done.stderr
    assert payload.read_bytes() == clean.expected.payload
