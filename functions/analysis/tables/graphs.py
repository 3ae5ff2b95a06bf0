"""What is known about the graph store."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from functions.analysis.tables.base import metadata
from kernel import tables

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
