"""Providers and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "provider_0001"
down_revision = None
branch_labels = ("provider",)
depends_on = None


def upgrade() -> None:
    ddl.create_schema("provider")
    ddl.commons_1("provider")
    op.create_table(
        "providers",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, comment="AES-256-GCM, see adapters/seal.py"),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("org_id", "name", name="providers_org_id_name_key"),
        schema="provider",
    )
    only = sa.text("is_default")
    op.create_index("providers_default", "providers", ["org_id"], unique=True, schema="provider", postgresql_where=only)
    ddl.tenant("provider", "providers")


def downgrade() -> None:
    op.execute("DROP SCHEMA provider CASCADE")
