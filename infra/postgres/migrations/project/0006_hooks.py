"""Webhooks from and to the outside, with their deliveries."""

from __future__ import annotations

revision = "project_0006"
down_revision = "project_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
