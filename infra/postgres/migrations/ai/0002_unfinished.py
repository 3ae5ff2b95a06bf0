"""The reviews that have not ended, for the sweep of all organisations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "ai_0002"
down_revision = "ai_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfinished",
        sa.Column("review_id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("watched_since", sa.DateTime(timezone=True)),
        schema="ai",
    )
    ddl.open_to_domain("ai", "unfinished")
    op.execute("ALTER TABLE ai.reviews NO FORCE ROW LEVEL SECURITY")  # the owner copies for all organisations
    op.execute("INSERT INTO ai.unfinished SELECT id, org_id, NULL FROM ai.reviews WHERE state = 'running'")
    op.execute("ALTER TABLE ai.reviews FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("unfinished", schema="ai")
