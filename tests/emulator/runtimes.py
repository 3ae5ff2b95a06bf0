"""A runtime without gateway and sources, on an event loop of its own, for tests that call it from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import uvloop

from emulator.runtime import Result, Runtime, RuntimeOptions
from emulator.runtime.inside import Threads
from emulator.template import load

T = TypeVar("T")
HOSTILE = Path(__file__).parent / "apps" / "hostile"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an invocation ended with, its document read."""

    result: Result
    payload: Any

    @property
    def log(self) -> list[str]:
        return self.result.log.decode().splitlines()


class Served:
    """A running runtime."""

    def __init__(self, runtime: Runtime, loop: asyncio.AbstractEventLoop) -> None:
        self.runtime, self._loop = runtime, loop

    def begin(self, name: str, /, **event: Any) -> Future[Outcome]:
        """Send an event and do not wait. What begins with an underscore is for the runtime, not for the handler."""
        given = {key[1:]: value for key, value in event.items() if key.startswith("_")}
        sent = json.dumps({key: value for key, value in event.items() if not key.startswith("_")}).encode()
        return asyncio.run_coroutine_threadsafe(self._invoke(name, sent, given), self._loop)

    def invoke(self, name: str, /, **event: Any) -> Outcome:
        return self.begin(name, **event).result(60)

    def call(self, function: Callable[[], T]) -> T:
        """Run a function where the runtime runs."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def fresh(self, name: str) -> None:
        """Let the next event of a function find a new process."""
        self.call(lambda: self.runtime.replace(self.runtime.functions, [name]))

    async def _invoke(self, name: str, sent: bytes, given: dict[str, Any]) -> Outcome:
        result = await self.runtime.invoke(name, sent, **given)
        try:
            return Outcome(result, json.loads(result.payload))
        except ValueError:
            return Outcome(result, result.payload)


@contextlib.contextmanager
def serving(
    data: Path, template: Path = HOSTILE / "template.yaml", *, inside: bool = False, **options: Any
) -> Iterator[Served]:
    """Run the functions of a template for as long as the block lasts, in processes or inside this one."""
    started: Future[Served] = Future()
    done = threading.Event()

    async def run() -> None:
        try:
            functions, given = load(template).functions, RuntimeOptions(data=data, **options)
            runtime = Runtime(functions, given, Threads(functions, given) if inside else None)
            await runtime.start()
        except BaseException as failed:
            started.set_exception(failed)
            raise
        started.set_result(Served(runtime, asyncio.get_running_loop()))
        await asyncio.to_thread(done.wait)
        await runtime.stop()

    def main() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=main)
    thread.start()
    try:
        yield started.result(10)
    finally:
        done.set()
        thread.join()


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
