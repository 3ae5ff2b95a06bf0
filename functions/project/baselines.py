"""What a version is compared with: findings that were there already are known, not new.

The baseline is resolved once, when the version is published, to the version that it means then. Nothing here asks
for ancestry: after a force-push the newest version that was published on a branch still says what was known there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, Self

from functions.project.model import Version


class BaselineKind(StrEnum):
    VERSION = "version"  # one that somebody chose
    BRANCH = "branch"  # the newest version of a branch; without a name, of the main line
    PREVIOUS = "previous"  # the parent, else the version before on the same branch
    DATE = "date"  # the main line as it was at a moment


@dataclass(frozen=True, slots=True)
class Baseline:
    kind: BaselineKind
    version_id: str | None = None
    branch: str | None = None
    date: datetime | None = None

    @classmethod
    def of(cls, said: dict[str, Any] | None) -> Self | None:
        if said is None:
            return None
        date = datetime.fromisoformat(said["date"]) if said.get("date") else None
        return cls(BaselineKind(said["kind"]), said.get("version_id"), said.get("branch"), date)

    def document(self) -> dict[str, Any]:
        date = self.date.isoformat() if self.date else None
        return {"kind": str(self.kind), "version_id": self.version_id, "branch": self.branch, "date": date}


@dataclass(frozen=True, slots=True)
class BaselineSet:
    """Domain event: a project's versions are compared with something else from now on."""

    project_id: str
    org_id: str
    baseline: Baseline


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the version comes from that a baseline is wanted for."""

    project_id: str
    parent_id: str | None
    branch: str | None
    main: bool


class Lines(Protocol):
    """The lines of a project's versions, in the order in which they were published."""

    def find(self, project_id: str, version_id: str) -> Version | None: ...

    def newest_on(self, project_id: str, branch: str | None) -> Version | None:
        """The newest version that was published for a branch."""
        ...

    def newest_main(self, project_id: str, *, until: datetime | None = None) -> Version | None:
        """The newest version of the main line, published at `until` or before."""
        ...

    def oldest_main(self, project_id: str) -> Version | None: ...


def resolve(lines: Lines, baseline: Baseline | None, origin: Origin, *, default_branch: str) -> Version | None:
    """The version that findings are measured against; None if the project has nothing to compare with.

    Without a baseline the main line is compared with the version before it, and any other branch with what it
    left: its parent if that is on the main line, else the main line's newest version, so that a second push to a
    pull request does not make the first one's problems known.
    """
    match baseline:
        case Baseline(BaselineKind.VERSION):
            return lines.find(origin.project_id, baseline.version_id or "") or _automatic(lines, origin)
        case Baseline(BaselineKind.BRANCH):
            return _branch(lines, baseline.branch, origin, default_branch)
        case Baseline(BaselineKind.PREVIOUS):
            return _previous(lines, origin)
        case Baseline(BaselineKind.DATE):
            # Nothing is older than the first version: what it holds is the oldest that anybody can know.
            then = lines.newest_main(origin.project_id, until=baseline.date)
            return then or lines.oldest_main(origin.project_id)
    return _automatic(lines, origin)


def _branch(lines: Lines, branch: str | None, origin: Origin, default_branch: str) -> Version | None:
    on_main = branch is None or branch == default_branch
    named = None if on_main else lines.newest_on(origin.project_id, branch)
    return named or lines.newest_main(origin.project_id)


def _previous(lines: Lines, origin: Origin) -> Version | None:
    before = lines.find(origin.project_id, origin.parent_id) if origin.parent_id else None
    if before is None and not origin.main:
        before = lines.newest_on(origin.project_id, origin.branch)
    return before or lines.newest_main(origin.project_id)


def _automatic(lines: Lines, origin: Origin) -> Version | None:
    parent = lines.find(origin.project_id, origin.parent_id) if origin.parent_id else None
    if parent is not None and (origin.main or parent.main):
        return parent
    return lines.newest_main(origin.project_id)
