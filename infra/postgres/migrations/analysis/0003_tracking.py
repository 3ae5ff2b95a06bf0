"""Findings with their lifecycle, and where each of them is."""

from __future__ import annotations

revision = "analysis_0003"
down_revision = "analysis_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
