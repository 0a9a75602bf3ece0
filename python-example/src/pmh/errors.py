"""What goes wrong outside the records: a profile, options, a file or a module that is of no use.

The words are those of ``rules.json``, which every host of the project shares. None of them ever shows a record's value.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import Any, Literal, TypeAlias

from .report import Finding, read_report

Lang: TypeAlias = Literal["ja", "en"]
"""The language of messages."""


class PmhError(Exception):
    """A failure with a stable code; it survives the way from a worker process to its parent.

    Records that are wrong never raise: they are findings of the report.
    """

    def __init__(self, code: str, message: str, what_to_do: str, report: bytes = b"") -> None:
        """Keep every part in ``args``, from which the exception is made again in another process."""
        super().__init__(code, message, what_to_do, report)
        self.code = code
        """``PMH`` and four digits; ``explain`` tells more."""
        self.message = message
        """What is wrong, and where."""
        self.what_to_do = what_to_do
        """What mends it."""
        self.report = report
        """The module's own report as it is, where a profile, options or a call were refused; else empty."""

    def __str__(self) -> str:
        """Code, message and what to do."""
        return f"{self.code}: {self.message} ({self.what_to_do})"

    @property
    def findings(self) -> list[Finding]:
        """Everything that the module found wrong, all at once; empty where the failure is not the module's refusal."""
        return read_report(self.report)[0] if self.report else []

    @classmethod
    def of_code(cls, code: str, lang: Lang, detail: object) -> PmhError:
        """Make the failure that ``rules.json`` has the words for; ``detail`` stands where its message leaves room."""
        rule = _rules()[code]
        return cls(code, rule["message"][lang].replace("{}", str(detail)), rule["help"][lang])

    @classmethod
    def of_report(cls, report: bytes) -> PmhError:
        """Make the failure that the module's report tells: its first finding, and all of them in ``findings``."""
        first = read_report(report)[0][0]
        place = f"{first['profile']}: " if first["profile"] else ""
        return cls(first["code"], place + first["message"], first["help"], report)


def explain(code: str, lang: Lang = "ja") -> str:
    """Tell what a rule checks, why, its source and examples, as Markdown.

    Raises ``KeyError`` for a code that there is not.
    """
    text: str = _rules()[code]["explanation"][lang]
    return text


@functools.cache
def _rules() -> dict[str, dict[str, Any]]:
    text = importlib.resources.files(__package__).joinpath("rules.json").read_text("utf-8")
    return {rule["code"]: rule for rule in json.loads(text)}
