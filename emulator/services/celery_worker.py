"""The worker that takes asynchronous jobs from Redis: a process of ours, kept running like a service."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator.celery_jobs.settings import WorkerSettings
from emulator.services.errors import NotReady
from emulator.services.keeper import Keeper, Plan, State
from emulator.services.pids import Pids
from emulator.services.process import Command, python

NAME = "celery"


@dataclass(frozen=True, slots=True)
class CeleryWorker:
    """`server.Server` that listens nowhere: a file says that it is ready."""

    data: Path
    broker: str = field(repr=False)
    token: str = field(repr=False)
    edge: str

    @property
    def folder(self) -> Path:
        return self.data / NAME

    @property
    def ready(self) -> Path:
        return self.folder / "ready"

    def environment(self) -> Mapping[str, str]:
        return {}

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.ready.unlink(missing_ok=True)
        WorkerSettings(self.broker, self.token, self.edge, str(self.ready)).write(self.folder / "worker.json")

    def command(self) -> Command:
        argv = (*python("emulator.celery_jobs.worker"), str(self.folder / "worker.json"))
        return Command(argv=argv, folder=self.folder, stop=signal.SIGTERM)

    def probe(self) -> None:
        if not self.ready.exists():
            raise NotReady("it does not take jobs yet")

    def settle(self) -> None:
        """Nothing is kept."""


class Worker:
    """Keeps a worker running beside an emulator; without a broker there is none."""

    def __init__(self, data: Path, *, broker: str, token: str, edge: str) -> None:
        self._data, self._broker = data.resolve(), broker
        self._server = CeleryWorker(self._data, broker, token, edge)
        self._keeper: Keeper | None = None

    @property
    def states(self) -> list[State]:
        """Return how the worker stands, as part of a list of services."""
        return [] if self._keeper is None else [self._keeper.state]

    def start(self) -> None:
        """Begin to start it. Until it is ready jobs wait for it, and if it never is the emulator runs them."""
        if not self._broker:
            return
        logs = self._data / "logs"
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._pids = Pids(self._data / f"{NAME}-pids.json")
        self._pids.end_survivors()
        plan = Plan(NAME, lambda _: self._server, essential=False)
        self._keeper = Keeper(plan, port=0, logs=logs, pids=self._pids, move=lambda: 0)
        self._keeper.start()

    def stop(self) -> None:
        """End it; at most about three seconds. Call it after the emulator has stopped, whose answers it waits for."""
        if self._keeper is not None:
            self._keeper.stop()
            self._pids.clear()
