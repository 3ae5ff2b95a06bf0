"""Which shard is run next: of the organisation, then of the project, with the fewest running shards.

A message on Kafka only says that there is work; what it names is not what its receiver must run. So a project with a
thousand shards in the queue delays nobody by more than the shards that run already. All claims and hand-overs go
through one advisory lock (a few milliseconds each), so that a message is dropped only when nothing can be claimed,
and every shard that ends while its project waits at its bound announces another one: no shard waits unannounced.

Locks are taken in one order: rows of leases, the row of the analysis, the advisory lock. Only a claim has the last
one first, and it waits for no row.
"""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.repositories import Busy, Claim, Lease, Overdue

MOST_SLOTS = 64  # of a project: `configuration.MOST_WORKERS`
_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtext('analysis.claims'))")
_NAMED = sa.text("SELECT holder IS NOT NULL AND until > now() FROM analysis.leases WHERE id = :named")
_FREE = sa.text(
    """
    UPDATE analysis.leases SET holder = NULL WHERE id = (
      SELECT id FROM analysis.leases WHERE id = :named AND until <= now() AND kind = 'shard' FOR UPDATE SKIP LOCKED)
    """
)
# The first waiting shard of each project by jumps through the index: the cost follows projects, not shards.
_CLAIM = sa.text(
    """
    WITH RECURSIVE waiting AS (
      (SELECT project_id, org_id, slots, id FROM analysis.leases WHERE kind = 'shard' AND holder IS NULL
       ORDER BY org_id, project_id, analysis_id, id LIMIT 1)
      UNION ALL
      SELECT following.* FROM waiting CROSS JOIN LATERAL (
        SELECT project_id, org_id, slots, id FROM analysis.leases
        WHERE kind = 'shard' AND holder IS NULL AND (org_id, project_id) > (waiting.org_id, waiting.project_id)
        ORDER BY org_id, project_id, analysis_id, id LIMIT 1) AS following
    ), running AS (
      SELECT project_id, org_id, count(*) AS many FROM analysis.leases
      WHERE kind = 'shard' AND holder IS NOT NULL AND until > now() GROUP BY project_id, org_id
    ), organisations AS (
      SELECT org_id, coalesce(max(many), 0) AS many, max(served_at) AS served_at FROM (
        SELECT org_id, sum(many) AS many, NULL::timestamptz AS served_at FROM running GROUP BY org_id
        UNION ALL SELECT org_id, 0, max(served_at) FROM analysis.turns GROUP BY org_id) AS both_kinds GROUP BY org_id
    ), chosen AS (
      SELECT org_id, project_id FROM waiting
      LEFT JOIN running USING (org_id, project_id)
      LEFT JOIN organisations USING (org_id)
      LEFT JOIN analysis.turns USING (org_id, project_id)
      WHERE coalesce(running.many, 0) < waiting.slots
      ORDER BY coalesce(organisations.many, 0), organisations.served_at NULLS FIRST,
        coalesce(running.many, 0), turns.served_at NULLS FIRST, project_id
      LIMIT 1
    ), served AS (
      INSERT INTO analysis.turns AS turn (project_id, org_id, served_at)
      SELECT project_id, org_id, clock_timestamp() FROM chosen
      ON CONFLICT (org_id, project_id) DO UPDATE SET served_at = excluded.served_at
    )
    UPDATE analysis.leases AS lease
    SET holder = :holder, until = now() + make_interval(secs => :seconds), attempts = attempts + 1
    FROM chosen WHERE lease.id = (
      SELECT id FROM analysis.leases
      WHERE kind = 'shard' AND holder IS NULL AND org_id = chosen.org_id AND project_id = chosen.project_id
      ORDER BY analysis_id, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING lease.id, lease.org_id, lease.project_id, lease.analysis_id, lease.attempts
    """
)
# A slot that becomes free means another announcement only if the project had more waiting than it had slots left.
_NEXT = sa.text(
    """
    WITH waiting AS (
      SELECT id, org_id, analysis_id, kind, slots FROM analysis.leases
      WHERE kind = 'shard' AND holder IS NULL AND org_id = :org_id AND project_id = :project_id
      ORDER BY analysis_id, id LIMIT :enough
    ), running AS (
      SELECT count(*) AS many FROM analysis.leases
      WHERE kind = 'shard' AND holder IS NOT NULL AND until > now() AND org_id = :org_id AND project_id = :project_id
    )
    SELECT id, org_id, analysis_id, kind FROM waiting
    ORDER BY analysis_id, id
    LIMIT least(:freed, greatest(0, (SELECT count(*) FROM waiting) + (SELECT many FROM running) + :freed
      - (SELECT coalesce(min(slots), 0) FROM waiting)))
    """
)


def claim(connection: sa.Connection, named: str, *, holder: str, seconds: float) -> Claim | None:
    """The shard to run on a message that named one; None if nothing can be run now.

    Raises Busy if the named shard runs and nothing else can: only its end, or its worker's, will tell.
    """
    connection.execute(_LOCK)
    running = connection.execute(_NAMED, {"named": named}).scalar()
    if running is False:
        connection.execute(_FREE, {"named": named})
    row = connection.execute(_CLAIM, {"holder": holder, "seconds": seconds}).one_or_none()
    if row is not None:
        return Claim(Lease(str(row.id), holder, row.attempts), str(row.org_id), str(row.analysis_id))
    if running:
        raise Busy("another worker has this lease")
    return None


def next_waiting(connection: sa.Connection, org_id: str, project_id: str, *, freed: int) -> list[Overdue]:
    """Shards of a project to announce because `freed` of its running ones end with this transaction.

    Call it last: until the transaction ends nobody claims anything.
    """
    connection.execute(_LOCK)
    given = {"org_id": org_id, "project_id": project_id, "freed": freed, "enough": freed + MOST_SLOTS}
    rows = connection.execute(_NEXT, given)
    return [Overdue(str(row.id), str(row.org_id), str(row.analysis_id), row.kind) for row in rows]
