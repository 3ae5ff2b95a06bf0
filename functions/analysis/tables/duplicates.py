"""Duplicates: an index of a project's newest merged contents with the clones between them, and an analysis' groups.

`grams` has no foreign key to `gram_contents`: to check it took longer than to store the row. Each of its two
indexes serves one of its two questions alone, so that a plan without statistics is a good one too.
"""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.tables.base import metadata, of_analysis
from kernel import tables


def _of_content(column: str) -> sa.ForeignKeyConstraint:
    target = [f"gram_contents.{name}" for name in ("org_id", "project_id", "result_id")]
    return sa.ForeignKeyConstraint(["org_id", "project_id", column], target, ondelete="CASCADE")


gram_states = sa.Table(
    "gram_states",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, nullable=False, comment="whose merge moves the index"),
)

gram_contents = sa.Table(
    "gram_contents",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("paired", sa.Boolean, nullable=False, server_default=sa.false(), comment="its clones are known"),
    sa.Column("grams", sa.Integer, nullable=False),
    sa.Column("tokens", sa.Integer, nullable=False),
    sa.Column("line", sa.Integer, nullable=False, comment="of its first token"),
    sa.Column("end_line", sa.Integer, nullable=False, comment="of its last token"),
    sa.Column("digest", sa.Text, nullable=False, comment="of all its tokens"),
    sa.Column("anchor", sa.Text, nullable=False, comment="its smallest gram"),
    sa.Index("ix_gram_contents_unpaired", "org_id", "project_id", "result_id", postgresql_where=sa.text("NOT paired")),
)

grams = sa.Table(
    "grams",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False, comment="number of its first token"),
    sa.Column("gram", sa.BigInteger, nullable=False),
    sa.Index("ix_grams_gram", "gram", "project_id", "org_id", "result_id", "place"),
)

clones = sa.Table(
    "clones",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("left_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("left_at", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("right_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("right_at", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("tokens", sa.Integer, nullable=False),
    sa.Column("left_line", sa.Integer, nullable=False),
    sa.Column("left_end", sa.Integer, nullable=False),
    sa.Column("right_line", sa.Integer, nullable=False),
    sa.Column("right_end", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False, comment="of the tokens, which both sides share"),
    sa.Column("anchor", sa.Text, nullable=False, comment="of the smallest gram: stays when an end moves"),
    _of_content("left_id"),
    _of_content("right_id"),
    sa.Index("ix_clones_right", "right_id", "project_id"),
)

duplicate_groups = sa.Table(
    "duplicate_groups",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("chunk", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("groups", sa.LargeBinary, nullable=False, comment="zlib of JSON: up to 200, the largest first"),
    of_analysis(),
)

manifest_readings = sa.Table(
    "manifest_readings",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="which format it was read as, and by which reader"),
    sa.Column("reading", sa.LargeBinary, nullable=False, comment="zlib of JSON"),
)
