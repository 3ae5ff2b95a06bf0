"""Comparisons and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "comparison_0001"
down_revision = None
branch_labels = ("comparison",)
depends_on = None


def upgrade() -> None:
    ddl.create_schema("comparison")
    ddl.commons_1("comparison")
    op.create_table(
        "comparisons",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("baseline", sa.Text, nullable=False),
        sa.Column("candidate", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("org_id", "name", name="comparisons_org_id_name_key"),
        schema="comparison",
    )
    ddl.tenant("comparison", "comparisons")


def downgrade() -> None:
    op.execute("DROP SCHEMA comparison CASCADE")
