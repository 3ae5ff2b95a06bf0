"""Contracts of a project on its imports: what breaks one becomes a finding, what they say is kept for the page.

The contracts of the project's settings go before those in the version, so that a change cannot loosen what it is
measured by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from functions.analysis.architecture.checking import Verdict, Violation, check
from functions.analysis.architecture.contracts import LARGEST_BYTES, Refused, read
from functions.analysis.architecture.modules import Names
from functions.analysis.codeowners import Owners
from functions.analysis.configuration import Configuration
from functions.analysis.lifecycle import Analysis, GraphState
from functions.analysis.model import Confidence, Finding, Severity
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import ImportGraph
from functions.analysis.results import Whole
from functions.analysis.service.contents import contents
from functions.analysis.service.graphing import line_in
from functions.analysis.service.places import Places, places_of
from functions.analysis.service.resolving import resolve
from kernel.identity import Caller

FILE = ".coderev/contracts.yaml"
SETTINGS = "settings"
_LONGEST_CHAIN = 12  # modules that are shown


def find(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> Whole:
    """Violations as findings of the importing files; the figures count contracts. Raises Unavailable."""
    source, text = _text(deps, caller, analysis, configuration)
    if not text.strip():
        _keep(deps, caller, analysis, None, None)
        return Whole()
    try:
        contracts = read(text)
        imports = _imports(deps, caller, analysis)
        verdicts = check(contracts, imports.edges, imports.externals, imports.paths)
    except Refused as refused:
        _keep(deps, caller, analysis, source, str(refused))
        return Whole(_refused(source, str(refused)))
    places = places_of(deps, caller, analysis, Names(imports.paths, contracts.roots), verdicts)
    _keep(deps, caller, analysis, source, None, [_report(one, places) for one in verdicts])
    broken = sum(not one.kept for one in verdicts)
    measures = {"contracts": float(len(verdicts)), "contracts_broken": float(broken)}
    return Whole(_findings(verdicts, places), measures)


def _text(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> tuple[str, str]:
    if configuration.contracts.strip():
        return SETTINGS, configuration.contracts
    with deps.work(caller) as work:
        there = work.graphs.owners_at(analysis, [FILE])
    data = contents(deps, analysis, list(there), largest=LARGEST_BYTES).get(FILE, b"")
    return FILE, data.decode(errors="replace")


def _imports(deps: Deps, caller: Caller, analysis: Analysis) -> ImportGraph:
    """From what is known of the analysis' line, or where it is not in the graph, resolved once more."""
    with deps.work(caller) as work:
        line = work.graphs.line(analysis.project_id, line_in(analysis))
        written = analysis.graph is GraphState.WRITTEN and line is not None and line.analysis_id == analysis.id
        if written and line is not None:
            return work.graphs.imports(analysis.project_id, line.name, based=line.based)
        return _resolved(work, analysis)


def _resolved(work: Work, analysis: Analysis) -> ImportGraph:
    files = work.graphs.files(analysis)
    edges, externals = [], {}
    for path, part in resolve(work, files, files.keys(), Owners("")):
        edges += [(path, target) for target in part.linked.imports]
        externals[path] = part.externals
    return ImportGraph(sorted(edges), externals, sorted(files))


def _keep(
    deps: Deps,
    caller: Caller,
    analysis: Analysis,
    source: str | None,
    refused: str | None,
    contracts: Sequence[Mapping[str, Any]] = (),
) -> None:
    with deps.work(caller) as work:
        report = {"source": source, "refused": refused, "contracts": list(contracts)}
        work.graphs.keep_report(analysis.id, report)


def _refused(source: str, sentence: str) -> Mapping[str, Sequence[Finding]]:
    if source != FILE:
        return {}
    return {FILE: [_finding("architecture/contracts", "Contracts that cannot be read", sentence, 1, "contracts", "")]}


def _findings(verdicts: Sequence[Verdict], places: Places) -> Mapping[str, Sequence[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for verdict in verdicts:
        for one in verdict.violations:
            found[one.chain[0]].append(_violation(verdict, one, places))
    return found


def _violation(verdict: Verdict, one: Violation, places: Places) -> Finding:
    chain = _chain(one, places)
    said = f"{chain[0]} may not import {one.imported}" + (f", here by {' → '.join(chain)}" if len(chain) > 2 else "")
    rule, known_by = f"architecture/{verdict.contract.id}", f"{one.importer} {one.imported} {chain[1]}"
    fix = f"Let {one.imported} be given to it, move the code, or write the exception down in ignore_imports."
    return _finding(rule, verdict.contract.name, said, places.line(one), known_by, fix)


def _finding(rule: str, title: str, message: str, line: int, known_by: str, fix: str) -> Finding:
    help_ = "A contract of this project says which modules may know which."
    return Finding(rule, title, message, Severity.MEDIUM, Confidence.HIGH, line, 1, line, 1, known_by, None, help_, fix)


def _chain(one: Violation, places: Places) -> list[str]:
    said = [places.names.of.get(path, path) for path in one.chain]
    return said if len(said) <= _LONGEST_CHAIN else [*said[: _LONGEST_CHAIN - 1], "…", said[-1]]


def _report(verdict: Verdict, places: Places) -> Mapping[str, Any]:
    return {
        "id": verdict.contract.id,
        "name": verdict.contract.name,
        "type": verdict.contract.type,
        "kept": verdict.kept,
        "violations": [
            {
                "importer": one.importer,
                "imported": one.imported,
                "path": one.chain[0],
                "line": places.line(one),
                "chain": _chain(one, places),
            }
            for one in verdict.violations
        ],
        "stale_exceptions": list(verdict.stale),
        "problems": list(dict.fromkeys(verdict.problems)),
        "truncated": verdict.truncated,
    }
