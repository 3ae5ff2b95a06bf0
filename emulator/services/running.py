"""Starts the services side by side, watches over them, and stops them."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from emulator.services import credentials
from emulator.services.kafka import Kafka
from emulator.services.kafka_trim import trimming
from emulator.services.keeper import Keeper, Plan, State, Status
from emulator.services.lock import exclusive
from emulator.services.pids import Pids
from emulator.services.plans import SETTINGS, Options, plans
from emulator.services.ports import Ports

Say = Callable[[str], None]


class Services:
    """The services of one data folder while they run.

    `unclean` says that the run before was killed: the broker may have lost its last second, so the relay sends the
    events of the last two minutes again.
    """

    def __init__(self, keepers: Sequence[Keeper], given: Mapping[str, str], *, unclean: bool) -> None:
        self._keepers = keepers
        self._given = given
        self.unclean = unclean
        self._failures: queue.SimpleQueue[State] = queue.SimpleQueue()
        for keeper in keepers:
            keeper.on_failure = self._failures.put

    @property
    def environment(self) -> dict[str, str]:
        """The settings by which functions reach the services: what was given, completed by what runs here.

        The model is in it from the beginning although it may still be loading.
        """
        own = {name: value for keeper in self._keepers for name, value in keeper.server.environment().items()}
        missing = {"INFERENCE_URL"} if any(not k.plan.essential and k.failed for k in self._keepers) else set()
        return {name: value for name, value in (own | dict(self._given)).items() if name not in missing}

    @property
    def states(self) -> list[State]:
        """Every service as it stands now, the given ones included."""
        replaced = [State(name, Status.GIVEN) for name, setting in SETTINGS.items() if self._given.get(setting)]
        return [keeper.state for keeper in self._keepers] + replaced

    def wait_for_failure(self, timeout_s: float | None = None) -> State | None:
        """Wait until a service has failed for good (it was started again in vain); None when none did in time."""
        try:
            return self._failures.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def wait_for(self, name: str) -> None:
        """Wait for one service, also one that `start` did not wait for.

        Raises:
            StartFailed: it did not start.
        """
        next(keeper for keeper in self._keepers if keeper.plan.name == name).wait()


@contextmanager
def start(
    data: Path,
    given: Mapping[str, str],
    ports: Mapping[str, int | None] | None = None,
    options: Options | None = None,
    say: Say = lambda sentence: None,
    restarted: Callable[[State], None] = lambda state: None,
) -> Iterator[Services]:
    """Run every service for which `given` has no URL, until the block ends.

    Args:
        data: The folder for everything they keep; made when it is not there.
        given: Settings (`DATABASE_URL`, …); a service whose setting is not empty is not started.
        ports: Name of a service to the port it should have; None takes any free one.
        options: Notifications, buckets, which services.
        say: Takes a sentence for the person at the terminal.
        restarted: Is told of each service that died and is ready again (a thread of ours calls it). After `kafka` the
            relay has to send the last two minutes again, as after an unclean stop.

    Raises:
        AlreadyRunning: another process uses `data`.
        ServiceMissing: a service has no build for this platform; the text names the setting to use.
        StartFailed: a service does not come up; those that did are stopped again.
    """
    data = data.resolve()
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    with exclusive(data / "lock"):
        pids = Pids(data / "pids.json")
        for name in pids.end_survivors():
            say(f"Ended {name}, which an earlier run had left behind.")
        with ExitStack() as stopping:
            pids.begin()
            keepers = _keepers(data, given, Ports(data / "ports.json", ports or {}), pids, options or Options(), say)
            services = Services(keepers, given, unclean=pids.unclean)
            for keeper in keepers:
                keeper.on_restart = restarted
            stopping.callback(_stop, keepers, pids)
            for keeper in keepers:
                keeper.start()
            _await(keepers, say)
            for keeper in keepers:
                if isinstance(keeper.server, Kafka):
                    stopping.enter_context(trimming(partial(_bootstrap, keeper)))
            yield services


def _bootstrap(keeper: Keeper) -> str:
    return keeper.server.environment()["KAFKA_BOOTSTRAP_SERVERS"]


def _keepers(
    data: Path, given: Mapping[str, str], ports: Ports, pids: Pids, options: Options, say: Say
) -> list[Keeper]:
    logs = data / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    secret = credentials.load(data / "credentials.json")
    replaced = [name for name, setting in SETTINGS.items() if given.get(setting)]
    return [_keeper(plan, ports, logs, pids, say) for plan in plans(data, secret, options, replaced)]


def _keeper(plan: Plan, ports: Ports, logs: Path, pids: Pids, say: Say) -> Keeper:
    port, wanted = ports.choose(plan.name), ports.expected(plan.name)
    if wanted and port != wanted:
        say(f"Port {wanted} is in use: {plan.name} listens on {port}.")
    return Keeper(plan, port=port, logs=logs, pids=pids, move=lambda: ports.move(plan.name))


def _await(keepers: Sequence[Keeper], say: Say) -> None:
    for keeper in keepers:
        if keeper.plan.essential:
            keeper.wait()
        elif keeper.failed:
            say(f"{keeper.plan.name} does not run: {keeper.state.reason}")


def _stop(keepers: Sequence[Keeper], pids: Pids) -> None:
    with ThreadPoolExecutor(max_workers=max(1, len(keepers))) as side_by_side:
        list(side_by_side.map(Keeper.stop, keepers))
    pids.clear()
