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
    sa.Index("ix_analysis_leases_until", "until"),
)
