"""What goes over the wire. Changing a field here changes the public API."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from functions.analysis.lifecycle import Analysis, Artifact, GraphState, State
from functions.analysis.model import Severity
from functions.analysis.results import FileRow, ListedFinding, Listing
from kernel.errors import Invalid
from kernel.pages import Id, PageQuery


class VersionPublished(BaseModel):
    """What this domain reads of project's event."""

    model_config = ConfigDict(extra="ignore")

    version_id: Id
    project_id: Id
    parent_id: Id | None = None
    manifest_key: str = Field(min_length=1, max_length=1024)


class WorkReady(BaseModel):
    """`shard.ready` names a shard, `merge.ready` only the analysis."""

    model_config = ConfigDict(extra="ignore")

    analysis_id: Id
    shard_id: Id | None = None


class AnalysisQuery(PageQuery):
    project_id: Id | None = None
    version_id: Id | None = None


class FindingQuery(PageQuery):
    """`severity` may name several, separated by commas."""

    severity: str | None = Field(default=None, max_length=60, examples=["critical,high"])
    path: str | None = Field(default=None, max_length=4096)
    new: bool | None = None

    def listing(self) -> Listing:
        """One more than a page, to see whether another follows. Raises Invalid."""
        names = tuple(name.strip() for name in (self.severity or "").split(",") if name.strip())
        if unknown := set(names) - set(Severity):
            raise Invalid("no such severity", severity=min(unknown))
        after = _numbers(self.cursor, 3) if self.cursor else None
        place = (after[0], after[1], after[2]) if after else None
        return Listing(names, self.path, self.new, place, self.limit + 1)


class FileQuery(PageQuery):
    status: Literal["parsed", "partial", "lexical", "skipped"] | None = None

    @property
    def behind(self) -> int:
        """Raises Invalid."""
        return _numbers(self.cursor, 1)[0] if self.cursor else -1


class ImpactQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1, max_length=4096)
    depth: int = Field(default=3, ge=1, le=6)


def cursor_of(*numbers: int) -> str:
    return base64.urlsafe_b64encode(b"at:" + ".".join(map(str, numbers)).encode()).decode()


def _numbers(cursor: str, count: int) -> list[int]:
    try:
        word, _, rest = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        numbers = [int(part) for part in rest.split(".")]
    except (ValueError, binascii.Error) as bad:
        raise Invalid("this cursor is not one of ours", code="bad_cursor") from bad
    if word != "at" or len(numbers) != count or not all(0 <= number < 2**31 for number in numbers):
        raise Invalid("this cursor is not one of ours", code="bad_cursor")
    return numbers


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
    state: State
    reason: str | None = None
    progress: ProgressOut
    totals: TotalsOut
    findings_by_severity: Counts
    new_findings: int
    baseline_id: str | None = None
    languages: dict[str, int]
    graph: GraphState
    created_at: datetime
    completed_at: datetime | None = None

    @classmethod
    def of(cls, analysis: Analysis) -> Self:
        fields = {name: getattr(analysis, name) for name in cls.model_fields if name not in ("progress", "totals")}
        return cls(
            **fields,
            progress=ProgressOut(**asdict(analysis.progress)),
            totals=TotalsOut(**asdict(analysis.totals)),
        )


class FindingOut(BaseModel):
    id: str
    rule: str
    message: str
    severity: Severity
    confidence: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    cwe: int | None
    help: str
    fix: str
    fingerprint: str
    new: bool

    @classmethod
    def of(cls, found: ListedFinding, project_id: str) -> Self:
        fields = {name: getattr(found, name) for name in cls.model_fields if name != "id"}
        return cls(id=found.id(project_id), **fields)


class FileOut(BaseModel):
    path: str
    language: str | None
    status: str | None
    reason: str | None
    lines: int
    code_lines: int
    functions: int
    cyclomatic_max: int
    cognitive_max: int
    maintainability: float | None

    @classmethod
    def of(cls, row: FileRow) -> Self:
        return cls(
            path=row.path,
            language=row.language,
            status=row.status,
            reason=row.reason,
            lines=row.lines,
            code_lines=row.code_lines,
            functions=row.functions,
            cyclomatic_max=row.max_cyclomatic,
            cognitive_max=row.max_cognitive,
            maintainability=row.maintainability,
        )


class ArtifactOut(BaseModel):
    name: str
    content_type: str
    size_bytes: int
    url: str

    @classmethod
    def of(cls, artifact: Artifact, url: str) -> Self:
        return cls(name=artifact.name, content_type=artifact.content_type, size_bytes=artifact.size_bytes, url=url)


class ArtifactsOut(BaseModel):
    items: list[ArtifactOut]


class GraphOut(BaseModel):
    files: int
    symbols: int
    imports: int
    calls: int


class DependantOut(BaseModel):
    """A file that would notice a change; `distance` counts imports between."""

    path: str
    distance: int
    dependants: int


class ImpactOut(BaseModel):
    path: str
    depth: int
    items: list[DependantOut]
    truncated: bool


class Health(BaseModel):
    status: Literal["ok"] = "ok"
    service: str
