"""Reviews, their comments and completions, and the shared tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "ai_0001"
down_revision = None
branch_labels = ("ai",)
depends_on = None

_REVIEW = ["ai.reviews.org_id", "ai.reviews.id"]


def upgrade() -> None:
    ddl.create_schema("ai")
    ddl.commons_1("ai")
    _reviews()
    _comments()
    _completions()
    for table in ("reviews", "comments", "completions"):
        ddl.tenant("ai", table)


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, nullable=False),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("provider", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("dropped_comments", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("holder", sa.Uuid, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("org_id", "analysis_id", name="reviews_org_id_analysis_id_key"),
        schema="ai",
    )


def _comments() -> None:
    op.create_table(
        "comments",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("review_id", sa.Uuid, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("end_line", sa.Integer, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("suggestion", sa.Text),
        sa.Column("finding_id", sa.Text),
        sa.Column("model", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["org_id", "review_id"], _REVIEW, name="comments_review_fkey"),
        schema="ai",
    )
    op.create_index("comments_review", "comments", ["org_id", "review_id"], schema="ai")


def _completions() -> None:
    op.create_table(
        "completions",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("review_id", sa.Uuid, nullable=False),
        sa.Column("provider_id", sa.Uuid),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("prompt_version", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("latency_ms", sa.Integer, nullable=False),
        sa.Column("input_tokens", sa.Integer),
        sa.Column("output_tokens", sa.Integer),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.ForeignKeyConstraint(["org_id", "review_id"], _REVIEW, name="completions_review_fkey"),
        schema="ai",
    )
    op.create_index("completions_review", "completions", ["org_id", "review_id"], schema="ai")


def downgrade() -> None:
    op.execute("DROP SCHEMA ai CASCADE")
