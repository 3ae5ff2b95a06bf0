"""Contents of versions, fetched from packs: neighbours in one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Protocol

from functions.project.ports import Store
from kernel.errors import NotFound, Unavailable

GAP_BYTES = 16 * 1024  # between two contents of a pack that are still fetched in one request
RUN_BYTES = 8 * 1024 * 1024  # of one request, but for a single larger content


class Located(Protocol):
    """A content and where it lies."""

    @property
    def sha256(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def object(self) -> str: ...
    @property
    def offset(self) -> int: ...


def contents(store: Store, wanted: Iterable[Located]) -> Iterator[tuple[str, bytes]]:
    """Each content once, with its SHA-256, in the order of packs; one request's worth is in memory at a time.

    Raises Unavailable if the store is down, or has not what the manifest says.
    """
    for run in _runs(wanted):
        start, end = run[0].offset, max(one.offset + one.size_bytes for one in run)
        try:
            data = store.get_range(run[0].object, start, end - start)
        except NotFound as lost:
            raise Unavailable("a stored content is gone") from lost
        for one in run:
            content = data[one.offset - start : one.offset - start + one.size_bytes]
            if sha256(content).hexdigest() != one.sha256:
                raise Unavailable("a stored content has changed")
            yield one.sha256, content


def _runs(wanted: Iterable[Located]) -> Iterator[Sequence[Located]]:
    once = {one.sha256: one for one in wanted}
    ordered = sorted(once.values(), key=lambda one: (one.object, one.offset))
    for _, group in groupby(ordered, key=lambda one: one.object):
        run: list[Located] = []
        for one in group:
            if run and not _near(run, one):
                yield run
                run = []
            run.append(one)
        yield run


def _near(run: Sequence[Located], one: Located) -> bool:
    last = run[-1]
    close = one.offset - (last.offset + last.size_bytes) <= GAP_BYTES
    return close and one.offset + one.size_bytes - run[0].offset <= RUN_BYTES
