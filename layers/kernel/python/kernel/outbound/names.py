"""The name service of the operating system, with a limit of time that it does not have itself."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from kernel.errors import Invalid, Unavailable

LONGEST_S = 4.0
_UNKNOWN = (socket.EAI_NONAME, socket.EAI_FAIL, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


class Names(Protocol):
    def addresses(self, host: str, port: int) -> Sequence[str]:
        """All addresses of a host.

        Raises:
            Invalid: there is no such name (`unknown_host`).
            Unavailable: nobody could tell in time.
        """
        ...


class SystemNames:
    """`Names`."""

    def addresses(self, host: str, port: int) -> Sequence[str]:
        answer: SimpleQueue[list[str] | OSError] = SimpleQueue()
        Thread(target=_ask, args=(host, port, answer), daemon=True).start()
        try:
            found = answer.get(timeout=LONGEST_S)
        except Empty as slow:
            raise Unavailable("the name service is slow", code="host_unavailable") from slow
        if isinstance(found, socket.gaierror) and found.errno in _UNKNOWN:
            raise Invalid(f"there is no host {host}", code="unknown_host") from found
        if isinstance(found, OSError):
            raise Unavailable("the name service does not answer", code="host_unavailable") from found
        return found


def _ask(host: str, port: int, answer: SimpleQueue[list[str] | OSError]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as failed:
        answer.put(failed)
        return
    except UnicodeError:
        answer.put(socket.gaierror(socket.EAI_NONAME, "not a name"))
        return
    answer.put(list(dict.fromkeys(str(entry[4][0]) for entry in found)))
