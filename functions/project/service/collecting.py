"""Deleting what nobody needs, while others publish.

Rows go in two steps with a day between them. A blob that no project needs is marked; when the grace is over and it is
still needed by none, its row goes. Publishing, sending it again, or merely asking whether it is stored takes the
mark away (`adapters.blobs`). An object goes when it was not announced for a day and no row names it: first its row
is doomed, in the transaction that looked; from then on nobody can begin to need it. Then it is deleted, then the row.
A collector that died is followed by the next, which waits until the former cannot run any more.

A pack goes when all of its blobs are gone. One of which some are left stays as it is: rewriting it would move blobs
that manifests name by their place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from functions.project.limits import (
    COLLECT_BATCH,
    COLLECT_EVERY_S,
    COLLECT_LEASE_S,
    GARBAGE_GRACE_S,
    LONGEST_SWEEP_S,
)
from functions.project.manifests import files_of
from functions.project.model import Version
from functions.project.ports import Deps
from functions.project.ports.lifetimes import Garbage, Scanned
from functions.project.ports.tasks import COLLECT
from kernel.errors import NotFound
from kernel.identity import Caller

DELETED_AT_ONCE = 200
COUNTED_AT_ONCE = 5
R = TypeVar("R")


def sweep(deps: Deps, *, grace_s: float = GARBAGE_GRACE_S) -> int:
    """Collect in the organisations whose turn it is; return how many those were. Raises Unavailable."""
    deadline, done = deps.monotonic() + LONGEST_SWEEP_S, 0
    while deps.monotonic() < deadline and (task := deps.tasks.claim(COLLECT, lease_s=COLLECT_LEASE_S)):
        collect(deps, Caller.function(task.org_id), grace_s=grace_s, deadline=deadline)
        deps.tasks.postpone(task, seconds=COLLECT_EVERY_S)
        done += 1
    return done


def collect(deps: Deps, caller: Caller, *, grace_s: float, deadline: float) -> None:
    """Collect in one organisation; what is left when the time is over waits for the next turn.

    Raises:
        Unavailable: a store is down; the same call may succeed later.
    """
    collector = _Collector(deps, caller, grace_s, deadline)
    if collector.count():
        collector.rows()
        collector.objects()


@dataclass(frozen=True, slots=True)
class _Collector:
    deps: Deps
    caller: Caller
    grace_s: float
    deadline: float

    def count(self) -> bool:
        """Ask the manifests of versions from before what their projects need; nothing goes until all have told."""
        while self._in_time():
            with self.deps.work(self.caller) as work:
                uncounted = work.versions.uncounted(COUNTED_AT_ONCE)
            if not uncounted:
                return True
            for version in uncounted:
                self._count(version)
        return False

    def _count(self, version: Version) -> None:
        try:
            hashes = {file.sha256 for file in files_of(self.deps.store.get(version.manifest_key))}
        except NotFound:
            hashes = set()
        with self.deps.work(self.caller) as work:
            found = work.blobs.claim(hashes)
            work.blobs.refer(version.project_id, list(found.values()))
            work.versions.count(version.id)

    def rows(self) -> None:
        self._scan(lambda garbage, after: garbage.mark(after=after, limit=COLLECT_BATCH))
        while self._in_time() and self._do(lambda garbage: garbage.sweep(grace_s=self.grace_s, limit=COLLECT_BATCH)):
            continue
        self._do(lambda garbage: garbage.expire(COLLECT_BATCH))

    def objects(self) -> None:
        self._delete(self._do(lambda garbage: garbage.doomed(since_s=COLLECT_LEASE_S, limit=DELETED_AT_ONCE)))
        self._scan(lambda garbage, after: garbage.doom(grace_s=self.grace_s, after=after, limit=DELETED_AT_ONCE))

    def _scan(self, look: Callable[[Garbage, str], Scanned]) -> None:
        """Look through a list part by part; objects that were found doomed are deleted before the next part."""
        last: str | None = ""
        while last is not None and self._in_time():
            scanned = self._do(partial(_swapped, look, last))
            self._delete(scanned.doomed)
            last = scanned.last

    def _delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.deps.store.delete(key)
        if keys:
            self._do(lambda garbage: garbage.forget(keys))

    def _do(self, what: Callable[[Garbage], R]) -> R:
        with self.deps.work(self.caller) as work:
            return what(work.garbage)

    def _in_time(self) -> bool:
        return self.deps.monotonic() < self.deadline


def _swapped(look: Callable[[Garbage, str], Scanned], after: str, garbage: Garbage) -> Scanned:
    return look(garbage, after)
