"""`coderev status`: what the emulator says of itself, and whether each domain can serve."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from cli import local
from cli.emulated.paint import rows
from cli.emulated.place import nearest
from cli.errors import CLEAN, GATE_FAILED, UserError
from cli.words import counted, plain

DOMAINS = ("auth", "project", "analysis", "ai", "version", "comparison", "provider")
TIMEOUT_S = 10.0
_direct = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is ok, or why not."""

    domain: str
    state: str


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


def health(server: str, served: Sequence[str] = DOMAINS) -> list[Health]:
    """Ask the domains of the platform that are served there, side by side; none are where a generic template runs."""
    asked = [domain for domain in DOMAINS if domain in served]
    with ThreadPoolExecutor(len(DOMAINS)) as askers:
        states = askers.map(lambda domain: _health(f"{server}/v1/{domain}/health"), asked)
        return [Health(domain, state) for domain, state in zip(asked, states, strict=True)]


def _health(url: str) -> str:
    try:
        with _direct.open(url, timeout=35.0) as answer:
            return "ok" if answer.status == 200 else f"answers {answer.status}"
    except HTTPError as refused:
        return "not served here" if refused.code == 404 else f"answers {refused.code}"
    except OSError:
        return "does not answer"


def show(given: str | None, edge: str, *, as_json: bool) -> int:
    """Print the state; 0 when every domain that is served can serve. Raises UserError."""
    emulator = ask(edge)
    server = _server(given, edge)
    domains = health(server, emulator.get("domains", DOMAINS))
    if as_json:
        told = {"server": server, "edge": edge, "domains": {each.domain: each.state for each in domains}}
        print(json.dumps(told | {"emulator": emulator}, indent=2))
    else:
        _print(server, emulator, domains)
    return CLEAN if all(each.state in ("ok", "not served here") for each in domains) else GATE_FAILED


def _server(given: str | None, edge: str) -> str:
    """The API to ask: the one given, that of the emulator at this edge, or the platform's usual one."""
    here = nearest()
    if given is None and here is not None and edge.endswith(f":{here.edge_port}"):
        return here.server
    return local.server_of(given)


def _print(server: str, emulator: Mapping[str, Any], domains: list[Health]) -> None:
    ports = "  ".join(f"{name} {port}" for name, port in (emulator.get("ports") or {}).items())
    state, routes = "ready" if emulator.get("ready") else "starting", counted(emulator.get("routes", 0), "route")
    print(f"{server} is {state}: {routes}")
    print(f"Ports: {plain(ports)}")
    if domains:
        rows([("Domain", "State"), *((each.domain, each.state) for each in domains)])
    if services := emulator.get("services"):
        rows([("Service", "State", "Port", "Memory", "Restarts"), *map(_service, services)])
    rows([("Function", "Processes", "Running"), *_functions(emulator)])
    if queue := emulator.get("asynchronous"):
        print(f"Asynchronous invokes: {queue.get('pending', 0)} pending, {queue.get('dead', 0)} given up")
    for warning in emulator.get("warnings") or []:
        print(f"Not emulated: {plain(warning)}")


def _service(state: Mapping[str, Any]) -> tuple[str, ...]:
    memory = f"{state['rss_bytes'] / 1e6:.0f} MB" if state.get("rss_bytes") else ""
    told = (state.get("name"), state.get("status"), state.get("port") or "", memory, state.get("restarts", 0))
    return tuple(map(str, told))


def _functions(emulator: Mapping[str, Any]) -> list[tuple[str, ...]]:
    found = emulator.get("functions") or {}
    entries = found.items() if isinstance(found, dict) else ((each.get("name", "?"), each) for each in found)
    return [(str(name), *(str(entry.get(key, "")) for key in ("processes", "running"))) for name, entry in entries]
