"""A git host, as the use cases see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from functions.project.fetching.bounds import MOST_NOTES
from functions.project.fetching.choosing import Asked, Chosen
from functions.project.model import File
from functions.project.packs import Packer

SHOWN = 200  # characters of a path in a note


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a repository is; `kind` is github, gitlab or git; the token is never shown."""

    url: str
    kind: str
    token: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Notes:
    """What was left out of a tree or is not what it seems: path and code, the first hundred of them."""

    kept: list[tuple[str, str]] = field(default_factory=list)
    total: int = 0

    def add(self, path: str, code: str) -> None:
        self.total += 1
        if len(self.kept) < MOST_NOTES:
            shown = path if len(path) <= SHOWN else f"{path[:SHOWN]}…"
            self.kept.append((shown.encode("ascii", "backslashreplace").decode().replace("\0", "\\0"), code))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.kept)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a commit whose contents are packed."""

    files: tuple[File, ...]
    notes: Notes


@dataclass(frozen=True, slots=True)
class Commit:
    sha: str
    author: str
    message: str


class Received(Protocol):
    """What a host sent; read while the folder that it lies in exists. Each method raises Invalid or TooLarge."""

    @property
    def chosen(self) -> Chosen: ...

    @property
    def head(self) -> Commit: ...

    @property
    def base(self) -> Commit | None:
        """Where head and target part, else the target itself; None if nothing is compared."""
        ...

    def snapshot(self, commit: Commit, packer: Packer) -> Snapshot: ...

    def history(self, commit: Commit) -> bytes: ...


class Git(Protocol):
    def fetch(self, remote: Remote, asked: Asked, folder: Path) -> AbstractContextManager[Received]:
        """Fetch a commit with the history that fits.

        Raises:
            Invalid, TooLarge: it cannot be fetched, the code says why; asking again does not help.
            Unavailable: the host is down, slow, or broke off.
        """
        ...
