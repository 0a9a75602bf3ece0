"""The report's shapes, as ``wasm/ABI.md`` writes them down: its members keep the names that they have there."""

from __future__ import annotations

import json
from typing import Literal, TypedDict


class Other(TypedDict):
    """The other record of a finding that is about two."""

    record: int
    """Index of the record in the input, from 0."""
    recordKey: str | None
    """The record's own key, where the profile names one."""


class _OfTwo(TypedDict, total=False):
    other: Other | None
    """In findings about two records the earlier one; None if it isn't known: see ``Session.locate``."""


class _Marked(TypedDict, total=False):
    acknowledged: str
    """The last day of the acknowledgement by which it rejects nothing; only if it is acknowledged."""
    fingerprint: str
    """The keyed hash by which it can be acknowledged; only if the options ask for it."""


class Finding(_OfTwo, _Marked):
    """Something wrong with a record, the input, the profile or the options. No text of it is a record's value."""

    code: str
    """Stable: ``PMH`` and four digits."""
    severity: Literal["error", "warning"]
    """An error rejects the record."""
    record: int | None
    """Index of the record in the input, from 0; None where the finding is not about one record."""
    recordKey: str | None
    """The record's own key, where the profile names one."""
    source: str | None
    """JSON Pointer into the record."""
    target: str | None
    """JSON Pointer into the record's payload."""
    profile: str | None
    """JSON Pointer into the profile."""
    offset: int | None
    """Byte of the input at which reading went wrong, from 0."""
    message: str
    """What is wrong."""
    help: str
    """What to do: at the desk, if ``systemHelp`` says what the people of the system do."""
    systemHelp: str | None
    """What the people of the system do; None if ``help`` is for them too."""


class Acknowledgements(TypedDict):
    """Findings that are acknowledged, which no other count has."""

    byCode: dict[str, int]
    """By code."""
    byEntry: list[int]
    """By entry, in the order of the options."""


class _Counted(TypedDict, total=False):
    acknowledged: Acknowledgements
    """Only with acknowledgements."""
    usage: dict[str, list[dict[str, object]]]
    """How often the parts of the profile were used; only if the options ask for it."""


class Summary(_Counted):
    """How many records became what."""

    read: int
    """accepted + excluded + rejected"""
    accepted: int
    """In the payload."""
    excluded: int
    """Left out: their validity ended before the processing date, or the profile leaves them out (``records``)."""
    rejected: int
    """Left out because of an error."""
    warnings: int
    """Findings of severity ``warning``."""
    complete: bool
    """The input was read to its end; where False, the payload is not "all records" and must not be sent."""
    byCode: dict[str, int]
    """Findings by code."""
    byScheme: dict[str, int]
    """Accepted records by scheme."""


def read_report(report: bytes) -> tuple[list[Finding], Summary]:
    """Read a whole report, NDJSON or JSON: the findings and the summary."""
    *lines, last = map(json.loads, report.splitlines())
    return last.get("findings", lines), last["summary"]
