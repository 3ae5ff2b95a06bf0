"""What is known about the graph store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from functions.analysis.graph import MAIN, Part
from functions.analysis.lifecycle import Analysis


@dataclass(frozen=True, slots=True)
class Line:
    """What the store holds of one line: of which version, and whether a write may be half done (`clean` is false)."""

    name: str
    analysis_id: str
    version_id: str
    clean: bool
    based: bool = False
    counts: Mapping[str, int] | None = None
    owners_sha256: bytes | None = None

    @property
    def main(self) -> bool:
        return self.name == MAIN


@dataclass(frozen=True, slots=True)
class OwnersFile:
    """A CODEOWNERS file as it was read."""

    path: str
    text: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class ImportGraph:
    """Who imports what in one line: files of it, and modules that are none."""

    edges: Sequence[tuple[str, str]]
    externals: Mapping[str, Sequence[str]]
    paths: Sequence[str]


class Graphs(Protocol):
    """What is known about the project's part of the graph store. Without a line, the main one is meant."""

    def begin(self, analysis: Analysis, line: str) -> bool | None:
        """Say that a write begins. None if a newer analysis has written; else whether the store is as it is known.

        If it is not, all that was known of the line is forgotten: it is to be written anew.
        """
        ...

    def wiped(self, analysis: Analysis, line: str) -> None:
        """Say that the store holds nothing of the line, as `begin` had asked."""
        ...

    def doubt(self, project_id: str, line: str) -> None:
        """Say that the store is about to be something else than what is known."""
        ...

    def line(self, project_id: str, line: str) -> Line | None: ...

    def branches(self, project_id: str) -> list[Line]:
        """All lines but the main one, that of the newest analysis first."""
        ...

    def drop(self, project_id: str, line: str) -> None: ...

    def written(self, project_id: str) -> dict[str, int]:
        """Result by path of the files that the main line has."""
        ...

    def files(self, analysis: Analysis) -> dict[str, int]:
        """Result by path of all files of the analysis that have a parser."""
        ...

    def known(self, project_id: str, paths: Sequence[str]) -> dict[str, Part]:
        """What the main line holds of these files."""
        ...

    def dependants(self, project_id: str, *, consulted: Sequence[str], stems: Sequence[str]) -> set[str]:
        """Paths whose links were found with one of the files `consulted`, or may mean a module called so."""
        ...

    def store(self, project_id: str, line: str, parts: Iterable[tuple[str, int, Part]]) -> None: ...

    def restate(self, project_id: str, parts: Mapping[str, Part]) -> None:
        """Store other parts of files of the main line that are linked as they were."""
        ...

    def renew(self, project_id: str, line: str) -> None:
        """Forget all files of the line."""
        ...

    def hide(self, project_id: str, line: str, paths: Sequence[str]) -> None:
        """Say that a branch does not have these files of the main line."""
        ...

    def preserve(self, project_id: str, line: str, paths: Sequence[str]) -> None:
        """Give a branch what the main line still has of these files, unless it has its own state of them."""
        ...

    def forget(self, project_id: str, paths: Sequence[str]) -> None: ...

    def end(
        self, analysis: Analysis, line: str, *, modules: int, based: bool = False, owners: OwnersFile | None = None
    ) -> None:
        """Say that the store is now as it is known, and count what it holds."""
        ...

    def hidden(self, project_id: str, line: str) -> list[str]:
        """Paths of the main line that do not show through this one."""
        ...

    def owners(self, project_id: str, line: str) -> OwnersFile | None:
        """The CODEOWNERS that the line's owners come from."""
        ...

    def owners_at(self, analysis: Analysis, paths: Sequence[str]) -> dict[str, bytes]:
        """Hash by path of those of the files that the analysis has read as files."""
        ...

    def imports(self, project_id: str, line: str, *, based: bool) -> ImportGraph: ...

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        """How many files of the main line use each of `paths`, as far as the graph was resolved."""
        ...

    def report(self, analysis_id: str) -> Mapping[str, Any] | None:
        """What the contracts said of an analysis."""
        ...

    def keep_report(self, analysis_id: str, report: Mapping[str, Any]) -> None: ...
