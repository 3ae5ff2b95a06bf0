"""Prints how fast our HTTP server is beside others with a constant answer: `make bench-emulator` runs it too."""

from __future__ import annotations

import asyncio
import sys

from emulator.server import loop_factory
from emulator.web.messages import Request, Response
from emulator.web.server import Server
from tests.bench.emulator import CLIENTS, HERE, ROOT, SECONDS, TOOLS, child, free_port, wrk

BODY = b'{"hello": "world"}'


async def hello(_request: Request) -> Response:
    return Response(200, [("Content-Type", "application/json")], BODY)


def serve(port: int) -> None:
    async def forever() -> None:
        await Server(hello).start("127.0.0.1", port)
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(forever())


def main() -> None:
    commands = {"ours": [sys.executable, "-m", "tests.bench.servers", "serve"]}
    if (TOOLS / "bin" / "python").exists():
        for name in ("uvicorn", "granian", "aiohttp"):
            commands[name] = [str(TOOLS / "bin" / "python"), "servers.py", name]
    for name, command in commands.items():
        port = free_port()
        with child([*command, str(port)], ROOT if name == "ours" else HERE / "rivals", port):
            wrk(port, CLIENTS, 2)
            print(f"{name + f', {CLIENTS} clients:':30}{wrk(port, CLIENTS, SECONDS)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
