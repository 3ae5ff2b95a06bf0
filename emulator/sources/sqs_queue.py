"""One queue in memory: what is in it, and what of it may be seen now."""

from __future__ import annotations

import asyncio
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.aws.arns import arn
from emulator.template.model import AwsResource

_VISIBLE_S, _NO_LIMIT = 30.0, 1_000_000
_SENDER = "AIDAEXAMPLE"


@dataclass(slots=True, eq=False)
class Message:
    """`attributes` are those of the message as boto3 has them: `{"name": {"DataType": "String", "StringValue": "v"}}`.

    `group` is the message group of a FIFO queue; times are seconds since 1970.
    """

    body: str
    attributes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    group: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    number: int = 0
    sent: float = 0.0
    first: float = 0.0
    visible_at: float = 0.0
    received: int = 0

    def again(self) -> Message:
        """Return the message as it begins in another queue."""
        return Message(self.body, self.attributes, self.group, self.id)

    def received_as(self) -> dict[str, Any]:
        """Return the message as `ReceiveMessage` does."""
        told = {
            "ApproximateReceiveCount": str(self.received),
            "SentTimestamp": _ms(self.sent),
            "SenderId": _SENDER,
            "ApproximateFirstReceiveTimestamp": _ms(self.first),
        }
        if self.group is not None:
            told |= {
                "MessageGroupId": self.group,
                "SequenceNumber": f"{self.number:020d}",
                "MessageDeduplicationId": self.id,
            }
        return {
            "MessageId": self.id,
            "ReceiptHandle": uuid.uuid4().hex,
            "Body": self.body,
            "MD5OfBody": md5(self.body.encode()),
            "Attributes": told,
            "MessageAttributes": self.attributes,
            "MD5OfMessageAttributes": md5_of(self.attributes),
        }


class Queue:
    """In the order of arrival. `dead_letters` is the ARN of the queue for what came back `most_received` times."""

    def __init__(
        self,
        arn: str,
        *,
        visible_s: float = _VISIBLE_S,
        dead_letters: str | None = None,
        most_received: int = _NO_LIMIT,
    ) -> None:
        self.arn, self.dead_letters, self.most_received = arn, dead_letters, most_received
        self.messages: list[Message] = []
        self.changed = asyncio.Event()
        self._visible_s = visible_s
        self._numbers = 0

    @classmethod
    def declared(cls, resource: AwsResource) -> Queue:
        """Return the queue of a template's resource."""
        given = resource.properties
        redrive = given.get("RedrivePolicy") or {}
        redrive = json.loads(redrive) if isinstance(redrive, str) else redrive
        return cls(
            arn("sqs", resource.name),
            visible_s=float(given.get("VisibilityTimeout", _VISIBLE_S)),
            dead_letters=redrive.get("deadLetterTargetArn"),
            most_received=int(redrive.get("maxReceiveCount", _NO_LIMIT)),
        )

    @property
    def name(self) -> str:
        return self.arn.rpartition(":")[2]

    def put(self, message: Message, now: float) -> None:
        self._numbers += 1
        message.number, message.sent, message.visible_at = self._numbers, now, now
        if self.name.endswith(".fifo") and message.group is None:
            message.group = "default"
        self.messages.append(message)
        self.changed.set()

    def visible(self, now: float) -> list[Message]:
        """Return what may be received; a group of a FIFO queue waits for those before."""
        found, held = [], set()
        for message in self.messages:
            if message.visible_at > now:
                held.add(message.group)
            elif message.group is None or message.group not in held:
                found.append(message)
        return found

    def next_visible(self, now: float) -> float | None:
        """Return when the next message that is hidden may be seen again, None if there is none."""
        return min((message.visible_at for message in self.messages if message.visible_at > now), default=None)

    def hide(self, message: Message, now: float) -> None:
        """Take note that a message was received."""
        message.received += 1
        message.first = message.first or now
        message.visible_at = now + self._visible_s

    def delete(self, ids: Iterable[str]) -> None:
        gone = set(ids)
        self.messages = [message for message in self.messages if message.id not in gone]
        self.changed.set()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def md5_of(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the digest of message attributes
    (docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html)."""
    content = b""
    for name, value in sorted(attributes.items()):
        binary = value.get("BinaryValue")
        held = str(value.get("StringValue", "")).encode() if binary is None else bytes(binary)
        content += _sized(name.encode()) + _sized(str(value["DataType"]).encode())
        content += (b"\x01" if binary is None else b"\x02") + _sized(held)
    return md5(content)


def _sized(content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + content


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))
