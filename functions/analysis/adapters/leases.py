"""Shards and the leases on work, on the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from functions.analysis.adapters import bulk
from functions.analysis.adapters.claims import claim, next_waiting
from functions.analysis.pieces import Shard, ShardFile
from functions.analysis.repositories import Busy, Claim, Lease, Overdue
from functions.analysis.tables import analyses, leases, shards, turns

_lease = leases.c


def _in(seconds: float) -> sa.ColumnElement[Any]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


class SqlLeases:
    """`ports.Leases`; outside tenant row-level security, so each statement names ids that an organisation's work gave."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def offer(self, analysis_id: str, kind: str, ids: Sequence[str]) -> None:
        many, project_id, slots = len(ids), None, None
        if kind == "shard":
            query = sa.select(analyses.c.project_id, analyses.c.concurrency).where(analyses.c.id == analysis_id)
            project_id, slots = self._connection.execute(query).one()
        given: dict[str, list[Any]] = {
            "id": list(ids),
            "org_id": [self._org_id] * many,
            "analysis_id": [analysis_id] * many,
            "kind": [kind] * many,
            "project_id": [project_id] * many,
            "slots": [slots] * many,
        }
        bulk.insert(self._connection, leases, given, "ON CONFLICT DO NOTHING")

    def claim(self, named: str, *, holder: str, seconds: float) -> Claim | None:
        return claim(self._connection, named, holder=holder, seconds=seconds)

    def next(self, project_id: str, *, freed: int = 1) -> list[Overdue]:
        return next_waiting(self._connection, self._org_id, project_id, freed=freed)

    def drop(self, analysis_id: str) -> int:
        mine = (_lease.analysis_id == analysis_id) & (_lease.org_id == self._org_id)
        gone = sa.delete(leases).where(mine, _lease.kind != "project")
        rows = self._connection.execute(gone.returning(_lease.kind, _lease.holder)).all()
        return sum(row.kind == "shard" and row.holder is not None for row in rows)

    def forget_turns(self, *, older_s: float) -> None:
        self._connection.execute(sa.delete(turns).where(turns.c.served_at < _in(-older_s)))

    def take(self, id: str, *, holder: str, seconds: float) -> Lease | None:
        mine = (_lease.id == id) & (_lease.org_id == self._org_id)
        values = {"holder": holder, "until": _in(seconds), "attempts": _lease.attempts + 1}
        free = sa.update(leases).where(mine, _lease.holder.is_(None) | (_lease.until <= sa.func.now())).values(values)
        attempts = self._connection.execute(free.returning(_lease.attempts)).scalar()
        if attempts is not None:
            return Lease(id, holder, attempts)
        if self._connection.execute(sa.select(_lease.id).where(mine)).first() is None:
            return None
        raise Busy("another worker has this lease")

    def give_back(self, lease: Lease, *, uncounted: bool) -> None:
        attempts = _lease.attempts - (1 if uncounted else 0)
        values = {"holder": None, "until": sa.func.now(), "attempts": attempts}
        self._connection.execute(sa.update(leases).where(_held(lease)).values(values))

    def extend(self, lease: Lease, seconds: float) -> bool:
        return self._connection.execute(sa.update(leases).where(_held(lease)).values(until=_in(seconds))).rowcount == 1

    def keep(self, lease: Lease) -> bool:
        """Without waiting: whoever cancels has locked the lease and waits for the analysis, which the caller has."""
        mine = sa.select(_lease.id).where(_held(lease)).with_for_update(read=True, skip_locked=True)
        return self._connection.execute(mine).first() is not None

    def end(self, lease: Lease) -> bool:
        return self._connection.execute(sa.delete(leases).where(_held(lease))).rowcount == 1

    def waiting_merges(self, project_id: str) -> list[str]:
        query = (
            sa.select(_lease.id)
            .join(analyses, analyses.c.id == _lease.analysis_id)
            .where(_lease.kind == "merge", _lease.holder.is_(None), analyses.c.project_id == project_id)
        )
        return list(self._connection.execute(query.order_by(_lease.id)).scalars())

    def overdue(self, *, grace_s: float, limit: int) -> list[Overdue]:
        abandoned = _lease.holder.is_not(None) & (_lease.until <= sa.func.now())
        forgotten = _lease.until < _in(-grace_s)
        work = _lease.kind != "project"
        waiting = sa.select(_lease.id).where(work, abandoned | forgotten).order_by(_lease.until).limit(limit)
        named = (
            sa.update(leases)
            .where(_lease.id.in_(waiting.with_for_update(skip_locked=True)))
            .values(until=sa.func.now(), holder=None)
            .returning(_lease.id, _lease.org_id, _lease.analysis_id, _lease.kind)
        )
        return [Overdue(*row) for row in self._connection.execute(named)]


def _held(lease: Lease) -> sa.ColumnElement[bool]:
    return (_lease.id == lease.id) & (_lease.holder == lease.holder)


class SqlShards:
    """`ports.Shards`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def add(self, analysis_id: str, cut: Sequence[Shard]) -> None:
        rows = [
            {
                "org_id": self._org_id,
                "id": shard.id,
                "analysis_id": analysis_id,
                "seq": shard.seq,
                "files": [list(asdict(file).values()) for file in shard.files],
                "state": "waiting",
            }
            for shard in cut
        ]
        self._connection.execute(sa.insert(shards), rows)

    def begin(self, shard_id: str) -> Shard | None:
        begun = sa.update(shards).where(shards.c.id == shard_id).values(state="begun")
        row = self._connection.execute(begun.returning(*shards.c)).one_or_none()
        if row is None:
            return None
        files = tuple(replace(ShardFile(*file), seqs=tuple(file[-1])) for file in row.files)
        return Shard(row.id, row.analysis_id, row.seq, files)

    def end(self, shard_id: str, reason: str | None) -> None:
        values = {"state": "failed" if reason else "done", "reason": reason}
        self._connection.execute(sa.update(shards).where(shards.c.id == shard_id).values(values))

    def waiting(self, analysis_id: str) -> int:
        many = sa.select(sa.func.count()).where(shards.c.analysis_id == analysis_id, shards.c.state == "waiting")
        return self._connection.execute(many).scalar_one()
