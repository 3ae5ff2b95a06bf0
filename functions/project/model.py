"""Projects, versions and their rules. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.project.limits import LARGEST_FILE, LARGEST_TREE, MOST_FILES
from functions.project.merkle import tree_of
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
    revision: int = 1
    archived_at: datetime | None = None
    deleted_at: datetime | None = None

    def renamed(self, name: str | None, description: str | None) -> Project:
        """Raises Conflict if it is archived."""
        self.check_open()
        name, description = name or self.name, self.description if description is None else description
        return replace(self, name=name, description=description, revision=self.revision + 1)

    def archived(self, at: datetime) -> Project:
        """Raises Conflict if it is archived already."""
        self.check_open()
        return replace(self, archived_at=at, revision=self.revision + 1)

    def unarchived(self) -> Project:
        """Raises Conflict if it is not archived."""
        if self.archived_at is None:
            raise Conflict("this project is not archived", code="not_archived", project_id=self.id)
        return replace(self, archived_at=None, revision=self.revision + 1)

    def deleted(self, at: datetime) -> Project:
        return replace(self, deleted_at=at, revision=self.revision + 1)

    def check_open(self) -> None:
        """Raises Conflict if it is archived, which is: read-only."""
        if self.archived_at is not None:
            raise Conflict("this project is archived and read-only", code="archived", project_id=self.id)


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
        """The same for the same paths, modes and contents, whoever sends them: the root of `merkle`."""
        return tree_of(self.files).sha256


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
    merge_parent_id: str | None = None  # the other parent of a merge
    revision: int = 1  # of its label, which is all that may change
    counted: bool = True  # whether the project is known to need its blobs; False only from before that was asked

    def labelled(self, label: str) -> Version:
        return replace(self, label=label, revision=self.revision + 1)


def key_of_manifest(org_id: str, version_id: str) -> str:
    return f"manifests/{org_id}/{version_id}.jsonl"


def key_of_pack(org_id: str, pack_id: str) -> str:
    return f"packs/{org_id}/{pack_id}.tar"


def key_of_history(org_id: str, sha256: str) -> str:
    return f"histories/{org_id}/{sha256}.jsonl"


@dataclass(frozen=True, slots=True)
class ProjectCreated:
    """Domain event: a project exists."""

    project: Project


@dataclass(frozen=True, slots=True)
class VersionPublished:
    """Domain event: a version exists; `changed_paths` is None without a parent, or when too many changed."""

    version: Version
    changed_paths: tuple[str, ...] | None
