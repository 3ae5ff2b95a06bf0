"""Starts the services, then the emulator beside them in this process; stops both in the reverse order."""

from __future__ import annotations

import asyncio
import importlib
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli import environment, local
from cli.errors import CLEAN, UserError
from cli.up import listen, logs, provide, schema, secrets, wiring
from cli.up.options import UpOptions
from cli.up.revival import Revival
from cli.up.start import Start, say
from cli.up.stopping import Stopped, Stopping

if TYPE_CHECKING:
    from emulator.services import Services

_GIVEN = (
    "DATABASE_URL", "CODEREV_MIGRATION_DATABASE_URL", "REDIS_URL", "NEO4J_URI", "NEO4J_USER", "NEO4J_PASSWORD",
    "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY", "KAFKA_BOOTSTRAP_SERVERS", "OPA_URL", "INFERENCE_URL",
)  # fmt: skip
_NEEDED_LATER = ("emulator.server", "psycopg")


def up(options: UpOptions) -> int:
    """Run the platform until it is stopped; return the exit code.

    Raises:
        UserError: it could not start, or an essential service failed for good.
    """
    stopping = Stopping()
    try:
        return _translated(options, stopping)
    except Stopped:
        return CLEAN


def _translated(options: UpOptions, stopping: Stopping) -> int:
    from emulator.lock import DataInUse
    from emulator.services.errors import ServiceError
    from emulator.template.errors import TemplateError

    try:
        return _run(options, stopping, _process_start())
    except (ServiceError, TemplateError, DataInUse) as failed:
        raise UserError(str(failed)) from failed


def _run(options: UpOptions, stopping: Stopping, began: float) -> int:
    from emulator import services

    _claim(options)
    start = Start(options, secrets.load(options.data), listen.choose(options, wiring.domains_of(options), say), began)
    given = {name: value for name in _GIVEN if (value := environment.variable(name))}
    notify = services.Notify(f"{start.edge}/_emulator/s3-events", start.secrets.emulator_token)
    threading.Thread(target=_import_ahead, daemon=True).start()
    revival = Revival(start)
    with services.start(options.data, given, {}, services.Options(notify=notify), say, revival) as running:
        start.reached("services")
        logs.configure(options.data)
        try:
            _prepare(start, running, given)
            return _serve(start, running, stopping, revival)
        finally:
            stopping.clean_up()
            local.withdraw(options.data)


def _process_start() -> float:
    """When this process began, in monotonic seconds: loading Python counts too."""
    import psutil

    return time.monotonic() - (time.time() - psutil.Process().create_time())


def _claim(options: UpOptions) -> None:
    """Make the folder, open to pass for PostgreSQL's own user; say early when somebody else works in it."""
    other = local.running(options.data)
    if other is not None:
        raise UserError(f"Process {other.pid} already runs on {options.data}: stop it or choose --data.")
    try:
        options.data.mkdir(mode=0o711, parents=True, exist_ok=True)
    except OSError as refused:
        raise UserError(f"The data folder {options.data} cannot be made: {refused.strerror}.") from refused


def _import_ahead() -> None:
    """Use the time in which the services start."""
    for name in _NEEDED_LATER:
        importlib.import_module(name)


def _prepare(start: Start, running: Services, given: Mapping[str, str]) -> None:
    """Bring what is ours to its newest state; somebody else's database is migrated by `coderev migrate` only."""
    if "DATABASE_URL" not in given:
        schema.migrate(running.environment["CODEREV_MIGRATION_DATABASE_URL"], say)
    provide.provide(given, environment.variable("CODEREV_BUCKET") or "coderev")
    start.reached("database")


def _serve(start: Start, running: Services, stopping: Stopping, revival: Revival) -> int:
    from cli.up.serve import serve
    from emulator.server import loop_factory

    options = revival.options = wiring.emulator_options(start, running.environment)
    try:
        start.ports.release()
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(serve(start, options, running, stopping))
    except OSError as refused:
        raise UserError(f"The platform cannot listen: {refused.strerror or refused}.") from refused
