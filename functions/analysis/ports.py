"""What the use cases need from the outside, beside what `repositories` says of the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.analysis.configuration import Configuration
from functions.analysis.pieces import ShardFile
from functions.analysis.repositories import (
    Analyses,
    Artifacts,
    Duplicates,
    Erasures,
    Extras,
    Files,
    Findings,
    Gates,
    Graphs,
    Imports,
    Leases,
    Manifests,
    Placements,
    Problems,
    Queue,
    Results,
    Retention,
    Roles,
    Shards,
    Tracking,
)
from functions.analysis.results import Document
from functions.analysis.stores import Components, GraphStore
from kernel.identity import Caller
from kernel.ports import Permissions, Rules, SharedWork


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

    def delete(self, key: str) -> None:
        """Forget an object; one that is not there is no error. Raises Unavailable."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """Up to 1,000 keys that begin so. Raises Unavailable."""
        ...

    def presigned_get(self, key: str, *, filename: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes, whose hash has been checked."""

    file: ShardFile
    data: bytes


class Engines(Protocol):
    def engine_set(self, configuration: Configuration) -> str:
        """Names the engines, their versions and what the configuration changes of them."""
        ...

    def notes(self, configuration: Configuration) -> list[str]:
        """What the configuration asks for and cannot be done, in words. Raises Unavailable."""
        ...

    def problems(self, custom_rules: str) -> list[str]:
        """Why rules of a project's own cannot be used, a sentence each. Raises Unavailable."""
        ...

    def read(
        self, contents: Sequence[Content], hold: Callable[[], None], configuration: Configuration
    ) -> list[Document]:
        """One document for each content, in order, made in a bounded child; call `hold` before each attempt.

        Raises Unavailable.
        """
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
    def extras(self) -> Extras: ...
    @property
    def placements(self) -> Placements: ...
    @property
    def tracking(self) -> Tracking: ...
    @property
    def problems(self) -> Problems: ...
    @property
    def duplicates(self) -> Duplicates: ...
    @property
    def manifests(self) -> Manifests: ...
    @property
    def retention(self) -> Retention: ...
    @property
    def shards(self) -> Shards: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def queue(self) -> Queue: ...
    @property
    def gates(self) -> Gates: ...
    @property
    def artifacts(self) -> Artifacts: ...
    @property
    def graphs(self) -> Graphs: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def erasures(self) -> Erasures: ...
    @property
    def roles(self) -> Roles: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one project, and one organisation, may take of the platform.

    `concurrency` bounds the shards of a project that run at once, whatever its settings say.
    """

    concurrency: int = 16
    queued_per_project: int = 200
    queued_per_organisation: int = 2_000


@dataclass(frozen=True, slots=True)
class Deps:
    """`lease_s` is how long a killed worker's shard waits for another one."""

    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
    blobs: Blobs
    engines: Engines
    graph: GraphStore
    components: Components
    rules: Rules
    lease_s: float = 60.0
    limits: Limits = Limits()
    elapsed: Callable[[], float] = time.monotonic
