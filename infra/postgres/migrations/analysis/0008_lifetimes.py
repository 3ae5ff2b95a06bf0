"""Projects that were deleted, whose analyses are erased; roles of people in single projects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "analysis_0008"
down_revision = "analysis_0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("check_at", _MOMENT, comment="when there is more to erase; none: all is erased"),
        schema="analysis",
    )
    op.create_index("ix_analysis_erasures_check_at", "erasures", ["check_at"], schema="analysis")
    ddl.open_to_domain("analysis", "erasures", "SELECT, INSERT, UPDATE")
    op.create_table(
        "members",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, comment="none: not any more"),
        sa.Column("changed_at", _MOMENT, nullable=False),
        schema="analysis",
    )
    ddl.tenant("analysis", "members")


def downgrade() -> None:
    op.drop_table("members", schema="analysis")
    op.drop_table("erasures", schema="analysis")
