"""Lambda's rules of asynchronous invokes on a clock that the test turns."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from emulator.asynchronous.dispatch import Asynchronous, Rules
from emulator.asynchronous.store import Store
from emulator.clock import ManualClock, SystemClock
from emulator.runtime import InvokeError, Result, Stopping, Throttled, UnknownFunction
from emulator.template import AsyncRules, Function

FAILED = Result(b'{"errorMessage":"no"}', "Unhandled")
DONE = Result(b"null")


class Functions:
    """Stands in for the runtime: answers are given, calls are kept."""

    def __init__(
        self, answers: list[Result | InvokeError], rules: AsyncRules | None = None, reserved: int | None = None
    ) -> None:
        function = Function("f", "f", "m.h", "python3.13", Path(), rules=rules or AsyncRules(), reserved=reserved)
        self.functions = {"f": function, "g": Function("g", "g", "m.h", "python3.13", Path())}
        self.answers = answers
        self.calls: list[tuple[float, str, str]] = []
        self.events: list[tuple[str, str | None, bytes]] = []
        self.clock = ManualClock(0.0)

    def function(self, reference: str) -> Function:
        if reference.split(":")[-1] not in self.functions:
            raise UnknownFunction(reference)
        return self.functions[reference.split(":")[-1]]

    def limit(self, name: str) -> int:
        return 8

    async def invoke(self, name: str, payload: bytes, *, request_id: str, trace_id: str | None, origin: str) -> Result:
        self.calls.append((self.clock.now(), name, request_id))
        self.events.append((origin, trace_id, payload))
        answer = self.answers.pop(0) if self.answers else DONE
        if isinstance(answer, Exception):
            raise answer
        return answer


def play(
    tmp_path: Path, functions: Functions, scene: Callable[[Asynchronous, Store], Awaitable[None]], **given: object
) -> None:
    async def main() -> None:
        store = Store(tmp_path / "queue.sqlite")
        store.start()
        rules = Rules()
        queue = Asynchronous(functions, store, clock=functions.clock, rules=rules, **given)
        await queue.start()
        try:
            await scene(queue, store)
        finally:
            await queue.stop()
            await store.stop()

    asyncio.run(main())


async def settled(functions: Functions, store: Store, **expected: int) -> None:
    """Turn the clock to whatever is waited for, until so many jobs are left."""
    async with asyncio.timeout(5):
        while await store.counts() != {"pending": 0, "dead": 0, **expected}:
            if (wait := functions.clock.next()) is not None:
                functions.clock.advance(wait)
            await asyncio.sleep(0.002)


def test_two_retries_after_one_and_two_minutes(tmp_path):
    functions = Functions([FAILED, FAILED, FAILED])

    async def scene(queue, store):
        request_id = await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)
        assert [when for when, _, _ in functions.calls] == [0, 60, 180]
        assert {each for _, _, each in functions.calls} == {request_id}

    play(tmp_path, functions, scene)


def test_a_success_leaves_nothing(tmp_path):
    functions = Functions([FAILED, DONE])

    async def scene(queue, store):
        await queue.submit("f", b"{}")
        await settled(functions, store)

    play(tmp_path, functions, scene)


def test_throttles_back_off_from_one_second_and_do_not_count_as_attempts(tmp_path):
    functions = Functions([Throttled("f")] * 4 + [DONE])

    async def scene(queue, store):
        await queue.submit("f", b"{}")
        await settled(functions, store)
        assert [when for when, _, _ in functions.calls] == [0, 1, 3, 7, 15]

    play(tmp_path, functions, scene)


def test_an_event_that_would_be_too_old_is_given_up(tmp_path):
    functions = Functions([FAILED, FAILED], AsyncRules(max_age_s=100))

    async def scene(queue, store):
        await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)
        assert len(functions.calls) == 2
        assert (await queue.dead_letters())[0]["reason"].startswith("EventAgeExceeded")

    play(tmp_path, functions, scene)


@pytest.mark.parametrize(("max_age_s", "attempts"), [(60, 1), (120, 2), (180, 2)])
def test_no_retry_is_waited_for_that_would_come_at_the_maximum_age(tmp_path, max_age_s, attempts):
    functions = Functions([FAILED] * 3, AsyncRules(max_age_s=max_age_s))

    async def scene(queue, store):
        await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)

    play(tmp_path, functions, scene)
    assert len(functions.calls) == attempts


def test_an_event_waits_no_longer_than_its_age_for_a_place(tmp_path):
    functions = Functions([Throttled("f")] * 50, AsyncRules(max_age_s=60))

    async def scene(queue, store):
        await queue.submit("f", b"{}")
        await settled(functions, store, dead=1)
        assert [when for when, _, _ in functions.calls] == [0, 1, 3, 7, 15, 31]

    play(tmp_path, functions, scene)


def test_origin_and_trace_reach_the_function(tmp_path):
    functions = Functions([])

    async def scene(queue, store):
        await queue.submit("f", b"1", origin="s3", trace_id="Root=1-2-3")
        await settled(functions, store)

    play(tmp_path, functions, scene)
    assert functions.events == [("s3", "Root=1-2-3", b"1")]


def test_an_event_cut_short_by_a_stop_is_delivered_after_the_next_start(tmp_path):
    functions = Functions([Stopping("now")])

    async def first(queue, store):
        await queue.submit("f", b"{}")
        await asyncio.sleep(0.05)

    async def second(queue, store):
        await settled(functions, store)

    play(tmp_path, functions, first)
    calls = len(functions.calls)
    play(tmp_path, functions, second)
    assert len(functions.calls) == calls + 1


def test_nothing_is_accepted_for_an_unknown_function(tmp_path):
    async def scene(queue, store):
        with pytest.raises(UnknownFunction):
            await queue.submit("nope", b"{}")

    play(tmp_path, Functions([]), scene)


def test_many_events_share_commits(tmp_path):
    functions = Functions([])

    async def scene(queue, store):
        await asyncio.gather(*(queue.submit("f", b"{}") for _ in range(2000)))
        await settled(functions, store)
        assert len({request_id for _, _, request_id in functions.calls}) == 2000

    play(tmp_path, functions, scene)


class EarlyClock(SystemClock):
    """A real clock whose sleepers wake a little too early, as timers of whole milliseconds do."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds - 0.002))


