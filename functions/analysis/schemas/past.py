"""Answers about history and contracts on the wire: they are of the analysis' own version."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CouplingQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str | None = Field(default=None, min_length=1, max_length=4096)
    support: int = Field(default=3, ge=2, le=2_000, description="commits in which both changed, at least")
    confidence: float = Field(default=0.3, ge=0.0, le=1.0, description="share of one's commits, at least")


class HistoryOut(BaseModel):
    """Where the answer comes from. Without a history nothing is measured, and `reason` says why."""

    version_id: str
    measured: bool
    reason: str | None = None
    commits: int = 0
    since: str | None = None
    ignored: int = Field(default=0, description="lines of the history that could not be read")
    cut: bool = Field(default=False, description="the history goes on beyond what was read")
    renames_followed: bool = False


class HotspotOut(BaseModel):
    """`score` is commits × complexity, the highest cyclomatic complexity of a function of the file."""

    path: str
    score: int
    commits: int
    added: int
    deleted: int
    authors: int
    complexity: int
    code_lines: int


class HotspotsOut(HistoryOut):
    """`unmeasured` changed too, but no parser reads their language."""

    items: list[HotspotOut] = []
    unmeasured: list[str] = []
    truncated: bool = False


class CoupledOut(BaseModel):
    path: str
    other: str
    support: int
    confidence: float


class CouplingOut(HistoryOut):
    """`left_out` commits touch too many files to say anything."""

    path: str | None = None
    items: list[CoupledOut] = []
    looked_at: int = 0
    left_out: int = 0
    truncated: bool = False


class ContractViolationOut(BaseModel):
    """`chain` are modules, from the importing one in `path` on."""

    importer: str
    imported: str
    path: str
    line: int
    chain: list[str]


class ContractOut(BaseModel):
    id: str
    name: str
    type: str
    kept: bool
    violations: list[ContractViolationOut]
    stale_exceptions: list[str]
    problems: list[str]
    truncated: bool


class ContractsOut(BaseModel):
    """`source` is where the contracts are written down; `refused` says why they could not be read."""

    version_id: str
    measured: bool
    reason: str | None = None
    source: str | None = None
    refused: str | None = None
    contracts: list[ContractOut] = []
