"""Prints how fast asynchronous invokes are stored and delivered: `python tests/bench/sources.py`."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from emulator.server import Emulator, Options, loop_factory

TEMPLATE = Path(__file__).parents[1] / "emulator" / "apps" / "basic" / "template.yaml"
EVENTS = 5000


async def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        options = Options(template=TEMPLATE, port=0, edge_port=0, data=Path(data))
        async with Emulator(options) as emulator:
            queue = emulator.sources.asynchronous
            begun = time.perf_counter()
            await asyncio.gather(*(queue.submit("echo", b'{"n": 1}') for _ in range(EVENTS)))
            stored = time.perf_counter() - begun
            while (await queue.status())["pending"]:
                await asyncio.sleep(0.01)
            delivered = time.perf_counter() - begun
    print(f"stored {EVENTS / stored:,.0f} events/s, stored and delivered {EVENTS / delivered:,.0f} events/s")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
