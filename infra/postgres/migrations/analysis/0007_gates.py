"""Gate results, cancellation and quotas."""

from __future__ import annotations

revision = "analysis_0007"
down_revision = "analysis_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
