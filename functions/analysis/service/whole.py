"""Engines that look at a project as a whole: their findings are listed, tracked and gated like those of a content.

An engine is a function in a module of its own beside this one. It takes `Whole` from `functions.analysis.results`,
as this module imports the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from functions.analysis.configuration import Configuration
from functions.analysis.engines.choice import Choice
from functions.analysis.lifecycle import Analysis
from functions.analysis.model import Finding
from functions.analysis.ports import Deps
from functions.analysis.results import Whole
from functions.analysis.service import contracts, dependencies, duplication, foreign
from kernel.identity import Caller

__all__ = ["ENGINES", "Whole", "WholeEngine", "run"]

WholeEngine: TypeAlias = Callable[[Deps, Caller, Analysis, Configuration], Whole]
"""Deterministic, and may be called again. A finding brings in `fingerprint` what it is known by within its file,
such as the name of a package; a path that the version has not is left out. Raises Unavailable."""

ENGINES: tuple[tuple[str, WholeEngine], ...] = (
    ("dependencies", dependencies.find),
    ("duplication", duplication.find),
    ("foreign", foreign.find),
    ("architecture", contracts.find),
)
"""Name and engine. A name is stored with findings, and is the engine part of their rules."""


def run(
    deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration, hold: Callable[[], None]
) -> Analysis:
    """Let all engines look; store their findings, and return the analysis with their measures. Raises Unavailable."""
    found: dict[str, Mapping[str, Sequence[Finding]]] = {}
    measures: dict[str, float] = {}
    choice = Choice.made(configuration)
    for name, engine in ENGINES:
        whole = engine(deps, caller, analysis, configuration)
        found[name] = _chosen(whole.findings, choice)
        measures |= whole.measures
        hold()
    with deps.work(caller) as work:
        work.extras.replace(analysis.id, found)
    return replace(analysis, measures=measures)


def _chosen(found: Mapping[str, Sequence[Finding]], choice: Choice) -> dict[str, list[Finding]]:
    """What the project wants to see, with the severities that it has given rules."""
    return {
        path: [
            replace(one, severity=choice.severity(one.rule) or one.severity) for one in listed if choice.runs(one.rule)
        ]
        for path, listed in found.items()
    }
