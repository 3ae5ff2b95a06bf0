"""Which ports the platform answers on: the usual ones, or free ones that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cli.errors import UserError
from cli.up.options import DOMAIN_PORTS, EDGE_PORT, GATEWAY_PORT, UpOptions
from emulator.services.ports import any_free, is_free

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Listen:
    """`domains` has a port for every domain that is served."""

    gateway: int
    edge: int
    domains: dict[str, int]


def choose(options: UpOptions, domains: Iterable[str], say: Say) -> Listen:
    """Pick the ports. Raises UserError if one that was asked for is taken."""
    taken: set[int] = set()

    def pick(name: str, asked: int | None, usual: int, host: str) -> int:
        port = _pick(name, asked, usual, host=host, taken=taken, say=say)
        taken.add(port)
        return port

    edge = pick("The edge (Lambda API)", options.edge_port, EDGE_PORT, "127.0.0.1")
    gateway = pick("The API", options.port, GATEWAY_PORT, options.host)
    served = {name: pick(name, None, DOMAIN_PORTS[name], options.host) for name in domains if name in DOMAIN_PORTS}
    return Listen(gateway, edge, served)


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
