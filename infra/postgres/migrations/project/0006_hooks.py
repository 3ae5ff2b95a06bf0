"""Webhooks to the outside with their deliveries, and what is posted to pull requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from infra.postgres import ddl

revision = "project_0006"
down_revision = "project_0005"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PROJECT = ["project.projects.org_id", "project.projects.id"]
_WEBHOOK = ["project.webhooks.org_id", "project.webhooks.id"]
_DELIVERY = ["project.webhook_deliveries.org_id", "project.webhook_deliveries.id"]
_PULL = ["project.pull_requests.org_id", "project.pull_requests.project_id", "project.pull_requests.number"]
_TENANT = ("webhooks", "webhook_deliveries", "webhook_attempts", "completions", "postings", "remarks")


def upgrade() -> None:
    _webhooks()
    _webhook_deliveries()
    _webhook_attempts()
    _completions()
    _postings()
    _remarks()
    _post_queue()
    for name in _TENANT:
        ddl.tenant("project", name)
    ddl.open_to_domain("project", "post_queue")


def downgrade() -> None:
    for name in ("post_queue", *reversed(_TENANT)):
        op.drop_table(name, schema="project")


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("events", ARRAY(sa.Text), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("disabled_reason", sa.Text),
        sa.Column("failing_since", _MOMENT),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False, comment="ciphertext: kernel.sealing"),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="webhooks_project_fkey"),
        schema="project",
    )
    op.create_index("webhooks_project", "webhooks", ["org_id", "project_id", "id"], schema="project")


def _webhook_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("webhook_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False, comment="of the event that is told: one delivery each"),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False, comment="sent again as it is: the receiver knows it by its id"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.UniqueConstraint("org_id", "webhook_id", "event_id", name="webhook_deliveries_event_key"),
        sa.ForeignKeyConstraint(
            ["org_id", "webhook_id"], _WEBHOOK, name="webhook_deliveries_webhook_fkey", ondelete="CASCADE"
        ),
        schema="project",
    )
    op.create_index(
        "webhook_deliveries_webhook", "webhook_deliveries", ["org_id", "webhook_id", "id"], schema="project"
    )
    op.create_index("webhook_deliveries_project", "webhook_deliveries", ["org_id", "project_id"], schema="project")


def _webhook_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("delivery_id", sa.Uuid, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer, comment="of the answer; none if there was none"),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("excerpt", sa.Text, nullable=False, comment="the beginning of the answer"),
        sa.ForeignKeyConstraint(
            ["org_id", "delivery_id"], _DELIVERY, name="webhook_attempts_delivery_fkey", ondelete="CASCADE"
        ),
        schema="project",
    )
    op.create_index("webhook_attempts_delivery", "webhook_attempts", ["org_id", "delivery_id", "id"], schema="project")
    op.create_index("webhook_attempts_project", "webhook_attempts", ["org_id", "project_id"], schema="project")


def _completions() -> None:
    op.create_table(
        "completions",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("version_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("analysis_id", sa.Uuid, nullable=False),
        sa.Column("news_key", sa.Text, nullable=False, comment="the object with what to post"),
        sa.Column("gate", sa.Text, nullable=False),
        sa.Column("completed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="completions_project_fkey"),
        schema="project",
    )
    op.create_index("completions_project", "completions", ["org_id", "project_id"], schema="project")


def _postings() -> None:
    op.create_table(
        "postings",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, comment="also the hidden mark in the summary"),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False, comment="counts what is to be told; a job ends what it began"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("org_id", "id", name="postings_id_key"),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id", "number"], _PULL, name="postings_pull_fkey", ondelete="CASCADE"
        ),
        schema="project",
    )


def _remarks() -> None:
    op.create_table(
        "remarks",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("finding_id", sa.Text, primary_key=True),
        sa.Column("inline", sa.Boolean, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("said_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id", "number"], _PULL, name="remarks_pull_fkey", ondelete="CASCADE"
        ),
        schema="project",
    )


def _post_queue() -> None:
    op.create_table(
        "post_queue",
        sa.Column("id", sa.Uuid, primary_key=True, comment="of a posting or of a delivery"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("run_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("holder", sa.Uuid, comment="who works on it, until the lease is over"),
        sa.Column("leased_until", _MOMENT),
        schema="project",
    )
    op.create_index("post_queue_run_at", "post_queue", ["run_at", "id"], schema="project")
    op.create_index("post_queue_leased_until", "post_queue", ["leased_until"], schema="project")
    op.create_index("post_queue_project", "post_queue", ["org_id", "project_id"], schema="project")
