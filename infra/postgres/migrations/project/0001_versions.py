"""Projects, blobs, versions, uploads and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "project_0001"
down_revision = None
branch_labels = ("project",)
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    ddl.create_schema("project")
    ddl.commons_1("project")
    _projects()
    _blobs()
    _versions()
    _uploads()
    _arrivals()


def downgrade() -> None:
    op.execute("DROP SCHEMA project CASCADE")


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("org_id", "name", name="projects_org_id_name_key"),
        schema="project",
    )
    ddl.tenant("project", "projects")


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("pack", sa.Text, nullable=False, comment="key of the object that holds it"),
        sa.Column("offset", sa.BigInteger, nullable=False, comment="where its bytes begin in the pack"),
        schema="project",
    )
    ddl.tenant("project", "blobs", "SELECT, INSERT, DELETE")


def _versions() -> None:
    op.create_table(
        "versions",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("commit", sa.Text),
        sa.Column("tree_sha256", sa.Text, nullable=False),
        sa.Column("manifest_key", sa.Text, nullable=False),
        sa.Column("file_count", sa.Integer, nullable=False),
        sa.Column("total_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("org_id", "project_id", "id", name="versions_org_id_project_id_id_key"),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"], ["project.projects.org_id", "project.projects.id"], name="versions_project_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id", "parent_id"],
            ["project.versions.org_id", "project.versions.project_id", "project.versions.id"],
            name="versions_parent_fkey",
        ),
        schema="project",
    )
    op.create_index("versions_tree", "versions", ["org_id", "project_id", "tree_sha256"], schema="project")
    ddl.tenant("project", "versions", "SELECT, INSERT")


def _uploads() -> None:
    op.create_table(
        "uploads",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("filename", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("version_id", sa.Uuid),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"], ["project.projects.org_id", "project.projects.id"], name="uploads_project_fkey"
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"], ["project.versions.org_id", "project.versions.id"], name="uploads_version_fkey"
        ),
        schema="project",
    )
    ddl.tenant("project", "uploads", "SELECT, INSERT, UPDATE")


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("key", sa.Text, primary_key=True, comment="of the object that a waiting upload is to become"),
        sa.Column("check_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        schema="project",
    )
    op.create_index("ix_project_arrivals_check_at", "arrivals", ["check_at"], schema="project")
    ddl.open_to_domain("project", "arrivals")
