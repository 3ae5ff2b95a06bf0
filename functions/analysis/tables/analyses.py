"""Analyses, their files, shards and artifacts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from functions.analysis.tables.base import count_of, metadata, of_analysis
from kernel import tables

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
    count_of("files_total"),
    count_of("files_done"),
    count_of("shards_total"),
    count_of("shards_done"),
    count_of("files_cached"),
    sa.Column("totals", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("findings_by_severity", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    count_of("new_findings"),
    sa.Column("languages", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("baseline_id", tables.Uuid),
    sa.Column("graph", sa.Text, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("completed_at", tables.Moment),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("branch", sa.Text),
    sa.Column("main", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("commit", sa.Text),
    sa.Column("history_key", sa.Text),
    sa.Column("config_key", sa.Text),
    sa.Column("baseline_version_id", tables.Uuid),
    sa.Column("notes", JSONB, nullable=False, server_default=sa.text("'[]'::jsonb")),
    sa.Column("measures", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("tracked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("new_by_severity", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    count_of("dismissed_findings"),
    count_of("fixed_findings"),
    sa.Column("gate", sa.Text),
    sa.Column("concurrency", sa.Integer, nullable=False, server_default=sa.text("4")),
    sa.UniqueConstraint("org_id", "version_id", name="analyses_org_id_version_id_key"),
    sa.Index("ix_analyses_project", "org_id", "project_id", "id"),
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
    sa.Column(
        "variant", sa.SmallInteger, nullable=False, server_default=sa.text("0"), comment="of its findings' placement"
    ),
    of_analysis(),
    sa.Index("ix_analysis_files_result", "org_id", "result_id"),
)

new_findings = sa.Table(
    "new_findings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    of_analysis(),
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
    of_analysis(),
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
    of_analysis(),
)
