"""Tables of this domain, in the schema of its name."""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="comparison")
commons = tables.commons(metadata)

comparisons = sa.Table(
    "comparisons",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("baseline", sa.Text, nullable=False),
    sa.Column("candidate", sa.Text, nullable=False),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.UniqueConstraint("org_id", "name", name="comparisons_org_id_name_key"),
)
