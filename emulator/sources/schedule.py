"""Schedules: each firing is an asynchronous invoke, stored like any other."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulator.clock import Clock
from emulator.sources.cron import BadExpression, Cron, Rate, parse
from emulator.template import ScheduleRule, TemplateError
from emulator.template.model import ACCOUNT, REGION

log = logging.getLogger(__name__)
_LOOK_S = 30.0
"""Longest sleep: a machine that was suspended notices within this time that its hour has come."""

Submit = Callable[[str, bytes], Awaitable[str]]


class Schedules:
    """Fires the rules of a template. What fell due while nobody was there fires once, not many times."""

    def __init__(self, rules: Iterable[ScheduleRule], submit: Submit, clock: Clock) -> None:
        """Read the rules.

        Raises:
            TemplateError: an expression or a time zone is not valid.
        """
        self._rules = [(rule, _parsed(rule)) for rule in rules]
        self._submit, self._clock = submit, clock
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(rule, when)) for rule, when in self._rules]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, rule: ScheduleRule, when: Rate | Cron) -> None:
        due = when.after(self._clock.now())
        while due is not None:
            while (left := due - self._clock.now()) > 0:
                await self._clock.sleep(min(left, _LOOK_S))
            try:
                await self._submit(rule.function, event(rule, due))
            except Exception:
                log.exception("schedule did not fire", extra={"rule": rule.name})
            following = when.after(due)
            due = following if following is None or following > self._clock.now() else when.after(self._clock.now())


def event(rule: ScheduleRule, at: float) -> bytes:
    """Return the event of a firing: the rule's input, or what EventBridge sends without one."""
    if rule.input is not None:
        return rule.input.encode()
    kind = "schedule" if rule.scheduler else "rule"
    service = "scheduler" if rule.scheduler else "events"
    document = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": f"aws.{service}",
        "account": ACCOUNT,
        "time": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}/{rule.name}"],
        "detail": {},
    }
    return json.dumps(document).encode()


def _parsed(rule: ScheduleRule) -> Rate | Cron:
    try:
        zone = UTC if rule.timezone == "UTC" else ZoneInfo(rule.timezone)
        return parse(rule.expression, zone)
    except (BadExpression, ZoneInfoNotFoundError, ValueError) as wrong:
        raise TemplateError(f"the schedule {rule.name} is not valid: {wrong}") from wrong
