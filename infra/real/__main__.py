"""`python -m infra.real up` serves until interrupted; `… run COMMAND` serves while a command runs, and tells it by
`CODEREV_TEST_SERVICES`, a JSON file of settings, where everything is. Services that cannot be had are named and left out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from emulator.services import credentials, ports
from emulator.services.errors import ServiceError
from emulator.services.keeper import Keeper, Plan
from emulator.services.pids import Pids
from emulator.services.plans import Options
from emulator.services.server import Server
from infra.real.fetch import Missing
from infra.real.kafka_server import RealKafka
from infra.real.minio_server import Minio
from infra.real.neo4j_server import RealNeo4j
from infra.real.opa_server import Opa

VARIABLE = "CODEREV_TEST_SERVICES"


def plans(data: Path) -> list[Plan]:
    """Return every service, to be kept in `data`."""
    secret = credentials.load(data / "credentials.json")
    build: Mapping[str, Callable[[int], Server]] = {
        "kafka": lambda port: RealKafka(data, port, Options().topics),
        "neo4j": lambda port: RealNeo4j(data, port),
        "minio": lambda port: Minio(data, port, secret),
        "opa": lambda port: Opa(data, port),
    }
    return [Plan(name, each) for name, each in build.items()]


@contextmanager
def serving(data: Path, say: Callable[[str], None]) -> Iterator[dict[str, str]]:
    """Run what can be had, and lend the settings by which it is reached."""
    settings: dict[str, str] = {}
    pids = Pids(data / "pids.json")
    with ExitStack() as stopping:
        keepers = []
        for plan in plans(data):
            say(f"{plan.name}: fetching what is missing, then starting")
            keeper = Keeper(plan, port=ports.any_free(), logs=data, pids=pids, move=ports.any_free)
            try:
                keeper.server.prepare()
                keeper.server.command()
            except (Missing, ServiceError) as reason:
                say(f"{plan.name}: skipped, {reason}")
                continue
            keeper.start()
            stopping.callback(keeper.stop)
            keepers.append(keeper)
        for keeper in keepers:
            keeper.wait()
            settings |= keeper.server.environment()
            say(f"{keeper.plan.name}: ready on port {keeper.port}")
        yield settings


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in ("up", "run") or (arguments[0] == "run" and len(arguments) < 2):
        _say("usage: python -m infra.real up | run COMMAND…")
        return 2
    with _folder() as folder, serving(folder, _say) as settings:
        if arguments[0] == "run":
            return _run(arguments[1:], settings, folder / "settings.json")
        sys.stdout.write("".join(f"{key}={value}\n" for key, value in sorted(settings.items())))
        sys.stdout.flush()
        _until_interrupted()
    return 0


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="coderev-real-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _run(command: Sequence[str], settings: Mapping[str, str], told: Path) -> int:
    told.write_text(json.dumps(settings))
    environment = {**os.environ, VARIABLE: str(told)}  # noqa: TID251 - the command's own, with one more
    return subprocess.run(command, env=environment, check=False).returncode


def _until_interrupted() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
