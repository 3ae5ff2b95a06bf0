"""Dependency manifests of an analysis, and what was read of their contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol


class ManifestHere(NamedTuple):
    """A manifest or lock file of an analysis; `sha256` is hexadecimal."""

    path: str
    sha256: str
    size_bytes: int


class Manifests(Protocol):
    def here(self, analysis_id: str, *, limit: int) -> list[ManifestHere]:
        """Up to `limit` of an analysis' own manifests and lock files, in the order of paths."""
        ...

    def known(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Mapping[str, Any]]:
        """Stored readings by hash and kind, as far as they are there."""
        ...

    def add(self, readings: Mapping[tuple[str, str], Mapping[str, Any]]) -> None: ...
