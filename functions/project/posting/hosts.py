"""A code host, as what is told there sees it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

NAME = "coderev"  # of the check and of the status
MOST_PAGES = 20  # of a hundred comments


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that is there."""

    id: str
    body: str


@dataclass(frozen=True, slots=True)
class LineComment:
    """A comment to make at a line that a change added; `old_path` is the file's former path."""

    finding_id: str
    path: str
    old_path: str
    line: int
    mark: str
    body: str


@dataclass(frozen=True, slots=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: str  # failure, warning or notice
    title: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a commit; `gate` is passed, failed, none or unknown."""

    sha: str
    gate: str
    title: str
    summary: str
    annotations: Sequence[Annotation]
    external_id: str


class CodeHost(Protocol):
    """One pull request at its host.

    Each method raises Unavailable if the host is down, TooMany if it asks to wait (`retry_after_s`), and another
    DomainError if it refuses.
    """

    def is_newest(self, sha: str) -> bool:
        """Whether this commit is the head of the pull request, and that is open."""
        ...

    def summaries(self) -> Iterator[Said]:
        """The comments on the whole, oldest first."""
        ...

    def write(self, body: str) -> str:
        """Comment on the whole; the comment's id."""
        ...

    def rewrite(self, comment_id: str, body: str) -> bool:
        """Replace a comment of ours; False if it is not there or not ours."""
        ...

    def marks(self, wanted: Collection[str]) -> set[str]:
        """Which of these marks are in comments on lines already."""
        ...

    def comment(self, comments: Sequence[LineComment]) -> list[LineComment]:
        """Comment on lines; those whose line the host does not know are left out of the answer."""
        ...

    def report(self, report: Report) -> str:
        """Make or replace the check of a commit, or its status if no check may be made; its id."""
        ...
