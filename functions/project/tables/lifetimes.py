"""Members of projects, and what lives how long: which project needs which content, objects in the bucket, exports."""

from __future__ import annotations

import sqlalchemy as sa

from functions.project.tables.base import metadata
from kernel import tables

_PROJECT = ["project.projects.org_id", "project.projects.id"]

members = sa.Table(
    "members",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("user_id", tables.Uuid, primary_key=True),
    sa.Column("role", sa.Text, nullable=False, comment="raises the role in the organisation, never lowers it"),
    sa.Column("added_by", tables.Uuid, nullable=False),
    sa.Column("added_at", tables.Moment, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="members_project_fkey"),
)

# Versions end only with their project, so that who needs a blob is a question about projects: a row for each content
# that any version of a project ever held, not one for each file of each version.
project_blobs = sa.Table(
    "project_blobs",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="project_blobs_project_fkey"),
    sa.ForeignKeyConstraint(
        ["org_id", "sha256"], ["project.blobs.org_id", "project.blobs.sha256"], name="project_blobs_blob_fkey"
    ),
    sa.Index("ix_project_blobs_sha256", "org_id", "sha256"),
)

objects = sa.Table(
    "objects",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("touched_at", tables.Moment, nullable=False, server_default=tables.NOW, comment="last announced"),
    sa.Column("doomed_at", tables.Moment, comment="since then it is being deleted, and nobody may need it again"),
)

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("tree_sha256", sa.Text, primary_key=True),
    sa.Column("format", sa.Text, primary_key=True),
    sa.Column("version_id", tables.Uuid, nullable=False, comment="the version to make it from: any of this tree"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("sha256", sa.Text),
    sa.Column("expires_at", tables.Moment, nullable=False),
    sa.ForeignKeyConstraint(
        ["org_id", "version_id"], ["project.versions.org_id", "project.versions.id"], name="exports_version_fkey"
    ),
)

# Outside tenancy, like the outbox: the sweep serves all organisations and reads nothing but ids here.
tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True, comment="collect, erase or export"),
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("check_at", tables.Moment, nullable=False, server_default=tables.NOW, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
)
