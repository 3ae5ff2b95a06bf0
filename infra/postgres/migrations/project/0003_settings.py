"""Settings with their history, baselines and quality gates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from infra.postgres import ddl

revision = "project_0003"
down_revision = "project_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("baseline", JSONB),
        sa.Column("revision", sa.Integer, nullable=False),
        _of_project("settings_project_fkey"),
        schema="project",
    )
    ddl.tenant("project", "settings")
    op.create_table(
        "settings_history",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changes", JSONB, nullable=False, comment="field, old and new value, in the order of fields"),
        sa.Column("changed_by", sa.Uuid, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("org_id", "project_id", "revision", name="settings_history_revision_key"),
        _of_project("settings_history_project_fkey"),
        schema="project",
    )
    ddl.tenant("project", "settings_history", "SELECT, INSERT, DELETE")
    op.create_index("versions_branch", "versions", ["org_id", "project_id", "branch", "id"], schema="project")


def _of_project(name: str) -> sa.ForeignKeyConstraint:
    target = ["project.projects.org_id", "project.projects.id"]
    return sa.ForeignKeyConstraint(["org_id", "project_id"], target, name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index("versions_branch", "versions", schema="project")
    op.drop_table("settings_history", schema="project")
    op.drop_table("settings", schema="project")
