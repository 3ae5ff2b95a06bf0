"""When schedules fire."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emulator.asynchronous.dispatch import Asynchronous
from emulator.asynchronous.store import Store
from emulator.clock import ManualClock
from emulator.sources.cron import BadExpression, parse
from emulator.sources.schedule import Schedules
from emulator.template import ScheduleRule, TemplateError
from tests.unit.emulator.test_asynchronous import Functions


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
        # what AWS refused when it was asked
        "rate(10 seconds)",
        "rate(10 years)",
        "rate(1 hours)",
        "rate(1 days)",
        "rate(10 minute)",
        "rate(10 hour)",
        "rate(10 day)",
        "rate()",
        "rate(10)",
        "rate(10 minutess)",
        "rate(foo minutes)",
        "rate(-10 minutes)",
        "rate(10 MINUTES)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "cron(0 1 * * * *)",
        "cron(7 20 * * NOT *)",
        "cron(INVALID)",
        "cron(0 dummy ? * MON-FRI *)",
        "cron(71 8 1 * ? *)",
        # and what its documentation rules out
        "cron(0/90 8 1 * ? *)",
        "cron(0 8 32W * ? *)",
        "cron(0 8 L-31 * ? *)",
        "cron(0 8 ? * 9L *)",
        "cron(0 8 ? * 3#1,6#3 *)",
        "cron(0 8 1 13 ? *)",
        "cron(0 8 1 1 ? 2200)",
        "at(2026-11-01T10:00:00)",
        "rate(٣ minutes)",
    ],
)
def test_what_eventbridge_refuses_is_refused(expression):
    with pytest.raises(BadExpression):
        parse(expression)
    with pytest.raises(TemplateError, match="the schedule R is not valid"):
        asyncio.run(built(ScheduleRule("R", "f", expression)))


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 2 ? * SAT *)",
        "cron(0 12 * * ? *)",
        "cron(5,35 14 * * ? *)",
        "cron(15 10 ? * 6L 2002-2005)",
        "cron(0 2 ? * SAT#3 *)",
        "cron(* * ? * SAT#3 *)",
        "cron(0/5 5 ? JAN 1-5 2022)",
        "cron(0/10 * ? * MON-FRI *)",
        "cron(0/30 20-23 ? * MON-FRI *)",
        "cron(0/30 0-2 ? * MON-FRI *)",
    ],
)
def test_what_eventbridge_took_is_taken(expression):
    parse(expression)


NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("expression", "now", "fires"),
    [
        # On 8 March 2026 the clock goes from 2:00 to 3:00: the time that does not exist is skipped.
        ("cron(30 2 * * ? *)", "2026-03-08T00:00:00", "2026-03-09T06:30:00"),
        ("cron(30 1 * * ? *)", "2026-03-08T06:00:00", "2026-03-08T06:30:00"),
        ("cron(0/30 * * * ? *)", "2026-03-08T06:30:00", "2026-03-08T07:00:00"),
        # On 1 November 2026 the hour from 1:00 to 2:00 comes twice: its times fire the first time only.
        ("cron(30 1 * * ? *)", "2026-11-01T05:00:00", "2026-11-01T05:30:00"),
        ("cron(30 1 * * ? *)", "2026-11-01T05:30:00", "2026-11-02T06:30:00"),
        ("cron(0/30 * * * ? *)", "2026-11-01T05:30:00", "2026-11-01T07:00:00"),
        ("cron(0/30 * * * ? *)", "2026-11-01T06:10:00", "2026-11-01T07:00:00"),
        ("at(2026-07-01T09:00:00)", "2026-01-01T00:00:00", "2026-07-01T13:00:00"),
        # A day of a rate has 24 hours, whatever the clock does.
        ("rate(1 day)", "2026-03-08T00:00:00", "2026-03-09T00:00:00"),
    ],
)
def test_daylight_saving_is_taken_as_eventbridge_scheduler_takes_it(expression, now, fires):
    assert parse(expression, NEW_YORK, once=True).after(at(now)) == at(fires)


def test_a_time_that_has_passed_does_not_come_again():
    assert parse("at(2026-07-01T09:00:00)", UTC, once=True).after(at("2026-07-01T09:00:00")) is None


class Firings:
    """Keeps what schedules fire, each firing once, as the store does."""

    def __init__(self) -> None:
        self.fired: list[tuple[str, dict]] = []
        self.seen: set[tuple[str, float]] = set()
        self.anchors: dict[str, float] = {}

    async def tick(self, rule: str, due_at: float, function: str, payload: bytes) -> bool:
        if (rule, due_at) in self.seen:
            return False
        self.seen.add((rule, due_at))
        self.fired.append((function, json.loads(payload)))
        return True

    async def anchor(self, rule: str, now: float) -> float:
        return self.anchors.setdefault(rule, now)

    def times(self, function: str = "f") -> list[str]:
        return [event["time"] for name, event in self.fired if name == function]


async def built(*rules: ScheduleRule, firings: Firings | None = None, clock: ManualClock | None = None) -> Schedules:
    kept = firings or Firings()
    return Schedules(rules, kept.tick, kept.anchor, clock or ManualClock())


def passed(firings: Firings, steps: list[float], *rules: ScheduleRule, begin: str = "2026-01-01T00:00:00") -> None:
    """Let time pass in steps while the rules run."""

    async def main() -> None:
        clock = ManualClock(at(begin))
        schedules = await built(*rules, firings=firings, clock=clock)
        await schedules.start()
        for step in [0, *steps]:
            clock.advance(step)
            for _ in range(5):
                await asyncio.sleep(0)
        await schedules.stop()

    asyncio.run(main())


def test_rules_fire_on_the_clock_with_their_event():
    firings = Firings()
    rules = ScheduleRule("R", "f", "rate(1 minute)"), ScheduleRule("S", "g", "rate(1 hour)", input='{"own": 1}')

    passed(firings, [30] * 120, *rules)

    assert len(firings.times()) == 60
    event = firings.fired[0][1]
    assert uuid.UUID(event.pop("id"))
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": "2026-01-01T00:01:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:000000000000:rule/R"],
        "detail": {},
    }
    assert [event for function, event in firings.fired if function == "g"] == [{"own": 1}]


def test_eventbridge_scheduler_fires_a_rate_at_once_with_its_own_event():
    firings = Firings()

    passed(firings, [300], ScheduleRule("S", "f", "rate(5 minutes)", scheduler=True, group="team"))

    assert firings.times() == ["2026-01-01T00:00:00Z", "2026-01-01T00:05:00Z"]
    event = firings.fired[0][1]
    assert event["source"] == "aws.scheduler"
    assert event["resources"] == ["arn:aws:scheduler:us-east-1:000000000000:schedule/team/S"]
    assert event["detail"] == "{}"


def test_context_attributes_are_filled_into_the_input_of_a_schedule():
    firings = Firings()
    text = '{"at": "<aws.scheduler.scheduled-time>", "of": "<aws.scheduler.schedule-arn>"}'
    more = '{"id": "<aws.scheduler.execution-id>", "n": "<aws.scheduler.attempt-number>"}'

    passed(
        firings,
        [60],
        ScheduleRule("S", "f", "cron(1 0 * * ? *)", input=text, scheduler=True),
        ScheduleRule("T", "g", "cron(1 0 * * ? *)", input=more, scheduler=True),
        ScheduleRule("R", "h", "cron(1 0 * * ? *)", input=text),
    )

    events = dict(firings.fired)
    arn = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/S"
    assert events["f"] == {"at": "2026-01-01T00:01:00Z", "of": arn}
    assert len(events["g"]["id"]) == 16
    assert events["g"]["n"] == "1"
    assert events["h"] == json.loads(text), "a rule of EventBridge has no context attributes"


def test_a_schedule_keeps_to_its_start_and_its_end():
    firings = Firings()
    start, end = at("2026-01-01T00:10:30"), at("2026-01-01T00:31:00")
    rules = (
        ScheduleRule("S", "f", "rate(10 minutes)", scheduler=True, start=start, end=end),
        ScheduleRule("T", "g", "cron(0/15 * * * ? *)", scheduler=True, start=start, end=end),
        ScheduleRule("U", "h", "at(2026-01-01T00:20:00)", scheduler=True),
    )

    passed(firings, [30] * 120, *rules)

    assert firings.times() == ["2026-01-01T00:10:30Z", "2026-01-01T00:20:30Z", "2026-01-01T00:30:30Z"]
    assert firings.times("g") == ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"]
    assert firings.times("h") == ["2026-01-01T00:20:00Z"]


def test_time_that_passes_at_once_fires_every_time_that_has_come():
    firings = Firings()

    passed(firings, [180], ScheduleRule("R", "f", "rate(1 minute)"))

    assert firings.times() == ["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z", "2026-01-01T00:03:00Z"]


def test_after_a_long_absence_only_the_last_hour_is_made_up_for():
    firings = Firings()
    rules = ScheduleRule("R", "f", "rate(15 minutes)"), ScheduleRule("S", "g", "cron(0 3 * * ? *)")

    passed(firings, [36_000], *rules)

    assert firings.times()[0] == "2026-01-01T09:00:00Z"
    assert len(firings.times()) == 5
    assert firings.times("g") == ["2026-01-01T03:00:00Z"]


def test_a_rate_goes_on_from_where_it_began():
    firings = Firings()
    rule = ScheduleRule("R", "f", "rate(10 minutes)")

    passed(firings, [60] * 14, rule)
    passed(firings, [60] * 14, rule, begin="2026-01-01T00:17:00")

    assert firings.times() == ["2026-01-01T00:10:00Z", "2026-01-01T00:20:00Z", "2026-01-01T00:30:00Z"]


def test_two_emulators_on_one_store_fire_each_time_once(tmp_path):
    runtime = Functions([])

    async def main() -> None:
        clock = runtime.clock
        stores = [Store(tmp_path / "queue.sqlite") for _ in range(2)]
        queues = [Asynchronous(runtime, store, clock=clock) for store in stores]
        sides = []
        for store, queue in zip(stores, queues, strict=True):
            store.start()
            side = Schedules([ScheduleRule("R", "f", "rate(1 minute)")], queue.tick, store.anchor, clock)
            await side.start()
            sides.append(side)
        clock.advance(180)
        await asyncio.gather(*(side.look() for side in sides * 2))
        async with asyncio.timeout(10):
            while len(runtime.events) < 3:
                await asyncio.sleep(0.01)
        for part in (*sides, *queues, *stores):
            await part.stop()

    asyncio.run(main())
    events = {json.loads(payload)["time"] for _, _, payload in runtime.events}
    assert len(events) == 3
    assert len({request_id for _, _, request_id in runtime.calls}) == 3
    assert {origin for origin, _, _ in runtime.events} == {"schedule"}
