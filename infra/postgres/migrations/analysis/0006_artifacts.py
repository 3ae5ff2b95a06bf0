"""Duplicates of a project and of an analysis, dependency manifests as they were read, and what retention looks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from infra.postgres import ddl

revision = "analysis_0006"
down_revision = "analysis_0005"
branch_labels = None
depends_on = None

_TABLES = ("manifest_readings", "duplicate_groups", "clones", "grams", "gram_contents", "gram_states")


def upgrade() -> None:
    tokens = sa.Column("tokens", sa.LargeBinary, comment="packed by engines.shingles; none: nothing to compare")
    op.add_column("file_results", tokens, schema="analysis")
    op.create_index("ix_analysis_files_result", "analysis_files", ["org_id", "result_id"], schema="analysis")
    _index_of_grams()
    _clones()
    _groups()
    _readings()
    _retention()
    for table in _TABLES:
        ddl.tenant("analysis", table)
    ddl.open_to_domain("analysis", "retention")


def _project() -> list[sa.Column[object]]:
    return [sa.Column("org_id", sa.Uuid, primary_key=True), sa.Column("project_id", sa.Uuid, primary_key=True)]


def _of_content(column: str) -> sa.ForeignKeyConstraint:
    target = [f"analysis.gram_contents.{name}" for name in ("org_id", "project_id", "result_id")]
    return sa.ForeignKeyConstraint(["org_id", "project_id", column], target, ondelete="CASCADE")


def _index_of_grams() -> None:
    op.create_table(
        "gram_states",
        *_project(),
        sa.Column("analysis_id", sa.Uuid, nullable=False, comment="whose merge moves the index"),
        schema="analysis",
    )
    op.create_table(
        "gram_contents",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("paired", sa.Boolean, nullable=False, server_default=sa.false(), comment="its clones are known"),
        sa.Column("grams", sa.Integer, nullable=False),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False, comment="of its first token"),
        sa.Column("end_line", sa.Integer, nullable=False, comment="of its last token"),
        sa.Column("digest", sa.Text, nullable=False, comment="of all its tokens"),
        sa.Column("anchor", sa.Text, nullable=False, comment="its smallest gram"),
        schema="analysis",
    )
    unpaired = sa.text("NOT paired")
    columns = ["org_id", "project_id", "result_id"]
    op.create_index("ix_gram_contents_unpaired", "gram_contents", columns, schema="analysis", postgresql_where=unpaired)
    op.create_table(
        "grams",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False, comment="number of its first token"),
        sa.Column("gram", sa.BigInteger, nullable=False),
        schema="analysis",
    )
    whole = ["gram", "project_id", "org_id", "result_id", "place"]
    op.create_index("ix_grams_gram", "grams", whole, schema="analysis")


def _clones() -> None:
    whole = sa.Integer
    op.create_table(
        "clones",
        *_project(),
        sa.Column("left_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("left_at", whole, primary_key=True, autoincrement=False),
        sa.Column("right_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("right_at", whole, primary_key=True, autoincrement=False),
        sa.Column("tokens", whole, nullable=False),
        sa.Column("left_line", whole, nullable=False),
        sa.Column("left_end", whole, nullable=False),
        sa.Column("right_line", whole, nullable=False),
        sa.Column("right_end", whole, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="of the tokens, which both sides share"),
        sa.Column("anchor", sa.Text, nullable=False, comment="of the smallest gram: stays when an end moves"),
        _of_content("left_id"),
        _of_content("right_id"),
        schema="analysis",
    )
    op.create_index("ix_clones_right", "clones", ["right_id", "project_id"], schema="analysis")


def _groups() -> None:
    op.create_table(
        "duplicate_groups",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("groups", sa.LargeBinary, nullable=False, comment="zlib of JSON: up to 200, the largest first"),
        sa.ForeignKeyConstraint(
            ["org_id", "analysis_id"], ["analysis.analyses.org_id", "analysis.analyses.id"], ondelete="CASCADE"
        ),
        schema="analysis",
    )


def _readings() -> None:
    op.create_table(
        "manifest_readings",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("sha256", sa.LargeBinary, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True, comment="which format it was read as, and by which reader"),
        sa.Column("reading", sa.LargeBinary, nullable=False, comment="zlib of JSON"),
        schema="analysis",
    )


def _retention() -> None:
    op.create_table(
        "retention",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema="analysis",
    )
    op.create_index("ix_retention_next_at", "retention", ["next_at"], schema="analysis")
    op.execute(
        "INSERT INTO analysis.retention (org_id, project_id) SELECT DISTINCT org_id, project_id FROM analysis.analyses"
    )


def downgrade() -> None:
    op.drop_table("retention", schema="analysis")
    for table in _TABLES:
        op.drop_table(table, schema="analysis")
    op.drop_index("ix_analysis_files_result", "analysis_files", schema="analysis")
    op.drop_column("file_results", "tokens", schema="analysis")
