"""Blocking work beside the event loop, which nobody waits for once the platform is asked to stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T], stop: asyncio.Event) -> T | None:
    """Run `work` in a daemon thread and return its result; None when `stop` comes first. Raises what it raises."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    threading.Thread(target=_run, args=(work, loop, done), daemon=True).start()
    stopped = asyncio.ensure_future(stop.wait())
    try:
        waiting: set[asyncio.Future[Any]] = {done, stopped}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return done.result() if done.done() else None
    finally:
        stopped.cancel()
        done.cancel()


def _run(work: Callable[[], T], loop: asyncio.AbstractEventLoop, done: asyncio.Future[T]) -> None:
    def settle(act: Callable[[], None]) -> None:
        if not done.done():
            act()

    def report(act: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, act)

    try:
        result = work()
    except Exception as failed:  # noqa: BLE001 - it is raised where the result is awaited
        error = failed
        report(lambda: done.set_exception(error))
    else:
        report(lambda: done.set_result(result))
