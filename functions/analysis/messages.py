"""What this domain tells the others and itself: domain events as CloudEvents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from functions.analysis.lifecycle import (
    Analysis,
    AnalysisCompleted,
    GateChanged,
    GateReady,
    MergeReady,
    PlanReady,
    ShardReady,
)
from functions.analysis.lifetimes import EraseReady, ProjectErased
from functions.analysis.tracking.problems import FindingsChanged, ProblemState
from kernel.events import Message

TOPIC = "coderev.analysis.v1"
WORK_TOPIC = "coderev.analysis.shards.v1"


class ShardReadyData(BaseModel):
    analysis_id: str
    shard_id: str


class MergeReadyData(BaseModel):
    analysis_id: str


class GateChangedData(BaseModel):
    """`gate` is passed, failed, none or unknown."""

    analysis_id: str
    project_id: str
    version_id: str
    org_id: str
    gate: str


class AnalysisCompletedData(BaseModel):
    analysis_id: str
    project_id: str
    version_id: str
    org_id: str
    files: int
    lines: int
    findings_by_severity: Mapping[str, int]
    new_findings: int
    context_key: str
    artifacts: Mapping[str, str]
    completed_at: datetime
    gate: str = "none"


class FindingsChangedData(BaseModel):
    """`reason` is that of a dismissal, or says why findings were reopened: reopened, expired, came_back."""

    project_id: str
    finding_ids: Sequence[str]
    at: datetime
    analysis_id: str | None
    by: str | None
    reason: str | None


_CHANGES = {
    ProblemState.DISMISSED: "finding.dismissed",
    ProblemState.OPEN: "finding.reopened",
    ProblemState.FIXED: "finding.fixed",
}


class EraseReadyData(BaseModel):
    project_id: str


class ProjectErasedData(BaseModel):
    project_id: str
    org_id: str
    erased_at: datetime


def encode(event: object) -> Message:
    """Raises TypeError for what is no event."""
    match event:
        case GateChanged(analysis):
            return Message(TOPIC, "gate.changed", analysis.id, _gate(analysis))
        case AnalysisCompleted():
            return Message(TOPIC, "analysis.completed", event.analysis.id, _completed(event))
        case FindingsChanged():
            return Message(TOPIC, _CHANGES[event.change], event.project_id, _changed(event))
        case ProjectErased(project_id, org_id, at):
            erased = ProjectErasedData(project_id=project_id, org_id=org_id, erased_at=at)
            return Message(TOPIC, "project.erased", project_id, erased)
    return _announced(event)


def _announced(event: object) -> Message:
    """Work of this domain's own."""
    match event:
        case ShardReady(analysis_id, shard_id):
            data = ShardReadyData(analysis_id=analysis_id, shard_id=shard_id)
            return Message(WORK_TOPIC, "shard.ready", shard_id, data)
        case MergeReady(analysis_id):
            return Message(WORK_TOPIC, "merge.ready", analysis_id, MergeReadyData(analysis_id=analysis_id))
        case PlanReady(analysis_id):
            return Message(WORK_TOPIC, "plan.ready", analysis_id, MergeReadyData(analysis_id=analysis_id))
        case GateReady(analysis_id):
            return Message(WORK_TOPIC, "gate.ready", analysis_id, MergeReadyData(analysis_id=analysis_id))
        case EraseReady(project_id):
            return Message(WORK_TOPIC, "erase.ready", project_id, EraseReadyData(project_id=project_id))
    raise TypeError(f"no message for {type(event).__name__}")


def _changed(event: FindingsChanged) -> FindingsChangedData:
    fields = {name: getattr(event, name) for name in FindingsChangedData.model_fields}
    return FindingsChangedData(**fields)


def _gate(analysis: Analysis) -> GateChangedData:
    return GateChangedData(
        analysis_id=analysis.id,
        project_id=analysis.project_id,
        version_id=analysis.version_id,
        org_id=analysis.org_id,
        gate=analysis.gate or "none",
    )


def _completed(event: AnalysisCompleted) -> AnalysisCompletedData:
    analysis = event.analysis
    if analysis.completed_at is None:
        raise ValueError("a completed analysis knows when")
    return AnalysisCompletedData(
        analysis_id=analysis.id,
        project_id=analysis.project_id,
        version_id=analysis.version_id,
        org_id=analysis.org_id,
        files=analysis.totals.files,
        lines=analysis.totals.lines,
        findings_by_severity=analysis.findings_by_severity,
        new_findings=analysis.new_findings,
        context_key=event.context_key,
        artifacts=event.artifacts,
        completed_at=analysis.completed_at,
        gate=analysis.gate or "none",
    )
