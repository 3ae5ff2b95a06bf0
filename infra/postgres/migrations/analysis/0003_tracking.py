"""Problems with their lifecycle, where each of them is, and findings that no single content has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from infra.postgres import ddl

revision = "analysis_0003"
down_revision = "analysis_0002"
branch_labels = None
depends_on = None

_TABLES = ("placements", "problem_history", "problems", "tracks", "analysis_extras")
_ANALYSES = ("measures", "tracked", "new_by_severity", "dismissed_findings", "fixed_findings")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _columns()
    _extras()
    _tracks()
    _problems()
    _history()
    _placements()
    for table in _TABLES:
        ddl.tenant("analysis", table)


def _columns() -> None:
    empty, zero = sa.text("'{}'::jsonb"), sa.text("0")
    for name in ("context", "symbol"):
        op.add_column("findings", sa.Column(name, sa.Text, nullable=False, server_default=""), schema="analysis")
    for added in (
        sa.Column("measures", JSONB, nullable=False, server_default=empty),
        sa.Column("tracked", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("new_by_severity", JSONB, nullable=False, server_default=empty),
        sa.Column("dismissed_findings", sa.Integer, nullable=False, server_default=zero),
        sa.Column("fixed_findings", sa.Integer, nullable=False, server_default=zero),
    ):
        op.add_column("analyses", added, schema="analysis")
    variant = sa.Column(
        "variant", sa.SmallInteger, nullable=False, server_default=zero, comment="of its findings' placement"
    )
    op.add_column("analysis_files", variant, schema="analysis")


def _of_analysis() -> sa.ForeignKeyConstraint:
    target = ["analysis.analyses.org_id", "analysis.analyses.id"]
    return sa.ForeignKeyConstraint(["org_id", "analysis_id"], target, ondelete="CASCADE")


def _extras() -> None:
    op.create_table(
        "analysis_extras",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="of the file"),
        sa.Column("engine", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("result_id", sa.BigInteger, nullable=False, comment="a result that no content has: findings alone"),
        sa.Column("base", sa.Integer, nullable=False, comment="added to the numbers of its findings"),
        sa.Column("variant", sa.SmallInteger, nullable=False, server_default=sa.text("0"), comment="of the placement"),
        _of_analysis(),
        schema="analysis",
    )


def _tracks() -> None:
    op.create_table(
        "tracks",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, comment="the newest analysis that moved states of problems"),
        sa.Column("version_id", sa.Uuid),
        sa.Column("baseline_version_id", sa.Uuid, comment="as it was last set"),
        sa.Column("baseline_set_at", _MOMENT),
        schema="analysis",
    )


def _problems() -> None:
    op.create_table(
        "problems",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("rank", sa.SmallInteger, nullable=False, comment="0 for critical to 4 for info"),
        sa.Column("path", sa.Text, nullable=False, comment="where it was seen last, as are the columns to `symbol`"),
        sa.Column("path_id", sa.Uuid, nullable=False, comment="of the path's SHA-256"),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("result_id", sa.BigInteger, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="of rule and line"),
        sa.Column("context", sa.Text, nullable=False, comment="of the lines above and below"),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("present", sa.Boolean, nullable=False, comment="in the newest version of the main line"),
        sa.Column("landed", sa.Boolean, nullable=False, comment="was ever present"),
        sa.Column("withheld", sa.Text, comment="why it is neither seen nor fixed"),
        sa.Column("reopened", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("first_analysis_id", sa.Uuid, nullable=False),
        sa.Column("first_version_id", sa.Uuid, nullable=False),
        sa.Column("first_seen_at", _MOMENT, nullable=False),
        sa.Column("last_analysis_id", sa.Uuid, nullable=False),
        sa.Column("last_version_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, comment="of the dismissal, as are the columns below"),
        sa.Column("comment", sa.Text),
        sa.Column("dismissed_by", sa.Uuid),
        sa.Column("dismissed_at", _MOMENT),
        sa.Column("expires_at", _MOMENT),
        schema="analysis",
    )
    of_project = ["org_id", "project_id"]
    op.create_index("ix_problems_listed", "problems", [*of_project, "rank", "id"], schema="analysis")
    op.create_index("ix_problems_digest", "problems", [*of_project, "digest"], schema="analysis")
    op.create_index("ix_problems_path", "problems", [*of_project, "path_id"], schema="analysis")
    for name, rows in (("dismissed", "state = 'dismissed'"), ("withheld", "withheld IS NOT NULL")):
        where = sa.text(rows)
        op.create_index(f"ix_problems_{name}", "problems", of_project, schema="analysis", postgresql_where=where)


def _history() -> None:
    op.create_table(
        "problem_history",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("problem_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("analysis_id", sa.Uuid),
        sa.Column("version_id", sa.Uuid),
        sa.Column("actor_id", sa.Uuid),
        sa.Column("actor_kind", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("expires_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["org_id", "problem_id"], ["analysis.problems.org_id", "analysis.problems.id"], ondelete="CASCADE"
        ),
        schema="analysis",
    )


def _placements() -> None:
    op.create_table(
        "placements",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("path_id", sa.Uuid, primary_key=True, comment="of the path's SHA-256"),
        sa.Column("variant", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("problems", ARRAY(sa.Uuid), nullable=False, comment="ids in the order of the result's findings"),
        schema="analysis",
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table, schema="analysis")
    op.drop_column("analysis_files", "variant", schema="analysis")
    for name in _ANALYSES:
        op.drop_column("analyses", name, schema="analysis")
    for name in ("context", "symbol"):
        op.drop_column("findings", name, schema="analysis")
