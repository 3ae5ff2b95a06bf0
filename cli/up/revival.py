"""Wakes the relays when a service is back: what they could not send meanwhile goes out now, not at the next sweep."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.up import edge
from cli.up.start import Start, say

if TYPE_CHECKING:
    from emulator.server import Options
    from emulator.services import State

RESEND_S = 120  # how far back the relays send again when the broker may have lost its newest records
_HOLDS_EVENTS = {"kafka": RESEND_S, "postgres": 0}


@dataclass(slots=True)
class Revival:
    """`options` are set once the emulator is about to serve; before that nobody has sent anything."""

    start: Start
    options: Options | None = None

    def __call__(self, state: State) -> None:
        """Told of each service that died and is ready again, in a thread of the service's keeper."""
        say(f"{state.name} had ended and is ready again.")
        if self.options is None or state.name not in _HOLDS_EVENTS:
            return
        seconds = _HOLDS_EVENTS[state.name]
        threading.Thread(target=self._wake, args=(self.options, {"resend_s": seconds}), daemon=True).start()

    def _wake(self, options: Options, event: dict[str, object]) -> None:
        """One relay after the other: processes that start all at once would delay what people wait for."""
        from emulator.template import load

        for name in load(options.template, options.parameters).functions:
            if name.endswith("-relay"):
                edge.invoke(self.start.edge, name, event)
