"""Entities as rows, and moments on the database's clock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def after(seconds: float) -> sa.ColumnElement[Any]:
    return sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)


def row_of(entity: object, table: sa.Table) -> dict[str, object]:
    return {column.name: getattr(entity, column.name) for column in table.columns}
