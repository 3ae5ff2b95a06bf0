"""What the Lambda API refuses about an event source mapping, in AWS's words
(docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any

from emulator.patterns import BadPattern, Filters
from emulator.template import KafkaMapping, function_arn

Properties = Mapping[str, Any]
MAX_FILTERS = 10
_RANGES = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
}
_LEAST_AGE_S = 60
_POSITIONS = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_NOT_OF_KAFKA = ("ParallelizationFactor", "TumblingWindowInSeconds", "ScalingConfig", "Queues")
_OF_KAFKA = ":kafka:"


class MappingRefused(Exception):
    """The API answers a request with this error: status, name of the exception, message."""

    def __init__(self, status: HTTPStatus, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


def invalid(message: str) -> MappingRefused:
    return MappingRefused(HTTPStatus.BAD_REQUEST, "InvalidParameterValueException", message)


def unknown() -> MappingRefused:
    return MappingRefused(
        HTTPStatus.NOT_FOUND, "ResourceNotFoundException", "The resource you requested does not exist."
    )


def in_use(verb: str) -> MappingRefused:
    message = f"Cannot {verb} the event source mapping because it is in use."
    return MappingRefused(HTTPStatus.BAD_REQUEST, "ResourceInUseException", message)


def conflict(request: Properties, name: str, uuid: str) -> MappingRefused:
    message = (
        f'An event source mapping with event source ("{",".join(sources(request))}"), function ("{function_arn(name)}"), '
        f'topics ("{",".join(request["Topics"])}") already exists. '
        f"Please update or delete the existing mapping with UUID {uuid}"
    )
    return MappingRefused(HTTPStatus.CONFLICT, "ResourceConflictException", message)


def sources(request: Properties) -> list[str]:
    """Return the ARN of the managed cluster, or the servers of the other one."""
    if arn := request.get("EventSourceArn"):
        return [str(arn)]
    ends = (request.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    return list(ends.get("KAFKA_BOOTSTRAP_SERVERS") or [])


def check_new(request: Properties, *, now: float, strict: bool) -> None:
    """Check what only a new mapping may say, and all the rest.

    Args:
        strict: Ask for `SourceAccessConfigurations` as AWS does; a broker on this machine needs none.

    Raises:
        MappingRefused: something is missing or not valid.
    """
    if "EventSourceArn" not in request and "SelfManagedEventSource" not in request:
        raise invalid("Unrecognized event source.")
    if "EventSourceArn" in request and _OF_KAFKA not in str(request["EventSourceArn"]):
        raise invalid(f"Unsupported source arn : {request['EventSourceArn']}")
    if strict and "SelfManagedEventSource" in request and "SourceAccessConfigurations" not in request:
        raise invalid("Required 'sourceAccessConfigurations' parameter is missing.")
    topics = list(request.get("Topics") or ())
    if len(topics) != 1:
        raise invalid("1 validation error detected: Value at 'topics' failed to satisfy constraint: "
                      "Member must have length equal to 1")  # fmt: skip
    check(request, str(topics[0]))
    _check_start(request, now)


def check(request: Properties, topic: str) -> None:
    """Check what a new mapping and a change of one may say.

    Raises:
        MappingRefused: something is not valid.
    """
    _raise_all(_out_of_range(request))
    for name in _NOT_OF_KAFKA:
        if request.get(name) is not None:
            raise invalid(f"Unsupported {name} parameter for given event source mapping type.")
    if 0 <= int(request.get("MaximumRecordAgeInSeconds") or -1) < _LEAST_AGE_S:
        raise invalid("MaximumRecordAgeInSeconds must be -1, or between 60 and 604800.")
    _check_destination(request.get("DestinationConfig") or {}, topic)
    _check_filters(request.get("FilterCriteria") or {})
    _check_pollers(request.get("ProvisionedPollerConfig") or {})


def check_function(request: Properties, exists: Callable[[str], bool]) -> None:
    if not exists(str(request.get("FunctionName", ""))):
        raise invalid("Function does not exist")


def check_unique(request: Properties, name: str, others: Iterable[KafkaMapping]) -> None:
    """Refuse a second mapping of the same topic to the same function.

    Raises:
        MappingRefused: there is one, and the message tells its id.
    """
    for other in others:
        same = set(sources(other.properties)) & set(sources(request))
        if same and other.function == name and other.topic in request["Topics"]:
            raise conflict(request, name, other.uuid)


def _out_of_range(request: Properties) -> Iterable[str]:
    for name, (least, most) in _RANGES.items():
        value = request.get(name)
        if value is None:
            continue
        if not least <= int(value) <= most:
            bound = f"less than or equal to {most}" if int(value) > most else f"greater than or equal to {least}"
            yield f"Value '{value}' at '{_camel(name)}' failed to satisfy constraint: Member must have value {bound}"
    position = request.get("StartingPosition")
    if position is not None and position not in _POSITIONS:
        yield (
            f"Value '{position}' at 'startingPosition' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(_POSITIONS)}]"
        )


def _raise_all(found: Iterable[str]) -> None:
    errors = list(found)
    if errors:
        count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected"
        raise MappingRefused(HTTPStatus.BAD_REQUEST, "ValidationException", f"{count}: {'; '.join(errors)}")


def _check_start(request: Properties, now: float) -> None:
    position, moment = request.get("StartingPosition"), request.get("StartingPositionTimestamp")
    if position is None:
        raise invalid("1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
                      "Member must not be null.")  # fmt: skip
    if position == "AT_TIMESTAMP" and moment is None:
        raise invalid("Need to specify a timestamp")
    if moment is not None and position != "AT_TIMESTAMP":
        raise invalid("StartingPositionTimestamp is only supported with the starting position AT_TIMESTAMP.")
    if moment is not None and float(moment) > now:
        raise invalid("StartingPositionTimestamp cannot be in the future.")


def _check_destination(config: Properties, topic: str) -> None:
    if "OnSuccess" in config:
        raise invalid("Unsupported DestinationConfig parameter for given event source mapping type.")
    failure = (config.get("OnFailure") or {}).get("Destination")
    if failure == f"kafka://{topic}":
        raise invalid("The topic of the on-failure destination must not be the topic of the event source.")


def _check_filters(criteria: Properties) -> None:
    patterns = [each.get("Pattern") for each in criteria.get("Filters") or ()]
    try:
        if len(patterns) > MAX_FILTERS or not all(isinstance(pattern, str) for pattern in patterns):
            raise BadPattern("too many, or not a text")
        Filters(patterns)
    except BadPattern as bad:
        raise invalid("Invalid filter pattern definition.") from bad


def _check_pollers(config: Properties) -> None:
    least, most = config.get("MinimumPollers", 1), config.get("MaximumPollers", 200)
    if int(least) > int(most):
        raise invalid("MinimumPollers must be less than or equal to MaximumPollers.")


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
