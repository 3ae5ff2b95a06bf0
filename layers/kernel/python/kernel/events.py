"""Events: the CloudEvents envelope, and the Kafka edge that turns records into handled messages.

Every record has one of three outcomes, each chosen: handled, dead-lettered with the reason, or delivered
again. CloudEvents 1.0, structured JSON mode: https://github.com/cloudevents/spec.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kernel import observe
from kernel.errors import DomainError, Unavailable
from kernel.identity import Caller

M = TypeVar("M", bound=BaseModel)
LARGEST_EVENT_BYTES = 64 * 1024


class Envelope(BaseModel):
    """A CloudEvent; `orgid`, `correlationid` and `traceparent` are extension attributes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    orgid: str | None = None
    correlationid: str = ""
    traceparent: str | None = None
    data: dict[str, Any]

    @property
    def caller(self) -> Caller:
        """The platform, working for the organisation that the event belongs to."""
        return Caller.function(self.orgid, self.correlationid)


@dataclass(frozen=True, slots=True)
class Message:
    """What a domain event becomes on the wire: `messages.py` makes these.

    `key` orders: records of one key arrive in the order in which they were committed.
    """

    topic: str
    type: str
    key: str
    data: BaseModel


@dataclass(frozen=True, slots=True)
class On(Generic[M]):
    """How a consumer handles one event type. `handle` is idempotent: claim the event's id in the inbox."""

    message: type[M]
    handle: Callable[[M, Envelope], None]


class DeadLetters(Protocol):
    def bury(self, record: Mapping[str, Any], reason: str) -> None:
        """Keep a record that cannot be handled, with why. Raises Unavailable."""
        ...


def consume(
    event: Mapping[str, Any], handlers: Mapping[str, On[Any]], dead_letters: DeadLetters
) -> dict[str, list[dict[str, Any]]]:
    """Handle each record in partition order and answer as ReportBatchItemFailures asks.

    A malformed or refused message goes to the dead letters: a retry would not help it. When a dependency
    is unavailable the partition stops at that record, which is delivered again with all that follow.
    Types that nobody here handles are skipped: a topic carries several.
    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """
    failures = []
    for partition, records in event["records"].items():
        stopped = _partition(records, handlers, dead_letters)
        if stopped is not None:
            failures.append({"itemIdentifier": {"partition": partition, "offset": stopped}})
    return {"batchItemFailures": failures}


def _partition(
    records: Sequence[Mapping[str, Any]], handlers: Mapping[str, On[Any]], dead_letters: DeadLetters
) -> int | None:
    """The offset of the first record to be delivered again, if any."""
    for record in records:
        try:
            _handle_or_bury(record, handlers, dead_letters)
        except Unavailable as down:
            observe.log.warning(
                "record will be delivered again", topic=record["topic"], offset=record["offset"], reason=str(down)
            )
            return int(record["offset"])
    return None


def _handle_or_bury(record: Mapping[str, Any], handlers: Mapping[str, On[Any]], dead_letters: DeadLetters) -> None:
    try:
        _handle(record, handlers)
    except Unavailable:
        raise
    except ValidationError as malformed:
        places = [".".join(map(str, error["loc"])) for error in malformed.errors(include_input=False)]
        dead_letters.bury(record, f"malformed: {', '.join(places)}")
    except DomainError as refused:
        dead_letters.bury(record, f"refused: {refused.code}: {refused.message}")
    except Exception as bug:  # noqa: BLE001 - a record that meets a bug must not block its partition for ever
        observe.log.exception("record failed", topic=record["topic"], offset=record["offset"])
        dead_letters.bury(record, f"failed: {type(bug).__name__}")


def _handle(record: Mapping[str, Any], handlers: Mapping[str, On[Any]]) -> None:
    envelope = Envelope.model_validate_json(base64.b64decode(record.get("value") or b""))
    chosen = handlers.get(envelope.type)
    if chosen is None:
        return
    message = chosen.message.model_validate(envelope.data)
    with observe.span(envelope.type, correlation_id=envelope.correlationid, parent=envelope.traceparent):
        chosen.handle(message, envelope)


class KafkaDeadLetters:
    """Buries records in `coderev.<domain>.dead.v1`, reason and origin in the headers."""

    def __init__(self, producer: Callable[[], Any], topic: str) -> None:
        self._producer = producer
        self._topic = topic

    def bury(self, record: Mapping[str, Any], reason: str) -> None:
        from kafka.errors import KafkaError

        origin = f"{record['topic']}-{record['partition']}@{record['offset']}"
        headers = [("reason", reason.encode()[:1024]), ("origin", origin.encode())]
        value, key = (base64.b64decode(record[part]) if record.get(part) else None for part in ("value", "key"))
        try:
            self._producer().send(self._topic, value=value, key=key, headers=headers).get(timeout=10)
        except KafkaError as down:
            raise Unavailable("dead letters") from down
        observe.log.error("record buried", origin=origin, reason=reason)
