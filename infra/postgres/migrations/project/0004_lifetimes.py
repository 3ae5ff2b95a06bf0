"""Members of projects, archiving and deletion, collection of what nobody needs."""

from __future__ import annotations

revision = "project_0004"
down_revision = "project_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
