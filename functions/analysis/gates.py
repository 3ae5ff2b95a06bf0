"""Facts that quality gates are decided from, and their results. Standard library only.

`policies/gate.rego` decides; what is measured, and how, is said here. "New" code is the files that the baseline has
not, or has with another content; without a baseline all code is new.

- findings: open ones by severity; a dismissed finding counts nowhere but in the next line.
- findings_resolved: the percentage of findings that nobody has to deal with any more: of new code, those dismissed with
  a reason among all that the baseline has not; overall, those dismissed, and those that only the baseline has (fixed),
  among these and the open ones. Without any finding it is 100.
- max_cyclomatic, max_cognitive: sums of the worst file, as files are measured.
- complex_functions: the percentage of functions with a cyclomatic complexity above 10 (`results.COMPLEX`).
- maintainability: the mean of the files' indices (0 to 100, `engines.measures`), weighted by lines of code, as a grade.
- duplicated_lines_density: as the engine of duplicates measured it, in percent.
- skipped_files: files that should have been read and were not (too large, too deep, out of time).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from functions.analysis.configuration import Condition
from functions.analysis.lifecycle import Analysis
from functions.analysis.results import Counts

GRADES: Final = ((65.0, "A"), (50.0, "B"), (38.0, "C"), (20.0, "D"))
"""Least index of each grade, below which it is E. The index' authors call 85 of 171 (50 %) highly and 65 of 171 (38 %)
moderately maintainable (Coleman et al., IEEE Computer 27(8), 1994); A and D stand apart from the middle by hand."""
NEVER_READ: Final = ("excluded", "symlink", "submodule", "binary", "unsupported-language")
"""Reasons of files that nobody expects to be read: they are not `skipped_files`."""
DUPLICATION: Final = "duplicated_lines_density"


@dataclass(frozen=True, slots=True)
class Code:
    """Sums over files; `weighed` is the sum of index times `weight`, which is lines of code."""

    files: int = 0
    skipped: int = 0
    functions: int = 0
    complex_functions: int = 0
    max_cyclomatic: int = 0
    max_cognitive: int = 0
    weight: int = 0
    weighed: float = 0.0

    def __add__(self, other: Code) -> Code:
        pairs = ((name, getattr(self, name), getattr(other, name)) for name in self.__slots__)
        return Code(**{name: max(one, two) if name.startswith("max_") else one + two for name, one, two in pairs})


@dataclass(frozen=True, slots=True)
class Measured:
    """What is stored of an analysis: its findings as of now, and its code, new and as it was."""

    counts: Counts
    all_new: int  # findings that the baseline has not, dismissed ones too
    new: Code
    kept: Code


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate's result: passed, failed, none or unknown, with each condition as `policies/gate.rego` decided it."""

    status: str
    conditions: Sequence[Mapping[str, Any]] = ()
    evaluated_at: datetime | None = None


UNKNOWN = Gate("unknown")
"""Nobody could decide: it passes nothing."""


def question(gate: Sequence[Condition] | None, analysis: Analysis, measured: Measured) -> dict[str, Any]:
    """What policy is asked."""
    conditions = None if gate is None else [asdict(condition) for condition in gate]
    return {"gate": conditions, "facts": facts(analysis, measured)}


def facts(analysis: Analysis, measured: Measured) -> dict[str, dict[str, Any]]:
    """What is known of new and of all code; None says that there is no such code, a missing name that nobody measured."""
    counts, fixed = measured.counts, analysis.fixed_findings
    open_, open_new = sum(counts.open.values()), sum(counts.new.values())
    new = _code(measured.new) | {
        "findings": dict(counts.new),
        "findings_resolved": _percent(measured.all_new - open_new, measured.all_new, empty=100),
    }
    overall = _code(measured.new + measured.kept) | {
        "findings": dict(counts.open),
        "findings_resolved": _percent(counts.dismissed + fixed, open_ + counts.dismissed + fixed, empty=100),
    }
    if DUPLICATION in analysis.measures:
        overall[DUPLICATION] = _number(analysis.measures[DUPLICATION])
    return {"new": new, "overall": overall}


def _code(code: Code) -> dict[str, Any]:
    return {
        "max_cyclomatic": code.max_cyclomatic,
        "max_cognitive": code.max_cognitive,
        "complex_functions": _percent(code.complex_functions, code.functions, empty=None),
        "maintainability": grade(code.weighed / code.weight) if code.weight else None,
        "skipped_files": code.skipped,
    }


def grade(index: float) -> str:
    return next((name for least, name in GRADES if index >= least), "E")


def _percent(part: int, whole: int, *, empty: float | None) -> float | None:
    return _number(100 * part / whole) if whole else empty


def _number(value: float) -> float:
    """Whole numbers are whole, so that every engine of policies writes them alike."""
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def gate_of(decision: Mapping[str, Any]) -> Gate:
    """The result that policy answered; anything but an answer of its kind is `unknown`."""
    status, conditions = decision.get("status"), decision.get("conditions")
    if status not in ("passed", "failed", "none") or not isinstance(conditions, list | tuple):
        return UNKNOWN
    return Gate(str(status), tuple(dict(one) for one in conditions))
