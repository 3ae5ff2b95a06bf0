"""Events that a test sends: what a caller, a bucket, a topic or a bus would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from emulator.clock import ManualClock
from emulator.server import Emulator
from emulator.sources.eventbridge import event_of
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.s3_record import encoded
from emulator.sources.sqs_memory import Queues
from emulator.sources.sqs_queue import Message
from emulator.template import KafkaMapping

T = TypeVar("T")
_ANSWER_S = 60.0


class Events:
    """The part of the fixture that sends events. Each returns once the event is taken; `settle` lets it be dealt with."""

    def __init__(self, emulator: Emulator, clock: ManualClock) -> None:
        self.emulator, self._clock = emulator, clock

    def invoke_async(self, function: str, event: Any = None) -> str:
        """Invoke a function asynchronously, with its retries and destinations; return the request id.

        Raises:
            UnknownFunction: there is no such function.
        """
        return self._run(self.emulator.sources.asynchronous.submit(function, json.dumps(event).encode()))

    def notify(self, bucket: str, key: str, *, event: str = "ObjectCreated:Put", size: int = 0) -> list[str]:
        """Tell of an object without storing one; return a request id for each function that asked for such events."""
        record = {
            "eventName": event,
            "eventTime": datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "s3": {
                "bucket": {"name": bucket},
                "object": {"key": encoded(key), "size": size, "eTag": "d41d8cd98f00b204e9800998ecf8427e"},
            },
        }
        return self._run(self.emulator.sources.notifications.deliver({"Records": [record]}))

    def put_object(self, bucket: str, key: str, body: bytes | str = b"") -> None:
        """Store an object where functions find it with boto3, and tell of it.

        The first use of S3, or of any other service that is not the emulator's own, starts moto for the test, which
        takes about a second: `notify` is for functions that do not read the object.
        """
        client = self.emulator.sources.aws.client("s3")
        present = {each["Name"] for each in client.list_buckets()["Buckets"]}
        if bucket not in present:
            client.create_bucket(Bucket=bucket)
        client.put_object(Bucket=bucket, Key=key, Body=body)

    def send(
        self,
        topic: str,
        value: Any,
        *,
        key: str | bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        partition: int = 0,
    ) -> int:
        """Write a record to a Kafka topic in memory and return its offset.

        Args:
            value: Text, bytes, None, or something that is sent as JSON.

        Raises:
            LookupError: no function of the template reads the topic.
        """
        self._mapping(topic)

        async def send() -> int:
            told = [(name, _bytes(content) or b"") for name, content in (headers or {}).items()]
            topics = self.emulator.sources.kafka.topics
            return topics.send(topic, _bytes(value), key=_bytes(key), headers=told, partition=partition)

        return self._run(send())

    def records(self, topic: str) -> list[Any]:
        """Return what a topic holds: what the test sent, and what destinations wrote."""

        async def find() -> list[Any]:
            return list(self.emulator.sources.kafka.topics.records(topic))

        return self._run(find())

    def send_message(
        self, queue: str, body: Any, *, attributes: Mapping[str, str] | None = None, group: str | None = None
    ) -> str:
        """Send a message to an SQS queue of the template, by its name, and return its id.

        Args:
            body: Text, or something that is sent as JSON.
            group: The message group, for FIFO queues.

        Raises:
            LookupError: the template has no such queue.
        """
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()}
        text = body if isinstance(body, str) else json.dumps(body)

        async def send() -> str:
            return self._queues.send(queue, Message(text, typed, group)).id

        return self._run(send())

    def messages(self, queue: str) -> list[str]:
        """Return the bodies of what is in a queue, hidden or not; raises as `send_message` does."""

        async def find() -> list[str]:
            return [message.body for message in self._queues.find(queue).messages]

        return self._run(find())

    def put_event(
        self, source: str, detail_type: str, detail: Any = None, *, bus: str = "default", resources: Sequence[str] = ()
    ) -> list[str]:
        """Put an event on a bus; return a request id for each function with a rule that matches."""
        entry = {"Source": source, "DetailType": detail_type, "Resources": list(resources)}
        event = event_of(entry, {} if detail is None else detail, self._clock.now())
        return self._run(self.emulator.sources.buses.publish(event, bus))

    def topic_faults(self, topic: str) -> KafkaFaults:
        """Return where faults of a topic's mapping are set, such as `duplicate`, `late` or `poison`.

        Raises:
            LookupError: no function of the template reads the topic.
        """
        return self.emulator.sources.mappings.faults(self._mapping(topic).uuid)

    @property
    def _queues(self) -> Queues:
        queues = self.emulator.sources.queues
        assert queues is not None, "an emulator inside a test has queues"
        return queues

    def _mapping(self, topic: str) -> KafkaMapping:
        known = {each.topic: each for each in self.emulator.template.kafka}
        if topic not in known:
            raise LookupError(f"no function reads the topic {topic}; those that are read: {', '.join(known) or 'none'}")
        return known[topic]

    def _run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = _ANSWER_S) -> T:
        """Run something in the emulator's event loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self.emulator.loop).result(timeout_s)


def _bytes(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()
