"""Experiments and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "version_0001"
down_revision = None
branch_labels = ("version",)
depends_on = None


def upgrade() -> None:
    ddl.create_schema("version")
    ddl.commons_1("version")
    op.create_table(
        "experiments",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hypothesis", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("org_id", "name", name="experiments_org_id_name_key"),
        schema="version",
    )
    ddl.tenant("version", "experiments")


def downgrade() -> None:
    op.execute("DROP SCHEMA version CASCADE")
