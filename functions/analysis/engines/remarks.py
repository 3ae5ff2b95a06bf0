"""Findings of our own: functions that are hard to follow, syntax errors, and signs that make code read as what it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.analysis.engines.engine import Run
from functions.analysis.engines.scale import SYNTAX_ERROR, Weight
from functions.analysis.engines.scopes import ANONYMOUS
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Confidence, Finding, Function, Severity

COGNITIVE = ((60, Severity.HIGH), (30, Severity.MEDIUM), (15, Severity.LOW))
"""A function above the number is a finding; 15 is the limit that the white paper's authors use."""
LONG_FUNCTION_LINES = 200
MANY_PARAMETERS = 10

_MOST_LINES = 2_000  # with such signs that are told
_BIDI = re.compile(rb"\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")  # U+202A..E, U+2066..9 in UTF-8
_TROJAN = "https://www.cve.org/CVERecord?id=CVE-2021-42574"


def check(units: Sequence[Unit], _: Run) -> None:
    """Add our own findings to readable units."""
    for unit in units:
        _remark(unit)


def _remark(unit: Unit) -> None:
    if unit.parsed and not unit.generated:
        for function in unit.functions:
            if not function.name.startswith(ANONYMOUS):  # it counts in the function around it
                unit.findings += _about(function)
    if unit.errors and unit.content.language.name != "python":
        unit.findings.append(_syntax_error(unit.errors[0]))
    unit.findings += _reordered(unit)


def _about(function: Function) -> Iterator[Finding]:
    level = next((level for above, level in COGNITIVE if function.cognitive > above), None)
    if level is not None:
        yield _on(
            function,
            "complex-function",
            f"`{function.name}` has a cognitive complexity of {function.cognitive} (cyclomatic {function.cyclomatic})",
            Weight(level, Confidence.HIGH),
        )
    if function.length > LONG_FUNCTION_LINES:
        yield _on(
            function,
            "long-function",
            f"`{function.name}` is {function.length} lines long",
            Weight(Severity.LOW, Confidence.HIGH),
        )
    if function.parameters > MANY_PARAMETERS:
        yield _on(
            function,
            "parameters",
            f"`{function.name}` takes {function.parameters} parameters",
            Weight(Severity.INFO, Confidence.HIGH),
        )


def _on(function: Function, code: str, message: str, weight: Weight) -> Finding:
    return Finding(
        rule=f"coderev/{code}",
        title=code.replace("-", " "),
        message=message,
        severity=weight.severity,
        confidence=weight.confidence,
        line=function.line,
        column=1,
        end_line=function.line,
        end_column=1,
        fingerprint=function.qualified_name,
        help="https://www.sonarsource.com/resources/cognitive-complexity/" if code == "complex-function" else "",
    )


def _syntax_error(place: tuple[int, int, int, int]) -> Finding:
    line, column, end_line, end_column = place
    return Finding(
        rule="coderev/syntax-error",
        title="syntax error",
        message="This does not parse",
        severity=SYNTAX_ERROR.severity,
        confidence=Confidence.MEDIUM,
        line=line,
        column=column,
        end_line=end_line,
        end_column=end_column,
        fingerprint="",
    )


def _reordered(unit: Unit) -> Iterator[Finding]:
    for number, line in islice(_suspicious_lines(unit.text.data), _MOST_LINES):
        column = len(line[: _position(line)].decode("utf-8", "replace")) + 1
        yield Finding(
            rule="coderev/bidirectional-text",
            title="bidirectional control character",
            message="An invisible sign changes the order in which this line is shown: it may not do what it seems to",
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            line=number,
            column=column,
            end_line=number,
            end_column=column + 1,
            fingerprint="",
            cwe=1007,
            help=_TROJAN,
        )


def _suspicious_lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    if data.isascii() or not _BIDI.search(data):
        return
    for number, line in enumerate(data.split(b"\n"), 1):
        if _BIDI.search(line):
            yield number, line


def _position(line: bytes) -> int:
    found = _BIDI.search(line)
    return found.start() if found else 0
