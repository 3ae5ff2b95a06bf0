"""How `up` was asked to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

GATEWAY_PORT = 8000
EDGE_PORT = 4566
DOMAIN_PORTS = {
    "auth": 8001,
    "project": 8002,
    "analysis": 8003,
    "ai": 8004,
    "version": 8005,
    "comparison": 8006,
    "provider": 8007,
}


@dataclass(frozen=True, slots=True)
class UpOptions:
    """A port of None means the usual one, or a free one when that is taken.

    `debug` has the port of each function where a debugger can attach. `parameters`, `variables` (for parameters
    that are not among them) and `kafka` are for a template of the user's; the platform's come from its services.
    """

    template: Path
    data: Path
    domains: tuple[str, ...] = ()
    port: int | None = None
    edge_port: int | None = None
    host: str = "127.0.0.1"
    review: Path | None = None
    once: bool = False
    reload: bool = False
    debug: dict[str, int] = field(default_factory=dict)
    strict: bool = False
    secrets: Path | None = None
    parameters: dict[str, str] = field(default_factory=dict, repr=False)
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    kafka: str = ""
