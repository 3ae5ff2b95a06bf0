"""Where a version comes from, and under which settings and against what it is analysed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "project_0002"
down_revision = "project_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column
    for added in (
        column("branch", sa.Text),
        column("main", sa.Boolean, nullable=False, server_default=sa.true()),
        column("author", sa.Text, nullable=False, server_default=""),
        column("message", sa.Text, nullable=False, server_default=""),
        column("history_key", sa.Text),
        column("config_key", sa.Text),
        column("baseline_version_id", sa.Uuid),
    ):
        op.add_column("versions", added, schema="project")


def downgrade() -> None:
    for name in ("branch", "main", "author", "message", "history_key", "config_key", "baseline_version_id"):
        op.drop_column("versions", name, schema="project")
