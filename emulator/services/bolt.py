"""The first words of the Bolt protocol, to ask whether a server is there without loading a driver."""

from __future__ import annotations

import socket

from emulator.services.errors import NotReady

_HELLO = bytes.fromhex("6060b017") + bytes.fromhex("00040404") + bytes(12)  # any of 4.0 to 4.4


def greet(host: str, port: int) -> None:
    """Agree on a version and hang up.

    Raises:
        NotReady: nobody there speaks Bolt yet.
    """
    try:
        with socket.create_connection((host, port), timeout=2) as line:
            line.sendall(_HELLO)
            answer = line.recv(4)
    except OSError as refused:
        raise NotReady(str(refused)) from refused
    if len(answer) < 4 or answer[3] == 0:
        raise NotReady("it does not speak Bolt yet")
