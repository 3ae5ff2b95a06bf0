"""Claims on work, outside tenant row-level security like the outbox: the sweep serves all organisations."""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.tables.base import metadata
from kernel import tables

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True, comment="of the shard, or of the analysis to merge"),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("analysis_id", tables.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("holder", tables.Uuid),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("until", tables.Moment, nullable=False, server_default=tables.NOW),
    sa.Column("project_id", tables.Uuid, comment="of a shard"),
    sa.Column("slots", sa.Integer, comment="shards of the project that may run at once"),
    sa.Index("ix_analysis_leases_until", "until"),
)
sa.Index(
    "ix_analysis_leases_waiting",
    leases.c.org_id,
    leases.c.project_id,
    leases.c.analysis_id,
    leases.c.id,
    postgresql_where=sa.text("kind = 'shard' AND holder IS NULL"),
)
sa.Index(
    "ix_analysis_leases_held",
    leases.c.org_id,
    leases.c.project_id,
    postgresql_where=sa.text("kind = 'shard' AND holder IS NOT NULL"),
)

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("served_at", tables.Moment, nullable=False, comment="when a shard of the project was claimed last"),
)
