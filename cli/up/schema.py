"""Migrates the embedded PostgreSQL; when nothing is to do, without loading the migration tool (0.4 s)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.environment import ROOT
from cli.errors import UserError

_FOLDER = ROOT / "infra" / "postgres" / "migrations"
_REVISION = re.compile(r"^(down_)?revision\b[^=\n]*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)


def heads(folder: Path = _FOLDER) -> dict[str, str]:
    """The newest revision of every domain that has migrations, read from the text of the scripts."""
    found: dict[str, str] = {}
    for domain in sorted(each for each in folder.iterdir() if each.is_dir()):
        revisions: set[str] = set()
        earlier: set[str] = set()
        for script in domain.glob("*.py"):
            for down, name in _REVISION.findall(script.read_text(encoding="utf-8")):
                (earlier if down else revisions).add(name)
        newest = revisions - earlier
        if len(newest) == 1:
            found[domain.name] = newest.pop()
    return found


def current(url: str, domains: Mapping[str, str]) -> dict[str, str]:
    """The revision that each schema is at; a domain without one is missing."""
    import psycopg
    from psycopg import sql

    found: dict[str, str] = {}
    with psycopg.connect(url, connect_timeout=5) as connection:
        for domain in domains:
            table = sql.Identifier(domain, "alembic_version")
            known = connection.execute("SELECT to_regclass(%s)", (f"{domain}.alembic_version",)).fetchone()
            if known and known[0]:
                row = connection.execute(sql.SQL("SELECT version_num FROM {}").format(table)).fetchone()
                found |= {domain: str(row[0])} if row else {}
    return found


def nobody_yet(url: str) -> bool:
    """Whether it is known that no user is registered, so that the set-up token still opens.

    It is asked past the API, which does not tell.
    """
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("SELECT FROM auth.users LIMIT 1").rowcount == 0
    except psycopg.Error:
        return False


def migrate(url: str, say: Callable[[str], None]) -> None:
    """Bring all schemas to their newest revision.

    Raises:
        UserError: the database is not reachable, or a migration failed and changed nothing.
    """
    import psycopg

    wanted = heads()
    try:
        if wanted == current(url, wanted):
            return
    except psycopg.Error as refused:
        raise UserError(f"The database cannot be migrated: {str(refused).strip()}") from refused
    upgrade(url, say, domains=tuple(wanted))


def upgrade(url: str, say: Callable[[str], None], domains: tuple[str, ...] | None = None) -> list[str]:
    """Run the migrations and return the domains that changed. Raises UserError."""
    from infra.postgres import migrate as tool

    try:
        return tool.upgrade(url, domains=domains or tool.DOMAINS, tell=say)
    except tool.MigrationFailed as failed:
        raise UserError(str(failed)) from failed
