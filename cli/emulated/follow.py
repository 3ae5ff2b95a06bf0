"""What happens, as it happens: messages of the live stream, from one connection to the next."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from cli.emulated.place import unreachable

_AGAIN_S = 0.5


def messages(edge: str, **wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield messages until Ctrl-C; an emulator that restarts is waited for.

    Raises:
        UserError: none answers at first.
    """
    from websockets.exceptions import ConnectionClosed, InvalidHandshake
    from websockets.sync.client import connect

    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    address = f"{edge.replace('http', 'ws', 1)}/_emulator/live?{query}"
    connected = False
    while True:
        try:
            with connect(address, proxy=None, max_size=None) as socket:
                connected = True
                for message in socket:
                    yield json.loads(message)
        except (OSError, InvalidHandshake) as absent:
            if not connected:
                raise unreachable(edge) from absent
        except ConnectionClosed:
            pass
        time.sleep(_AGAIN_S)
