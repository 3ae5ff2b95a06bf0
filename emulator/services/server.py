"""The one shape of an embedded service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from emulator.services.process import Command


class Server(Protocol):
    """How a service is launched, asked whether it answers, and found by its users."""

    def prepare(self) -> None:
        """Make its folder ready. Slow only the first time; a crash in the middle is repaired by the next call."""
        ...

    def command(self) -> Command:
        """What to run."""
        ...

    def probe(self) -> None:
        """Ask by the real protocol.

        Raises:
            NotReady: it does not answer yet.
        """
        ...

    def settle(self) -> None:
        """Bring it to the state that its users expect, each time it has become ready. Does nothing twice."""
        ...

    def environment(self) -> Mapping[str, str]:
        """The settings by which a function reaches it."""
        ...
