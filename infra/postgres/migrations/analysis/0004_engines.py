"""Findings from foreign tools, notes of the engines, and the OWASP category of a finding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from infra.postgres import ddl

revision = "analysis_0004"
down_revision = "analysis_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owasp = sa.Column("owasp", sa.Text, nullable=False, server_default="")
    op.add_column("findings", owasp, schema="analysis")
    said = sa.Column("notes", sa.Text, nullable=False, server_default="", comment="one a line")
    op.add_column("file_results", said, schema="analysis")
    notes = sa.Column("notes", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"))
    op.add_column("analyses", notes, schema="analysis")
    op.create_table(
        "imports",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("tool", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False, comment="of the log as it was sent"),
        sa.Column("key", sa.Text, nullable=False, comment="of its findings in the bucket"),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.Column("left_out", JSONB, nullable=False, comment="why results were not taken, to how many"),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "analysis_id"], ["analysis.analyses.org_id", "analysis.analyses.id"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("org_id", "id", name="imports_org_id_id_key"),
        schema="analysis",
    )
    ddl.tenant("analysis", "imports")


def downgrade() -> None:
    op.drop_table("imports", schema="analysis")
    op.drop_column("analyses", "notes", schema="analysis")
    op.drop_column("file_results", "notes", schema="analysis")
    op.drop_column("findings", "owasp", schema="analysis")
