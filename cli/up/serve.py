"""The platform while it runs: the emulator, a watch on the services, the first answer, the first review."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from cli import local
from cli.errors import CLEAN, USAGE, UserError
from cli.up import edge, reviewing, schema
from cli.up.aside import aside
from cli.up.revival import RESEND_S
from cli.up.start import Start, say
from cli.up.stopping import Stopping
from cli.up.summary import Summary
from emulator.server import Emulator, Options
from emulator.services.celery_worker import Worker
from emulator.services.process import memory_bytes

if TYPE_CHECKING:
    from emulator.services import Services, State

ANSWER_WITHIN_S = 30.0
_OPTIONAL = "inference"  # without the model there are no reviews, but everything else


async def serve(start: Start, options: Options, running: Services, stopping: Stopping) -> int:
    """Serve until `stopping`, or until the review has ended when it is to run once.

    Raises:
        UserError: an essential service failed for good; TemplateError, OSError: it could not start.
    """
    loop = asyncio.get_running_loop()
    stopping.listen(loop)
    watch = Watch(running, lambda: loop.call_soon_threadsafe(stopping.event.set))
    worker = Worker(options.data, broker=options.celery_broker, token=options.token, edge=start.edge)

    def beside() -> dict[str, object]:
        return {"services": [asdict(each) for each in (*running.states, *worker.states)]}

    try:
        code = await _emulate(start, replace(options, beside=beside), running, stopping, watch=watch, worker=worker)
    finally:
        await asyncio.to_thread(worker.stop)
    if watch.failed is not None:
        raise UserError(f"{watch.failed.name} failed and did not come back: {watch.failed.reason}")
    return code


async def _emulate(
    start: Start, options: Options, running: Services, stopping: Stopping, *, watch: Watch, worker: Worker
) -> int:
    async with Emulator(options) as emulator:
        start.reached("gateway")
        local.announce(start.options.data, server=start.server, edge_port=start.ports.edge)
        watch.start()
        return await _work(start, emulator, running, stopping, worker)


async def _work(start: Start, emulator: Emulator, running: Services, stopping: Stopping, worker: Worker) -> int:
    await aside(lambda: _first_answer(start, emulator, stopping), stopping.event)
    if stopping.event.is_set():
        return CLEAN
    worker.start()
    await aside(lambda: _tell(start, running), stopping.event)
    if running.unclean:
        await aside(lambda: _resend(start, emulator), stopping.event)
    if start.options.review is None:
        await stopping.event.wait()
        return CLEAN
    code = await aside(lambda: reviewing.run(start), stopping.event)
    if not start.options.once:
        await stopping.event.wait()
        return CLEAN
    return USAGE if code is None else code


def _first_answer(start: Start, emulator: Emulator, stopping: Stopping) -> None:
    """Wait until a function behind the gateway has answered a request."""
    public = [route.path for route in emulator.template.routes if route.method == "GET" and not route.authorizer]
    health = next((path for path in public if path.endswith("/health")), None)
    if health is None:
        return
    if edge.await_answer(start.server + health, within_s=ANSWER_WITHIN_S, stopped=stopping.event.is_set):
        start.reached("first answer")
    elif not stopping.event.is_set():
        say(f"{start.server}{health} does not answer 200: see {start.options.data / 'logs'}.")


def _tell(start: Start, running: Services) -> None:
    url = running.environment.get("CODEREV_MIGRATION_DATABASE_URL")
    pending = url is not None and start.options.review is None and schema.nobody_yet(url)
    summary = Summary(
        server=start.server,
        edge=start.edge,
        domains=start.ports.domains,
        services=[f"{state.name} {f':{state.port}' if state.port else 'given'}" for state in running.states],
        seconds=start.seconds,
        memory_bytes=memory_bytes(os.getpid()),
        setup_token=start.secrets.setup_token if pending else None,
        pages=("/docs", "/openapi.json"),
    )
    print("\n".join(summary.lines()), flush=True)


def _resend(start: Start, emulator: Emulator) -> None:
    """The run before was killed, and the broker may have lost its newest records: consumers absorb what comes twice."""
    relays = [name for name in emulator.template.functions if name.endswith("-relay")]
    sent = [name for name in relays if edge.invoke_later(start.edge, name, {"resend_s": RESEND_S})]
    who = "1 relay sends" if len(sent) == 1 else f"{len(sent)} relays send"
    say(f"The run before ended uncleanly: {who} the events of the last {RESEND_S} s again.")


@dataclass(slots=True)
class Watch:
    """Waits for services that fail for good; `end` is called for an essential one."""

    running: Services
    end: Callable[[], object]
    failed: State | None = None

    def start(self) -> None:
        threading.Thread(target=self._wait, name="watch", daemon=True).start()

    def _wait(self) -> None:
        while (state := self.running.wait_for_failure()) is not None:
            if state.name != _OPTIONAL:
                self.failed = state
                self.end()
                return
            say(f"{state.name} does not run, reviews will say so: {state.reason}")
