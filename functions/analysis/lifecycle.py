"""An analysis from the published version to its completion, and what happens on the way. Standard library only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from functions.analysis.model import Severity
from kernel.errors import Conflict

MAX_ATTEMPTS = 3  # a shard or a merge that ended the worker three times is given up


class AnalysisState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    MERGING = "merging"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


NEXT = {
    AnalysisState.QUEUED: frozenset(
        {AnalysisState.RUNNING, AnalysisState.MERGING, AnalysisState.FAILED, AnalysisState.CANCELLED}
    ),
    AnalysisState.RUNNING: frozenset({AnalysisState.MERGING, AnalysisState.FAILED, AnalysisState.CANCELLED}),
    AnalysisState.MERGING: frozenset({AnalysisState.COMPLETED, AnalysisState.FAILED, AnalysisState.CANCELLED}),
    AnalysisState.COMPLETED: frozenset[AnalysisState](),
    AnalysisState.FAILED: frozenset({AnalysisState.QUEUED}),
    AnalysisState.CANCELLED: frozenset({AnalysisState.QUEUED}),
}
OVER = frozenset({AnalysisState.COMPLETED, AnalysisState.FAILED, AnalysisState.CANCELLED})


class GraphState(StrEnum):
    """What became of an analysis' part in the project's graph."""

    PENDING = "pending"
    WRITTEN = "written"
    UNAVAILABLE = "unavailable"  # the store was down; the next merge of the project repairs it
    SUPERSEDED = "superseded"  # a newer version of the project is in the graph already


REASONS = MappingProxyType(
    {
        "content_changed": "its stored content does not have the hash that the manifest names",
        "content_missing": "its stored content is gone",
        "engine_failed": "the engines failed on its shard three times",
        "symlink": "it is a symbolic link, which is never followed",
        "excluded": "the project's settings exclude its path",
        "submodule": "it is a reference to another repository",
        "manifest_missing": "the version's manifest is gone",
        "manifest_malformed": "the version's manifest cannot be read",
        "merge_failed": "joining the results failed three times",
        "cancelled": "somebody cancelled it",
        "superseded": "a newer version of its branch was published before it began",
        "quota": "too many analyses of the project or the organisation were waiting; restart it later",
    }
)
"""Code of a skipped file or a failed analysis, beyond those of `engines.text.REASONS`, to a sentence for people."""


def claim_id(analysis_id: str, kind: str) -> str:
    """The id of the lease on an analysis' planning or gate, beside the one on its merge, which has the analysis' own."""
    return str(uuid.uuid5(uuid.UUID(analysis_id), kind))


def none_found() -> dict[str, int]:
    return {severity.value: 0 for severity in Severity}


@dataclass(frozen=True, slots=True)
class Progress:
    files_total: int = 0
    files_done: int = 0
    shards_total: int = 0
    shards_done: int = 0
    files_cached: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    files: int = 0
    lines: int = 0
    code_lines: int = 0
    functions: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Analysis:
    """One version under one set of engines. `baseline_id` is the analysis that `new` is measured against.

    `findings_by_severity` counts those that are open: all but the dismissed ones, which `dismissed_findings` counts.
    New are the open ones that the baseline has not; `fixed_findings` are those that only the baseline has.
    """

    id: str
    org_id: str
    project_id: str
    version_id: str
    parent_version_id: str | None
    manifest_key: str
    engine_set: str
    created_at: datetime
    state: AnalysisState = AnalysisState.QUEUED
    reason: str | None = None
    progress: Progress = Progress()
    totals: Totals = Totals()
    findings_by_severity: Mapping[str, int] = field(default_factory=none_found)
    new_findings: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    baseline_id: str | None = None
    graph: GraphState = GraphState.PENDING
    completed_at: datetime | None = None
    revision: int = 1
    branch: str | None = None
    main: bool = True  # whether the project's main line moves with it
    commit: str | None = None
    history_key: str | None = None
    config_key: str | None = None
    baseline_version_id: str | None = None
    notes: Sequence[str] = ()  # what the settings ask for and could not be done
    measures: Mapping[str, float] = field(default_factory=dict)  # of the whole project, by its engines
    tracked: bool = False  # whether its findings are tied to problems
    new_by_severity: Mapping[str, int] = field(default_factory=none_found)
    dismissed_findings: int = 0
    fixed_findings: int = 0
    gate: str | None = None  # passed, failed, none or unknown, once it was evaluated
    concurrency: int = 4  # how many of its shards may run at once, counted over the project

    def to(self, state: AnalysisState) -> Analysis:
        """Raises Conflict if the analysis cannot become `state` now."""
        if state not in NEXT[self.state]:
            raise Conflict(f"{self.state} cannot become {state}", analysis_id=self.id)
        return replace(self, state=state, revision=self.revision + 1)

    def again(self) -> Analysis:
        """Back to its merge, as something has come to light since. Raises Conflict unless it is completed."""
        if self.state is not AnalysisState.COMPLETED:
            raise Conflict(f"{self.state} cannot be merged again", analysis_id=self.id)
        return replace(self, state=AnalysisState.MERGING, revision=self.revision + 1)

    def fail(self, reason: str, at: datetime) -> Analysis:
        return replace(self.to(AnalysisState.FAILED), reason=reason, completed_at=at)

    def cancel(self, reason: str, at: datetime) -> Analysis:
        """Raises Conflict if it is over."""
        return replace(self.to(AnalysisState.CANCELLED), reason=reason, completed_at=at)

    def restart(self) -> Analysis:
        """The analysis as it was before its work was planned. Raises Conflict unless it failed or was cancelled."""
        fresh = replace(self.to(AnalysisState.QUEUED), reason=None, completed_at=None, gate=None, tracked=False)
        return replace(fresh, progress=Progress(files_total=self.progress.files_total), graph=GraphState.PENDING)

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class Artifact:
    """`key` is where it lies in the bucket."""

    name: str
    key: str
    content_type: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ShardReady:
    """Domain event: a shard of an analysis waits to be run."""

    analysis_id: str
    shard_id: str


@dataclass(frozen=True, slots=True)
class PlanReady:
    """Domain event: an analysis that had ended is to be planned once more."""

    analysis_id: str


@dataclass(frozen=True, slots=True)
class GateReady:
    """Domain event: the facts that a gate was decided from may have changed."""

    analysis_id: str


@dataclass(frozen=True, slots=True)
class GateChanged:
    """Domain event: the gate of an analysis that was complete already has another result."""

    analysis: Analysis


@dataclass(frozen=True, slots=True)
class MergeReady:
    """Domain event: all shards of an analysis are over."""

    analysis_id: str


@dataclass(frozen=True, slots=True)
class AnalysisCompleted:
    """Domain event: findings, metrics and artifacts of a version are there."""

    analysis: Analysis
    artifacts: Mapping[str, str]
    context_key: str
