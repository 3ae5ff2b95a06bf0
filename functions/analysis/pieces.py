"""What an analysis is cut into: the files of a version, and shards of contents to read. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of a version; its bytes are `object[offset:offset + size_bytes]`."""

    path: str
    mode: str
    sha256: str
    size_bytes: int
    object: str
    offset: int


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """`seq` is its place in the manifest's order of paths; `reason` says why it is not even fetched."""

    seq: int
    file: ManifestFile
    language_key: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ShardFile:
    """One content that the engines shall read: of the files `seqs`, of which `path` is the first."""

    path: str
    sha256: str
    size_bytes: int
    object: str
    offset: int
    language_key: str
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    id: str
    analysis_id: str
    seq: int
    files: Sequence[ShardFile]

    @property
    def file_count(self) -> int:
        """How many of the version's files have one of these contents."""
        return sum(len(file.seqs) for file in self.files)
