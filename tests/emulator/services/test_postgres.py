"""The embedded PostgreSQL and the roles it is given."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from emulator.services.testing import TestPostgres, postgres_for_tests

DOMAINS = ("auth", "project", "analysis", "ai", "version", "comparison", "provider")


@pytest.fixture(scope="module")
def postgres() -> Iterator[TestPostgres]:
    with postgres_for_tests() as running:
        yield running


def test_the_application_role_has_no_power_of_its_own(postgres: TestPostgres) -> None:
    with psycopg.connect(postgres.app_url) as application:
        row = application.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = 'coderev'"
        ).fetchone()
        owned = application.execute("SELECT count(*) FROM pg_class WHERE relowner = 'coderev'::regrole").fetchone()

    assert row == (False, False, False, False, False)
    assert owned == (0,)


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE public.mine (id int)", "CREATE SCHEMA mine", "CREATE TEMP TABLE mine (id int)"]
)
def test_the_application_role_creates_nothing(postgres: TestPostgres, statement: str) -> None:
    with psycopg.connect(postgres.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(statement)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_application_role_becomes_each_domain_for_a_transaction(postgres: TestPostgres, domain: str) -> None:
    with psycopg.connect(postgres.app_url) as application:
        application.execute("SELECT set_config('role', %s, true)", (f"coderev_{domain}",))
        assert application.execute("SELECT current_user").fetchone() == (f"coderev_{domain}",)
        application.commit()

        assert application.execute("SELECT current_user").fetchone() == ("coderev",)


def test_the_application_role_does_not_inherit_what_a_domain_may_do(postgres: TestPostgres) -> None:
    with postgres.fresh_database() as database, psycopg.connect(database.migrator_url) as migrator:
        migrator.execute("CREATE SCHEMA project")
        migrator.execute("CREATE TABLE project.kept (id int)")
        migrator.execute("GRANT USAGE ON SCHEMA project TO coderev_project")
        migrator.execute("GRANT SELECT ON project.kept TO coderev_project")
        migrator.commit()
        with psycopg.connect(database.app_url) as application:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
                application.execute("SELECT * FROM project.kept")
            application.execute("SELECT set_config('role', 'coderev_project', true)")

            assert application.execute("SELECT * FROM project.kept").fetchall() == []


@pytest.mark.parametrize("role", ["coderev_migrator", "coderev_backup", "postgres"])
def test_the_application_role_becomes_nobody_stronger(postgres: TestPostgres, role: str) -> None:
    with psycopg.connect(postgres.app_url) as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute("SELECT set_config('role', %s, true)", (role,))


def test_only_the_backup_role_passes_row_level_security(postgres: TestPostgres) -> None:
    with psycopg.connect(postgres.admin_url) as admin:
        found = admin.execute("SELECT rolname FROM pg_roles WHERE rolbypassrls AND rolname LIKE 'coderev%'").fetchall()

    assert found == [("coderev_backup",)]


def test_the_roles_apply_twice_without_change(postgres: TestPostgres) -> None:
    listing = "SELECT rolname, rolcanlogin, rolinherit, rolbypassrls FROM pg_roles ORDER BY 1"
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        before = admin.execute(listing).fetchall()
        admin.execute(postgres.server.roles.read_bytes())

        assert admin.execute(listing).fetchall() == before


def test_no_password_means_no_login(postgres: TestPostgres) -> None:
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.app_url.replace(postgres.server.secret.application, "guess"))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.server.url("coderev_backup", ""))


def test_databases_of_tests_are_apart(postgres: TestPostgres) -> None:
    with postgres.fresh_database() as one, postgres.fresh_database() as other:
        with psycopg.connect(one.migrator_url) as migrator:
            migrator.execute("CREATE SCHEMA auth")
        with psycopg.connect(other.migrator_url) as migrator:
            found = migrator.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'auth'").fetchone()

    assert found == (0,)
