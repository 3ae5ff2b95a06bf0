"""The schema of this domain, the tables that all domains share, and kinds of columns."""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="analysis")
commons = tables.commons(metadata)


def count_of(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"))


def of_analysis() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["org_id", "analysis_id"], ["analyses.org_id", "analyses.id"], ondelete="CASCADE")
