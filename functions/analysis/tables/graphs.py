"""What is known about the graph store."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from functions.analysis.tables.base import metadata, of_analysis
from kernel import tables

graphs = sa.Table(
    "graphs",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("line", sa.Text, primary_key=True, comment="- for the main line, else a hash of the branch"),
    sa.Column("analysis_id", tables.Uuid, nullable=False, comment="the newest analysis that wrote or writes"),
    sa.Column("version_id", tables.Uuid, nullable=False),
    sa.Column("clean", sa.Boolean, nullable=False, comment="false while a write may be half done"),
    sa.Column("wiped", sa.Boolean, nullable=False, comment="whether what was there before `analysis_id` is gone"),
    sa.Column("based", sa.Boolean, nullable=False, comment="whether the main line shows through"),
    sa.Column("counts", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    sa.Column("owners_sha256", sa.LargeBinary, comment="of the CODEOWNERS that the edges were made with"),
    sa.Column("owners_path", sa.Text),
    sa.Column("owners", sa.Text, comment="its text"),
)

graph_files = sa.Table(
    "graph_files",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("line", sa.Text, primary_key=True),
    sa.Column("path_id", tables.Uuid, primary_key=True, comment="of the path's SHA-256"),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("result_id", sa.BigInteger, comment="NULL: the line does not have this file of the main line"),
    sa.Column("stems", ARRAY(sa.Text), nullable=False, comment="names that its imports may end in"),
    sa.Column("consulted", ARRAY(tables.Uuid), nullable=False, comment="files whose names it was resolved with"),
    sa.Column("imports", ARRAY(tables.Uuid), nullable=False),
    sa.Column("externals", ARRAY(sa.Text), nullable=False, comment="imported modules that are no files"),
    sa.Column("counts", ARRAY(sa.Integer), nullable=False, comment="symbols, imports, calls, bases, tests, owners"),
    sa.Column("links", sa.LargeBinary, nullable=False, comment="zlib of JSON: its nodes and edges"),
    sa.ForeignKeyConstraint(
        ["org_id", "project_id", "line"],
        ["graphs.org_id", "graphs.project_id", "graphs.line"],
        ondelete="CASCADE",
    ),
)

contract_reports = sa.Table(
    "contract_reports",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("report", JSONB, nullable=False, comment="each contract with its violations and stale exceptions"),
    of_analysis(),
)
