"""All functions of an emulator: one pool each, invoked by name."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import uuid
from collections.abc import Collection, Iterable, Mapping

from emulator.runtime import faults, results
from emulator.runtime.ended import Ended
from emulator.runtime.factory import Factory
from emulator.runtime.faults import Fault, FaultTable, Kind
from emulator.runtime.invocation import Invocation
from emulator.runtime.options import RuntimeOptions
from emulator.runtime.pool import Pool
from emulator.runtime.results import ACCOUNT_LIMIT, Result, Throttled, UnknownFunction
from emulator.runtime.versions import Versions
from emulator.runtime.workers import Maker
from emulator.template import Function, function_name
from emulator.template.model import qualifier_of

_REAP_S = 1.0


class Runtime:
    """Starts function processes when they are first needed and ends all of them at `stop`."""

    def __init__(self, functions: Mapping[str, Function], options: RuntimeOptions, maker: Maker | None = None) -> None:
        """Args: maker: Makes what functions run in; processes unless something else is given."""
        self.faults = FaultTable()
        self.delayed: set[str] = set()
        """Request ids of events that a fault makes late."""
        self._options = options
        self._planned = options.faults
        self._factory: Maker = maker or Factory(options)
        self._pools: dict[str, Pool] = {}
        self._versions = Versions(self._pool_of)
        self._leaving: set[Pool] = set()
        self._unreserved = 0
        self._room = 0
        self._reaper: asyncio.Task[None] | None = None
        self._add(functions.values())

    async def start(self) -> None:
        """Clean up after an emulator that was killed, then be ready. No process is started yet."""
        await self._factory.clean()
        self._reaper = asyncio.create_task(self._reap())

    @property
    def maker(self) -> Maker:
        """Return what makes the processes, or threads, that functions run in."""
        return self._factory

    @property
    def functions(self) -> Mapping[str, Function]:
        return {name: pool.function for name, pool in self._pools.items()}

    def function(self, reference: str) -> Function:
        """Return a function by name or ARN.

        Raises:
            UnknownFunction: it is not served here.
        """
        return self._pool(reference).function

    def limit(self, name: str) -> int:
        """Return how many events of a function run at once, usually."""
        return self._pool(name).limit

    def status(self) -> dict[str, dict[str, int]]:
        """Return processes and running events by function."""
        told = {name: {"processes": 0, "running": 0} for name in self._pools}
        for pool in (*self._pools.values(), *self._versions):
            told[pool.function.name]["processes"] += pool.size
            told[pool.function.name]["running"] += pool.running
        return told

    @property
    def busy(self) -> bool:
        """Tell whether an event of any function runs or waits for its turn."""
        return any(pool.busy for pool in self._all())

    def debug(self, name: str) -> int | None:
        """Return the port where a debugger can attach to a function, None if it has none."""
        return self._options.debug.get(self._pool(name).function.name)

    def replace(self, functions: Mapping[str, Function], changed: Collection[str] = ()) -> None:
        """Serve other definitions from here on; events in progress end in the processes that have them.

        Args:
            functions: All that there are now, by name. What is not among them is served no more.
            changed: Names whose code is new though their definition is not.
        """
        for name in self._pools.keys() - functions.keys():
            pool = self._pools.pop(name)
            pool.close(UnknownFunction(name))
            self._leaving.add(pool)
            self._factory.forget(name)
        for name, pool in self._pools.items():
            if functions[name] != pool.function or name in changed:
                pool.renew(functions[name])
                self._factory.forget(name)
        self._add(function for name, function in functions.items() if name not in self._pools)
        self._leaving.update(self._versions.replace(functions, changed))

    def hold(self, names: Collection[str]) -> None:
        """Keep the processes of these functions, and only of these, however long they are idle."""
        for pool in self._all():
            pool.held = pool.function.name in names

    async def invoke(
        self,
        reference: str,
        payload: bytes,
        *,
        request_id: str | None = None,
        trace_id: str | None = None,
        client_context: str | None = None,
        origin: str = "invoke",
        cognito_identity: str | None = None,
        tenant_id: str | None = None,
    ) -> Result:
        """Run a function once and return what it ended with, error or not.

        Args:
            reference: Name or ARN. A qualifier in it becomes part of the ARN that the function sees.
            origin: What sent the event, for whoever watches: `http`, `kafka`, `schedule` and so on.

        Raises:
            UnknownFunction: it is not served here.
            Throttled: its reserved concurrency or that of the account is used up.
            Stopping: the emulator stops.
        """
        suffix = qualifier_of(reference)
        pool = self._versions.pool(self._pool(reference), suffix)
        invocation = Invocation(
            function=pool.function,
            payload=payload,
            request_id=request_id or str(uuid.uuid4()),
            trace_id=trace_id or new_trace_id(),
            answer=asyncio.get_running_loop().create_future(),
            arn=f"{pool.function.arn}:{suffix}" if suffix else pool.function.arn,
            client_context=client_context,
            cognito_identity=cognito_identity,
            tenant_id=tenant_id,
        )
        began = time.time()
        try:
            result = await self._result(pool, invocation)
        except asyncio.CancelledError:
            if invocation.started:  # nobody waits any more, but the function runs on
                invocation.answer = asyncio.get_running_loop().create_future()
                invocation.answer.add_done_callback(lambda end: self._tell(invocation, origin, began, end.result()))
            raise
        self._tell(invocation, origin, began, result)
        return result

    async def stop(self) -> None:
        """SIGTERM, a moment, SIGKILL; returns when no process is left."""
        if self._reaper is not None:
            self._reaper.cancel()
        for pool in self._all():
            pool.stop()
        await self._until_gone(self._options.stop_s)
        for pool in self._all():
            pool.kill()
        await self._factory.stop(self._until_gone(self._options.stop_s))

    def _tell(self, invocation: Invocation, origin: str, began: float, result: Result) -> None:
        if self._options.on_ended is not None:
            name, payload = invocation.function.name, invocation.payload
            self._options.on_ended(
                Ended(name, invocation.request_id, invocation.trace_id, origin, began, payload, result)
            )

    async def _result(self, pool: Pool, invocation: Invocation) -> Result:
        fault = self._fault(pool.function.name)
        if fault is not None and fault.kind is not Kind.DELAY:
            if fault.kind is Kind.THROTTLE:
                raise Throttled(pool.function.name)
            return faults.result_of(fault, invocation)
        if fault is not None:
            self.delayed.add(invocation.request_id)
            await self._options.clock.sleep(fault.seconds)
            self.delayed.discard(invocation.request_id)
        if pool.function.reserved is not None:
            pool.submit(invocation)
            return await invocation.answer
        if self._unreserved >= self._room:
            raise Throttled(pool.function.name, ACCOUNT_LIMIT)
        self._unreserved += 1
        try:
            pool.submit(invocation)
            return await invocation.answer
        finally:
            self._unreserved -= 1

    def _fault(self, name: str) -> Fault | None:
        planned = self._planned.take(name) if self._planned is not None else None
        return planned or self.faults.take(name)

    def _add(self, functions: Iterable[Function]) -> None:
        self._pools.update((function.name, self._pool_of(function)) for function in functions)
        reserved = sum(pool.function.reserved or 0 for pool in self._pools.values())
        self._room = max(self._options.account - reserved, 1)

    def _pool_of(self, function: Function) -> Pool:
        bounds, alone = self._options.bounds, function.name in self._options.debug
        return Pool(function, bounds=bounds, start=self._factory.start, alone=alone)

    def _all(self) -> list[Pool]:
        return [*self._pools.values(), *self._versions, *self._leaving]

    async def _until_gone(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while any(pool.size for pool in self._all()) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _pool(self, reference: str) -> Pool:
        pool = self._pools.get(reference) or self._pools.get(function_name(reference))
        if pool is None:
            raise UnknownFunction(reference)
        return pool

    async def _reap(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(_REAP_S)
                before = self._options.clock.now() - self._options.idle_s
                for pool in self._all():
                    pool.reap(before)
                self._leaving = {pool for pool in self._leaving if pool.size}


def new_trace_id() -> str:
    """Return an X-Ray trace header of a new, unsampled trace."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"


__all__ = ["Runtime", "RuntimeOptions", "new_trace_id", "results"]
