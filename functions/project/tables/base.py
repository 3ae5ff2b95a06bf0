"""The schema of this domain and the tables that all domains share."""

from __future__ import annotations

import sqlalchemy as sa

from kernel import tables

metadata = sa.MetaData(schema="project")
commons = tables.commons(metadata)
