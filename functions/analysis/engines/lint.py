"""Findings of ruff on a batch of Python contents: one process, generated names, no configuration but ours."""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from functions.analysis.engines.engine import Run
from functions.analysis.engines.scale import RUFF, SYNTAX_ERROR
from functions.analysis.engines.unit import Unit
from functions.analysis.engines.words import words
from functions.analysis.model import Finding, Form, Status

_TIMEOUT_S = 60.0
_MOST = 2_000  # findings of one content
_OPTIONS = words(
    "check --isolated --no-cache --no-fix --exit-zero --quiet --no-respect-gitignore --output-format json-lines "
    "--target-version py314"
)


def check(units: Sequence[Unit], _: Run) -> None:
    """Add ruff's findings to Python that is not generated."""
    _check([unit for unit in units if unit.python])


def _check(units: Sequence[Unit]) -> None:
    """A content that ruff dies on gets a note; all others keep their findings."""
    if not units:
        return
    try:
        found = _run(units)
    except (subprocess.SubprocessError, OSError, ValueError):
        if len(units) == 1:
            units[0].notes.append("ruff could not read it")
            return
        middle = len(units) // 2
        _check(units[:middle])
        _check(units[middle:])
        return
    for unit, rows in zip(units, found, strict=True):
        unit.findings += _findings(rows)
        _judge(unit, any(row["code"] not in RUFF for row in rows))


def _judge(unit: Unit, broken: bool) -> None:
    """Ruff's parser is the one to trust on Python: a file is partial if either parser stumbled, an error only if ruff did."""
    if broken:
        unit.status, unit.reason = Status.PARTIAL, "syntax-error"
    elif unit.errors:
        unit.notes.append("some syntax is newer or older than the measures know")


def _run(units: Sequence[Unit]) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = [[] for _ in units]
    with TemporaryDirectory(prefix="coderev-") as folder:
        for number, unit in enumerate(units):
            suffix = "pyi" if unit.content.language.form is Form.STUB else "py"
            Path(folder, f"f{number:06}.{suffix}").write_bytes(unit.text.data)
        command = [_program(), *_OPTIONS, "--select", ",".join(RUFF), "."]
        with TemporaryFile() as answer:
            subprocess.run(
                command, cwd=folder, stdout=answer, stderr=subprocess.DEVNULL, check=True, timeout=_TIMEOUT_S
            )
            answer.seek(0)
            _sort(answer, found)
    return found


def _sort(answer: Iterable[bytes], found: Sequence[list[dict[str, Any]]]) -> None:
    """Hand each line to its content; of one content no more is kept than anybody reads."""
    for line in answer:
        row = json.loads(line)
        rows = found[int(Path(row["filename"]).stem[1:])]
        if len(rows) <= _MOST:
            rows.append(row)


@cache
def _program() -> str:
    """Where the wheel put the binary; the package has no type information."""
    return str(importlib.import_module("ruff").find_ruff_bin())


def _findings(rows: Sequence[dict[str, Any]]) -> list[Finding]:
    """Of many syntax errors the first is told: the others mostly follow from it."""
    broken = [row for row in rows if row["code"] not in RUFF]
    found = [_finding(row) for row in rows if row["code"] in RUFF]
    return found + [_syntax_error(row) for row in broken[:1]]


def _finding(row: dict[str, Any]) -> Finding:
    severity, confidence = RUFF[row["code"]]
    return Finding(
        rule=f"ruff/{row['code']}",
        title=row.get("name") or row["code"],
        message=row["message"],
        severity=severity,
        confidence=confidence,
        **_place(row),
        fingerprint="",
        help=row.get("url") or "",
        fix=(row.get("fix") or {}).get("message") or "",
    )


def _syntax_error(row: dict[str, Any]) -> Finding:
    severity, confidence = SYNTAX_ERROR
    return Finding(
        rule="coderev/syntax-error",
        title="syntax error",
        message=row["message"],
        severity=severity,
        confidence=confidence,
        **_place(row),
        fingerprint="",
    )


def _place(row: dict[str, Any]) -> dict[str, Any]:
    start, end = row["location"], row["end_location"]
    return {"line": start["row"], "column": start["column"], "end_line": end["row"], "end_column": end["column"]}
