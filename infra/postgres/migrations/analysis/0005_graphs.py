"""The graph in more depth: history, owners and lines."""

from __future__ import annotations

revision = "analysis_0005"
down_revision = "analysis_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
