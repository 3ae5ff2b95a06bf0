"""Results of quality gates."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from functions.analysis.tables.base import count_of, metadata, of_analysis
from kernel import tables

gates = sa.Table(
    "gates",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    count_of("wanted"),
    count_of("stored"),
    sa.Column("status", sa.Text),
    sa.Column("conditions", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("evaluated_at", tables.Moment),
    of_analysis(),
)
"""`wanted` counts how often the facts may have changed, `stored` is what that was when the stored result began."""
