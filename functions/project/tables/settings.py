"""Settings of projects, and who changed them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from functions.project.tables.base import metadata
from kernel import tables


def _of_project(name: str) -> sa.ForeignKeyConstraint:
    target = ["project.projects.org_id", "project.projects.id"]
    return sa.ForeignKeyConstraint(["org_id", "project_id"], target, name=name, ondelete="CASCADE")


settings = sa.Table(
    "settings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("baseline", JSONB),
    sa.Column("revision", sa.Integer, nullable=False),
    _of_project("settings_project_fkey"),
)

settings_history = sa.Table(
    "settings_history",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("changes", JSONB, nullable=False, comment="field, old and new value, in the order of fields"),
    sa.Column("changed_by", tables.Uuid, nullable=False),
    sa.Column("changed_at", tables.Moment, nullable=False),
    sa.UniqueConstraint("org_id", "project_id", "revision", name="settings_history_revision_key"),
    _of_project("settings_history_project_fkey"),
)
