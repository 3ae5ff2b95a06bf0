"""Tables of this domain, in the schema of its name.

Results and findings are stored by content and shared by all analyses that meet it; an analysis' own rows are its
list of files and what is new in it. Leases stand outside tenant row-level security like the outbox: the sweep
looks through them for all organisations and reads nothing but ids there.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kernel import tables

metadata = sa.MetaData(schema="analysis")
commons = tables.commons(metadata)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def _of_analysis() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", "analysis_id"], ["analyses.org_id", "analyses.id"], ondelete="CASCADE")


analyses = sa.Table(
    "analyses",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("version_id", tables.Uuid, nullable=False),
    sa.Column("parent_version_id", tables.Uuid),
    sa.Column("manifest_key", sa.Text, nullable=False),
    sa.Column("engine_set", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    _count("files_total"),
    _count("files_done"),
    _count("shards_total"),
    _count("shards_done"),
    _count("files_cached"),
    sa.Column("totals", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("findings_by_severity", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    _count("new_findings"),
    sa.Column("languages", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("baseline_id", tables.Uuid),
    sa.Column("graph", sa.Text, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("completed_at", tables.Moment),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.UniqueConstraint("org_id", "version_id", name="analyses_org_id_version_id_key"),
    sa.Index("ix_analyses_project", "org_id", "project_id", "id"),
)

file_results = sa.Table(
    "file_results",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
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
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
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
    sa.ForeignKeyConstraint(["org_id", "result_id"], ["file_results.org_id", "file_results.id"], ondelete="CASCADE"),
)

analysis_files = sa.Table(
    "analysis_files",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="place in the order of paths"),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("sha256", sa.LargeBinary, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("language_key", sa.Text, nullable=False),
    sa.Column("result_id", sa.BigInteger),
    sa.Column("reason", sa.Text, comment="why this file was not read, whatever its content"),
    _of_analysis(),
)

new_findings = sa.Table(
    "new_findings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    _of_analysis(),
)

shards = sa.Table(
    "shards",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("files", JSONB, nullable=False, comment="contents to read, each once"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    _of_analysis(),
    sa.Index("ix_shards_analysis", "org_id", "analysis_id", "seq"),
)

artifacts = sa.Table(
    "artifacts",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    _of_analysis(),
)

graphs = sa.Table(
    "graphs",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, nullable=False, comment="the newest analysis that wrote or writes"),
    sa.Column("clean", sa.Boolean, nullable=False, comment="false while a write may be half done"),
)

graph_files = sa.Table(
    "graph_files",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("path_id", tables.Uuid, primary_key=True, comment="of the path's SHA-256"),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("result_id", sa.BigInteger, nullable=False),
    sa.Column("stems", ARRAY(sa.Text), nullable=False, comment="names that its imports may end in"),
    sa.Column("consulted", ARRAY(tables.Uuid), nullable=False, comment="files whose names it was resolved with"),
    sa.Column("links", sa.LargeBinary, nullable=False, comment="zlib of JSON: its nodes and edges"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("id", tables.Uuid, primary_key=True, comment="of the shard, or of the analysis to merge"),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("analysis_id", tables.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("holder", tables.Uuid),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("until", tables.Moment, nullable=False, server_default=tables.NOW),
    sa.Index("ix_analysis_leases_until", "until"),
)
