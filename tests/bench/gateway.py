"""Prints latency and throughput of gateway and runtime with a trivial handler: `python tests/bench/gateway.py`."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from emulator.server import loop_factory

TEMPLATE = Path(__file__).parents[1] / "emulator" / "apps" / "basic" / "template.yaml"
REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"


async def client(port: int, requests: int) -> list[float]:
    """Send requests one after the other on one connection; return their times in ms."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times = []
    for _ in range(requests):
        begun = time.perf_counter()
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered with 200: {head!r}")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        times.append((time.perf_counter() - begun) * 1000)
    writer.close()
    return times


async def measure(port: int, clients: int, requests: int) -> str:
    await asyncio.gather(*(client(port, 100) for _ in range(clients)))
    begun = time.perf_counter()
    runs = await asyncio.gather(*(client(port, requests) for _ in range(clients)))
    took = time.perf_counter() - begun
    times = sorted(itertools.chain.from_iterable(runs))
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    return f"{clients} clients: p50 {p50:.2f} ms, p99 {p99:.2f} ms, {len(times) / took:,.0f} requests/s"


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "emulator", "--template", str(TEMPLATE), "up", "--port", "0"]
        command += ["--edge-port", "0", "--data", data]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
            assert emulator.stdout is not None
            port = int(emulator.stdout.readline().split("all=")[1].split()[0])
            try:
                for clients, requests in ((1, 3000), (8, 1500)):
                    with asyncio.Runner(loop_factory=loop_factory()) as runner:
                        print(runner.run(measure(port, clients, requests)))
            finally:
                emulator.terminate()


if __name__ == "__main__":
    main()
