"""Schedules: each firing is an asynchronous invoke, stored like any other, and stored once.

Whoever looks first makes a firing happen: this emulator's own clock, a beat of Celery, another emulator on the same
store. A firing is a row of its rule and its time, so the others find it done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.clock import Clock, ManualClock
from emulator.sources.cron import At, BadExpression, Cron, Rate, parse
from emulator.sources.schedule_event import arn_of, event
from emulator.template import ScheduleRule, TemplateError

log = logging.getLogger(__name__)
_LOOK_S = 30.0
"""Longest sleep: a machine that was suspended notices within this time that its hour has come. A clock that is turned
by hand is never suspended."""
_CATCH_UP_S = 3600.0
"""Firings that are further in the past are left out, unless nothing newer was missed."""

Tick = Callable[[str, float, str, bytes], Awaitable[bool]]
"""Stores a firing (rule, time, function, event) as an invoke; False when it was stored before."""
Anchor = Callable[[str, float], Awaitable[float]]
"""Returns when a rule was first seen; the time given is now."""


@dataclass(slots=True)
class _Planned:
    """A rule on its way. `anchor` is where its rate counts from, `due` when it fires next."""

    rule: ScheduleRule
    when: Rate | Cron | At
    key: str
    anchor: float = 0.0
    due: float | None = None

    def plan(self, after: float) -> None:
        """Find the first firing after a moment."""
        begin = after if self.rule.start is None else max(after, self.rule.start - 0.001)
        found = self.when.after(begin, self.anchor)
        self.due = None if found is None or (self.rule.end is not None and found > self.rule.end) else found


class Schedules:
    """Fires the rules of a template."""

    def __init__(self, rules: Iterable[ScheduleRule], tick: Tick, anchor: Anchor, clock: Clock) -> None:
        """Read the rules.

        Raises:
            TemplateError: an expression or a time zone is not valid.
        """
        keys: set[str] = set()
        self._planned = [_Planned(rule, _parsed(rule), _key(rule, keys)) for rule in rules]
        self._tick, self._anchor, self._clock = tick, anchor, clock
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self, grace_s: float = 0.0) -> None:
        """Begin to look; what a beat fires within `grace_s` seconds is left to it."""
        now = self._clock.now()
        anchors = await asyncio.gather(*(self._anchor(planned.key, now) for planned in self._planned))
        for planned, first in zip(self._planned, anchors, strict=True):
            planned.anchor = first if planned.rule.start is None else planned.rule.start
            # EventBridge Scheduler fires a rate at once, a rule of EventBridge when it has passed for the first time.
            planned.plan(now - 0.001 if planned.rule.scheduler else now)
        if self._planned:
            self._task = asyncio.create_task(self._run(grace_s))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def plans(self) -> list[tuple[ScheduleRule, float | None]]:
        """Return each rule with when it fires next, in seconds since 1970; None is never again."""
        return [(planned.rule, planned.due) for planned in self._planned]

    def next_due(self) -> float | None:
        """Return when the next rule fires, in seconds since 1970."""
        return min((planned.due for planned in self._planned if planned.due is not None), default=None)

    async def look(self, overdue_s: float = 0.0) -> int:
        """Fire what has been due for at least `overdue_s`; return how many firings that were."""
        async with self._looking:
            now = self._clock.now()
            due = [each for each in self._planned if each.due is not None and each.due + overdue_s <= now]
            return sum([await self._catch_up(planned, now) for planned in due])

    async def _run(self, grace_s: float) -> None:
        while (due := self.next_due()) is not None:
            left = due + grace_s - self._clock.now()
            if left > 0:
                await self._clock.sleep(left if isinstance(self._clock, ManualClock) else min(left, _LOOK_S))
            else:
                await self.look(grace_s)

    async def _catch_up(self, planned: _Planned, now: float) -> int:
        """Fire every time that has come, each once; of those that are long ago at most one."""
        fired = 0
        while planned.due is not None and planned.due <= now:
            due = planned.due
            planned.plan(max(due, now - _CATCH_UP_S - 0.001))
            newer = planned.due is not None and planned.due <= now
            if (due >= now - _CATCH_UP_S or not newer) and await self._fire(planned, due):
                fired += 1
        return fired

    async def _fire(self, planned: _Planned, due: float) -> bool:
        rule = planned.rule
        try:
            return await self._tick(planned.key, due, rule.function, event(rule, due))
        except Exception:
            log.exception("schedule %s did not fire", rule.name)
            return False


def _parsed(rule: ScheduleRule) -> Rate | Cron | At:
    try:
        zone = UTC if rule.timezone == "UTC" else ZoneInfo(rule.timezone)
        return parse(rule.expression, zone, once=rule.scheduler)
    except (BadExpression, ZoneInfoNotFoundError, ValueError) as wrong:
        raise TemplateError(f"the schedule {rule.name} is not valid: {wrong}") from wrong


__all__ = ["Anchor", "Schedules", "Tick", "event"]


def _key(rule: ScheduleRule, taken: set[str]) -> str:
    """Return what a rule's firings are known by; a rule with a second target fires for it, too."""
    plain = f"{arn_of(rule)} {rule.expression}"
    key = f"{plain} {rule.function}" if plain in taken else plain
    taken.add(key)
    return key
