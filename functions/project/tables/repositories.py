"""Repositories at git hosts: what is fetched from them, what their hosts told, and their pull requests."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from functions.project.tables.base import metadata
from kernel import tables

_PROJECT = ["project.projects.org_id", "project.projects.id"]
_REPOSITORY = ["project.repositories.org_id", "project.repositories.project_id"]

repositories = sa.Table(
    "repositories",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("default_branch", sa.Text, nullable=False),
    sa.Column("hook_id", tables.Uuid, nullable=False),
    sa.Column("filters", JSONB, nullable=False),
    sa.Column("sealed_token", sa.LargeBinary, comment="ciphertext: kernel.sealing"),
    sa.Column("sealed_secret", sa.LargeBinary, comment="ciphertext: kernel.sealing"),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("updated_at", tables.Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="repositories_project_fkey"),
)

# Outside tenancy: an event from a host names a hook and nothing else; which organisation it is for is told here.
hooks = sa.Table(
    "hooks",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _REPOSITORY, name="hooks_repository_fkey"),
)

fetches = sa.Table(
    "fetches",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("requested_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("commit", sa.Text),
    sa.Column("version_id", tables.Uuid),
    sa.Column("base_version_id", tables.Uuid),
    sa.Column("notes", JSONB, nullable=False),
    sa.Column("notes_total", sa.Integer, nullable=False),
    sa.Column("ended_at", tables.Moment),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="fetches_project_fkey"),
    sa.Index("fetches_project", "org_id", "project_id", "id"),
)

# A second wish for what was not begun yet is the same wish.
sa.Index(
    "fetches_queued",
    fetches.c.org_id,
    fetches.c.project_id,
    fetches.c.kind,
    fetches.c.ref,
    unique=True,
    postgresql_where=sa.text("state = 'queued' AND attempts = 0"),
)

# Outside tenancy, like the outbox: who may begin is decided over all organisations, by ids, hosts and the clock.
fetch_queue = sa.Table(
    "fetch_queue",
    metadata,
    sa.Column("fetch_id", tables.Uuid, primary_key=True),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("run_at", tables.Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("holder", tables.Uuid, comment="who works on it, until the lease is over"),
    sa.Column("leased_until", tables.Moment),
    sa.Index("fetch_queue_run_at", "run_at", "fetch_id"),
    sa.Index("fetch_queue_leased_until", "leased_until"),
)

hook_deliveries = sa.Table(
    "hook_deliveries",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False, comment="as the host names it"),
    sa.Column("body_sha256", sa.Text, nullable=False, comment="a signature is over the body alone, not over the name"),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("number", sa.Integer),
    sa.Column("fetch_id", tables.Uuid),
    sa.Column("received_at", tables.Moment, nullable=False),
    sa.UniqueConstraint("org_id", "project_id", "delivery", name="hook_deliveries_delivery_key"),
    sa.UniqueConstraint("org_id", "project_id", "body_sha256", name="hook_deliveries_body_key"),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="hook_deliveries_project_fkey"),
    sa.Index("hook_deliveries_project", "org_id", "project_id", "id"),
)

pull_requests = sa.Table(
    "pull_requests",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("draft", sa.Boolean, nullable=False),
    sa.Column("by_bot", sa.Boolean, nullable=False),
    sa.Column("labels", ARRAY(sa.Text), nullable=False),
    sa.Column("head_ref", sa.Text, nullable=False),
    sa.Column("head_sha", sa.Text, nullable=False),
    sa.Column("base_ref", sa.Text, nullable=False),
    sa.Column("base_sha", sa.Text),
    sa.Column("changed_at", tables.Moment, nullable=False, comment="on the host's clock"),
    sa.Column("fetch_id", tables.Uuid),
    sa.Column("version_id", tables.Uuid),
    sa.Column("version_sha", sa.Text, comment="the head that version_id holds"),
    sa.Column("base_version_id", tables.Uuid),
    sa.Column("analysis_id", tables.Uuid),
    sa.Column("comment_id", sa.Text, comment="the summary, as the host names it"),
    sa.Column("check_id", sa.Text, comment="the check run or status, as the host names it"),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="pull_requests_project_fkey"),
    sa.Index("pull_requests_version", "org_id", "version_id"),
)
