"""`SelfManagedKafka` and `MSK` events and `AWS::Lambda::EventSourceMapping`: mappings of a topic to a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.patterns import BadPattern, Filters
from emulator.template.errors import TemplateError
from emulator.template.events import Event, Events
from emulator.template.source_model import KafkaMapping, stable_uuid

READ = {
    "BatchSize", "BisectBatchOnFunctionError", "ConsumerGroupId", "DestinationConfig", "Enabled", "FilterCriteria",
    "FunctionResponseTypes", "KafkaBootstrapServers", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts", "ProvisionedPollerConfig", "SourceAccessConfigurations", "StartingPosition",
    "StartingPositionTimestamp", "Stream", "Topics",
}  # fmt: skip
_OF_RESOURCES = {"AmazonManagedKafkaEventSourceConfig", "EventSourceArn", "FunctionName", "SelfManagedEventSource",
                 "SelfManagedKafkaEventSourceConfig"}  # fmt: skip
_HARMLESS = {"KmsKeyArn", "Tags"}
"""Properties of the account around a mapping, with nothing to run on one machine."""
_CONFIGS = ("SelfManagedKafkaEventSourceConfig", "AmazonManagedKafkaEventSourceConfig")


def add(event: Event, events: Events) -> None:
    """Add a mapping; one that is not enabled can be enabled later.

    Raises:
        TemplateError: it names no topic, or several, or a filter is not a pattern.
    """
    given = _properties(event)
    events.warnings += warnings(event.place, given)
    events.kafka.append(mapping_of(event.place, event.function.name, given))


def mapping_of(place: str, function: str, given: Mapping[str, Any], *, uuid: str | None = None) -> KafkaMapping:
    """Read the properties of a mapping, spelled as CloudFormation or as the API spells them.

    Args:
        place: Names the mapping in warnings and errors; its id derives from it unless one is given.

    Raises:
        TemplateError: it names no topic, or several, or a filter is not a pattern.
    """
    pollers = given.get("ProvisionedPollerConfig") or {}
    id = uuid or stable_uuid(place)
    return KafkaMapping(
        name=place,
        uuid=id,
        function=function,
        topic=_topic(place, given["Topics"]),
        bootstrap=_bootstrap(given),
        group=str(_config(given).get("ConsumerGroupId") or id),
        batch_size=int(given.get("BatchSize") or 100),
        window_s=float(given.get("MaximumBatchingWindowInSeconds", 0.5)),
        start=given.get("StartingPosition", "LATEST"),
        start_timestamp_s=_number(given.get("StartingPositionTimestamp")),
        partial="ReportBatchItemFailures" in (given.get("FunctionResponseTypes") or ()),
        max_retries=int(given.get("MaximumRetryAttempts", -1)),
        max_age_s=int(given.get("MaximumRecordAgeInSeconds", -1)),
        bisect=_flag(given.get("BisectBatchOnFunctionError", False)),
        on_failure=_destination(given),
        pollers=_whole(pollers.get("MaximumPollers")),
        least_pollers=_whole(pollers.get("MinimumPollers")),
        poller_group=pollers.get("PollerGroupName"),
        cluster=given.get("EventSourceArn"),
        filters=_filters(place, given),
        access=tuple((str(each["Type"]), str(each["URI"])) for each in given.get("SourceAccessConfigurations") or ()),
        enabled=_flag(given.get("Enabled", True)),
        properties=_as_the_api_spells(given),
    )


def warnings(place: str, given: Mapping[str, Any]) -> list[str]:
    """Name what a mapping declares and the emulator leaves out."""
    unknown = sorted(set(given) - READ - _OF_RESOURCES - _HARMLESS)
    config = _config(given)
    unknown += [name for name in ("SchemaRegistryConfig",) if config.get(name)]
    if config.get("ConsumptionMode") == "Queue":
        unknown.append("ConsumptionMode: Queue")
    return [f"{place}: {name} is not emulated" for name in unknown]


def _properties(event: Event) -> dict[str, Any]:
    """Return the properties of the mapping that SAM makes of an event; those of a mapping stay as they are."""
    given = dict(event.given)
    managed = event.kind == "MSK"
    config = {name: given.pop(name) for name in ("ConsumerGroupId", "SchemaRegistryConfig") if name in given}
    if config:
        given[_CONFIGS[managed]] = config
    if managed and "EventSourceArn" not in given:
        given["EventSourceArn"] = given.pop("Stream")
    elif "KafkaBootstrapServers" in given:
        given["SelfManagedEventSource"] = {"Endpoints": {"KafkaBootstrapServers": given.pop("KafkaBootstrapServers")}}
    return given


def _config(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for config in _CONFIGS for name, value in (given.get(config) or {}).items()}


def _bootstrap(given: Mapping[str, Any]) -> str:
    ends = (given.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    servers = ends.get("KAFKA_BOOTSTRAP_SERVERS") or ends.get("KafkaBootstrapServers") or []
    return ",".join(servers) if isinstance(servers, list) else str(servers)


def _as_the_api_spells(given: Mapping[str, Any]) -> dict[str, Any]:
    servers = _bootstrap(given)
    ends = {"SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers.split(",")}}} if servers else {}
    return {**given, **ends}


def _destination(given: Mapping[str, Any]) -> str | None:
    failure = ((given.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    return str(failure) if failure else None


def _filters(place: str, given: Mapping[str, Any]) -> tuple[str, ...]:
    found = tuple(str(each["Pattern"]) for each in (given.get("FilterCriteria") or {}).get("Filters") or ())
    try:
        Filters(found)
    except BadPattern as bad:
        raise TemplateError(f"{place}: a filter is not an event pattern: {bad}") from bad
    return found


def _topic(place: str, topics: Any) -> str:
    if not isinstance(topics, list) or len(topics) != 1:
        raise TemplateError(f"{place}: a Kafka mapping takes exactly one topic")
    return str(topics[0])


def _flag(value: Any) -> bool:
    return str(value).lower() != "false" and bool(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
