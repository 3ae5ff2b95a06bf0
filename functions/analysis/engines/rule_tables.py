"""Reads a table of rules that is written as text: `code | weakness | title | why it matters`, a rule a line."""

from __future__ import annotations

from collections.abc import Callable

from functions.analysis.engines.engine import Rule
from functions.analysis.engines.scale import Weight


def read(engine: str, text: str, weigh: Callable[[str], Weight]) -> tuple[Rule, ...]:
    """The rules in the order of the text; `-` as weakness stands for none."""
    return tuple(_rule(engine, line, weigh) for line in text.strip().splitlines())


def _rule(engine: str, line: str, weigh: Callable[[str], Weight]) -> Rule:
    code, cwe, title, reason = (part.strip() for part in line.split("|"))
    weight = weigh(code)
    known = None if cwe == "-" else int(cwe)
    return Rule(f"{engine}/{code}", title, weight.severity, weight.confidence, reason, known)
