"""Projects, uploads, versions and their rules. Standard library only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.project.limits import (
    GRACE_S,
    LARGEST_ARCHIVE,
    LARGEST_FILE,
    LARGEST_PACK,
    LARGEST_TREE,
    MOST_FILES,
)
from functions.project.paths import check_paths
from kernel.errors import Conflict, Invalid, TooLarge

MODES = ("100644", "100755")


@dataclass(frozen=True, slots=True)
class Project:
    """A code base under review; versions of it are published."""

    id: str
    org_id: str
    name: str
    description: str
    created_by: str
    created_at: datetime


class Kind(StrEnum):
    PACK = "pack"
    ARCHIVE = "archive"


LARGEST_UPLOAD = {Kind.PACK: LARGEST_PACK, Kind.ARCHIVE: LARGEST_ARCHIVE}


class State(StrEnum):
    WAITING = "waiting"
    STORED = "stored"
    REFUSED = "refused"


_NEXT = {
    State.WAITING: {State.STORED, State.REFUSED},
    State.STORED: set[State](),
    State.REFUSED: set[State](),
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A promise to send content of a known size and hash, and what became of it."""

    id: str
    org_id: str
    project_id: str
    kind: Kind
    size_bytes: int
    sha256: str
    filename: str
    label: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    state: State = State.WAITING
    code: str | None = None
    detail: str | None = None
    version_id: str | None = None

    @property
    def key(self) -> str:
        """Where the content arrives."""
        return f"uploads/{self.org_id}/{self.id}"

    def stored(self, version_id: str | None = None) -> Upload:
        """Raises Conflict if it has ended already."""
        return replace(self._to(State.STORED), version_id=version_id)

    def refused(self, code: str, detail: str) -> Upload:
        """Raises Conflict if it has ended already."""
        return replace(self._to(State.REFUSED), code=code, detail=detail)

    def is_over(self, now: datetime) -> bool:
        """Whether nothing can arrive any more, not even from a PUT that began in time."""
        return now > self.expires_at + timedelta(seconds=GRACE_S)

    def _to(self, state: State) -> Upload:
        if state not in _NEXT[self.state]:
            raise Conflict(f"an upload that is {self.state} cannot become {state}", upload_id=self.id)
        return replace(self, state=state)


def key_of_upload(key: str) -> tuple[str, str] | None:
    """Organisation and upload that an object's key names, or None if it is not one of an upload."""
    named = _KEY.match(key)
    return (named[1], named[2]) if named else None


_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_KEY = re.compile(rf"^uploads/({_UUID})/({_UUID})\Z")


def check_promise(kind: Kind, size_bytes: int) -> None:
    """Raises TooLarge."""
    if size_bytes > LARGEST_UPLOAD[kind]:
        raise TooLarge(f"an upload of kind {kind} has at most {LARGEST_UPLOAD[kind]} bytes", limit=LARGEST_UPLOAD[kind])


@dataclass(frozen=True, slots=True)
class Blob:
    """Stored content: `size_bytes` bytes of the object `pack`, from `offset` on."""

    sha256: str
    size_bytes: int
    pack: str
    offset: int


@dataclass(frozen=True, slots=True)
class File:
    path: str
    mode: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a version, sorted by path, all rules kept."""

    files: tuple[File, ...]

    @classmethod
    def of(cls, files: Iterable[File]) -> Tree:
        """Raises Invalid or TooLarge, whose code says which rule is broken."""
        tree = cls(tuple(sorted(files, key=lambda file: file.path)))
        if not tree.files:
            raise Invalid("a version holds at least one file", code="empty_version")
        if len(tree.files) > MOST_FILES:
            raise TooLarge(f"a version holds at most {MOST_FILES} files", code="too_many_files")
        check_paths(file.path for file in tree.files)
        if large := next((file for file in tree.files if file.size_bytes > LARGEST_FILE), None):
            raise TooLarge(f"{large.path} has more than {LARGEST_FILE} bytes", code="file_too_large")
        if tree.total_bytes > LARGEST_TREE:
            raise TooLarge(f"a version has at most {LARGEST_TREE} bytes", code="too_large_unpacked")
        if odd := next((file for file in tree.files if file.mode not in MODES), None):
            raise Invalid(f"mode {odd.mode} is not one of {', '.join(MODES)}", code="bad_mode")
        return tree

    @property
    def total_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def sha256(self) -> str:
        """The same for the same paths, modes and contents, whoever sends them."""
        lines = (f"{file.mode} {file.sha256} {file.path}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Version:
    """An immutable state of a project's code; its files are listed in the object `manifest_key`."""

    id: str
    org_id: str
    project_id: str
    parent_id: str | None
    label: str
    commit: str | None
    tree_sha256: str
    manifest_key: str
    file_count: int
    total_bytes: int
    created_by: str
    created_at: datetime
    branch: str | None = None  # of the repository's own history; None: the project's main line
    main: bool = True  # whether it counts for the main line: findings end and begin there
    author: str = ""  # of the commit, as git names people
    message: str = ""  # of the commit
    history_key: str | None = None  # object with the commits before it, newest first
    config_key: str | None = None  # object with the settings it is analysed under
    baseline_version_id: str | None = None  # what is in it is known, not new


def key_of_manifest(org_id: str, version_id: str) -> str:
    return f"manifests/{org_id}/{version_id}.jsonl"


def key_of_pack(org_id: str, pack_id: str) -> str:
    return f"packs/{org_id}/{pack_id}.tar"


@dataclass(frozen=True, slots=True)
class ProjectCreated:
    """Domain event: a project exists."""

    project: Project


@dataclass(frozen=True, slots=True)
class VersionPublished:
    """Domain event: a version exists; `changed_paths` is None without a parent, or when too many changed."""

    version: Version
    changed_paths: tuple[str, ...] | None
