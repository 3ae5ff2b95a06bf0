"""Conditions of quality gates, as a project sets them; analysis has them decided by policy (`policies/gate.rego`).

A condition says what must hold: `new_findings <= 0` of severity `high` or worse, `maintainability >= B`. Of grades
A is the greatest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, Final, Self

from kernel.errors import Invalid

SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
OPERATORS: Final = ("<", "<=", "==", ">=", ">")
GRADES: Final = ("A", "B", "C", "D", "E")
MOST_CONDITIONS: Final = 50
MOST_COUNT: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Metric:
    """`scopes` are the codes it is measured on, the usual one first; `kind` is count, percent or grade."""

    scopes: tuple[str, ...]
    kind: str
    by_severity: bool = False


_BOTH = ("overall", "new")
METRICS: Final[Mapping[str, Metric]] = MappingProxyType(
    {
        "new_findings": Metric(("new",), "count", by_severity=True),
        "findings": Metric(("overall",), "count", by_severity=True),
        "findings_resolved": Metric(_BOTH, "percent"),
        "max_cyclomatic": Metric(_BOTH, "count"),
        "max_cognitive": Metric(_BOTH, "count"),
        "complex_functions": Metric(_BOTH, "percent"),
        "duplicated_lines_density": Metric(("overall",), "percent"),
        "maintainability": Metric(_BOTH, "grade"),
        "skipped_files": Metric(_BOTH, "count"),
    }
)


@dataclass(frozen=True, slots=True)
class GateCondition:
    """`severity` keeps a count of findings to those as bad or worse; None counts all."""

    metric: str
    operator: str
    threshold: float | str
    scope: str
    severity: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Raises Invalid, whose code is `bad_gate`."""
        metric = METRICS.get(said["metric"])
        if metric is None:
            raise _bad(f"there is no metric {said['metric']!a}")
        scope = said.get("scope") or metric.scopes[0]
        if scope not in metric.scopes:
            raise _bad(f"{said['metric']} is not measured on {scope} code")
        if said.get("severity") is not None and not metric.by_severity:
            raise _bad(f"{said['metric']} has no severities")
        if not _fits(metric.kind, said["threshold"]):
            raise _bad(f"the threshold of {said['metric']} is {_WANTED[metric.kind]}")
        return cls(said["metric"], said["operator"], said["threshold"], scope, said.get("severity"))

    def document(self) -> dict[str, Any]:
        return asdict(self)


_WANTED = {
    "count": f"a whole number from 0 to {MOST_COUNT}",
    "percent": "a number from 0 to 100",
    "grade": f"one of {', '.join(GRADES)}",
}


def _fits(kind: str, threshold: object) -> bool:
    if kind == "grade":
        return threshold in GRADES
    if isinstance(threshold, bool) or not isinstance(threshold, int | float):
        return False
    return 0 <= threshold <= 100 if kind == "percent" else isinstance(threshold, int) and 0 <= threshold <= MOST_COUNT


def _bad(why: str) -> Invalid:
    return Invalid(why, code="bad_gate")
