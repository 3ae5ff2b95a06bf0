"""Hands documents to destinations: queues, topics, buckets, event buses, functions and Kafka topics.

boto3 is imported with the first document for AWS; its calls go to the edge port and run in threads.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from emulator.aws.arns import Arn
from emulator.aws.keys import key_of
from emulator.template.model import REGION

Credentials = tuple[str, str, str]
Submit = Callable[[str, bytes], Awaitable[object]]
"""Invokes a function asynchronously: its ARN and the event."""
ToTopic = Callable[[str, bytes], Awaitable[None]]
"""Writes a document to a Kafka topic; raises if it could not."""
_KAFKA = "kafka://"
_CONNECT_S, _READ_S, _ATTEMPTS = 2.0, 10.0, 2
_NUMBERS = frozenset({"ErrorCode"})
"""Message attributes that Lambda sends with the type Number; all others are String."""


class NoDestination(Exception):
    """The destination is of a kind that nothing here reaches."""


class Aws:
    """Clients of one emulator. `endpoint` is the URL of its edge port."""

    def __init__(
        self,
        endpoint: Callable[[], str],
        *,
        credentials: Credentials,
        submit: Submit,
        to_topic: ToTopic | None = None,
    ) -> None:
        self._endpoint, self._credentials = endpoint, credentials
        self._submit, self._to_topic = submit, to_topic
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    async def put(
        self, destination: str, document: bytes, attributes: Mapping[str, str] | None = None, *, key: str | None = None
    ) -> None:
        """Hand a document over; once this returns the destination has it.

        Args:
            destination: ARN of a queue, topic, bucket, event bus or function, or `kafka://TOPIC`.
            attributes: Message attributes, for queues and topics.
            key: Name of the object, for buckets; by default that of a record of an asynchronous invoke.

        Raises:
            NoDestination: nothing of this kind is reached from here.
            botocore.exceptions.ClientError, BotoCoreError: the service refused or is not there.
            UnknownFunction: the function is not here.
        """
        if destination.startswith(_KAFKA):
            await self._to_kafka(destination.removeprefix(_KAFKA), document)
            return
        try:
            arn = Arn.of(destination)
        except ValueError as wrong:
            raise NoDestination(str(wrong)) from wrong
        if arn.service == "lambda":
            await self._submit(destination, document)
        else:
            await asyncio.to_thread(self._send, arn, destination, document, attributes or {}, key)

    async def call(self, service: str, operation: str, /, **parameters: Any) -> Any:
        """Call an operation of a service by its name in boto3, such as `"sqs", "create_queue"`.

        Raises:
            botocore.exceptions.ClientError, BotoCoreError: it was refused.
        """
        return await asyncio.to_thread(lambda: getattr(self.client(service), operation)(**parameters))

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service. Its calls block, so use it in threads."""
        with self._making:
            if service not in self._clients:
                self._clients[service] = self._connect(service)
            return self._clients[service]

    def _connect(self, service: str) -> Any:
        from boto3.session import Session
        from botocore.config import Config

        key, secret, token = self._credentials
        session: Any = Session(
            aws_access_key_id=key, aws_secret_access_key=secret, aws_session_token=token, region_name=REGION
        )
        config = Config(
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            proxies={},
        )
        return session.client(service, endpoint_url=self._endpoint(), config=config)

    async def _to_kafka(self, topic: str, document: bytes) -> None:
        if self._to_topic is None:
            raise NoDestination("no Kafka broker is configured")
        await self._to_topic(topic, document)

    def _send(
        self, arn: Arn, destination: str, document: bytes, attributes: Mapping[str, str], key: str | None
    ) -> None:
        message: Any = {"MessageAttributes": _typed(attributes)}
        if arn.service == "sqs":
            url = f"{self._endpoint()}/{arn.account}/{arn.resource}"
            self.client("sqs").send_message(QueueUrl=url, MessageBody=document.decode(), **message)
        elif arn.service == "sns":
            self.client("sns").publish(TopicArn=destination, Message=document.decode(), **message)
        elif arn.service == "s3":
            self.client("s3").put_object(Bucket=arn.resource, Key=key or key_of(document), Body=document)
        elif arn.service == "events":
            self._put_event(arn.name, destination, document)
        else:
            raise NoDestination(f"{destination} is no destination of Lambda")

    def _put_event(self, bus: str, destination: str, document: bytes) -> None:
        entry = entry_of(bus, destination, document)
        answer = self.client("events").put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise NoDestination(f"{destination} refused the event: {answer['Entries'][0].get('ErrorMessage')}")


def entry_of(bus: str, destination: str, document: bytes) -> dict[str, Any]:
    """Return the entry of PutEvents that a record becomes."""
    context = json.loads(document)["requestContext"]
    outcome = "Success" if context["condition"] == "Success" else "Failure"
    return {
        "EventBusName": bus,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {outcome}",
        "Detail": document.decode(),
        "Resources": [context["functionArn"], destination],
    }


def _typed(attributes: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        name: {"DataType": "Number" if name in _NUMBERS else "String", "StringValue": value}
        for name, value in attributes.items()
    }
