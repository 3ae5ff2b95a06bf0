"""Gate results, and claims of shards by turns and within a project's bound."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.postgres import ddl

revision = "analysis_0007"
down_revision = "analysis_0006"
branch_labels = None
depends_on = None

_WAITING, _HELD = "kind = 'shard' AND holder IS NULL", "kind = 'shard' AND holder IS NOT NULL"


def upgrade() -> None:
    zero, four = sa.text("0"), sa.text("4")
    op.add_column("analyses", sa.Column("gate", sa.Text), schema="analysis")
    op.add_column(
        "analyses", sa.Column("concurrency", sa.Integer, nullable=False, server_default=four), schema="analysis"
    )
    op.add_column(
        "file_results",
        sa.Column("complex_functions", sa.Integer, nullable=False, server_default=zero),
        schema="analysis",
    )
    _gates()
    _claims()


def _gates() -> None:
    zero = sa.text("0")
    op.create_table(
        "gates",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("wanted", sa.Integer, nullable=False, server_default=zero),
        sa.Column("stored", sa.Integer, nullable=False, server_default=zero),
        sa.Column("status", sa.Text),
        sa.Column("conditions", postgresql.JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("evaluated_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["org_id", "analysis_id"], ["analysis.analyses.org_id", "analysis.analyses.id"], ondelete="CASCADE"
        ),
        schema="analysis",
    )
    ddl.tenant("analysis", "gates")


def _claims() -> None:
    project = sa.Column("project_id", sa.Uuid, comment="of a shard")
    op.add_column("leases", project, schema="analysis")
    slots = sa.Column("slots", sa.Integer, comment="shards of the project that may run at once")
    op.add_column("leases", slots, schema="analysis")
    # Row-level security hides the projects here: until they are done, these analyses take turns like projects.
    op.execute("UPDATE analysis.leases SET project_id = analysis_id, slots = 4 WHERE kind = 'shard'")
    project_of = ["org_id", "project_id"]
    waiting = [*project_of, "analysis_id", "id"]
    op.create_index(
        "ix_analysis_leases_waiting", "leases", waiting, schema="analysis", postgresql_where=sa.text(_WAITING)
    )
    op.create_index("ix_analysis_leases_held", "leases", project_of, schema="analysis", postgresql_where=sa.text(_HELD))
    op.create_table(
        "turns",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column(
            "served_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when a shard of the project was claimed last",
        ),
        schema="analysis",
    )
    ddl.open_to_domain("analysis", "turns")


def downgrade() -> None:
    op.drop_table("turns", schema="analysis")
    op.drop_index("ix_analysis_leases_held", "leases", schema="analysis")
    op.drop_index("ix_analysis_leases_waiting", "leases", schema="analysis")
    for column in ("slots", "project_id"):
        op.drop_column("leases", column, schema="analysis")
    op.drop_table("gates", schema="analysis")
    op.drop_column("file_results", "complex_functions", schema="analysis")
    for column in ("concurrency", "gate"):
        op.drop_column("analyses", column, schema="analysis")
