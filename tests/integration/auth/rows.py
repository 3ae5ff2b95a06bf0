"""A look into the tables of this domain, past row-level security."""

from __future__ import annotations

import sqlalchemy as sa


def rows(admin: sa.Engine, table: str, where: str = "true") -> int:
    with admin.begin() as connection:
        return connection.execute(sa.text(f"SELECT count(*) FROM auth.{table} WHERE {where}")).scalar_one()


def change(admin: sa.Engine, statement: str) -> None:
    with admin.begin() as connection:
        connection.execute(sa.text(statement))
