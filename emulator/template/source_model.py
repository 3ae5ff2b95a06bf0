"""What a template says about what wakes its functions besides HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class KafkaMapping:
    """An event source mapping. `pollers` bounds how many of its partitions are in the function at once."""

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
    """`expression` is `rate(…)` or `cron(…)`; `input` replaces the event when given."""

    name: str
    function: str
    expression: str
    input: str | None = None
    timezone: str = "UTC"
    scheduler: bool = False
