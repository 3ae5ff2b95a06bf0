"""The clock of every rule: real, and nevertheless advanced at will."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from emulator.clock import ManualClock, SystemClock

HOUR_S = 3600.0


def test_real_time_passes_and_more_can_be_added():
    clock = SystemClock()
    before = clock.now()

    clock.advance(HOUR_S)

    assert clock.now() - before == pytest.approx(HOUR_S, abs=1.0)
    assert before == pytest.approx(time.time(), abs=1.0)


@pytest.mark.parametrize("clock", [SystemClock, ManualClock])
def test_advancing_wakes_whoever_slept_until_then_and_nobody_else(clock):
    async def scene() -> tuple[bool, bool, float]:
        turned = clock()
        short, long = (asyncio.create_task(turned.sleep(each * HOUR_S)) for each in (1, 3))
        await asyncio.sleep(0)
        began = time.monotonic()
        turned.advance(2 * HOUR_S)
        await asyncio.wait_for(short, 1.0)
        early = long.done()
        turned.advance(HOUR_S + 1)
        await asyncio.wait_for(long, 1.0)
        return short.done(), early, time.monotonic() - began

    woken, early, took = asyncio.run(scene())

    assert woken
    assert not early
    assert took < 1.0


@pytest.mark.parametrize("clock", [SystemClock, ManualClock])
def test_another_thread_may_advance_it(clock):
    async def scene() -> None:
        turned = clock()
        sleeper = asyncio.create_task(turned.sleep(HOUR_S))
        await asyncio.sleep(0)
        threading.Thread(target=turned.advance, args=(HOUR_S + 1,)).start()
        await asyncio.wait_for(sleeper, 2.0)

    asyncio.run(scene())


def test_a_sleep_of_the_real_clock_ends_by_itself():
    async def scene() -> float:
        clock = SystemClock()
        clock.advance(HOUR_S)
        began = time.monotonic()
        await clock.sleep(0.02)
        await clock.sleep(-1.0)
        return time.monotonic() - began

    assert 0.015 < asyncio.run(scene()) < 1.0


def test_a_sleep_that_is_given_up_leaves_nothing_behind():
    async def scene() -> dict[object, object]:
        clock = SystemClock()
        sleepers = [asyncio.create_task(clock.sleep(HOUR_S)) for _ in range(100)]
        await asyncio.sleep(0)
        for sleeper in sleepers:
            sleeper.cancel()
        await asyncio.gather(*sleepers, return_exceptions=True)
        clock.advance(HOUR_S)
        return dict(clock._sleepers)

    assert asyncio.run(scene()) == {}


def test_one_clock_may_serve_two_event_loops_after_one_another():
    clock = SystemClock()

    for _ in range(2):
        asyncio.run(clock.sleep(0.001))
    clock.advance(1.0)

    assert clock.now() > time.time()


@pytest.mark.parametrize("seconds", [-1.0, float("inf"), float("nan")])
@pytest.mark.parametrize("clock", [SystemClock, ManualClock])
def test_time_never_runs_backwards(clock, seconds):
    with pytest.raises(ValueError, match="0 seconds or more"):
        clock().advance(seconds)
