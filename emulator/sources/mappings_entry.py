"""One event source mapping: what it says, the state it is in, and how the API shows it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from emulator.sources.kafka_faults import KafkaFaults
from emulator.template import KafkaMapping, function_arn
from emulator.template.kafka_events import mapping_of
from emulator.template.model import ACCOUNT, REGION

Properties = Mapping[str, Any]
OK, NOTHING_YET, CALL_FAILED = "OK", "No records processed", "PROBLEM: Function call failed"
NO_BROKER = "PROBLEM: Connection error. Please check your event source connection configuration."
_SETTLED = {"Enabled", "Disabled"}
_SHOWN = (
    "BisectBatchOnFunctionError", "DestinationConfig", "EventSourceArn", "FilterCriteria", "KMSKeyArn", "LoggingConfig",
    "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts", "MetricsConfig",
    "ProvisionedPollerConfig", "SelfManagedEventSource", "SourceAccessConfigurations", "StartingPositionTimestamp", "Topics",
)  # fmt: skip
"""Properties that are shown as they were given."""


class Running(Protocol):
    """A source at work."""

    @property
    def result(self) -> str:
        """Return what became of the last batch, in AWS's words."""
        ...

    @property
    def state(self) -> dict[str, Any]:
        """Describe the source for people."""
        ...

    def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(slots=True)
class Entry:
    """`declared` ones are those of the template: they come back with each start."""

    mapping: KafkaMapping
    state: str
    modified: float
    declared: bool = False
    source: Running | None = None
    faults: KafkaFaults | None = None

    @property
    def settled(self) -> bool:
        return self.state in _SETTLED

    def to(self, state: str, now: float) -> None:
        self.state, self.modified = state, now

    def configuration(self) -> dict[str, Any]:
        """Return the mapping as `EventSourceMappingConfiguration`
        (docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html)."""
        mapping, given = self.mapping, self.mapping.properties
        config = "AmazonManagedKafkaEventSourceConfig" if mapping.cluster else "SelfManagedKafkaEventSourceConfig"
        return {
            "UUID": mapping.uuid,
            "EventSourceMappingArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{mapping.uuid}",
            "FunctionArn": _arn(mapping),
            "BatchSize": mapping.batch_size,
            "StartingPosition": mapping.start,
            "FunctionResponseTypes": ["ReportBatchItemFailures"] if mapping.partial else [],
            config: {**(given.get(config) or {}), "ConsumerGroupId": mapping.group},
            **{name: given[name] for name in _SHOWN if given.get(name) is not None},
            "State": self.state,
            "StateTransitionReason": "USER_INITIATED",
            "LastProcessingResult": self.source.result if self.source else NOTHING_YET,
            "LastModified": round(self.modified, 3),
        }

    def changed(self, request: Properties, function: str | None) -> KafkaMapping:
        """Return the mapping as a request changes it. Its source, topic, position and group stay as they are."""
        given = {**self.mapping.properties, **{name: value for name, value in request.items() if value is not None}}
        changed = mapping_of(self.mapping.name, function or self.mapping.function, given, uuid=self.mapping.uuid)
        return replace(changed, group=self.mapping.group, bootstrap=self.mapping.bootstrap)


def new_mapping(function: str, request: Properties) -> KafkaMapping:
    """Return what a valid request describes, with an id of its own."""
    id = str(uuid.uuid4())
    return mapping_of(id, function, request, uuid=id)


def _arn(mapping: KafkaMapping) -> str:
    """Return the function's ARN, with the version or alias that was asked for."""
    asked = str(mapping.properties.get("FunctionName", ""))
    qualifier = asked.rpartition(f"{mapping.function}:")[2] if f"{mapping.function}:" in asked else ""
    return function_arn(mapping.function) + (f":{qualifier}" if qualifier else "")
