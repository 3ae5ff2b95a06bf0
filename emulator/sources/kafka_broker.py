"""Where a topic is. Known without the Kafka client, which takes a while to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a topic is. A missing one gets so many partitions. `settings` returns how to speak to the broker: it may
    ask for secrets, and raise what that raises. `member` names this emulator in consumer groups: when it was killed and
    comes back, it need not wait until the group has noticed."""

    bootstrap: str
    partitions: int = 4
    member: str | None = None
    settings: Callable[[], Mapping[str, Any]] = dict
