"""Projects that were deleted, and roles of people in single projects.

Erasures stand outside tenant row-level security like the leases: the sweep looks through them for all organisations
and reads nothing but ids there. A row stays for good, so that what comes late for a deleted project finds it.
"""

from __future__ import annotations

import sqlalchemy as sa

from functions.analysis.tables.base import metadata
from kernel import tables

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("org_id", tables.Uuid, nullable=False),
    sa.Column("check_at", tables.Moment, index=True, comment="when there is more to erase; none: all is erased"),
)

members = sa.Table(
    "members",
    metadata,
    sa.Column("org_id", tables.Uuid, primary_key=True),
    sa.Column("project_id", tables.Uuid, primary_key=True),
    sa.Column("user_id", tables.Uuid, primary_key=True),
    sa.Column("role", sa.Text, comment="none: not any more"),
    sa.Column("changed_at", tables.Moment, nullable=False),
)
