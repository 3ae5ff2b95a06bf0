"""What a template says about what wakes its functions besides HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

RETRIES_WITH_DESTINATION = 10
"""What endless retries become once there is somewhere to put what fails
(docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html)."""
_NAMES = uuid.UUID("3d6f3f0e-8a3c-5f43-9c0f-0a8f8f6f4c11")


@dataclass(frozen=True, slots=True)
class KafkaMapping:
    """An event source mapping.

    `cluster` is the ARN of a managed cluster (MSK), None for one that is self-managed. `pollers` bounds how many of its
    partitions are in the function at once. `access` holds the pairs of `SourceAccessConfigurations`, `properties` all that
    was given, as the API spells it.
    """

    name: str
    function: str
    topic: str
    bootstrap: str = ""
    group: str = ""
    batch_size: int = 100
    window_s: float = 0.5
    start: Literal["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"] = "LATEST"
    start_timestamp_s: float | None = None
    partial: bool = False
    max_retries: int = -1
    max_age_s: int = -1
    bisect: bool = False
    on_failure: str | None = None
    pollers: int | None = None
    least_pollers: int | None = None
    poller_group: str | None = None
    cluster: str | None = None
    filters: tuple[str, ...] = ()
    access: tuple[tuple[str, str], ...] = ()
    enabled: bool = True
    uuid: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def retries(self) -> int:
        """Return how often a batch is tried again at most, -1 for as often as it takes."""
        return RETRIES_WITH_DESTINATION if self.max_retries < 0 and self.on_failure else self.max_retries


def stable_uuid(name: str) -> str:
    """Return the id of a mapping of a template: the same at each start."""
    return str(uuid.uuid5(_NAMES, name))


@dataclass(frozen=True, slots=True)
class S3Mapping:
    name: str
    function: str
    bucket: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class ScheduleRule:
    """`expression` is `rate(…)`, `cron(…)` or, for EventBridge Scheduler, `at(…)`; `input` replaces the event.

    `start` and `end` are the moments between which it fires, in seconds since 1970.
    """

    name: str
    function: str
    expression: str
    input: str | None = None
    timezone: str = "UTC"
    scheduler: bool = False
    group: str = "default"
    start: float | None = None
    end: float | None = None
