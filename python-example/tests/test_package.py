"""What is installed is what stands here; the wheel is the same from every build; types, lints and README hold."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pmh
from support import MODULE, PROFILE, PROJECT, RECORDS, REPOSITORY

INSTALLED = Path(pmh.__file__).parent
SOURCES = PROJECT / "src/pmh"
CARRIED = {"pmh.wasm": MODULE, "rules.json": REPOSITORY / "docs/rules.json"}


def tool(*arguments: str, cwd: Path = PROJECT, **environment: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        env=os.environ | environment,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_these_tests_run_against_an_installation_of_these_sources() -> None:
    assert INSTALLED != SOURCES
    for source in [*SOURCES.iterdir(), *CARRIED.values()]:
        if source.is_file():
            assert (INSTALLED / source.name).read_bytes() == source.read_bytes(), f"{source.name}: install again"


def test_two_builds_give_the_same_wheel(tmp_path: Path) -> None:
    wheels: list[Path] = []
    for build in ("first", "second"):
        tool("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / build), PMH_MODULE=str(MODULE))
        wheels += (tmp_path / build).iterdir()
    assert wheels[0].name == wheels[1].name
    assert wheels[0].name.endswith("-py3-none-any.whl")
    assert wheels[0].read_bytes() == wheels[1].read_bytes()
    with zipfile.ZipFile(wheels[0]) as wheel:
        names = wheel.namelist()
        for name, source in CARRIED.items():
            assert wheel.read(f"pmh/{name}") == source.read_bytes()
    assert "pmh/py.typed" in names
    assert sum("/licenses/LICENSE-" in name for name in names) == 2


def test_no_wheel_is_built_without_a_module(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="run `cargo xtask dist`"):
        tool("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), PMH_MODULE=str(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", ["mypy", "ruff check", "ruff format --check"])
def test_types_and_lints(arguments: str) -> None:
    tool("-m", *arguments.split())


SNIPPETS = re.findall(r"```python\n(.*?)```", (PROJECT / "README.md").read_text("utf-8"), re.DOTALL)


def test_the_readme_has_snippets() -> None:
    assert len(SNIPPETS) >= 4


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_what_the_readme_tells_to_copy_works(snippet: str, tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_bytes(PROFILE)
    (tmp_path / "records.ndjson").write_bytes(RECORDS)
    (tmp_path / "snippet.py").write_text(snippet, "utf-8")
    tool("-W", "error", "snippet.py", cwd=tmp_path)
