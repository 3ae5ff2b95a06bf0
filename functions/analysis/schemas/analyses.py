"""Analyses on the wire."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from functions.analysis.lifecycle import Analysis, AnalysisState, GraphState
from functions.analysis.schemas.gates import GateStatus
from kernel.pages import Id, PageQuery


class AnalysisQuery(PageQuery):
    project_id: Id | None = None
    version_id: Id | None = None


class ProgressOut(BaseModel):
    files_total: int
    files_done: int
    shards_total: int
    shards_done: int
    files_cached: int


class TotalsOut(BaseModel):
    files: int
    lines: int
    code_lines: int
    functions: int
    skipped: int


Counts = Annotated[dict[str, int], Field(examples=[{"critical": 0, "high": 2, "medium": 5, "low": 9, "info": 0}])]


class AnalysisOut(BaseModel):
    id: str
    project_id: str
    version_id: str
    state: AnalysisState
    reason: str | None = None
    progress: ProgressOut
    totals: TotalsOut
    findings_by_severity: Counts = Field(description="open findings: all but the dismissed ones")
    new_findings: int = Field(description="open findings that the baseline has not")
    new_by_severity: Counts
    dismissed_findings: int = Field(description="counted nowhere else")
    fixed_findings: int = Field(description="findings that only the baseline has")
    measures: dict[str, float] = Field(description="of the whole project, such as duplicated lines")
    branch: str | None = None
    main: bool = Field(default=True, description="whether the project's main line moves with it")
    baseline_id: str | None = None
    languages: dict[str, int]
    graph: GraphState
    notes: list[str] = Field(default=[], description="what the settings ask for and could not be done")
    created_at: datetime
    completed_at: datetime | None = None
    gate: GateStatus | None = Field(default=None, description="null until the analysis is merged")

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        fields = {name: getattr(analysis, name) for name in cls.model_fields if name not in ("progress", "totals")}
        return cls(
            **fields,
            progress=ProgressOut(**asdict(analysis.progress)),
            totals=TotalsOut(**asdict(analysis.totals)),
        )


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
