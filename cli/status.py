"""`coderev status`: what the emulator says of itself, and whether each domain can serve."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from cli.environment import EDGE_PORT, variable
from cli.errors import CLEAN, GATE_FAILED, UserError
from cli.local import running
from cli.words import plain

DOMAINS = ("auth", "project", "analysis", "ai", "version", "comparison", "provider")
TIMEOUT_S = 10.0
_direct = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is ok, or why not."""

    domain: str
    state: str


def edge_of(port: int | None) -> str:
    """Where the emulator's own port is: the one given, `CODEREV_EDGE_PORT`, the running one's, or the usual one."""
    here = running()
    chosen = port or variable("CODEREV_EDGE_PORT") or (here.edge_port if here else EDGE_PORT)
    return f"http://127.0.0.1:{chosen}"


def ready(edge: str) -> int:
    """0 when the emulator serves, 1 when it does not: for health checks."""
    try:
        with _direct.open(f"{edge}/_emulator/ready", timeout=TIMEOUT_S) as answer:
            return CLEAN if answer.status == 200 else GATE_FAILED
    except OSError:
        return GATE_FAILED


def ask(edge: str) -> dict[str, Any]:
    """What the emulator says. Raises UserError if none answers."""
    try:
        with _direct.open(f"{edge}/_emulator/status", timeout=TIMEOUT_S) as answer:
            found = json.load(answer)
    except (OSError, ValueError) as absent:
        raise UserError(f"No emulator answers at {edge}: start it with `coderev up`, or say --edge-port.") from absent
    if not isinstance(found, dict):
        raise UserError(f"{edge} is no emulator of coderev.")
    return found


def health(server: str) -> list[Health]:
    """Ask the seven domains, side by side."""
    with ThreadPoolExecutor(len(DOMAINS)) as askers:
        states = askers.map(lambda domain: _health(f"{server}/v1/{domain}/health"), DOMAINS)
        return [Health(domain, state) for domain, state in zip(DOMAINS, states, strict=True)]


def _health(url: str) -> str:
    try:
        with _direct.open(url, timeout=35.0) as answer:
            return "ok" if answer.status == 200 else f"answers {answer.status}"
    except HTTPError as refused:
        return "not served here" if refused.code == 404 else f"answers {refused.code}"
    except OSError:
        return "does not answer"


def show(server: str, edge: str, *, as_json: bool) -> int:
    """Print the state; 0 when every domain that is served can serve. Raises UserError."""
    emulator = ask(edge)
    domains = health(server)
    if as_json:
        told = {"server": server, "edge": edge, "domains": {each.domain: each.state for each in domains}}
        print(json.dumps(told | {"emulator": emulator}, indent=2))
    else:
        _print(server, emulator, domains)
    return CLEAN if all(each.state in ("ok", "not served here") for each in domains) else GATE_FAILED


def _print(server: str, emulator: Mapping[str, Any], domains: list[Health]) -> None:
    ports = "  ".join(f"{name} {port}" for name, port in (emulator.get("ports") or {}).items())
    print(f"{server} is {'ready' if emulator.get('ready') else 'starting'}: {emulator.get('routes', 0)} routes")
    print(f"Ports: {plain(ports)}")
    rows = [("Domain", "State"), *((each.domain, each.state) for each in domains)]
    _print_rows(rows)
    if services := emulator.get("services"):
        _print_rows([("Service", "State", "Port", "Memory", "Restarts"), *map(_service, services)])
    _print_rows([("Function", "Processes", "Running"), *_functions(emulator)])


def _service(state: Mapping[str, Any]) -> tuple[str, ...]:
    memory = f"{state['rss_bytes'] / 1e6:.0f} MB" if state.get("rss_bytes") else ""
    told = (state.get("name"), state.get("status"), state.get("port") or "", memory, state.get("restarts", 0))
    return tuple(map(str, told))


def _functions(emulator: Mapping[str, Any]) -> list[tuple[str, ...]]:
    found = emulator.get("functions") or {}
    entries = found.items() if isinstance(found, dict) else ((each.get("name", "?"), each) for each in found)
    return [(str(name), *(str(entry.get(key, "")) for key in ("processes", "running"))) for name, entry in entries]


def _print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(plain(cell)) for cell in column) for column in zip(*rows, strict=True)]
    bold = sys.stdout.isatty()
    for number, row in enumerate(rows):
        line = "  ".join(plain(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(f"\x1b[1m{line}\x1b[0m" if bold and number == 0 else line)
