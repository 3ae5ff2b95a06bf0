"""Retention of artifacts; shingles for duplicates."""

from __future__ import annotations

revision = "analysis_0006"
down_revision = "analysis_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
