"""What `coderev up --template FILE` prints once it serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cli.words import counted, plain

if TYPE_CHECKING:
    from emulator.server import Emulator

_MOST = 40


def lines(emulator: Emulator) -> list[str]:
    """Addresses first, then what answers there."""
    ports, template, options = emulator.ports, emulator.template, emulator.options
    edge = f"http://127.0.0.1:{ports['edge']}"
    gateways = (f"  {name:10} http://127.0.0.1:{port}" for name, port in ports.items() if name not in ("edge", "all"))
    return [
        f"coderev serves {options.template}: {counted(len(template.functions), 'function')}",
        f"  API        http://127.0.0.1:{ports['all']}",
        *gateways,
        f"  Lambda API {edge}",
        f"  Console    {edge}/_emulator/",
        f"  Data       {options.data.resolve()}",
        *(f"  Debugger   {name}: attach to 127.0.0.1:{port}" for name, port in options.debug.items()),
        *_shortened(list(_routes(emulator))),
        f"  Functions  {' '.join(map(plain, sorted(template.functions)))}",
        "  `coderev invoke FUNCTION` calls one, `coderev logs -f` shows what they print; Ctrl-C stops everything.",
    ]


def _routes(emulator: Emulator) -> Iterator[str]:
    template = emulator.template
    rest = [(each.method, each.path, each.function) for each in template.routes]
    http = [(each.method, template.http.served(each), each.function) for each in template.http.routes]
    for method, path, function in sorted(rest + http, key=lambda each: (each[1], each[0])):
        yield f"  {method:10} {plain(path)}  {plain(function)}"
    for function, address in emulator.http.status(emulator.ports).get("urls", {}).items():
        yield f"  URL        {address}  {plain(function)}"
    for api in template.sockets.values():
        for stage in api.stages:
            yield f"  WebSocket  ws://127.0.0.1:{emulator.ports['all']}/{stage.name}  {plain(api.name)}"


def _shortened(routes: list[str]) -> list[str]:
    rest = len(routes) - _MOST
    return [*routes[:_MOST], *([f"  … and {counted(rest, 'route')} more"] if rest > 0 else [])]
