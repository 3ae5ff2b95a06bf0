"""What a worker needs to know, in a file that only its owner reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

THREADS = 4


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """`edge` is the emulator whose schedules its beat looks after; `ready` a file that says that it takes jobs."""

    broker: str = field(repr=False)
    token: str = field(repr=False)
    edge: str
    ready: str
    threads: int = THREADS

    def write(self, path: Path) -> None:
        """Only whoever starts a worker writes; the worker itself loads none of the services."""
        from emulator.services import files

        files.write(path, json.dumps(asdict(self)))

    @classmethod
    def read(cls, path: Path) -> WorkerSettings:
        """Raises: OSError, ValueError, TypeError: the file is missing or says something else."""
        return cls(**json.loads(path.read_text()))
