"""Tables of this domain, in the schema of its name.

What is unfinished stands outside tenant row-level security like the outbox: the sweep looks through it for all
organisations and reads nothing but ids there.
"""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="ai")
commons = tables.commons(metadata)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, nullable=False),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("provider", sa.Text),
    sa.Column("model", sa.Text),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("dropped_comments", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("holder", tables.Uuid, nullable=False),
    sa.Column("lease_until", tables.Moment, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False, server_default=tables.NOW),
    sa.Column("completed_at", tables.Moment),
    sa.UniqueConstraint("org_id", "analysis_id", name="reviews_org_id_analysis_id_key"),
    sa.Index("reviews_project", "org_id", "project_id"),
)

erased = sa.Table(
    "erased",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("at", tables.Moment, nullable=False, server_default=tables.NOW),
)

unfinished = sa.Table(
    "unfinished",
    metadata,
    sa.Column("review_id", tables.Uuid, primary_key=True),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("watched_since", tables.Moment),
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("review_id", tables.Uuid, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("end_line", sa.Integer, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("suggestion", sa.Text),
    sa.Column("finding_id", sa.Text),
    sa.Column("model", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(
        ["org_id", "review_id"], ["ai.reviews.org_id", "ai.reviews.id"], name="comments_review_fkey"
    ),
    sa.Index("comments_review", "org_id", "review_id"),
)

completions = sa.Table(
    "completions",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("review_id", tables.Uuid, nullable=False),
    sa.Column("provider_id", tables.Uuid),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("prompt_version", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("latency_ms", sa.Integer, nullable=False),
    sa.Column("input_tokens", sa.Integer),
    sa.Column("output_tokens", sa.Integer),
    sa.Column("at", tables.Moment, nullable=False, server_default=tables.NOW),
    sa.ForeignKeyConstraint(
        ["org_id", "review_id"], ["ai.reviews.org_id", "ai.reviews.id"], name="completions_review_fkey"
    ),
    sa.Index("completions_review", "org_id", "review_id"),
)
