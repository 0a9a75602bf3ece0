"""Turns municipalities' welfare records into PMH (Public Medical Hub) payloads, and says what is wrong with them.

``Transformer`` is where to begin; ``Session`` streams; ``PmhError`` is what goes wrong outside the records.
"""

from .errors import Lang, PmhError, explain
from .guest import ABI_VERSION, Limits
from .report import Finding, Other, Summary, read_report
from .session import Output, Session
from .transformer import Result, Transformer, ndjson

__all__ = [
    "ABI_VERSION",
    "Finding",
    "Lang",
    "Limits",
    "Other",
    "Output",
    "PmhError",
    "Result",
    "Session",
    "Summary",
    "Transformer",
    "explain",
    "ndjson",
    "read_report",
]
