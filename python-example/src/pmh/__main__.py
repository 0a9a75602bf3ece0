"""``python -m pmh``: converts a file. It ends with the exit code that the program ``pmh`` has for the same case.

Results hold personal data: a file of them appears whole or not at all, and is readable by its owner alone.
"""

from __future__ import annotations

import argparse
import datetime
import locale
import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from .errors import Lang, PmhError
from .report import Finding, Summary, read_report
from .session import PIECE
from .transformer import Transformer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DONE, USAGE, REJECTED, BUG = 0, 2, 3, 70
_JAPAN: Final = datetime.timezone(datetime.timedelta(hours=9))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and tell the exit code."""
    options = _parser().parse_args(arguments)
    try:
        summary = _convert(options)
    except PmhError as error:
        for finding in error.findings:
            sys.stderr.write(f"{finding['code']}: {finding['profile'] or ''} {finding['message']}\n")
            sys.stderr.writelines(f"  {line}\n" for line in _what_to_do(finding, options.lang))
        if not error.findings:
            sys.stderr.write(f"{error.code}: {error.message}\n  {error.what_to_do}\n")
        return BUG if "PMH6402" <= error.code <= "PMH6405" else USAGE
    return DONE if summary["complete"] and summary["rejected"] == 0 else REJECTED


def _parser() -> argparse.ArgumentParser:
    spoken = (locale.getlocale()[0] or "").lower().startswith("ja")
    parser = argparse.ArgumentParser(
        prog="python -m pmh",
        description="Converts records into a PMH payload. レコードをPMHの送信データに変換します。",
    )
    add = parser.add_argument
    add("--profile", "-p", type=Path, required=True, metavar="FILE", help="profile / プロファイル")
    add(
        "--input",
        "-i",
        type=Path,
        required=True,
        metavar="FILE",
        help="records, JSON or NDJSON / レコード(JSONまたはNDJSON)",
    )
    add("--output", "-o", type=Path, required=True, metavar="FILE", help="payload / 送信データの出力先")
    add(
        "--report",
        type=Path,
        metavar="FILE",
        help="findings, NDJSON; else standard output / 検査結果(NDJSON)の出力先。省略時は標準出力",
    )
    add(
        "--as-of",
        type=date,
        metavar="YYYY-MM-DD",
        help="processing date; else today in Japan / 処理日。省略時は日本の今日の日付",
    )
    add(
        "--input-format",
        choices=("auto", "json", "ndjson"),
        default="auto",
        help="form of the input / 入力の形式",
    )
    add(
        "--lang",
        choices=("ja", "en"),
        default="ja" if spoken else "en",
        help="language of messages / メッセージの言語",
    )
    add("--module", type=Path, metavar="FILE", help="another pmh.wasm / 別の pmh.wasm を使う場合")
    return parser


def date(text: str) -> datetime.date:
    """Read YYYY-MM-DD."""
    return datetime.datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=_JAPAN).date()


def _what_to_do(finding: Finding, lang: Lang) -> list[str]:
    """Tell what to do, a line for each who does it."""
    system = finding["systemHelp"]
    if system is None:
        return [finding["help"]]
    desk, people = ("担当課", "システム担当") if lang == "ja" else ("desk", "system")
    return [f"{desk}: {finding['help']}", f"{people}: {system}"]


def _convert(options: argparse.Namespace) -> Summary:
    lang: Lang = options.lang
    transformer = Transformer(
        b"".join(_read(options.profile, lang)),
        as_of=options.as_of or datetime.datetime.now(_JAPAN).date(),
        lang=lang,
        input=options.input_format,
        module=b"".join(_read(options.module, lang)) if options.module else None,
    )
    last = b""
    with (
        transformer.session() as session,
        _Whole(options.output, lang) as payload,
        _Whole(options.report, lang) as report,
    ):
        for output in session.stream(_read(options.input, lang)):
            payload.write(output.payload)
            report.write(output.report)
            last = output.report or last
        report.commit()
        payload.commit()
    return read_report(last)[1]


def _read(path: Path, lang: Lang) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise PmhError.of_code("PMH6301", lang, f"{path} ({error.strerror})") from None


class _Whole:
    """A file that gets its name once it is complete and on the disk; without a path, standard output."""

    def __init__(self, path: Path | None, lang: Lang) -> None:
        self._path = path
        self._lang = lang

    def __enter__(self) -> _Whole:
        if self._path is None:
            self._file: IO[bytes] = sys.stdout.buffer
            return self
        with self._told():
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=".pmh-", suffix=".part")
            self._file, self._temporary = open(descriptor, "wb"), Path(name)  # noqa: PTH123, it is no path
        return self

    def write(self, data: bytes) -> None:
        with self._told():
            self._file.write(data)

    def commit(self) -> None:
        with self._told():
            self._file.flush()
            if self._path is not None:
                os.fsync(self._file.fileno())
                self._file.close()
                self._temporary.replace(self._path)

    def __exit__(self, *_: object) -> None:
        if self._path is not None:
            with suppress(OSError):  # a disk that is full is full here too, and was told
                self._file.close()
            self._temporary.unlink(missing_ok=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise PmhError.of_code("PMH6306", self._lang, f"{self._path or '-'} ({error.strerror})") from None


if __name__ == "__main__":
    sys.exit(main())
