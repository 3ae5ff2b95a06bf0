"""Finds new objects by listing, for an object store that sends no notifications to the emulator.

Each object that is there is told of once for each of its contents while the emulator runs, and again after a restart if
it is still there: at least once, as S3 promises. What is put and deleted between two looks is missed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from emulator.options import S3Access
from emulator.sources.s3_record import encoded, sequencer
from emulator.template import S3Mapping
from emulator.template.model import REGION

log = logging.getLogger(__name__)
EVERY_S = 1.0
TIMEOUT_S = 10
Deliver = Callable[[dict[str, Any]], Awaitable[object]]
Found = tuple[str, str, str, int]
"""Bucket, key, entity tag and size in bytes."""


class Listing:
    """Looks at every bucket and prefix that a mapping names, once a second."""

    def __init__(self, mappings: Iterable[S3Mapping], access: S3Access, deliver: Deliver) -> None:
        self._places = sorted({(mapping.bucket, mapping.prefix) for mapping in mappings})
        self._access, self._deliver = access, deliver
        self._told: set[Found] = set()
        self._trouble = ""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        client = await asyncio.to_thread(self._client)
        while self._places:
            try:
                await self._look(client)
                self._trouble = ""
            except Exception as failed:  # noqa: BLE001 - whatever it is, the next look may succeed
                self._report(f"{type(failed).__name__}: {failed}")
            await asyncio.sleep(EVERY_S)

    async def _look(self, client: Any) -> None:
        present = set(await asyncio.to_thread(lambda: list(self._listed(client))))
        for found in sorted(present - self._told):
            await self._deliver(_document(found))
            self._told.add(found)
        self._told &= present

    def _listed(self, client: Any) -> Iterator[Found]:
        for bucket, prefix in self._places:
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                for each in page.get("Contents", ()):
                    yield bucket, each["Key"], each["ETag"].strip('"'), each["Size"]

    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self._access.endpoint,
            aws_access_key_id=self._access.access_key,
            aws_secret_access_key=self._access.secret_key,
            region_name=REGION,
            config=Config(
                connect_timeout=TIMEOUT_S,
                read_timeout=TIMEOUT_S,
                retries={"max_attempts": 0},
                s3={"addressing_style": "path"},
            ),
        )

    def _report(self, trouble: str) -> None:
        """Log trouble when it begins or changes, not at every look."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("objects cannot be listed: %s", trouble)


def _document(found: Found) -> dict[str, Any]:
    bucket, key, tag, size = found
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),  # noqa: TID251 - a fact, not a rule
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "listing"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {},
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": {"key": encoded(key), "size": size, "eTag": tag, "sequencer": sequencer()},
        },
    }
    return {"Records": [record]}
