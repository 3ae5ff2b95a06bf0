"""Destinations in memory: what queues, topics and buckets of AWS would get is kept for a test to look at."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.aws.arns import Arn
from emulator.aws.clients import Aws, Credentials, NoDestination, Submit, ToTopic, entry_of

Publish = Callable[[Mapping[str, Any], str], Awaitable[object]]
"""Puts an entry of PutEvents on a bus, by its name."""
Enqueue = Callable[[str, bytes, Mapping[str, str]], None]
"""Puts a document with attributes into a queue, by its ARN."""
_SERVICES = ("sqs", "sns", "s3", "events")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a destination got: its ARN, the document, the attributes of a message, the key of an object."""

    destination: str
    document: Any
    attributes: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None


class Remembering(Aws):
    """Functions, event buses, queues and Kafka topics of the emulator get what is theirs; all is kept to be looked at."""

    def __init__(
        self,
        endpoint: Callable[[], str],
        *,
        credentials: Credentials,
        submit: Submit,
        to_topic: ToTopic | None = None,
        publish: Publish,
        enqueue: Enqueue,
    ) -> None:
        super().__init__(endpoint, credentials=credentials, submit=submit, to_topic=to_topic)
        self._publish, self._enqueue = publish, enqueue
        self.taken: list[Taken] = []

    async def put(
        self, destination: str, document: bytes, attributes: Mapping[str, str] | None = None, *, key: str | None = None
    ) -> None:
        """See `Aws.put`."""
        service = Arn.of(destination).service if destination.startswith("arn:") else ""
        if service in ("", "lambda"):
            await super().put(destination, document, attributes, key=key)
        elif service not in _SERVICES:
            raise NoDestination(f"{destination} is no destination of Lambda")
        elif service == "sqs":
            self._enqueue(destination, document, attributes or {})
        elif service == "events":
            bus = Arn.of(destination).name
            await self._publish(entry_of(bus, destination, document), bus)
        self.taken.append(Taken(destination, _read(document), dict(attributes or {}), key))


def _read(document: bytes) -> Any:
    try:
        return json.loads(document)
    except ValueError:
        return document.decode("utf-8", "replace")
