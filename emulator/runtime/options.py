"""How function processes are to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulator.clock import Clock, SystemClock
from emulator.runtime.ended import OnEnded
from emulator.runtime.environment import Surroundings
from emulator.runtime.faults import Faults
from emulator.runtime.logs import OnLog
from emulator.runtime.pool import Bounds


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """Settings of a runtime.

    `limit` is how many processes a function without reserved concurrency usually has, `most` how many it can
    have; `account` is how many events of such functions run at once, all together. A process without an event
    ends after `idle_s` of the clock. `debug` gives functions a port where a debugger can attach: one process,
    no timeout. `faults` is asked before each invocation; None means only those set with `Runtime.faults`.
    """

    data: Path
    limit: int = 8
    most: int = 64
    queue_s: float = 20.0
    account: int = 1000
    idle_s: float = 60.0
    stop_s: float = 2.0
    around: Surroundings = field(default_factory=Surroundings)
    clock: Clock = field(default_factory=SystemClock)
    debug: Mapping[str, int] = field(default_factory=dict)
    faults: Faults | None = None
    on_log: OnLog | None = None
    on_ended: OnEnded | None = None

    @property
    def bounds(self) -> Bounds:
        return Bounds(usual=self.limit, most=max(self.limit, self.most), queue_s=self.queue_s)
