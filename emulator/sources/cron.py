"""When `rate(…)`, six-field `cron(…)` and `at(…)` expressions fire, by EventBridge's rules.

AWS: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html,
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

_RATE = re.compile(r"rate\(([0-9]+) (minutes?|hours?|days?)\)")
_CRON = re.compile(r"cron\(([^()]*)\)")
_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}
_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), start=1)}
_LAST_YEAR = 2199


class BadExpression(Exception):
    """The expression is not one of EventBridge's."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Every so many seconds of the clock, daylight saving or not."""

    seconds: int

    def after(self, moment: float, anchor: float | None = None) -> float | None:
        """Return the next time to fire, in seconds since 1970; `anchor` is one of those times."""
        if anchor is None:
            return moment + self.seconds
        if moment < anchor:
            return anchor
        return anchor + ((moment - anchor) // self.seconds + 1) * self.seconds


@dataclass(frozen=True, slots=True)
class At:
    """Once."""

    moment: float

    def after(self, moment: float, anchor: float | None = None) -> float | None:
        """Return the time to fire, or None if it has passed."""
        return self.moment if self.moment > moment else None


@dataclass(frozen=True, slots=True)
class Cron:
    """At times of a calendar in `zone`.

    A time that the clock skips in spring does not fire; one that comes twice in autumn fires the first time only.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    fits: Callable[[date], bool]
    zone: tzinfo = UTC

    def after(self, moment: float, anchor: float | None = None) -> float | None:
        """Return the next time to fire, in seconds since 1970, or None if there is none left."""
        day = datetime.fromtimestamp(moment, self.zone).date()
        while day.year <= _LAST_YEAR:
            fits = day.year in self.years and day.month in self.months and self.fits(day)
            if fits and (found := self._on(day, moment)) is not None:
                return found
            day = _skip(day, self.months, self.years)
        return None

    def _on(self, day: date, moment: float) -> float | None:
        times = (self._at(day, hour, minute) for hour in self.hours for minute in self.minutes)
        return min((at for at in times if at is not None and at > moment), default=None)

    def _at(self, day: date, hour: int, minute: int) -> float | None:
        """Return a time of the calendar, or None if the clock skips it."""
        local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone)
        at = local.timestamp()
        there = datetime.fromtimestamp(at, self.zone)
        return at if (there.hour, there.minute) == (hour, minute) else None


def parse(expression: str, zone: tzinfo = UTC, *, once: bool = False) -> Rate | Cron | At:
    """Read an expression. EventBridge takes no blank that it does not need, and neither does this.

    Args:
        once: Whether `at(…)` is one too, as for EventBridge Scheduler.

    Raises:
        BadExpression: it is malformed; the message says how.
    """
    if found := _RATE.fullmatch(expression):
        return _rate(expression, int(found[1]), found[2])
    if found := _CRON.fullmatch(expression):
        return _cron(expression, found[1].split(), zone)
    if once and (found := _AT.fullmatch(expression)):
        return _moment(expression, found[1], zone)
    raise BadExpression(f"{expression} is neither rate(…) nor cron(…)" + (" nor at(…)" if once else ""))


def _rate(expression: str, amount: int, unit: str) -> Rate:
    if amount < 1 or (amount == 1) == unit.endswith("s"):
        raise BadExpression(f"{expression}: write rate(1 minute) or rate(5 minutes)")
    return Rate(amount * _SECONDS[unit.removesuffix("s")])


def _moment(expression: str, text: str, zone: tzinfo) -> At:
    try:
        return At(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())
    except ValueError as wrong:
        raise BadExpression(f"{expression}: {wrong}") from wrong


def _cron(expression: str, fields: list[str], zone: tzinfo) -> Cron:
    if len(fields) != 6:
        raise BadExpression(f"{expression}: cron takes six fields, minute hour day month weekday year")
    minute, hour, day, month, weekday, year = (field.upper() for field in fields)
    if (day == "?") == (weekday == "?"):
        raise BadExpression(f"{expression}: exactly one of day and weekday is ?")
    try:
        return Cron(
            minutes=_numbers(minute, 0, 59),
            hours=_numbers(hour, 0, 23),
            months=_numbers(month, 1, 12, _MONTHS),
            years=_numbers(year, 1970, _LAST_YEAR),
            fits=_day_of_month(day) if weekday == "?" else _weekday(weekday),
            zone=zone,
        )
    except ValueError as wrong:
        raise BadExpression(f"{expression}: {wrong}") from wrong


def _numbers(field: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        if span == "*":
            first, last = low, high
        else:
            begin, _, end = span.partition("-")
            first = _number(begin, names)
            last = _number(end, names) if end else high if step else first
        if not low <= first <= high or not low <= last <= high or (step and not 1 <= int(step) <= high):
            raise ValueError(f"{part} is outside {low}-{high}")
        span_of = range(first, last + 1) if first <= last else [*range(first, high + 1), *range(low, last + 1)]
        found.update(list(span_of)[:: int(step or 1)])
    return frozenset(found)


def _number(text: str, names: dict[str, int] | None) -> int:
    return names[text] if names and text in names else int(text)


def _day_of_month(field: str) -> Callable[[date], bool]:
    if field == "L":
        return lambda day: day.day == _last(day)
    if field == "LW":
        return lambda day: day == _nearest_weekday(day, _last(day))
    if field.endswith("W"):
        wanted = min(_numbers(field[:-1], 1, 31))
        return lambda day: wanted <= _last(day) and day == _nearest_weekday(day, wanted)
    if field.startswith("L-"):
        before = min(_numbers(field[2:], 1, 30))
        return lambda day: day.day == _last(day) - before
    numbers = _numbers(field, 1, 31)
    return lambda day: day.day in numbers


def _weekday(field: str) -> Callable[[date], bool]:
    if "#" in field:
        name, _, count = field.partition("#")
        wanted, occurrence = min(_numbers(name, 1, 7, _DAYS)), int(count)
        if not 1 <= occurrence <= 5:
            raise ValueError(f"{field}: a month has at most five of a weekday")
        return lambda day: _of_week(day) == wanted and (day.day - 1) // 7 + 1 == occurrence
    if field.endswith("L"):
        if field == "L":
            return lambda day: _of_week(day) == _DAYS["SAT"]
        last = min(_numbers(field[:-1], 1, 7, _DAYS))
        return lambda day: _of_week(day) == last and day.day + 7 > _last(day)
    numbers = _numbers(field, 1, 7, _DAYS)
    return lambda day: _of_week(day) in numbers


def _of_week(day: date) -> int:
    """Return 1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_weekday(day: date, wanted: int) -> date:
    target = day.replace(day=wanted)
    if target.isoweekday() == 6:
        return target - timedelta(days=1) if wanted > 1 else target + timedelta(days=2)
    if target.isoweekday() == 7:
        return target + timedelta(days=1) if wanted < _last(day) else target - timedelta(days=2)
    return target


def _skip(day: date, months: frozenset[int], years: frozenset[int]) -> date:
    """Return the next day worth a look: whole months and years that cannot fit are passed over."""
    if day.year not in years:
        return date(day.year + 1, 1, 1)
    if day.month not in months:
        return date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day + timedelta(days=1)
