"""Real services, one set for each test process; every test may use them, none needs to start them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadScopeScheduling

from emulator.services.testing import TestPostgres, postgres_for_tests
from infra.postgres import migrate
from kernel.settings import Settings

hypothesis_settings.register_profile("shared", deadline=None)  # a busy machine is no counterexample
hypothesis_settings.load_profile("shared")
SECRET = "a-test-secret-of-48-random-bytes-3f9c1d7be2a84650"


WHOLE = ("tests/e2e/", "tests/integration/cli/", "tests/emulator/services/", "tests/emulator/test_coderev.py")


class ByFile(LoadScopeScheduling):
    """Shares a run between processes by file; tests that start whole sets of services stay together.

    Such sets take gigabytes and seconds, and those tests kill what they started.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "whole sets of services" if path.startswith(WHOLE) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestPostgres]:
    """PostgreSQL with all seven schemas at head."""
    with postgres_for_tests() as running:
        domains = [domain for domain in migrate.DOMAINS if any((migrate.HERE / "migrations" / domain).glob("*.py"))]
        migrate.upgrade(running.migrator_url, domains=domains)
        yield running


@pytest.fixture(scope="session")
def settings(postgres: TestPostgres) -> Settings:
    return Settings(stage="test", database_url=postgres.app_url, jwt_secret_key=SECRET)


@pytest.fixture(scope="session")
def admin(postgres: TestPostgres) -> Iterator[sa.Engine]:
    """The superuser's view of the database, past row-level security."""
    engine = sa.create_engine(
        sa.make_url(postgres.admin_url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    yield engine
    engine.dispose()


@pytest.fixture
def empty(admin: sa.Engine) -> None:
    """Empty every table of the seven schemas before a test."""
    with admin.begin() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname = ANY(:domains) AND tablename <> 'alembic_version'"
            ),
            {"domains": list(migrate.DOMAINS)},
        )
        names = ", ".join(row[0] for row in rows)
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
