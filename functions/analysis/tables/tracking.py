"""Findings of whole projects, and problems over the versions of a project.

A problem has one row for all its sightings. A placement says which problems the findings of a result are, at a path:
it is written once and holds for every analysis that meets this content there, on any branch.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from functions.analysis.tables.base import metadata, of_analysis
from kernel import tables

analysis_extras = sa.Table(
    "analysis_extras",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, comment="of the file"),
    sa.Column("engine", sa.Text, primary_key=True),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("result_id", sa.BigInteger, nullable=False, comment="a result that no content has: findings alone"),
    sa.Column("base", sa.Integer, nullable=False, comment="added to the numbers of its findings"),
    sa.Column("variant", sa.SmallInteger, nullable=False, server_default=sa.text("0"), comment="of the placement"),
    of_analysis(),
)

tracks = sa.Table(
    "tracks",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("analysis_id", tables.Uuid, comment="the newest analysis that moved states of problems"),
    sa.Column("version_id", tables.Uuid),
    sa.Column("baseline_version_id", tables.Uuid, comment="as it was last set"),
    sa.Column("baseline_set_at", tables.Moment),
)

problems = sa.Table(
    "problems",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("rank", sa.SmallInteger, nullable=False, comment="0 for critical to 4 for info"),
    sa.Column("path", sa.Text, nullable=False, comment="where it was seen last, as are the columns to `symbol`"),
    sa.Column("path_id", tables.Uuid, nullable=False, comment="of the path's SHA-256"),
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
    sa.Column("first_analysis_id", tables.Uuid, nullable=False),
    sa.Column("first_version_id", tables.Uuid, nullable=False),
    sa.Column("first_seen_at", tables.Moment, nullable=False),
    sa.Column("last_analysis_id", tables.Uuid, nullable=False),
    sa.Column("last_version_id", tables.Uuid, nullable=False),
    sa.Column("reason", sa.Text, comment="of the dismissal, as are the columns below"),
    sa.Column("comment", sa.Text),
    sa.Column("dismissed_by", tables.Uuid),
    sa.Column("dismissed_at", tables.Moment),
    sa.Column("expires_at", tables.Moment),
    sa.Index("ix_problems_listed", "org_id", "project_id", "rank", "id"),
    sa.Index("ix_problems_digest", "org_id", "project_id", "digest"),
    sa.Index("ix_problems_path", "org_id", "project_id", "path_id"),
    sa.Index("ix_problems_dismissed", "org_id", "project_id", postgresql_where=sa.text("state = 'dismissed'")),
    sa.Index("ix_problems_withheld", "org_id", "project_id", postgresql_where=sa.text("withheld IS NOT NULL")),
)

problem_history = sa.Table(
    "problem_history",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("problem_id", tables.Uuid, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("change", sa.Text, nullable=False),
    sa.Column("at", tables.Moment, nullable=False),
    sa.Column("analysis_id", tables.Uuid),
    sa.Column("version_id", tables.Uuid),
    sa.Column("actor_id", tables.Uuid),
    sa.Column("actor_kind", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("comment", sa.Text),
    sa.Column("expires_at", tables.Moment),
    sa.ForeignKeyConstraint(["org_id", "problem_id"], ["problems.org_id", "problems.id"], ondelete="CASCADE"),
)

placements = sa.Table(
    "placements",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("result_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("path_id", tables.Uuid, primary_key=True, comment="of the path's SHA-256"),
    sa.Column("variant", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("problems", ARRAY(tables.Uuid), nullable=False, comment="ids in the order of the result's findings"),
)
