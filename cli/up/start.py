"""What is known while the platform starts, and how it is told."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

from cli.up.listen import Listen
from cli.up.options import UpOptions
from cli.up.secrets import Secrets


def say(sentence: str) -> None:
    """Tell the person at the terminal; stdout is for results."""
    print(sentence, file=sys.stderr, flush=True)


@dataclass(slots=True)
class Start:
    """`seconds` are since `began` (monotonic), by what was reached."""

    options: UpOptions
    secrets: Secrets
    ports: Listen
    began: float
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def server(self) -> str:
        return f"http://127.0.0.1:{self.ports.gateway}"

    @property
    def edge(self) -> str:
        return f"http://127.0.0.1:{self.ports.edge}"

    def reached(self, what: str) -> None:
        self.seconds[what] = time.monotonic() - self.began
