"""Quality gates: decided by policy when an analysis is merged, and again when people dismiss or reopen findings.

What can change a result is noted in the transaction that changes it (`due`), beside a lease that the sweep announces
until the gate is decided again, so that no dismissal is lost. Where policy cannot be asked, a gate is `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from functions.analysis import gates
from functions.analysis.configuration import Condition, Configuration
from functions.analysis.gates import Gate
from functions.analysis.lifecycle import Analysis, AnalysisState, GateChanged, GateReady, claim_id
from functions.analysis.ports import Deps, Work
from functions.analysis.repositories import Lease
from functions.analysis.service.configuring import configuration_of
from kernel.errors import NotFound, Unavailable
from kernel.identity import Caller

AT_ONCE = 10  # gates that somebody waits for; the others are decided when their events come


def evaluate(deps: Deps, caller: Caller, analysis: Analysis, configuration: Configuration) -> Analysis:
    """The analysis with the result of its gate, which is stored; it can be done again. Raises Unavailable."""
    return replace(analysis, gate=_decide(deps, caller, analysis, configuration.gate).status)


def verdict_of(deps: Deps, caller: Caller, analysis_id: str) -> Mapping[str, Any]:
    """The stored result with its conditions, as artifacts show it."""
    with deps.work(caller) as work:
        gate = work.gates.of(analysis_id)
    return {"conditions": [dict(one) for one in gate.conditions] if gate else []}


def completed(work: Work, analysis: Analysis) -> None:
    """Have the gate of an analysis that is complete now decided again, if it is unknown or its facts have changed."""
    if not work.gates.settled(analysis.id):
        _announce(work, analysis.id)


def due(work: Work, project_id: str) -> None:
    """Say that findings of a project were dismissed or reopened: the gates of its newest analyses are to be decided."""
    newest = work.analyses.newest_of_lines(project_id)
    work.gates.want(project_id, newest)
    for analysis_id in newest:
        _announce(work, analysis_id)


def reevaluate(deps: Deps, caller: Caller, project_id: str) -> None:
    """Decide the gates of a project's newest analyses again, now; what somebody else decides at this moment is left."""
    with deps.work(caller) as work:
        newest = work.analyses.newest_of_lines(project_id)
    for analysis_id in newest[-AT_ONCE:]:
        try:
            decide_again(deps, caller, analysis_id)
        except Unavailable:
            return


def decide_again(deps: Deps, caller: Caller, analysis_id: str) -> None:
    """Decide a gate that is due; a second time do nothing.

    Raises:
        Unavailable: somebody else decides it, or a dependency is down; the same call may succeed later.
    """
    with deps.work(caller) as work:
        lease = work.leases.take(claim_id(analysis_id, "gate"), holder=deps.new_id(), seconds=deps.lease_s)
        analysis = _complete(work, lease, analysis_id) if lease else None
    if lease is None or analysis is None:
        return
    try:
        _decide(deps, caller, analysis, configuration_of(deps, analysis).gate)
        _conclude(deps, caller, lease, analysis)
    except Unavailable:
        with deps.work(caller) as work:
            work.leases.give_back(lease, uncounted=True)
        raise


def _complete(work: Work, lease: Lease, analysis_id: str) -> Analysis | None:
    """The analysis, if it is complete: until then its merge sees to its gate."""
    try:
        analysis = work.analyses.get(analysis_id)
    except NotFound:
        analysis = None
    if analysis is not None and analysis.state is AnalysisState.COMPLETED:
        return analysis
    work.leases.end(lease)
    return None


def _conclude(deps: Deps, caller: Caller, lease: Lease, analysis: Analysis) -> None:
    """End the lease, unless something changed meanwhile: then the gate stays due, and is announced once more."""
    with deps.work(caller) as work:
        if work.gates.show(analysis.id):
            work.events.add(GateChanged(work.analyses.get(analysis.id)))
        gate = work.gates.of(analysis.id)
        if work.gates.settled(analysis.id):
            work.leases.end(lease)
            return
        work.leases.give_back(lease, uncounted=True)
        if gate is not None and gate.status != "unknown":
            work.events.add(GateReady(analysis.id))


def _decide(deps: Deps, caller: Caller, analysis: Analysis, gate: Sequence[Condition] | None) -> Gate:
    with deps.work(caller) as work:
        begun = work.gates.begin(analysis.id)
        question = gates.question(gate, analysis, work.gates.measured(analysis))
    try:
        decided = gates.gate_of(deps.rules.evaluate("gate", question))
    except Unavailable:
        decided = gates.UNKNOWN
    with deps.work(caller) as work:
        work.gates.store(analysis.id, begun, decided, work.now)
    return decided


def _announce(work: Work, analysis_id: str) -> None:
    work.leases.offer(analysis_id, "gate", [claim_id(analysis_id, "gate")])
    work.events.add(GateReady(analysis_id))
