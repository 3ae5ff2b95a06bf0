"""Findings from foreign tools."""

from __future__ import annotations

revision = "analysis_0004"
down_revision = "analysis_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
