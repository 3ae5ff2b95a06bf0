"""Brings the seven schemas from any state to the newest, in one step.

One Alembic environment; each domain is a branch with a version table in its own schema, so that a domain's
history can be read and moved alone. Two runners at once: the second waits for the first and finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError

HERE = Path(__file__).parent
DOMAINS = ("auth", "project", "analysis", "ai", "version", "comparison", "provider")
LOCK = 0x636F6465726576  # "coderev"
LOCK_TIMEOUT = "60s"


class MigrationFailed(Exception):
    """A sentence for the operator."""


def head(domain: str) -> str:
    """The newest revision of a domain's branch."""
    newest = _scripts(domain).get_current_head()
    if newest is None:
        raise MigrationFailed(f"{domain} has no migration")
    return newest


def current(connection: sa.Connection, domain: str) -> str | None:
    """The revision that a domain's schema is at, or None if it is empty."""
    table = f'"{domain}".alembic_version'
    if connection.execute(sa.select(sa.func.to_regclass(table))).scalar() is None:
        return None
    return connection.execute(sa.text(f"SELECT version_num FROM {table}")).scalar()


def upgrade(url: str, *, domains: Sequence[str] = DOMAINS, tell: Callable[[str], None] = lambda _: None) -> list[str]:
    """Migrate all `domains` in one transaction and return those that changed.

    Args:
        url: of the role `coderev_migrator`, past any pooler.
        tell: is told a line for each domain that changes.

    Raises:
        MigrationFailed: the database is not reachable, not prepared, or a migration failed; nothing has changed.
    """
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            return [domain for domain in domains if _upgrade_one(connection, domain, tell)]
    except (sa.exc.SQLAlchemyError, CommandError) as failed:
        reason = str(getattr(failed, "orig", failed)).strip().splitlines()[0]
        raise MigrationFailed(f"the migration failed and changed nothing: {reason}") from failed


def _upgrade_one(connection: sa.Connection, domain: str, tell: Callable[[str], None]) -> bool:
    scripts, before = _scripts(domain), current(connection, domain)
    if before == scripts.get_current_head():
        return False
    connection.execute(sa.text(f'CREATE SCHEMA IF NOT EXISTS "{domain}"'))
    with EnvironmentContext(
        _config(domain),
        scripts,
        fn=lambda revision, _: scripts._upgrade_revs("heads", revision),
        destination_rev="heads",
    ) as environment:
        environment.configure(connection=connection, version_table_schema=domain)
        environment.run_migrations()
    tell(f"{domain}: {before or 'empty'} -> {scripts.get_current_head()}")
    return True


def _scripts(domain: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(domain))


def _config(domain: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("version_locations", str(HERE / "migrations" / domain))
    config.set_main_option("path_separator", "newline")
    return config
