"""Findings of small sources: every line that says `bad` is one, of the rule that follows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from functions.analysis.engines.fingerprints import stamp
from functions.analysis.model import Confidence, Finding, Severity
from functions.analysis.results import symbol_at
from functions.analysis.tracking.matching import Sighting
from functions.analysis.tracking.places import Found, sighting

_BAD = re.compile(r"bad(\d?)")
Version = Mapping[str, str]
"""Sources by path."""


def of_version(version: Version, side: str = "") -> list[Sighting]:
    """What is found in a version; keys are side, path and number."""
    return [one for path in sorted(version) for one in of_file(path, version[path], side)]


def of_file(path: str, source: str, side: str = "") -> list[Sighting]:
    scopes = scopes_of(source)
    return [_sighting((side, path, n), path, one, scopes) for n, one in enumerate(findings_of(source))]


def findings_of(source: str) -> list[Finding]:
    lines = source.split("\n")
    found = [_finding(number, match[1]) for number, line in enumerate(lines, 1) for match in _BAD.finditer(line)]
    return stamp(found, source.encode())


def scopes_of(source: str) -> list[tuple[int, int, str]]:
    """From a line `def name` to the next one that is not indented."""
    scopes, start, name = [], 0, ""
    for number, line in enumerate([*source.split("\n"), "end"], 1):
        if line.strip() and not line.startswith(" "):
            if name:
                scopes.append((start, number - 1, name))
            start, name = number, line.split()[1] if line.startswith("def ") else ""
    return scopes


def _sighting(key: object, path: str, one: Finding, scopes: list[tuple[int, int, str]]) -> Sighting:
    symbol = symbol_at(scopes, one.line)
    return sighting(key, path, Found(0, 0, 0, one.rule, one.fingerprint, one.context, symbol, one.line))


def _finding(line: int, code: str) -> Finding:
    return Finding(f"test/{code or 0}", "", f"at {line}", Severity.LOW, Confidence.LOW, line, 1, line, 2, "")
