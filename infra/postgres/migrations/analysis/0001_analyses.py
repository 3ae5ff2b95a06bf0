"""Analyses: results and findings by content, files by analysis, shards, leases, artifacts and the state of the graph."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from infra.postgres import ddl

revision = "analysis_0001"
down_revision = None
branch_labels = ("analysis",)
depends_on = None


def upgrade() -> None:
    ddl.create_schema("analysis")
    ddl.commons_1("analysis")
    _analyses()
    _results()
    _files()
    _shards()
    _graph()


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _of_analysis() -> sa.ForeignKeyConstraint:
    target = ["analysis.analyses.org_id", "analysis.analyses.id"]
    return sa.ForeignKeyConstraint(["org_id", "analysis_id"], target, ondelete="CASCADE")


def _analyses() -> None:
    op.create_table(
        "analyses",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, nullable=False),
        sa.Column("version_id", sa.Uuid, nullable=False),
        sa.Column("parent_version_id", sa.Uuid),
        sa.Column("manifest_key", sa.Text, nullable=False),
        sa.Column("engine_set", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        _count("files_total"),
        _count("files_done"),
        _count("shards_total"),
        _count("shards_done"),
        _count("files_cached"),
        sa.Column("totals", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("findings_by_severity", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        _count("new_findings"),
        sa.Column("languages", postgresql.JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("baseline_id", sa.Uuid),
        sa.Column("graph", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("org_id", "version_id", name="analyses_org_id_version_id_key"),
        schema="analysis",
    )
    op.create_index("ix_analyses_project", "analyses", ["org_id", "project_id", "id"], schema="analysis")
    ddl.tenant("analysis", "analyses")


def _results() -> None:
    op.create_table(
        "file_results",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("language_key", sa.Text, nullable=False, comment="language and form as far as the path says"),
        sa.Column("engine_set", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        _count("lines"),
        _count("code_lines"),
        _count("functions"),
        _count("max_cyclomatic"),
        _count("max_cognitive"),
        sa.Column("maintainability", sa.REAL),
        _count("critical"),
        _count("high"),
        _count("medium"),
        _count("low"),
        _count("info"),
        sa.Column("outline", sa.LargeBinary, nullable=False, comment="zlib of JSON: all but calls and findings"),
        sa.Column("calls", sa.LargeBinary, nullable=False, comment="zlib of JSON: callers, calls"),
        sa.UniqueConstraint("org_id", "sha256", "language_key", "engine_set", name="file_results_content_key"),
        schema="analysis",
    )
    ddl.tenant("analysis", "file_results")
    op.create_table(
        "findings",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rank", sa.SmallInteger, nullable=False, comment="0 for critical to 4 for info"),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("confidence", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("column", sa.Integer, nullable=False),
        sa.Column("end_line", sa.Integer, nullable=False),
        sa.Column("end_column", sa.Integer, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("cwe", sa.Integer),
        sa.Column("help", sa.Text, nullable=False),
        sa.Column("fix", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "result_id"], ["analysis.file_results.org_id", "analysis.file_results.id"], ondelete="CASCADE"
        ),
        schema="analysis",
    )
    ddl.tenant("analysis", "findings")


def _files() -> None:
    op.create_table(
        "analysis_files",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="place in the order of paths"),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("language_key", sa.Text, nullable=False),
        sa.Column("result_id", sa.BigInteger),
        sa.Column("reason", sa.Text, comment="why this file was not read, whatever its content"),
        _of_analysis(),
        schema="analysis",
    )
    ddl.tenant("analysis", "analysis_files")
    op.create_table(
        "new_findings",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        _of_analysis(),
        schema="analysis",
    )
    ddl.tenant("analysis", "new_findings")


def _shards() -> None:
    op.create_table(
        "shards",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("files", postgresql.JSONB, nullable=False, comment="contents to read, each once"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        _of_analysis(),
        schema="analysis",
    )
    op.create_index("ix_shards_analysis", "shards", ["org_id", "analysis_id", "seq"], schema="analysis")
    ddl.tenant("analysis", "shards")
    op.create_table(
        "artifacts",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        _of_analysis(),
        schema="analysis",
    )
    ddl.tenant("analysis", "artifacts")
    op.create_table(
        "leases",
        sa.Column("id", sa.Uuid, primary_key=True, comment="of the shard, or of the analysis to merge"),
        sa.Column("org_id", sa.Uuid, nullable=False),
        sa.Column("analysis_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("holder", sa.Uuid),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        schema="analysis",
    )
    op.create_index("ix_analysis_leases_until", "leases", ["until"], schema="analysis")
    ddl.open_to_domain("analysis", "leases")


def _graph() -> None:
    op.create_table(
        "graphs",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("analysis_id", sa.Uuid, nullable=False, comment="the newest analysis that wrote or writes"),
        sa.Column("clean", sa.Boolean, nullable=False, comment="false while a write may be half done"),
        schema="analysis",
    )
    ddl.tenant("analysis", "graphs")
    op.create_table(
        "graph_files",
        sa.Column("org_id", sa.Uuid, primary_key=True),
        sa.Column("project_id", sa.Uuid, primary_key=True),
        sa.Column("path_id", sa.Uuid, primary_key=True, comment="of the path's SHA-256"),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("result_id", sa.BigInteger, nullable=False),
        sa.Column("stems", postgresql.ARRAY(sa.Text), nullable=False, comment="names that its imports may end in"),
        sa.Column(
            "consulted", postgresql.ARRAY(sa.Uuid), nullable=False, comment="files whose names it was resolved with"
        ),
        sa.Column("links", sa.LargeBinary, nullable=False, comment="zlib of JSON: its nodes and edges"),
        schema="analysis",
    )
    ddl.tenant("analysis", "graph_files")


def downgrade() -> None:
    op.execute("DROP SCHEMA analysis CASCADE")
