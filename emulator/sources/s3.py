"""S3 notifications: an event of the object store becomes asynchronous invokes of the functions that asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, Protocol
from urllib.parse import unquote_plus

from emulator.sources.eventbridge import Buses
from emulator.sources.s3_eventbridge import event_of
from emulator.sources.s3_record import normalised
from emulator.template import S3Mapping
from emulator.template.s3_events import NAMES


class Submit(Protocol):
    """Stores an asynchronous invoke durably; returns its request id."""

    async def __call__(self, reference: str, payload: bytes, *, origin: str) -> str: ...


class BadNotification(Exception):
    """What was delivered is not an S3 notification."""


class Notifications:
    """Matches notifications against the template's mappings; those of `bridged` buckets go to the event bus too."""

    def __init__(
        self,
        mappings: Iterable[S3Mapping],
        submit: Submit,
        *,
        buses: Buses | None = None,
        bridged: Collection[str] = (),
    ) -> None:
        self._mappings, self._submit = tuple(mappings), submit
        self._buses, self._bridged = buses, bridged

    async def deliver(self, document: Any) -> list[str]:
        """Invoke every function that a notification concerns; return the request ids, all of them stored.

        Raises:
            BadNotification: the document has no records of S3's shape.
        """
        try:
            records = [normalised(record) for record in document["Records"]]
            wanted = [
                (mapping, record) for record in records for mapping in self._mappings if concerns(mapping, record)
            ]
        except (KeyError, TypeError, AttributeError) as broken:
            raise BadNotification(f"{broken!r} is missing or of the wrong kind") from broken
        invoked = list(await asyncio.gather(*(self._invoke(mapping, record) for mapping, record in wanted)))
        return invoked + [each for record in records for each in await self._publish(record)]

    async def _publish(self, record: dict[str, Any]) -> list[str]:
        if self._buses is None or record["s3"]["bucket"]["name"] not in self._bridged:
            return []
        event = event_of(record)
        return [] if event is None else await self._buses.publish(event)

    async def _invoke(self, mapping: S3Mapping, record: dict[str, Any]) -> str:
        """Invoke with one record: AWS puts several into one event only where it says so, and S3 does not."""
        configured = record | {"s3": record["s3"] | {"configurationId": mapping.name}}
        return await self._submit(mapping.function, json.dumps({"Records": [configured]}).encode(), origin="s3")


def concerns(mapping: S3Mapping, record: Mapping[str, Any]) -> bool:
    """Tell whether a record is one that a mapping asked for. Its key is URL-encoded, the filters are not."""
    key, name = unquote_plus(record["s3"]["object"]["key"]), record["eventName"]
    return (
        record["s3"]["bucket"]["name"] == mapping.bucket
        and name in NAMES
        and any(fnmatchcase(f"s3:{name}", wanted) for wanted in mapping.events)
        and key.startswith(mapping.prefix)
        and key.endswith(mapping.suffix)
    )
