"""Findings of other tools: a SARIF log is taken in beside an analysis and takes part in its merge.

A log that comes before the merge waits for it. One that comes after it lets the analysis be merged again; only the newest
analysis of a project may be, as an older one would tell its problems as if they were today's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from operator import attrgetter
from typing import Any

from functions.analysis.configuration import Configuration
from functions.analysis.engines.choice import Choice
from functions.analysis.engines.sarif import Malformed, Said, read
from functions.analysis.lifecycle import Analysis, AnalysisState
from functions.analysis.model import Confidence, Finding, Severity
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories.imports import Import
from functions.analysis.results import Whole
from functions.analysis.service.planning import offer_merge
from kernel.errors import Conflict, Invalid, NotFound
from kernel.identity import Caller

MOST_TOOLS = 20  # of an analysis
UNKNOWN = "not in this version"
_ROW = attrgetter(*Finding.__slots__)


def take_in(deps: Deps, caller: Caller, analysis_id: str, log: object, text: bytes) -> list[Import]:
    """Store what a log says about an analysis, and let the analysis be merged with it.

    The same log again changes nothing. `text` is the log as it was sent, by which it is known.

    Raises:
        NotFound: no such analysis.
        Invalid: the log is not SARIF 2.1.0.
        Conflict: the analysis is being merged, has failed, or is not the newest of its project.
        Unavailable: a dependency is down; nothing was taken in.
    """
    try:
        said = read(log)
    except Malformed as malformed:
        raise Invalid(str(malformed), code="bad_sarif") from malformed
    with deps.work(caller) as work:
        _open(work, work.analyses.get(analysis_id))
        unknown = work.imports.unknown_paths(analysis_id, [path for one in said for path, _ in one.findings])
    known = [_known(one, unknown) for one in said]
    digest = sha256(text).hexdigest()
    keys = [_key(caller, analysis_id, one.tool, digest) for one in known]
    for one, key in zip(known, keys, strict=True):
        deps.blobs.put(key, _packed(one), "application/json")
    with deps.work(caller) as work:
        return _store(deps, work, analysis_id, digest, list(zip(known, keys, strict=True)))


def _open(work: Work, analysis: Analysis) -> None:
    """Raises Conflict unless the analysis can still take something in."""
    if analysis.state in (AnalysisState.QUEUED, AnalysisState.RUNNING):
        return
    if analysis.state is AnalysisState.MERGING:
        raise Conflict("the analysis is being merged: send it again when that is done", code="merging")
    if analysis.state is not AnalysisState.COMPLETED:
        raise Conflict("the analysis is over without a result", code="not_completed")
    (newest,) = work.analyses.page(project_id=analysis.project_id, version_id=None, before=None, limit=1)
    if newest.id != analysis.id:
        raise Conflict("the project has a newer analysis", code="superseded", newest=newest.id)


def _known(said: Said, unknown: set[str]) -> Said:
    """Without what is about files that the version has not."""
    kept = [(path, finding) for path, finding in said.findings if path not in unknown]
    missing = len(said.findings) - len(kept)
    left_out = {**said.left_out, **({UNKNOWN: missing} if missing else {})}
    return Said(said.tool, kept, dict(sorted(left_out.items())))


def _key(caller: Caller, analysis_id: str, tool: str, digest: str) -> str:
    """Beside the analysis' artifacts, so that whoever erases those erases this."""
    return f"artifacts/{caller.organisation}/{analysis_id}/imports/{tool}-{digest}.json"


def _packed(said: Said) -> bytes:
    return json.dumps([(path, _ROW(finding)) for path, finding in said.findings], separators=(",", ":")).encode()


def _store(deps: Deps, work: Work, analysis_id: str, digest: str, said: Sequence[tuple[Said, str]]) -> list[Import]:
    analysis = work.analyses.lock(analysis_id)
    _open(work, analysis)
    before = {one.tool: one.sha256 for one in work.imports.of(analysis_id)}
    if len(before.keys() | {one.tool for one, _ in said}) > MOST_TOOLS:
        raise Invalid(f"an analysis takes in what {MOST_TOOLS} tools say", code="too_many_tools")
    by = work.caller.user_id
    stored = [
        work.imports.put(
            Import(deps.new_id(), analysis_id, one.tool, digest, key, len(one.findings), one.left_out, by, work.now)
        )
        for one, key in said
    ]
    if any(before.get(one.tool) != digest for one in stored):
        _again(work, analysis)
        work.audit.add("analysis.import", analysis_id, tools=[one.tool for one in stored], sha256=digest)
    return stored


def _again(work: Work, analysis: Analysis) -> None:
    """Before its end nothing is to be done: the analysis is held, so whoever counts the last shard comes after this."""
    if analysis.state is AnalysisState.COMPLETED:
        work.analyses.save(analysis.again())
        offer_merge(work, analysis.id)


def find(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> Whole:
    """`service.whole.WholeEngine`: what the logs say, as far as the project wants to hear it. Raises Unavailable."""
    with deps.work(caller) as work:
        given = work.imports.of(analysis.id)
    choice = Choice.made(configuration)
    findings: dict[str, list[Finding]] = {}
    for one in given:
        for path, finding in _unpacked(deps, one):
            if choice.runs(finding.rule):
                severity = choice.severity(finding.rule) or finding.severity
                findings.setdefault(path, []).append(replace(finding, severity=severity))
    return Whole(findings)


def _unpacked(deps: Deps, given: Import) -> list[tuple[str, Finding]]:
    """Nothing if the object is gone: retention has taken it."""
    try:
        rows = json.loads(deps.blobs.get(given.key))
    except NotFound:
        return []
    return [(path, _finding(row)) for path, row in rows]


def _finding(row: Sequence[Any]) -> Finding:
    rule, title, message, severity, confidence, *rest = row
    return Finding(rule, title, message, Severity(severity), Confidence(confidence), *rest)
