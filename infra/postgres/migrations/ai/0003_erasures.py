"""Projects that were deleted, whose reviews are erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "ai_0003"
down_revision = "ai_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema="ai",
    )
    ddl.tenant("ai", "erased", "SELECT, INSERT")
    op.create_index("reviews_project", "reviews", ["org_id", "project_id"], schema="ai")
    for table in ("reviews", "comments", "completions"):
        ddl.open_to_domain("ai", table, "DELETE")


def downgrade() -> None:
    op.drop_index("reviews_project", "reviews", schema="ai")
    op.drop_table("erased", schema="ai")
