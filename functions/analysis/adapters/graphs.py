"""What is known about the project's part of the graph store."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa


class SqlGraphs:
    """`ports.Graphs`."""

    def __init__(self, connection: sa.Connection, org_id: str) -> None:
        self._connection, self._org_id = connection, org_id

    def importers(self, project_id: str, paths: Sequence[str]) -> dict[str, int]:
        return {}
