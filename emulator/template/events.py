"""`Events` of a function: routes, Kafka and S3 mappings, schedules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.template.errors import TemplateError
from emulator.template.model import Api, ApiRoute, Function, KafkaMapping, S3Mapping, ScheduleRule

Properties = Mapping[str, Any]
IMPLICIT = "ServerlessRestApi"
_KAFKA = {
    "BatchSize", "BisectBatchOnFunctionError", "ConsumerGroupId", "DestinationConfig", "Enabled", "FunctionResponseTypes",
    "KafkaBootstrapServers", "MaximumBatchingWindowInSeconds", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "ProvisionedPollerConfig", "StartingPosition", "StartingPositionTimestamp", "Topics",
}  # fmt: skip
_SCHEDULE = {
    "Description", "Enabled", "FlexibleTimeWindow", "Input", "Name", "RetryPolicy", "Schedule", "ScheduleExpression",
    "ScheduleExpressionTimezone", "State", "PermissionsBoundary", "RoleArn",
}  # fmt: skip


@dataclass(slots=True)
class Events:
    """What the events of all functions add up to."""

    routes: list[ApiRoute] = field(default_factory=list)
    kafka: list[KafkaMapping] = field(default_factory=list)
    s3: list[S3Mapping] = field(default_factory=list)
    schedules: list[ScheduleRule] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, function: Function, name: str, event: Properties, apis: Mapping[str, Api]) -> None:
        """Read one event of a function.

        Raises:
            TemplateError: its type is not emulated, or a property is missing.
        """
        kind, given = event.get("Type"), event.get("Properties") or {}
        place = f"{function.logical_id}.{name}"
        try:
            if kind == "Api":
                self.routes.append(_route(place, function, given, apis))
            elif kind == "SelfManagedKafka":
                self._kafka(place, function, given)
            elif kind == "S3":
                self.s3.append(_s3(place, function, given))
            elif kind in ("Schedule", "ScheduleV2"):
                self._schedule(place, function, kind, given)
            else:
                raise TemplateError(f"{place}: events of type {kind} are not supported by the emulator")
        except KeyError as missing:
            raise TemplateError(f"{place} has no {missing.args[0]}") from missing
        except (TypeError, ValueError) as wrong:
            raise TemplateError(f"{place} has a property of the wrong kind: {wrong}") from wrong

    def _kafka(self, place: str, function: Function, given: Properties) -> None:
        self.warnings += [f"{place}: {name} is not emulated" for name in sorted(set(given) - _KAFKA)]
        if given.get("Enabled", True):
            self.kafka.append(_kafka(place, function, given))

    def _schedule(self, place: str, function: Function, kind: str, given: Properties) -> None:
        self.warnings += [f"{place}: {name} is not emulated" for name in sorted(set(given) - _SCHEDULE)]
        if given.get("Enabled", True) and given.get("State", "ENABLED") == "ENABLED":
            self.schedules.append(_schedule(place, function, kind, given))


def _route(place: str, function: Function, given: Properties, apis: Mapping[str, Api]) -> ApiRoute:
    api = str(given.get("RestApiId", IMPLICIT))
    if api not in apis:
        raise TemplateError(f"{place}: the API {api} is not declared")
    authorizer = (given.get("Auth") or {}).get("Authorizer", apis[api].default_authorizer)
    if authorizer == "NONE":
        authorizer = None
    if authorizer is not None and authorizer not in apis[api].authorizers:
        raise TemplateError(f"{place}: the authorizer {authorizer} is not among those of {api}")
    method = str(given["Method"]).upper()
    return ApiRoute("ANY" if method == "*" else method, str(given["Path"]), function.name, authorizer, api)


def _kafka(place: str, function: Function, given: Properties) -> KafkaMapping:
    servers = given.get("KafkaBootstrapServers") or []
    failure = ((given.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    pollers = (given.get("ProvisionedPollerConfig") or {}).get("MaximumPollers")
    return KafkaMapping(
        name=place,
        function=function.name,
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


def _s3(place: str, function: Function, given: Properties) -> S3Mapping:
    events = given["Events"]
    rules = ((given.get("Filter") or {}).get("S3Key") or {}).get("Rules") or []
    wanted = {str(rule["Name"]).lower(): str(rule["Value"]) for rule in rules}
    return S3Mapping(
        name=place,
        function=function.name,
        bucket=str(given["Bucket"]),
        events=tuple(events) if isinstance(events, list) else (str(events),),
        prefix=wanted.get("prefix", ""),
        suffix=wanted.get("suffix", ""),
    )


def _schedule(place: str, function: Function, kind: str, given: Properties) -> ScheduleRule:
    expression = given["ScheduleExpression"] if kind == "ScheduleV2" else given["Schedule"]
    return ScheduleRule(
        name=str(given.get("Name") or place.replace(".", "")),
        function=function.name,
        expression=str(expression),
        input=given.get("Input"),
        timezone=str(given.get("ScheduleExpressionTimezone", "UTC")),
        scheduler=kind == "ScheduleV2",
    )
