"""Objects that this domain put into the bucket, each announced before it is written."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from functions.project.tables import objects
from kernel.errors import Unavailable
from kernel.identity import Caller


class SqlObjects:
    def __init__(self, connection: sa.Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller

    def announce(self, keys: Sequence[str]) -> None:
        given = {"org": self._caller.organisation, "keys": sorted(set(keys))}
        self._connection.execute(_ANNOUNCE, given)
        self.require(keys)
        self._connection.execute(_COLLECT, given)

    def touch(self, keys: Sequence[str]) -> bool:
        living = objects.c.key.in_(sorted(set(keys))) & objects.c.doomed_at.is_(None)
        touched = sa.update(objects).where(living).values(touched_at=sa.func.now())
        return self._connection.execute(touched).rowcount == len(set(keys))

    def require(self, keys: Sequence[str]) -> None:
        wanted = sorted(set(keys))
        living = sa.select(objects.c.key).where(objects.c.key.in_(wanted), objects.c.doomed_at.is_(None))
        found = self._connection.execute(living.order_by(objects.c.key).with_for_update(read=True))
        if len(found.all()) != len(wanted):
            raise Unavailable("an object is being deleted")


_ANNOUNCE = sa.text(
    "INSERT INTO project.objects (org_id, key) SELECT cast(:org AS uuid), key FROM unnest(cast(:keys AS text[]))"
    " AS given(key) ON CONFLICT (org_id, key) DO UPDATE SET touched_at = now() WHERE project.objects.doomed_at IS NULL"
)
_COLLECT = sa.text(
    "INSERT INTO project.tasks (kind, org_id, subject, check_at)"
    " VALUES ('collect', cast(:org AS uuid), '', now() + interval '1 hour') ON CONFLICT DO NOTHING"
)
