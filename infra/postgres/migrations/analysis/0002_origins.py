"""Where the analysed version comes from, and what it is compared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "analysis_0002"
down_revision = "analysis_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column
    for added in (
        column("branch", sa.Text),
        column("main", sa.Boolean, nullable=False, server_default=sa.true()),
        column("commit", sa.Text),
        column("history_key", sa.Text),
        column("config_key", sa.Text),
        column("baseline_version_id", sa.Uuid),
    ):
        op.add_column("analyses", added, schema="analysis")


def downgrade() -> None:
    for name in ("branch", "main", "commit", "history_key", "config_key", "baseline_version_id"):
        op.drop_column("analyses", name, schema="analysis")
