"""What other tools said about an analysis' version."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from functions.analysis.tables.base import metadata, of_analysis
from kernel import tables

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("tool", sa.Text, primary_key=True),
    sa.Column("id", tables.Uuid, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False, comment="of the log as it was sent"),
    sa.Column("key", sa.Text, nullable=False, comment="of its findings in the bucket"),
    sa.Column("findings", sa.Integer, nullable=False),
    sa.Column("left_out", JSONB, nullable=False, comment="why results were not taken, to how many"),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    of_analysis(),
    sa.UniqueConstraint("org_id", "id", name="imports_org_id_id_key"),
)
