"""What differs between two versions, on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from functions.project.diffs.changes import Comparison, Counted, Note, Status
from functions.project.diffs.hunks import Hunk
from functions.project.limits import LONGEST_PATH
from functions.project.schemas.files import VersionFileQuery
from kernel.pages import Id


class DiffQuery(VersionFileQuery):
    """`?against=` the other version (the parent, if not said), `?path=` one file with its lines, or a page of files."""

    limit: int = Field(default=100, ge=1, le=300)
    against: Id | None = None
    path: str | None = Field(default=None, max_length=LONGEST_PATH)


class HunkOut(BaseModel):
    """Lines begin with a space, `-` or `+`, or say `\\ No newline at end of file`."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: list[str]

    @classmethod
    def of(cls, hunk: Hunk) -> Self:
        return cls(**{field: getattr(hunk, field) for field in cls.model_fields})


class DiffSideOut(BaseModel):
    path: str
    mode: str
    sha256: str
    size_bytes: int


class FileDiffOut(BaseModel):
    path: str
    status: Status
    similarity: int | None = Field(description="of a renamed file, in per cent")
    old: DiffSideOut | None
    new: DiffSideOut | None
    additions: int | None
    deletions: int | None
    note: Note | None = Field(description="why its lines were not compared")
    hunks: list[HunkOut] | None = Field(default=None, description="with ?path= only; 3 lines around each change")

    @classmethod
    def of(cls, counted: Counted) -> Self:
        change = counted.change
        old, new = (
            DiffSideOut(path=side.path, mode=side.mode, sha256=side.sha256, size_bytes=side.size_bytes)
            if side is not None
            else None
            for side in (change.old, change.new)
        )
        return cls(
            path=change.path,
            status=change.status,
            similarity=change.similarity,
            old=old,
            new=new,
            additions=counted.additions,
            deletions=counted.deletions,
            note=counted.note,
            hunks=[HunkOut.of(hunk) for hunk in counted.hunks] if counted.hunks is not None else None,
        )


class DiffOut(BaseModel):
    version_id: str
    against: str | None = Field(description="null: compared with nothing, so that every file is added")
    totals: dict[Status, int] = Field(description="files of each status, on all pages")
    renames: str = Field(description="`full`, or `exact`: too many or too large files to find any but equal ones")
    items: list[FileDiffOut]
    next_cursor: str | None = None

    @classmethod
    def of(cls, comparison: Comparison, items: list[Counted], next_cursor: str | None) -> Self:
        totals = comparison.totals
        return cls(
            version_id=comparison.version.id,
            against=comparison.against.id if comparison.against is not None else None,
            totals={status: totals.get(status, 0) for status in Status},
            renames="full" if comparison.complete else "exact",
            items=[FileDiffOut.of(one) for one in items],
            next_cursor=next_cursor,
        )
