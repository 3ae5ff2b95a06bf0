"""The tables in the code, the migrations, and the promises of row-level security are one."""

from __future__ import annotations

import importlib

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from infra.postgres import migrate


@pytest.mark.parametrize("domain", migrate.DOMAINS)
def test_models_are_what_the_migrations_make(domain, admin):
    metadata = importlib.import_module(f"functions.{domain}.tables").metadata
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == domain,
        "include_object": lambda thing, name, *_: name != "alembic_version",
        "compare_type": True,
        "version_table_schema": domain,
    }
    with admin.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, metadata) == []


def test_all_seven_schemas_are_at_head_and_hold_enough_tables(admin):
    with admin.connect() as connection:
        assert [migrate.current(connection, domain) for domain in migrate.DOMAINS] == [
            migrate.head(domain) for domain in migrate.DOMAINS
        ]
        tables = sa.text(
            "SELECT count(*) FROM pg_tables WHERE schemaname = ANY(:domains) AND tablename <> 'alembic_version'"
        )
        assert connection.execute(tables, {"domains": list(migrate.DOMAINS)}).scalar_one() >= 35


def test_a_second_migration_changes_nothing(postgres):
    assert migrate.upgrade(postgres.migrator_url) == []


def test_an_unreachable_database_is_a_sentence():
    with pytest.raises(migrate.MigrationFailed, match="changed nothing"):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/none")


# Turns only say whose shard was claimed last, for the same claims.
# Leases only say that somebody works on an id; the sweep finds abandoned ones of all organisations.
# Tasks are the ids of what the sweeps of project have still to do, whose organisation they learn from there.
# A host's event names a hook, which says whose it is; who may fetch next is decided over all organisations.
# Who may post next to the outside is decided the same way.
# Retention only says when a project is due next; the sweep looks through those of all organisations.
# Erasures are the projects that were deleted, which what comes late is held against.
OPEN_TABLES = [
    "ai.unfinished",
    "analysis.erasures",
    "analysis.leases",
    "analysis.retention",
    "analysis.turns",
    "project.fetch_queue",
    "project.hooks",
    "project.post_queue",
    "project.tasks",
]


def test_every_table_with_an_organisation_is_bound_to_it(admin):
    unbound = sa.text(
        "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE a.attname = 'org_id' AND c.relkind = 'r' AND n.nspname = ANY(:domains)"
        " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"
    )
    with admin.connect() as connection:
        assert sorted(connection.execute(unbound, {"domains": list(migrate.DOMAINS)}).scalars()) == OPEN_TABLES


def test_foreign_keys_between_tenant_tables_include_the_organisation(admin):
    keys = sa.text(
        "SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace"
        " WHERE k.contype = 'f' AND n.nspname = ANY(:domains)"
        " AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attname = 'org_id')"
        " AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attname = 'org_id')"
        " AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = k.conrelid"
        " AND a.attname = 'org_id' AND a.attnum = ANY(k.conkey))"
    )
    with admin.connect() as connection:
        assert list(connection.execute(keys, {"domains": list(migrate.DOMAINS)}).scalars()) == []


def test_no_foreign_key_leaves_its_schema(admin):
    crossing = sa.text(
        "SELECT k.conname FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid JOIN pg_class b ON b.oid = k.confrelid"
        " WHERE k.contype = 'f' AND a.relnamespace <> b.relnamespace"
    )
    with admin.connect() as connection:
        assert list(connection.execute(crossing).scalars()) == []
