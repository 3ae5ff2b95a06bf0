"""`SelfManagedKafka` events: mappings of a topic to a function."""

from __future__ import annotations

from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.source_model import KafkaMapping

READ = {
    "BatchSize", "BisectBatchOnFunctionError", "ConsumerGroupId", "DestinationConfig", "Enabled", "FunctionResponseTypes",
    "KafkaBootstrapServers", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "ProvisionedPollerConfig", "StartingPosition", "StartingPositionTimestamp", "Topics",
}  # fmt: skip


def add(event: Event, events: Events) -> None:
    """Add a mapping, unless it is disabled.

    Raises:
        TemplateError: it names no topic, or several.
    """
    events.warn_of_others(event, READ)
    if event.given.get("Enabled", True):
        events.kafka.append(_mapping(event))


def _mapping(event: Event) -> KafkaMapping:
    place, given = event.place, event.given
    servers = given.get("KafkaBootstrapServers") or []
    failure = ((given.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    pollers = (given.get("ProvisionedPollerConfig") or {}).get("MaximumPollers")
    return KafkaMapping(
        name=place,
        function=event.function.name,
        topic=_topic(place, given["Topics"]),
        bootstrap=",".join(servers) if isinstance(servers, list) else str(servers),
        group=str(given.get("ConsumerGroupId") or place.replace(".", "-")),
        batch_size=int(given.get("BatchSize", 100)),
        window_s=float(given.get("MaximumBatchingWindowInSeconds", 0.5)),
        start=given.get("StartingPosition", "LATEST"),
        start_timestamp_s=given.get("StartingPositionTimestamp"),
        partial="ReportBatchItemFailures" in (given.get("FunctionResponseTypes") or ()),
        max_retries=int(given.get("MaximumRetryAttempts", -1)),
        max_age_s=int(given.get("MaximumRecordAgeInSeconds", -1)),
        bisect=bool(given.get("BisectBatchOnFunctionError", False)),
        on_failure=str(failure) if failure else None,
        pollers=int(pollers) if pollers else None,
    )


def _topic(place: str, topics: Any) -> str:
    if not isinstance(topics, list) or len(topics) != 1:
        raise TemplateError(f"{place}: a Kafka mapping takes exactly one topic")
    return str(topics[0])
