"""An emulator in a thread of its own, for tests and for programs without an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future

from emulator.options import Options
from emulator.server import Emulator, loop_factory


@contextlib.contextmanager
def running(options: Options) -> Iterator[Emulator]:
    """Run an emulator for as long as the block lasts.

    Raises:
        TemplateError, DataInUse, OSError: it could not start.
    """
    started: Future[Emulator] = Future()
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(options, started, stop), name="emulator")
    thread.start()
    try:
        yield started.result()
    finally:
        stop.set()
        thread.join()


def _run(options: Options, started: Future[Emulator], stop: threading.Event) -> None:
    async def serve() -> None:
        async with Emulator(options) as emulator:
            started.set_result(emulator)
            await asyncio.to_thread(stop.wait)

    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve())
    except BaseException as failed:
        if started.done():
            raise
        started.set_exception(failed)
