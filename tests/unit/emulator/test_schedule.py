"""When schedules fire."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emulator.clock import ManualClock
from emulator.sources.cron import BadExpression, parse
from emulator.sources.schedule import Schedules
from emulator.template import ScheduleRule, TemplateError


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "now", "fires"),
    [
        ("rate(1 minute)", "2026-01-01T00:00:30", "2026-01-01T00:01:30"),
        ("rate(2 days)", "2026-01-01T00:00:00", "2026-01-03T00:00:00"),
        ("cron(0 10 * * ? *)", "2026-01-01T10:00:00", "2026-01-02T10:00:00"),
        ("cron(15 12 * * ? *)", "2026-01-01T10:00:00", "2026-01-01T12:15:00"),
        ("cron(0 18 ? * MON-FRI *)", "2026-01-02T18:00:00", "2026-01-05T18:00:00"),
        ("cron(0 8 1 * ? *)", "2026-01-01T08:00:00", "2026-02-01T08:00:00"),
        ("cron(0/15 * * * ? *)", "2026-01-01T00:16:00", "2026-01-01T00:30:00"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-01-02T17:55:00", "2026-01-05T08:00:00"),
        ("cron(0 0 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T00:00:00"),
        ("cron(0 0 L-2 * ? *)", "2026-02-01T00:00:00", "2026-02-26T00:00:00"),
        ("cron(0 0 15W * ? *)", "2026-08-01T00:00:00", "2026-08-14T00:00:00"),
        ("cron(0 0 1W * ? *)", "2026-08-01T00:00:00", "2026-08-03T00:00:00"),
        ("cron(0 0 LW * ? *)", "2026-05-01T00:00:00", "2026-05-29T00:00:00"),
        ("cron(0 0 ? * 6#3 *)", "2026-01-01T00:00:00", "2026-01-16T00:00:00"),
        ("cron(0 0 ? * FRIL *)", "2026-01-01T00:00:00", "2026-01-30T00:00:00"),
        ("cron(0 0 ? * L *)", "2026-01-01T00:00:00", "2026-01-03T00:00:00"),
        ("cron(0 0 29 FEB ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("cron(30 9 1 1 ? 2030)", "2026-01-01T00:00:00", "2030-01-01T09:30:00"),
    ],
)
def test_the_next_time_is_found(expression, now, fires):
    assert parse(expression).after(at(now)) == at(fires)


def test_a_past_cron_never_fires_and_a_time_zone_counts():
    assert parse("cron(0 0 1 1 ? 2020)").after(at("2026-01-01T00:00:00")) is None
    assert parse("cron(0 9 * * ? *)", ZoneInfo("Europe/Berlin")).after(at("2026-07-01T00:00:00")) == at(
        "2026-07-01T07:00:00"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(-1 hours)",
        "cron(0 10 * * *)",
        "cron(0 10 * * * *)",
        "cron(0 10 ? * ? *)",
        "cron(60 10 * * ? *)",
        "cron(0 10 32 * ? *)",
        "cron(a 10 * * ? *)",
        "cron(0 10 ? * 2#6 *)",
        "every day",
    ],
)
def test_what_eventbridge_refuses_is_refused(expression):
    with pytest.raises(BadExpression):
        parse(expression)
    with pytest.raises(TemplateError, match="the schedule R is not valid"):
        Schedules([ScheduleRule("R", "f", expression)], None, ManualClock())


def test_rules_fire_on_the_clock_with_their_event():
    fired: list[tuple[str, dict]] = []

    async def submit(function: str, payload: bytes) -> str:
        fired.append((function, json.loads(payload)))
        return "id"

    async def main() -> None:
        clock = ManualClock(at("2026-01-01T00:00:00"))
        rules = [ScheduleRule("R", "f", "rate(1 minute)"), ScheduleRule("S", "g", "rate(1 hour)", input='{"own": 1}')]
        schedules = Schedules(rules, submit, clock)
        schedules.start()
        for _ in range(120):
            await asyncio.sleep(0)
            clock.advance(30)
        await asyncio.sleep(0)
        await schedules.stop()

    asyncio.run(main())
    assert [function for function, _ in fired].count("f") == 60
    assert fired[0][1]["time"] == "2026-01-01T00:01:00Z"
    assert fired[0][1]["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/R"]
    assert fired[0][1]["detail-type"] == "Scheduled Event"
    assert [event for function, event in fired if function == "g"] == [{"own": 1}]
