"""When the retention of each project is due next.

It stands outside tenant row-level security like the leases: the sweep serves all organisations.
"""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.tables.base import metadata
from kernel import tables

retention = sa.Table(
    "retention",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("next_at", tables.Moment, nullable=False, server_default=tables.NOW),
    sa.Index("ix_retention_next_at", "next_at"),
)
