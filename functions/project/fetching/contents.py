"""What a pack holds, by object id: commits, trees, contents. Everything in it was written by strangers."""

from __future__ import annotations

import heapq
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dulwich.errors import ApplyDeltaError, ChecksumMismatch, FileFormatException, GitProtocolError
from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Commit, ObjectID, ShaFile, Tag, parse_tree
from dulwich.pack import Pack, PackData, UnresolvedDeltas

from functions.project.fetching.scanning import scan
from kernel.errors import Invalid

SHA_BYTES = 20
COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
MOST_PEELED = 10  # tags of tags
LATEST = 253_402_300_799  # the last second of the year 9999
_BROKEN = (
    ApplyDeltaError,
    ChecksumMismatch,
    FileFormatException,
    GitProtocolError,
    UnresolvedDeltas,
    AssertionError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a folder; `sha` is in hexadecimal."""

    name: bytes
    mode: int
    sha: str


@dataclass(frozen=True, slots=True)
class Made:
    """A commit: who made it, when (seconds since 1970, UTC), on top of what."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    time: int
    author: str
    message: str

    @property
    def at(self) -> str:
        return datetime.fromtimestamp(self.time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Contents:
    """The objects of one pack. Each method raises Invalid (`malformed_pack`) for an object that is broken."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack

    def commit(self, sha: str) -> Made | None:
        """The commit, a tag's as well; None if it was not sent."""
        found = self._object(sha, (COMMIT, TAG))
        for _ in range(MOST_PEELED):
            if not isinstance(found, Tag):
                break
            with _unbroken():
                named = found.object[1].decode()
            found = self._object(named, (COMMIT, TAG))
        return _made(found) if isinstance(found, Commit) else None

    def tree(self, sha: str) -> tuple[Entry, ...]:
        """The folder, as it is written."""
        raw = self.raw(sha, TREE)
        if raw is None:
            raise _malformed()
        with _unbroken():
            return tuple(Entry(name, mode, id_.decode()) for name, mode, id_ in parse_tree(raw, SHA_BYTES))

    def raw(self, sha: str, kind: int) -> bytes | None:
        """The bytes of an object of this kind; None if it was not sent."""
        key = ObjectID(sha.encode())
        if key not in self._pack:
            return None
        with _unbroken():
            found, data = self._pack.get_raw(key)
        if found != kind:
            raise _malformed()
        return data

    def walk(self, sha: str) -> Iterator[Made]:
        """The commit and those before it that were sent, newest first, each once."""
        heap, seen = [], {sha}
        first = self.commit(sha)
        if first is not None:
            heap.append((-first.time, first.sha, first))
        while heap:
            made = heapq.heappop(heap)[2]
            yield made
            for parent in made.parents:
                found = None if parent in seen else self.commit(parent)
                seen.add(parent)
                if found is not None:
                    heapq.heappush(heap, (-found.time, found.sha, found))

    def merge_base(self, head: str, target: str) -> str | None:
        """The newest commit that both have, of those that were sent."""
        there = {made.sha for made in self.walk(target)}
        return next((made.sha for made in self.walk(head) if made.sha in there), None)

    def _object(self, sha: str, kinds: tuple[int, ...]) -> ShaFile | None:
        key = ObjectID(sha.encode())
        if key not in self._pack:
            return None
        with _unbroken():
            kind, data = self._pack.get_raw(key)
            return ShaFile.from_raw_string(kind, data) if kind in kinds else None


@contextmanager
def opened(path: Path, check: Callable[[], None]) -> Iterator[Contents]:
    """The contents of the pack `path` (`….pack`), checked and indexed beside it; `check` raises when time is over.

    Raises:
        Invalid, TooLarge, Unavailable: as `scanning.scan`; Invalid also if deltas do not fit.
    """
    scan(path, check)
    with _unbroken(), PackData(path, DEFAULT_OBJECT_FORMAT) as data:
        data.check()
        data.create_index_v2(str(path.with_suffix(".idx")), progress=lambda done, total: check())
    pack = Pack(str(path.with_suffix("")), object_format=DEFAULT_OBJECT_FORMAT)
    try:
        yield Contents(pack)
    finally:
        pack.close()


def _made(commit: Commit) -> Made:
    with _unbroken():
        return Made(
            commit.id.decode(),
            commit.tree.decode(),
            tuple(parent.decode() for parent in commit.parents),
            min(max(int(commit.commit_time), 0), LATEST),
            _text(commit.author),
            _text(commit.message, lines=True),
        )


def _text(raw: bytes, *, lines: bool = False) -> str:
    """Text of a commit without what a database or a terminal takes amiss."""
    text = raw[:8_000].decode("utf-8", "replace").strip()
    return "".join(sign for sign in text if sign.isprintable() or (lines and sign == "\n"))


@contextmanager
def _unbroken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as bad:
        raise _malformed() from bad


def _malformed() -> Invalid:
    return Invalid("the git host sent objects that are broken or do not belong together", code="malformed_pack")
