"""What this domain reads of events, and tells webhooks of them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from kernel.pages import Id

NEWS = "new-findings.json"


class HookedVersion(BaseModel):
    """What webhooks are told of `version.published`."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    version_id: Id
    parent_id: Id | None = None
    label: str = ""
    branch: str | None = None
    main: bool = True
    commit: str | None = None
    file_count: int
    total_bytes: int
    published_at: datetime


class HookedAnalysis(BaseModel):
    """What is read of `analysis.completed`; webhooks are told all but the keys of objects."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    version_id: Id
    analysis_id: Id
    files: int = 0
    lines: int = 0
    findings_by_severity: dict[str, int] = {}
    new_findings: int = 0
    gate: str = Field(default="none", max_length=40)
    completed_at: datetime
    artifacts: dict[str, str] = {}

    @property
    def news_key(self) -> str | None:
        return self.artifacts.get(NEWS)


class HookedGate(BaseModel):
    """What is read of `gate.changed`."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    version_id: Id
    analysis_id: Id
    gate: str = Field(max_length=40)

    @property
    def news_key(self) -> None:
        """The findings stay what they were."""
        return None


class HookedFindings(BaseModel):
    """What webhooks are told of findings that were dismissed, reopened or fixed."""

    model_config = ConfigDict(extra="ignore")

    project_id: Id
    finding_ids: list[str]
    at: datetime
    analysis_id: Id | None = None
    by: Id | None = None
    reason: str | None = None
