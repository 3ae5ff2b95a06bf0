"""What is told to the outside: webhooks with their deliveries, and what is posted to pull requests."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from functions.project.tables.base import metadata
from kernel import tables

_PROJECT = ["project.projects.org_id", "project.projects.id"]
_WEBHOOK = ["project.webhooks.org_id", "project.webhooks.id"]
_DELIVERY = ["project.webhook_deliveries.org_id", "project.webhook_deliveries.id"]
_PULL = ["project.pull_requests.org_id", "project.pull_requests.project_id", "project.pull_requests.number"]

webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("events", ARRAY(sa.Text), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("disabled_reason", sa.Text),
    sa.Column("failing_since", tables.Moment),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False, comment="ciphertext: kernel.sealing"),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("updated_at", tables.Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="webhooks_project_fkey"),
    sa.Index("webhooks_project", "org_id", "project_id", "id"),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("webhook_id", tables.Uuid, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False, comment="of the event that is told: one delivery each"),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False, comment="sent again as it is: the receiver knows it by its id"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("ended_at", tables.Moment),
    sa.UniqueConstraint("org_id", "webhook_id", "event_id", name="webhook_deliveries_event_key"),
    sa.ForeignKeyConstraint(
        ["org_id", "webhook_id"], _WEBHOOK, name="webhook_deliveries_webhook_fkey", ondelete="CASCADE"
    ),
    sa.Index("webhook_deliveries_webhook", "org_id", "webhook_id", "id"),
    sa.Index("webhook_deliveries_project", "org_id", "project_id"),
)

webhook_attempts = sa.Table(
    "webhook_attempts",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("delivery_id", tables.Uuid, nullable=False),
    sa.Column("at", tables.Moment, nullable=False),
    sa.Column("status", sa.Integer, comment="of the answer; none if there was none"),
    sa.Column("duration_ms", sa.Integer, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("excerpt", sa.Text, nullable=False, comment="the beginning of the answer"),
    sa.ForeignKeyConstraint(
        ["org_id", "delivery_id"], _DELIVERY, name="webhook_attempts_delivery_fkey", ondelete="CASCADE"
    ),
    sa.Index("webhook_attempts_delivery", "org_id", "delivery_id", "id"),
    sa.Index("webhook_attempts_project", "org_id", "project_id"),
)

completions = sa.Table(
    "completions",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("version_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("analysis_id", tables.Uuid, nullable=False),
    sa.Column("news_key", sa.Text, nullable=False, comment="the object with what to post"),
    sa.Column("gate", sa.Text, nullable=False),
    sa.Column("completed_at", tables.Moment, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id"], _PROJECT, name="completions_project_fkey"),
    sa.Index("completions_project", "org_id", "project_id"),
)

postings = sa.Table(
    "postings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", tables.Uuid, nullable=False, comment="also the hidden mark in the summary"),
    sa.Column("version_id", tables.Uuid, nullable=False),
    sa.Column("wanted", sa.Integer, nullable=False, comment="counts what is to be told; a job ends what it began"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("detail", sa.Text),
    sa.Column("updated_at", tables.Moment, nullable=False),
    sa.UniqueConstraint("org_id", "id", name="postings_id_key"),
    sa.ForeignKeyConstraint(["org_id", "project_id", "number"], _PULL, name="postings_pull_fkey", ondelete="CASCADE"),
)

remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("finding_id", sa.Text, primary_key=True),
    sa.Column("inline", sa.Boolean, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("said_at", tables.Moment, nullable=False),
    sa.ForeignKeyConstraint(["org_id", "project_id", "number"], _PULL, name="remarks_pull_fkey", ondelete="CASCADE"),
)

# Outside tenancy, like the queue of fetches: who may begin is decided over all organisations, by ids and hosts.
post_queue = sa.Table(
    "post_queue",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True, comment="of a posting or of a delivery"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("run_at", tables.Moment, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("holder", tables.Uuid, comment="who works on it, until the lease is over"),
    sa.Column("leased_until", tables.Moment),
    sa.Index("post_queue_run_at", "run_at", "id"),
    sa.Index("post_queue_leased_until", "leased_until"),
    sa.Index("post_queue_project", "org_id", "project_id"),
)
