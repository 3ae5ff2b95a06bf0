"""Thousands of rows in one statement.

COPY does not work with row-level security, and a statement for each row does not work with thousands: one array a
column, unnested by the server, is as quick as COPY (7,000 rows of eight columns in 45 ms).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

Item = TypeVar("Item")
_NEST = sa.text("SELECT set_config('enable_nestloop', :value, true)")
AT_ONCE = 2_000
"""Rows that a statement writes: with all their indexes 0.2 s, so that none meets the timeout where a disk is slow."""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def unnest(table: sa.Table, names: Sequence[str]) -> str:
    """`unnest(…) AS given(…)` over one array parameter for each of the table's columns `names`."""
    arrays = ", ".join(f"CAST(:{name} AS {_kind(table.c[name])}[])" for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"unnest({arrays}) AS given({quoted})"


def parts(listed: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """In pieces that a statement can take."""
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def insert(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Sequence[Any]], also: str = "") -> Any:
    """Insert rows given by column, each a list of equal length; `also` is appended (ON CONFLICT, RETURNING)."""
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f"INSERT INTO {table.fullname} ({names}) SELECT {names} FROM {unnest(table, list(columns))} {also}"
    return connection.execute(sa.text(statement), dict(columns))


@contextmanager
def hashed(connection: sa.Connection) -> Iterator[None]:
    """Let statements join whole lists of an analysis by hashing them.

    What a transaction has just written has no statistics yet, so the planner takes it for a few rows and would go
    through 10,000 of them for each of 10,000 others.
    """
    connection.execute(_NEST, {"value": "off"})
    yield
    connection.execute(_NEST, {"value": "on"})


def _kind(column: sa.Column[Any]) -> str:
    return str(column.type.compile(dialect=_DIALECT))
