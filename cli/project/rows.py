"""Lists for people and machines: a table on a terminal, lines with tabs in a pipe, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "failed": "red", "passed": "green"}


def show_json(document: object) -> None:
    print(json.dumps(document, indent=2, ensure_ascii=False))


def show_rows(columns: Sequence[str], rows: Iterable[Sequence[object]], *, nothing: str) -> None:
    """Print rows, or `nothing` when there are none. Control characters are escaped."""
    from cli.words import plain

    listed = [[plain(_text(cell)) for cell in row] for row in rows]
    if not listed:
        print(nothing)
    elif sys.stdout.isatty():
        _table(columns, listed)
    else:
        print("\n".join("\t".join(row) for row in listed))


def _text(cell: object) -> str:
    return "" if cell is None else f"{cell:.2f}" if isinstance(cell, float) else str(cell)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)


def picked(record: Mapping[str, object], names: Sequence[str]) -> list[object]:
    return [record.get(name) for name in names]
