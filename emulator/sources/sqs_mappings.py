"""The template's queues among the event source mappings of the Lambda API: shown like the others, changed in the template.

AWS: https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from emulator.sources.mappings_rules import invalid
from emulator.template import function_arn, function_name
from emulator.template.model import ACCOUNT, REGION
from emulator.template.sqs_model import SqsMapping

Configuration = dict[str, Any]
Shown = list[Configuration]


class Mappings(Protocol):
    """The mappings that the API may change; see `emulator.sources.mappings`."""

    def list(self, function: str | None = None, source: str | None = None) -> Shown: ...

    def get(self, uuid: str) -> Configuration: ...

    async def create(self, request: Mapping[str, Any]) -> Configuration: ...

    async def update(self, uuid: str, request: Mapping[str, Any]) -> Configuration: ...

    async def delete(self, uuid: str) -> Configuration: ...


class WithQueues:
    """All mappings of an emulator. `since` is when the template's were made, in seconds since 1970."""

    def __init__(self, mappings: Mappings, queues: Iterable[SqsMapping], since: float) -> None:
        self._mappings = mappings
        self._queues = {_id(each): each for each in queues}
        self._since = since

    def list(self, function: str | None = None, source: str | None = None) -> Shown:
        """Return mappings, all of them or those of a function (name or ARN) or of an event source (ARN)."""
        wanted = function_name(function) if function else None
        return self._mappings.list(function, source) + [
            self._configuration(each)
            for each in self._queues.values()
            if wanted in (None, each.function) and source in (None, each.queue)
        ]

    def get(self, uuid: str) -> Configuration:
        """Return one mapping.

        Raises:
            MappingRefused: there is none with this id.
        """
        queue = self._queues.get(uuid)
        return self._mappings.get(uuid) if queue is None else self._configuration(queue)

    async def create(self, request: Mapping[str, Any]) -> Configuration:
        """See `Mappings.create`; queues are mapped in the template only."""
        return await self._mappings.create(request)

    async def update(self, uuid: str, request: Mapping[str, Any]) -> Configuration:
        """See `Mappings.update`."""
        self._refuse_queues(uuid)
        return await self._mappings.update(uuid, request)

    async def delete(self, uuid: str) -> Configuration:
        """See `Mappings.delete`."""
        self._refuse_queues(uuid)
        return await self._mappings.delete(uuid)

    def _refuse_queues(self, uuid: str) -> None:
        if uuid in self._queues:
            raise invalid(f"The mapping {self._queues[uuid].name} of a queue is changed in the template.")

    def _configuration(self, mapping: SqsMapping) -> Configuration:
        id = _id(mapping)
        filters = [{"Pattern": each} for each in mapping.filters]
        return {
            "UUID": id,
            "EventSourceMappingArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{id}",
            "EventSourceArn": mapping.queue,
            "FunctionArn": function_arn(mapping.function),
            "BatchSize": mapping.batch_size,
            "MaximumBatchingWindowInSeconds": mapping.window_s,
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.partial else [],
            **({"ScalingConfig": {"MaximumConcurrency": mapping.concurrency}} if mapping.concurrency else {}),
            **({"FilterCriteria": {"Filters": filters}} if filters else {}),
            "State": "Enabled",
            "StateTransitionReason": "USER_INITIATED",
            "LastModified": round(self._since, 3),
        }


def _id(mapping: SqsMapping) -> str:
    """Return the mapping's id, the same after each start."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"coderev:sqs:{mapping.name}:{mapping.function}:{mapping.queue}"))
