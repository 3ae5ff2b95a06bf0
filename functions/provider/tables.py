"""Tables of this domain, in the schema of its name."""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="provider")
commons = tables.commons(metadata)

providers = sa.Table(
    "providers",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("id", tables.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("sealed_key", sa.LargeBinary, comment="AES-256-GCM, see adapters/seal.py"),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("created_by", tables.Uuid, nullable=False),
    sa.Column("created_at", tables.Moment, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.UniqueConstraint("org_id", "name", name="providers_org_id_name_key"),
    sa.Index("providers_default", "org_id", unique=True, postgresql_where=sa.text("is_default")),
)
