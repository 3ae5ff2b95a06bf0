"""Which ports the platform answers on: the usual ones, or free ones that are named."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from cli.errors import UserError
from cli.up.options import DOMAIN_PORTS, EDGE_PORT, GATEWAY_PORT, UpOptions
from emulator.services.ports import any_free, is_free

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listen:
    """`domains` has a port for every domain that is served; `held` keeps them from others until they are used."""

    gateway: int
    edge: int
    domains: dict[str, int]
    held: list[socket.socket] = field(default_factory=list, repr=False, compare=False)

    def release(self) -> None:
        """Let the ports go, to listen on them at once."""
        while self.held:
            self.held.pop().close()


def choose(options: UpOptions, domains: Iterable[str], say: Say) -> Listen:
    """Pick the ports. Raises UserError if one that was asked for is taken."""
    taken: set[int] = set()
    held: list[socket.socket] = []

    def pick(name: str, asked: int | None, usual: int, host: str) -> int:
        port = _pick(name, asked, usual, host=host, taken=taken, say=say)
        taken.add(port)
        held.extend(_hold(port, host))
        return port

    edge = pick("The edge (Lambda API)", options.edge_port, EDGE_PORT, "127.0.0.1")
    gateway = pick("The API", options.port, GATEWAY_PORT, options.host)
    served = {name: pick(name, None, DOMAIN_PORTS[name], options.host) for name in domains if name in DOMAIN_PORTS}
    return Listen(gateway, edge, served, held)


def _hold(port: int, host: str) -> list[socket.socket]:
    """Take a port without listening, so that a platform that starts beside this one chooses another."""
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    with suppress(OSError):  # left by a connection that has just ended: it is free, and cannot be held
        holder.bind((host, port))
        return [holder]
    holder.close()
    return []


def _pick(name: str, asked: int | None, usual: int, *, host: str, taken: set[int], say: Say) -> int:
    wanted = usual if asked is None else asked
    if wanted and wanted not in taken and is_free(wanted, host):
        return wanted
    if asked:
        raise UserError(f"Port {asked} is in use: choose another one.")
    port = _any_free(host, taken)
    if wanted:
        say(f"Port {wanted} is in use: {name} listens on {port}.")
    return port


def _any_free(host: str, taken: set[int]) -> int:
    offered = iter(lambda: any_free(host), None)
    return next(port for port in offered if port not in taken)
