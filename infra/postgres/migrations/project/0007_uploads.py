"""What an archive that is sent becomes: the branch and commit of its version, and whether it is the main line's."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "project_0007"
down_revision = "project_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for added in (sa.Column("branch", sa.Text), sa.Column("commit", sa.Text), sa.Column("main", sa.Boolean)):
        op.add_column("uploads", added, schema="project")


def downgrade() -> None:
    for name in ("branch", "commit", "main"):
        op.drop_column("uploads", name, schema="project")
