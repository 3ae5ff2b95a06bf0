"""Questions to the graph, and answers, on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class ImpactQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1, max_length=4096)
    depth: int = Field(default=3, ge=1, le=6)


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
