"""Questions to the graph, and answers, on the wire."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.analysis.graph import Answered, EdgeKind

_PATH = Field(min_length=1, max_length=4096)
_SYMBOL = Field(default=None, min_length=1, max_length=1000, description="qualified name, as in Cart.pay")


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ImpactQuery(_Question):
    path: str = _PATH
    symbol: str | None = _SYMBOL
    depth: int = Field(default=3, ge=1, le=6)


class CallersQuery(_Question):
    path: str = _PATH
    symbol: str = Field(min_length=1, max_length=1000, description="qualified name, as in Cart.pay")


class CyclesQuery(_Question):
    of: Literal["files", "folders"] = "files"


class OwnersQuery(_Question):
    path: str = _PATH


class NeighboursQuery(_Question):
    path: str = _PATH
    symbol: str | None = _SYMBOL


class GraphAnswer(BaseModel):
    """`version_id` is the version that the answer describes, which `state` compares with the one asked about."""

    version_id: str
    state: Answered


class GraphOut(GraphAnswer):
    """How much the graph holds of each kind; `modules` are folders, `owned` is how often a file has an owner."""

    files: int
    modules: int
    symbols: int
    imports: int
    calls: int
    inherits: int
    tests: int
    owned: int


class DependantOut(BaseModel):
    """A file, or a symbol of it, that would notice a change; `distance` counts steps, `dependants` who uses it."""

    path: str
    symbol: str = ""
    distance: int
    dependants: int
    through: list[EdgeKind]


class ImpactOut(GraphAnswer):
    """`tests` are those that should run, the nearest first; `reached` counts also what is not shown."""

    path: str
    symbol: str | None = None
    depth: int
    items: list[DependantOut]
    tests: list[str]
    reached: int
    truncated: bool


class CallerOut(BaseModel):
    """`symbol` is empty where the module level of the file calls."""

    path: str
    symbol: str
    times: int


class CallersOut(GraphAnswer):
    path: str
    symbol: str
    items: list[CallerOut]
    truncated: bool


class CycleOut(BaseModel):
    """`example` is a shortest way round: first and last are the same."""

    size: int
    members: list[str]
    example: list[str]


class CyclesOut(GraphAnswer):
    of: Literal["files", "folders"]
    items: list[CycleOut]
    truncated: bool


class UnusedOut(BaseModel):
    path: str
    symbol: str
    kind: str
    line: int
    end_line: int
    confidence: Literal["high", "medium"]
    reason: str


class DeadCodeOut(GraphAnswer):
    """Candidates, never verdicts; only of the languages that were `looked_at`."""

    items: list[UnusedOut]
    looked_at: list[str]
    truncated: bool


class OwnersOut(GraphAnswer):
    """The rule of CODEOWNERS that decides; `file` is None where the version has none, `line` where no rule fits."""

    path: str
    owners: list[str]
    file: str | None
    line: int | None
    pattern: str | None


class NodeOut(BaseModel):
    id: str
    path: str
    symbol: str


class EdgeOut(BaseModel):
    kind: EdgeKind
    source: str
    target: str
    times: int


class NeighboursOut(GraphAnswer):
    """What touches a node directly, for a drawing; `id` is unique in the answer and means nothing elsewhere."""

    nodes: list[NodeOut]
    edges: list[EdgeOut]
    owners: list[str]
    truncated: bool