def test_a_timer_that_ends_early_loses_no_retry(tmp_path):
    functions = Functions([FAILED] * 15)
    functions.clock = EarlyClock()

    async def main() -> None:
        store = Store(tmp_path / "queue.sqlite")
        store.start()
        queue = Asynchronous(functions, store, clock=functions.clock, rules=Rules(retry_delays_s=(0.03, 0.05)))
        await queue.start()
        try:
            async with asyncio.timeout(5):
                for number in range(1, 6):  # one at a time: no other job wakes the queue
                    await queue.submit("f", b"{}")
                    while await store.counts() != {"pending": 0, "dead": number}:
                        await asyncio.sleep(0.01)
        finally:
            await queue.stop()
            await store.stop()

    asyncio.run(main())
    assert len(functions.calls) == 15


def test_an_event_that_cannot_be_stored_is_not_accepted(tmp_path):
    functions = Functions([DONE, DONE])

    async def scene(queue, store):
        pages = 1 << 20
        await store._database.do(lambda database: database.execute("pragma max_page_count = 1"))
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="full"):
                await queue.submit("f", b"x" * 100_000)
        await store._database.do(lambda database: database.execute(f"pragma max_page_count = {pages}"))
        await queue.submit("f", b"x" * 100_000)
        await settled(functions, store)
        assert len(functions.calls) == 1

    play(tmp_path, functions, scene)


def test_a_queue_that_somebody_locks_is_read_again_later(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("emulator.asynchronous.lanes._AGAIN_S", 0.01)
    functions = Functions([DONE, DONE])

    async def scene(queue, store):
        await queue.submit("f", b"1")
        await settled(functions, store)
        await store._database.do(lambda database: database.execute("pragma busy_timeout = 1"))
        with contextlib.closing(sqlite3.connect(tmp_path / "queue.sqlite", isolation_level=None)) as other:
            other.execute("begin exclusive")
            queue._wake(None, "f")
            async with asyncio.timeout(5):
                while "locked" not in caplog.text:
                    await asyncio.sleep(0.002)
            await asyncio.sleep(0.05)
            other.execute("rollback")
        await queue.submit("f", b"2")
        await settled(functions, store)
        assert len(functions.calls) == 2

    play(tmp_path, functions, scene)
    assert caplog.text.count("cannot be read or written: database is locked") == 1
