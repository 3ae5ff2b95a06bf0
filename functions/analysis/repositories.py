"""What is stored, as the use cases see it: one protocol for each kind of row, all on one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.analysis.lifecycle import Analysis, Artifact, PlannedFile, Shard
from functions.analysis.resolution.linking import Linked
from functions.analysis.results import Document, FileRow, ListedFinding, Listing, Mark, Summary


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

    def tie(self, analysis_id: str, results: Mapping[int, int]) -> None:
        """Tie files (by `seq`) to the results of their contents."""
        ...

    def skip(self, analysis_id: str, reasons: Mapping[int, str]) -> None:
        """Say of files (by `seq`) why they were not read."""
        ...

    def contents(self, analysis_id: str) -> dict[str, tuple[int, int]]:
        """`seq` and result by path, of the files that have a result."""
        ...

    def page(self, analysis_id: str, *, status: str | None, after: int, limit: int) -> list[FileRow]:
        """Up to `limit` files in the order of paths, beginning behind `after`."""
        ...

    def all(self, analysis_id: str) -> Iterator[FileRow]: ...

    def summary(self, analysis_id: str) -> Summary: ...


class Results(Protocol):
    def add(self, results: Sequence[tuple[str, Document]]) -> list[int]:
        """Store documents of the engines with their language keys; return their ids, in order.

        What is there already stays as it is.
        """
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

    def marks(self, files: Iterable[tuple[str, int, int]]) -> list[Mark]:
        """What identifies the findings of files (path, seq, result)."""
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


from kernel.errors import Unavailable


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


class Busy(Unavailable):
    """Another worker holds the lease; it ends with the work or, if the worker was killed, by itself."""


class Leases(Protocol):
    """Leases of shards and merges; the row is there as long as the work is to be done."""

    def offer(self, analysis_id: str, kind: str, ids: Sequence[str]) -> None: ...

    def take(self, id: str, *, holder: str, seconds: float) -> Lease | None:
        """Claim a piece of work. None if it is done. Raises Busy."""
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

    def waiting_merges(self, project_id: str) -> list[str]:
        """Analyses of a project that wait to be merged by anyone."""
        ...

    def overdue(self, *, grace_s: float, limit: int) -> list[Overdue]:
        """Work of all organisations whose lease ran out, or that waits unclaimed since `grace_s`; each named once."""
        ...


class Artifacts(Protocol):
    def replace(self, analysis_id: str, artifacts: Sequence[Artifact]) -> None: ...

    def of(self, analysis_id: str) -> list[Artifact]: ...


class Graphs(Protocol):
    """What is known about the project's part of the graph store."""

    def begin(self, analysis: Analysis) -> bool | None:
        """Say that a write begins. None if a newer analysis has written; else whether the store is as it is known.

        If it is not, all that was known is forgotten: the project's graph is to be written anew.
        """
        ...

    def written(self, project_id: str) -> dict[str, int]:
        """Result by path of the files that the graph knows."""
        ...

    def files(self, analysis: Analysis) -> dict[str, int]:
        """Result by path of all files of the analysis that have a parser."""
        ...

    def known(self, project_id: str, paths: Sequence[str]) -> dict[str, tuple[int, Linked]]:
        """What the graph knows of these files: the result they were linked from, and their links."""
        ...

    def dependants(self, project_id: str, *, consulted: Sequence[str], stems: Sequence[str]) -> set[str]:
        """Paths whose links were found with one of the files `consulted`, or may mean a module called so."""
        ...

    def store(self, project_id: str, linked: Iterable[tuple[str, int, Linked]]) -> None: ...

    def forget(self, project_id: str, paths: Sequence[str]) -> None: ...

    def end(self, analysis: Analysis) -> None:
        """Say that the store is now as it is known."""
        ...

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        """How many files of the project use each of `paths`, as far as the graph was resolved."""
        ...
