"""What all processes of a function live under."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.clock import Clock
from emulator.runtime.memory import Sampler


@dataclass(frozen=True, slots=True)
class Terms:
    """A process that is debugged has as much time and memory as it likes. `stop_s` follows a SIGTERM."""

    sampler: Sampler
    clock: Clock
    stop_s: float = 2.0
    debugged: bool = False
