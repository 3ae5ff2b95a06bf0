"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.analysis.lifecycle import Analysis, Artifact, PlannedFile, Shard, ShardFile
from functions.analysis.results import Document, FileRow, ListedFinding, Listing, Mark, Summary
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class Analyses(Protocol):
    def get(self, analysis_id: str) -> Analysis:
        """Raises NotFound."""
        ...

    def page(self, *, project_id: str | None, version_id: str | None, before: str | None, limit: int) -> list[Analysis]:
        """Up to `limit` analyses, newest first, beginning behind the id `before`."""
        ...

    def add(self, analysis: Analysis) -> bool:
        """False if the version is analysed already."""
        ...

    def save(self, analysis: Analysis) -> None:
        """Store a new revision. Raises Stale if somebody else stored one meanwhile."""
        ...

    def count_shard(self, analysis_id: str, *, files: int) -> Analysis:
        """Count one shard as done, in any order and under any concurrency; return the analysis after it."""
        ...

    def start(self, analysis_id: str) -> None:
        """Let a queued analysis run; any other stays as it is."""
        ...

    def baseline_of(self, analysis: Analysis) -> str | None:
        """The completed analysis of the parent version, else the project's newest completed one before this."""
        ...


class Files(Protocol):
    def add(self, analysis: Analysis, files: Sequence[PlannedFile]) -> set[int]:
        """Store an analysis' list of files, tied to the results that are there; return `seq` of those without one."""
        ...

    def skip(self, analysis_id: str, contents: Mapping[tuple[str, str], str]) -> None:
        """Set the reason of all files with a content (SHA-256, language key) that could not be read."""
        ...

    def tie(self, analysis: Analysis, engine_set: str) -> None:
        """Tie files that have no result yet to what the shards have stored, also by engines that came meanwhile."""
        ...

    def page(self, analysis_id: str, *, status: str | None, after: int, limit: int) -> list[FileRow]:
        """Up to `limit` files in the order of paths, beginning behind `after`."""
        ...

    def all(self, analysis_id: str) -> Iterator[FileRow]: ...

    def summary(self, analysis_id: str) -> Summary: ...


class Results(Protocol):
    def add(self, results: Sequence[tuple[str, Document]]) -> None:
        """Store documents of the engines by language key; contents that are there already stay as they are."""
        ...

    def outlines(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        """All of the documents but calls and findings, a few at a time."""
        ...

    def calls(self, result_ids: Sequence[int]) -> Iterator[tuple[int, Document]]:
        """The documents' calls, a few at a time."""
        ...


class Findings(Protocol):
    def page(self, analysis: Analysis, listing: Listing) -> list[ListedFinding]:
        """Findings, worst first, then by path and line."""
        ...

    def changed(self, analysis_id: str, baseline_id: str) -> tuple[list[Mark], list[Mark]]:
        """Findings in files that differ between two analyses: those of this one, and those of the baseline."""
        ...

    def mark_new(self, analysis_id: str, places: Iterable[tuple[int, int]]) -> None:
        """Remember which (file seq, finding number) are new in an analysis that has a baseline."""
        ...


class Shards(Protocol):
    def add(self, analysis_id: str, shards: Sequence[Shard]) -> None: ...

    def begin(self, shard_id: str) -> Shard | None:
        """Begin a shard, so that it does not count as waiting any more; None if it is gone."""
        ...

    def end(self, shard_id: str, reason: str | None) -> None: ...

    def waiting(self, analysis_id: str) -> int:
        """How many shards of an analysis nobody has begun."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on a piece of work until some moment on the database's clock."""

    id: str
    holder: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Work that was announced and that nobody holds any more."""

    id: str
    org_id: str
    analysis_id: str
    kind: str


class Leases(Protocol):
    """Leases of shards and merges; the row is there as long as the work is to be done."""

    def offer(self, analysis_id: str, kind: str, ids: Sequence[str]) -> None: ...

    def take(self, id: str, *, holder: str, seconds: float) -> Lease | None:
        """Claim a piece of work. None if it is done. Raises Unavailable while another one holds it."""
        ...

    def give_back(self, lease: Lease, *, uncounted: bool) -> None:
        """Let another one take it at once; `uncounted` if the failure was not the work's fault."""
        ...

    def extend(self, lease: Lease, seconds: float) -> bool:
        """False if another one has taken over."""
        ...

    def end(self, lease: Lease) -> bool:
        """Finish the work; False if another one has taken over, then nothing may be counted."""
        ...

    def overdue(self, *, grace_s: float, limit: int) -> list[Overdue]:
        """Work of all organisations whose lease ran out, or that waits unclaimed since `grace_s`; each named once."""
        ...


class Artifacts(Protocol):
    def replace(self, analysis_id: str, artifacts: Sequence[Artifact]) -> None: ...

    def of(self, analysis_id: str) -> list[Artifact]: ...


class Graphs(Protocol):
    """What is known about the project's part of the graph store."""

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        """How many files of the project use each of `paths`, as far as the graph was resolved."""
        ...


class Blobs(Protocol):
    def get(self, key: str) -> bytes:
        """Raises NotFound, Unavailable."""
        ...

    def get_range(self, key: str, offset: int, size_bytes: int) -> bytes:
        """Raises NotFound, Unavailable."""
        ...

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Raises Unavailable."""
        ...

    def presigned_get(self, key: str, *, filename: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes, whose hash has been checked."""

    file: ShardFile
    data: bytes


class Engines(Protocol):
    @property
    def engine_set(self) -> str:
        """Names the engines, their versions and configuration."""
        ...

    def read(self, contents: Sequence[Content]) -> list[Document]:
        """One document for each content, in order, made in a bounded child. Raises Unavailable."""
        ...

    def rest(self) -> None:
        """Nothing more to read for now: give memory back."""
        ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def analyses(self) -> Analyses: ...
    @property
    def files(self) -> Files: ...
    @property
    def results(self) -> Results: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def shards(self) -> Shards: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def graphs(self) -> Graphs: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """`lease_s` is how long a killed worker's shard waits for another one."""

    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
    blobs: Blobs
    engines: Engines
    lease_s: float = 60.0
