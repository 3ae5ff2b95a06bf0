"""What a pool runs events in, and whoever makes it: processes, or threads of this process."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Protocol

from emulator.runtime.invocation import Invocation

if TYPE_CHECKING:
    from emulator.runtime.pool import Pool


class Worker(Protocol):
    """Runs one event at a time. `retired` is one that takes no further event."""

    retired: bool
    idle_since: float

    @property
    def started(self) -> bool:
        """Tell whether the handler has been loaded."""
        ...

    def run(self, invocation: Invocation) -> None:
        """Hand over an event. The worker must be ready."""
        ...

    def terminate(self) -> None:
        """Ask the worker to end."""
        ...

    def kill(self) -> None:
        """End the worker at once."""
        ...


class Maker(Protocol):
    """Makes the workers of all pools."""

    async def clean(self) -> None:
        """Prepare, before the first worker."""
        ...

    def start(self, pool: Pool) -> Worker:
        """Begin a worker of a pool; it reports there once it is ready, or gone."""
        ...

    def forget(self, name: str) -> None:
        """A function has new code, or is gone."""
        ...

    async def stop(self, until_gone: Awaitable[None]) -> None:
        """Wait for the workers, then clean up."""
        ...
