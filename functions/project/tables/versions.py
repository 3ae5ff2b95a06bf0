"""Projects, stored contents, versions and uploads."""

from __future__ import annotations

import sqlalchemy as sa

from functions.project.tables.base import metadata
from kernel import tables

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("archived_at", tables.Moment),
    sa.Column("deleted_at", tables.Moment),
    sa.Index("projects_name", "org_id", "name", unique=True, postgresql_where=sa.text("deleted_at IS NULL")),
)

blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("pack", sa.Text, nullable=False, comment="key of the object that holds it"),
    sa.Column("offset", sa.BigInteger, nullable=False, comment="where its bytes begin in the pack"),
    sa.Column("marked_at", tables.Moment, comment="since then no project needs it; it goes when the grace is over"),
    sa.Index("blobs_marked_at", "org_id", "marked_at", postgresql_where=sa.text("marked_at IS NOT NULL")),
    sa.Index("blobs_pack", "org_id", "pack"),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("parent_id", tables.Uuid),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("commit", sa.Text),
    sa.Column("tree_sha256", sa.Text, nullable=False),
    sa.Column("manifest_key", sa.Text, nullable=False),
    sa.Column("file_count", sa.Integer, nullable=False),
    sa.Column("total_bytes", sa.BigInteger, nullable=False),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("branch", sa.Text),
    sa.Column("main", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("history_key", sa.Text),
    sa.Column("config_key", sa.Text),
    sa.Column("baseline_version_id", tables.Uuid),
    sa.Column("merge_parent_id", tables.Uuid),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("counted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.UniqueConstraint("org_id", "project_id", "id", name="versions_org_id_project_id_id_key"),
    sa.ForeignKeyConstraint(
        ["org_id", "project_id"], ["project.projects.org_id", "project.projects.id"], name="versions_project_fkey"
    ),
    sa.ForeignKeyConstraint(
        ["org_id", "project_id", "parent_id"],
        ["project.versions.org_id", "project.versions.project_id", "project.versions.id"],
        name="versions_parent_fkey",
    ),
    sa.Index("versions_tree", "org_id", "project_id", "tree_sha256"),
    sa.Index("versions_manifest_key", "org_id", "manifest_key"),
    sa.Index("versions_history_key", "org_id", "history_key"),
    sa.Index("versions_config_key", "org_id", "config_key"),
    sa.Index("versions_branch", "org_id", "project_id", "branch", "id"),
)

uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("branch", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("main", sa.Boolean),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("expires_at", tables.Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("version_id", tables.Uuid),
    sa.ForeignKeyConstraint(
        ["org_id", "project_id"], ["project.projects.org_id", "project.projects.id"], name="uploads_project_fkey"
    ),
    sa.ForeignKeyConstraint(
        ["org_id", "version_id"], ["project.versions.org_id", "project.versions.id"], name="uploads_version_fkey"
    ),
)

# Outside tenancy, like the outbox: the sweep serves all organisations and learns from the key for which one it works.
arrivals = sa.Table(
    "arrivals",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="of the object that a waiting upload is to become"),
    sa.Column("check_at", tables.Moment, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
)
