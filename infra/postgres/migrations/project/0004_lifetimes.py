"""Members of projects, archiving and deletion, collection of what nobody needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "project_0004"
down_revision = "project_0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_NOW = sa.text("now()")
_PROJECT = ["project.projects.org_id", "project.projects.id"]
_TABLES = ("tasks", "exports", "objects", "project_blobs", "members")


def upgrade() -> None:
    _projects()
    _versions()
    _blobs()
    _members()
    _project_blobs()
    _objects()
    _exports()
    _tasks()


def downgrade() -> None:
    for name in _TABLES:
        op.drop_table(name, schema="project")
    op.drop_index("blobs_marked_at", "blobs", schema="project")
    op.drop_index("blobs_pack", "blobs", schema="project")
    op.drop_column("blobs", "marked_at", schema="project")
    for name in ("manifest_key", "history_key", "config_key"):
        op.drop_index(f"versions_{name}", "versions", schema="project")
    for name in ("merge_parent_id", "revision", "counted"):
        op.drop_column("versions", name, schema="project")
    op.drop_index("projects_name", "projects", schema="project")
    op.create_unique_constraint("projects_org_id_name_key", "projects", ["org_id", "name"], schema="project")
    for name in ("revision", "archived_at", "deleted_at"):
        op.drop_column("projects", name, schema="project")


def _projects() -> None:
    """A deleted project frees its name at once, though its rows take a while to go."""
    op.add_column("projects", sa.Column("revision", sa.Integer, nullable=False, server_default="1"), schema="project")
    op.add_column("projects", sa.Column("archived_at", _MOMENT), schema="project")
    op.add_column("projects", sa.Column("deleted_at", _MOMENT), schema="project")
    op.drop_constraint("projects_org_id_name_key", "projects", schema="project")
    living = sa.text("deleted_at IS NULL")
    op.create_index(
        "projects_name", "projects", ["org_id", "name"], unique=True, schema="project", postgresql_where=living
    )


def _versions() -> None:
    """Versions that were there before are counted by the first collection: their manifests say what they need."""
    op.add_column("versions", sa.Column("merge_parent_id", sa.Uuid), schema="project")
    op.add_column("versions", sa.Column("revision", sa.Integer, nullable=False, server_default="1"), schema="project")
    counted = sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("versions", counted, schema="project")
    for name in ("manifest_key", "history_key", "config_key"):
        op.create_index(f"versions_{name}", "versions", ["org_id", name], schema="project")
    ddl.open_to_domain("project", "versions", "UPDATE, DELETE")
    ddl.open_to_domain("project", "uploads", "DELETE")


def _blobs() -> None:
    op.add_column(
        "blobs",
        sa.Column("marked_at", _MOMENT, comment="since then no project needs it; it goes when the grace is over"),
        schema="project",
    )
    marked = sa.text("marked_at IS NOT NULL")
    op.create_index("blobs_marked_at", "blobs", ["org_id", "marked_at"], schema="project", postgresql_where=marked)
    op.create_index("blobs_pack", "blobs", ["org_id", "pack"], schema="project")
    ddl.open_to_domain("project", "blobs", "UPDATE")


def _members() -> None:
    op.create_table(
        "members",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, nullable=False, comment="raises the role in the organisation, never lowers it"),
        sa.Column("added_by", sa.Uuid, nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="members_project_fkey"),
        schema="project",
    )
    ddl.tenant("project", "members")


def _project_blobs() -> None:
    op.create_table(
        "project_blobs",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="project_blobs_project_fkey"),
        sa.ForeignKeyConstraint(
            ["org_id", "sha256"], ["project.blobs.org_id", "project.blobs.sha256"], name="project_blobs_blob_fkey"
        ),
        schema="project",
    )
    op.create_index("ix_project_blobs_sha256", "project_blobs", ["org_id", "sha256"], schema="project")
    ddl.tenant("project", "project_blobs", "SELECT, INSERT, DELETE")


def _objects() -> None:
    op.create_table(
        "objects",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("touched_at", _MOMENT, nullable=False, server_default=_NOW, comment="last announced"),
        sa.Column("doomed_at", _MOMENT, comment="since then it is being deleted, and nobody may need it again"),
        schema="project",
    )
    ddl.tenant("project", "objects")


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("tree_sha256", sa.Text, primary_key=True),
        sa.Column("format", sa.Text, primary_key=True),
        sa.Column("version_id", sa.Uuid, nullable=False, comment="the version to make it from: any of this tree"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("sha256", sa.Text),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"], ["project.versions.org_id", "project.versions.id"], name="exports_version_fkey"
        ),
        schema="project",
    )
    ddl.tenant("project", "exports")


def _tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("kind", sa.Text, primary_key=True, comment="collect, erase or export"),
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("check_at", _MOMENT, nullable=False, server_default=_NOW),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        schema="project",
    )
    op.create_index("ix_project_tasks_check_at", "tasks", ["check_at"], schema="project")
    ddl.open_to_domain("project", "tasks")
