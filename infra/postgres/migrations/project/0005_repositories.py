"""Repositories at a git host, and what was fetched from them."""

from __future__ import annotations

revision = "project_0005"
down_revision = "project_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
