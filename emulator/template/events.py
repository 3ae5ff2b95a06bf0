"""What the `Events` of all functions add up to. A module a kind reads them; `event_kinds` knows which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.template.eventbridge_model import EventRule
from emulator.template.http_model import HttpApi, HttpRoute
from emulator.template.model import Function
from emulator.template.rest_model import Api, ApiRoute
from emulator.template.source_model import KafkaMapping, S3Mapping, ScheduleRule
from emulator.template.sqs_model import SqsMapping


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a function's `Events`, its properties resolved. `place` names it in warnings and errors."""

    place: str
    function: Function
    kind: str
    given: Mapping[str, Any]


@dataclass(slots=True)
class Events:
    """Collects what was read. `apis` are those that a route may name."""

    apis: Mapping[str, Api]
    routes: list[ApiRoute] = field(default_factory=list)
    kafka: list[KafkaMapping] = field(default_factory=list)
    s3: list[S3Mapping] = field(default_factory=list)
    schedules: list[ScheduleRule] = field(default_factory=list)
    http_apis: Mapping[str, HttpApi] = field(default_factory=dict)
    http_routes: list[HttpRoute] = field(default_factory=list)
    event_rules: list[EventRule] = field(default_factory=list)
    sqs: list[SqsMapping] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def warn_of_others(self, event: Event, known: Iterable[str]) -> None:
        """Warn about each property that is not among those known."""
        unknown = sorted(set(event.given).difference(known))
        self.warnings += [f"{event.place}: {name} is not emulated" for name in unknown]
