"""Repositories at a git host, and what was fetched from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from infra.postgres import ddl

revision = "project_0005"
down_revision = "project_0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PROJECT = ["project.projects.org_id", "project.projects.id"]
_REPOSITORY = ["project.repositories.org_id", "project.repositories.project_id"]
_TENANT = ("repositories", "fetches", "hook_deliveries", "pull_requests")
_OPEN = ("hooks", "fetch_queue")


def upgrade() -> None:
    _repositories()
    _hooks()
    _fetches()
    _fetch_queue()
    _hook_deliveries()
    _pull_requests()
    for name in _TENANT:
        ddl.tenant("project", name)
    for name in _OPEN:
        ddl.open_to_domain("project", name)


def downgrade() -> None:
    for name in ("pull_requests", "hook_deliveries", "fetch_queue", "fetches", "hooks", "repositories"):
        op.drop_table(name, schema="project")


def _repositories() -> None:
    op.create_table(
        "repositories",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("default_branch", sa.Text, nullable=False),
        sa.Column("hook_id", sa.Uuid, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("sealed_token", sa.LargeBinary, comment="ciphertext: kernel.sealing"),
        sa.Column("sealed_secret", sa.LargeBinary, comment="ciphertext: kernel.sealing"),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="repositories_project_fkey"),
        schema="project",
    )


def _hooks() -> None:
    op.create_table(
        "hooks",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _REPOSITORY, name="hooks_repository_fkey"),
        schema="project",
    )


def _fetches() -> None:
    op.create_table(
        "fetches",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("commit", sa.Text),
        sa.Column("version_id", sa.Uuid),
        sa.Column("base_version_id", sa.Uuid),
        sa.Column("notes", JSONB, nullable=False),
        sa.Column("notes_total", sa.Integer, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="fetches_project_fkey"),
        schema="project",
    )
    op.create_index("fetches_project", "fetches", ["org_id", "project_id", "id"], schema="project")
    waiting = sa.text("state = 'queued' AND attempts = 0")
    key = ["org_id", "project_id", "kind", "ref"]
    op.create_index("fetches_queued", "fetches", key, unique=True, schema="project", postgresql_where=waiting)


def _fetch_queue() -> None:
    op.create_table(
        "fetch_queue",
        sa.Column("fetch_id", sa.Uuid, primary_key=True),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("run_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("holder", sa.Uuid, comment="who works on it, until the lease is over"),
        sa.Column("leased_until", _MOMENT),
        schema="project",
    )
    op.create_index("fetch_queue_run_at", "fetch_queue", ["run_at", "fetch_id"], schema="project")
    op.create_index("fetch_queue_leased_until", "fetch_queue", ["leased_until"], schema="project")


def _hook_deliveries() -> None:
    op.create_table(
        "hook_deliveries",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("delivery", sa.Text, nullable=False, comment="as the host names it"),
        sa.Column(
            "body_sha256", sa.Text, nullable=False, comment="a signature is over the body alone, not over the name"
        ),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("number", sa.Integer),
        sa.Column("fetch_id", sa.Uuid),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("org_id", "project_id", "delivery", name="hook_deliveries_delivery_key"),
        sa.UniqueConstraint("org_id", "project_id", "body_sha256", name="hook_deliveries_body_key"),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="hook_deliveries_project_fkey"),
        schema="project",
    )
    op.create_index("hook_deliveries_project", "hook_deliveries", ["org_id", "project_id", "id"], schema="project")


def _pull_requests() -> None:
    op.create_table(
        "pull_requests",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
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
        sa.Column("changed_at", _MOMENT, nullable=False, comment="on the host's clock"),
        sa.Column("fetch_id", sa.Uuid),
        sa.Column("version_id", sa.Uuid),
        sa.Column("version_sha", sa.Text, comment="the head that version_id holds"),
        sa.Column("base_version_id", sa.Uuid),
        sa.Column("analysis_id", sa.Uuid),
        sa.Column("comment_id", sa.Text, comment="the summary, as the host names it"),
        sa.Column("check_id", sa.Text, comment="the check run or status, as the host names it"),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="pull_requests_project_fkey"),
        schema="project",
    )
    op.create_index("pull_requests_version", "pull_requests", ["org_id", "version_id"], schema="project")
