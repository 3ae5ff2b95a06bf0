"""The unit of work: what commits together, what is isolated, and what a slow or lost database becomes."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from functions.version.adapters import work
from functions.version.model import Experiment, ExperimentCreated
from kernel import resources
from kernel.errors import Invalid, Unavailable
from kernel.identity import Caller
from kernel.work import Database
from tests.client import ORG, OTHER_ORG, USER

ADA = Caller(user_id=USER, org_id=ORG)
EVE = Caller(user_id=USER, org_id=OTHER_ORG)


@pytest.fixture
def database(settings, empty) -> Database:
    return Database(resources.engine(settings), "version")


def test_the_same_event_is_first_once_and_only_if_its_effect_commits(database):
    with pytest.raises(RuntimeError), work(database, ADA) as open_:
        assert open_.inbox.first("plan", "e1")
        raise RuntimeError

    with work(database, ADA) as open_:
        assert open_.inbox.first("plan", "e1")
    with work(database, ADA) as open_:
        assert not open_.inbox.first("plan", "e1")
        assert open_.inbox.first("other", "e1")


def test_a_key_belongs_to_one_request_of_one_organisation(database):
    with work(database, ADA) as open_:
        assert open_.idempotency.claim("k", "f") is None
        open_.idempotency.store("k", "{}")

    with work(database, ADA) as open_:
        assert open_.idempotency.claim("k", "f") == "{}"
    with work(database, EVE) as open_:
        assert open_.idempotency.claim("k", "other") is None
    with pytest.raises(Invalid), work(database, ADA) as open_:
        open_.idempotency.claim("k", "other")


def test_twenty_requests_with_one_key_have_one_effect(settings, empty, admin):
    engine = sa.create_engine(resources.engine(settings).url, pool_size=20)
    database, effects = Database(engine, "version"), []

    def request() -> None:
        with work(database, ADA) as open_:
            if open_.idempotency.claim("k", "f") is None:
                effects.append(1)
                open_.idempotency.store("k", "{}")

    threads = [threading.Thread(target=request) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()

    assert effects == [1]


def test_nothing_of_a_transaction_stays_with_its_connection(database):
    with database.transaction(ADA) as tx:
        assert tx.connection.execute(sa.text("select current_user")).scalar_one() == "coderev_version"
    with database.engine.begin() as connection:
        user, org = connection.execute(sa.text("select current_user, current_setting('app.org', true)")).one()

    assert (user, org) == ("coderev", "")


def test_the_application_owns_nothing_and_sees_no_tenant_row_by_default(database):
    with work(database, ADA) as open_:
        open_.audit.add("version.create", "x")
    with database.transaction(Caller.nobody()) as tx:
        assert tx.connection.execute(sa.text("select count(*) from version.audit")).scalar_one() == 0
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), tx.connection.begin_nested():
            tx.connection.execute(sa.text("delete from version.audit"))
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), tx.connection.begin_nested():
            tx.connection.execute(sa.text("truncate version.audit"))


def test_a_domain_cannot_read_another_s_schema(database, admin):
    with database.transaction(ADA) as tx, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        tx.connection.execute(sa.text("select * from comparison.outbox"))


def test_a_slow_statement_becomes_unavailable(settings):
    impatient = Database(resources.engine(settings), "version", statement_timeout_s=0.05)

    with pytest.raises(Unavailable), impatient.transaction(ADA) as tx:
        tx.connection.execute(sa.text("select pg_sleep(5)"))
    impatient.ping()


def test_a_database_that_is_away_becomes_unavailable_and_comes_back(postgres, settings):
    gone = sa.create_engine("postgresql+psycopg://coderev@127.0.0.1:1/x", connect_args={"connect_timeout": 1})

    with pytest.raises(Unavailable):
        Database(gone, "version").ping()

    database = Database(resources.engine(settings), "version")
    database.ping()
    with postgres.server.connect("postgres") as superuser:
        superuser.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'coderev'")
    database.ping()


def test_an_event_too_large_for_the_broker_is_a_bug(database):
    with pytest.raises(ValueError, match="put its content into S3"), work(database, ADA) as open_:
        large = Experiment(id=USER, org_id=ORG, name="n" * 70_000, hypothesis="", created_by=USER, created_at=open_.now)
        open_.events.add(ExperimentCreated(large))
