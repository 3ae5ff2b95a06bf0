"""The port of the engines: a named, version-stamped function of contents and configuration.

An engine is a module with `check`, which adds findings and notes to units, and `RULES`, which lists what it may find
(in a module of its own where the engine's imports are heavy). One line in `engine_set.ENGINES` adds it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from functions.analysis.engines.choice import Choice
from functions.analysis.engines.limits import Limits
from functions.analysis.engines.owasp import category
from functions.analysis.engines.unit import Unit
from functions.analysis.model import Confidence, Severity

PACKAGE = "functions.analysis.engines"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a finding of this rule means. `severity` is the worst that it gives; `reason` says why it matters."""

    id: str  # engine/code, as in findings
    title: str
    severity: Severity
    confidence: Confidence
    reason: str
    cwe: int | None = None

    @property
    def engine(self) -> str:
        return self.id.partition("/")[0]

    @property
    def owasp(self) -> str:
        return category(self.cwe)


@dataclass(frozen=True, slots=True)
class Run:
    """What one call of the engines works under. `programs` says where the programs are that are no packages of ours."""

    limits: Limits = field(default_factory=Limits)
    choice: Choice = field(default_factory=Choice)
    engine_set: str = ""
    wall_s: float = 40.0  # for all engines together
    programs: Mapping[str, str] = field(default_factory=dict)


class Check(Protocol):
    def __call__(self, units: Sequence[Unit], run: Run, /) -> None:
        """Add findings and notes to the units.

        What is said of a unit follows from its content, language and the choice alone, never from the other units;
        an engine that could not do its work on a unit says so in the unit's notes.
        """
        ...


def _always(_: Choice) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Engine:
    """`revision` is raised when our part of its answers changes; `tools` are the packages that decide them.

    `on` tells whether a choice asks for it; `version` is asked of a program that is no package, empty if it is not there.
    """

    module: str
    revision: int
    tools: tuple[str, ...] = ()
    rules_in: str = ""
    on: Callable[[Choice], bool] = _always
    version: Callable[[], str] | None = None

    def check(self, units: Sequence[Unit], run: Run) -> None:
        if self.on(run.choice):
            check: Check = self._load(self.module).check
            check(units, run)

    def found(self, choice: Choice) -> str:
        """What a choice adds to the identity of the engines."""
        return self.version() or "none" if self.version and self.on(choice) else ""

    @property
    def rules(self) -> Sequence[Rule]:
        listed: Sequence[Rule] = self._load(self.rules_in or self.module).RULES
        return listed

    def _load(self, name: str) -> Any:
        """Imported where it is used: parsers and linters are heavy."""
        return importlib.import_module(f"{PACKAGE}.{name}")
