"""Problems over the versions of a project, and where they are in each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.analysis.lifecycle import Analysis
from functions.analysis.tracking.matching import Sighting
from functions.analysis.tracking.places import At, Changed, Found, Place
from functions.analysis.tracking.problems import Details, Entry, Problem, ProblemState, Wanted


@dataclass(frozen=True, slots=True)
class Track:
    """The newest analysis that moved a project's states, and the baseline that was set last."""

    analysis_id: str | None
    version_id: str | None
    baseline_version_id: str | None
    baseline_set_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A problem at its place in an analysis."""

    id: str
    place: Place
    found: Found


class Placements(Protocol):
    """Which problems the findings of a result are, at a path; and the differences between analyses in that."""

    def inherit(self, analysis_id: str, reference_id: str) -> None:
        """Give unchanged places the variants that they have in the reference."""
        ...

    def changes(self, analysis_id: str, reference_id: str | None) -> list[Changed]:
        """Places that differ, in the order of paths; without a reference all."""
        ...

    def known(self, project_id: str, at: Collection[At]) -> dict[At, dict[int, list[str]]]:
        """Ids of problems by result and path, by variant."""
        ...

    def used(self, analysis: Analysis, reference_id: str, ids: Collection[str]) -> set[str]:
        """Those of `ids` that are in places which the analysis has in common with the reference."""
        ...

    def regular(self, analysis_id: str, paths: Collection[str]) -> set[str]:
        """Those of `paths` that are files of the analysis, not links."""
        ...

    def store(self, analysis: Analysis, placed: Mapping[Place, Sequence[str]], variants: Mapping[Place, int]) -> None:
        """Store placements, and say which variants hold at places of the analysis; a repeat changes nothing."""
        ...

    def mark_new(self, analysis: Analysis, baseline_id: str | None) -> int:
        """Remember what the baseline has not; return how many problems only the baseline has.

        Without a baseline nothing is stored: all is new. What was withheld from the baseline is not new: its rule was
        disabled there, or its file excluded.
        """
        ...


class Tracking(Protocol):
    """Problems as an analysis moves them."""

    def lock(self, project_id: str) -> Track:
        """Until the transaction ends, nobody else moves states of the project."""
        ...

    def lead(self, analysis: Analysis) -> None:
        """Say that the analysis is the newest that moved states."""
        ...

    def set_baseline(self, project_id: str, version_id: str | None, at: datetime) -> None: ...

    def any(self, project_id: str) -> bool:
        """Whether the project has a problem at all."""
        ...

    def dismissed(self, project_id: str) -> set[str]: ...

    def candidates(self, project_id: str, digests: Collection[str], paths: Collection[str]) -> list[Sighting]:
        """Problems on such lines or at such paths, wherever they were seen last."""
        ...

    def existing(self, ids: Collection[str]) -> set[str]: ...

    def add(self, analysis: Analysis, seen: Sequence[Seen], *, state: ProblemState, present: bool) -> None: ...

    def move(self, analysis: Analysis, seen: Sequence[Seen], *, leads: bool) -> None:
        """Say where problems are now; an analysis that does not lead says so only of what the main line has not."""
        ...

    def moved(self, analysis: Analysis) -> tuple[list[str], list[str]]:
        """Problems that the analysis has and the main line had not, and those that it had and that are gone."""
        ...

    def come(self, ids: Sequence[str]) -> list[str]:
        """They are present; return those that had been fixed."""
        ...

    def go(self, track: Track, ids: Sequence[str]) -> list[str]:
        """They are present no more; return those that were open and are fixed now."""
        ...

    def withhold(self, ids: Sequence[str], reason: str) -> None:
        """They are not seen, which does not say that they are fixed."""
        ...

    def withheld(self, analysis: Analysis) -> list[tuple[str, str, str]]:
        """Id, rule and path of those that are withheld and that the analysis has not."""
        ...

    def rules_and_paths(self, ids: Sequence[str]) -> list[tuple[str, str, str]]: ...

    def unread(self, analysis_id: str, paths: Collection[str]) -> dict[str, str]:
        """Why files of the analysis were not read, or not in full."""
        ...

    def expire(self, project_id: str) -> list[str]:
        """Take back dismissals whose time is over; return their problems."""
        ...


class Problems(Protocol):
    """Problems as people see and change them. A dismissal whose time is over holds no more."""

    def get(self, problem_id: str) -> tuple[Problem, Details]:
        """Raises NotFound."""
        ...

    def locked(self, ids: Collection[str]) -> list[Problem]:
        """Those that exist, in the order of ids, so that two callers never wait for each other."""
        ...

    def page(self, wanted: Wanted) -> list[tuple[Problem, Details]]:
        """Worst first."""
        ...

    def save(self, changed: Sequence[Problem]) -> None:
        """Store states and dismissals."""
        ...

    def record(self, ids: Sequence[str], entry: Entry) -> None:
        """Add an entry to the history of each."""
        ...

    def history(self, problem_id: str, *, after: int, limit: int) -> list[tuple[int, Entry]]:
        """Entries with their numbers, oldest first, beginning behind `after`."""
        ...
