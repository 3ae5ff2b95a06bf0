"""Colour on a terminal, plain text in a pipe; what functions say may not command the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from cli import environment
from cli.words import plain

_CODES = {"bad": "31", "good": "32", "soft": "2", "bold": "1", "cold": "33"}


def colourful() -> bool:
    return sys.stdout.isatty() and environment.variable("NO_COLOR") is None


def paint(text: str, kind: str, *, on: bool) -> str:
    return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if on and text else text


def json_line(document: Any) -> None:
    """Print a document on one line, at once: for programs that read along."""
    print(json.dumps(document), flush=True)


def json_whole(document: Any) -> None:
    print(json.dumps(document, indent=2))


def rows(table: Sequence[tuple[str, ...]]) -> None:
    """Print a table whose first row is its head."""
    shown = [tuple(plain(cell) for cell in row) for row in table]
    widths = [max(len(cell) for cell in column) for column in zip(*shown, strict=True)]
    for number, row in enumerate(shown):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(paint(line, "bold", on=number == 0 and colourful()))
