"""What functions ask of queues in memory: their URL, and to take messages. Everything else is moto's.

AWS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from emulator.sources.sqs_memory import Queues
from emulator.sources.sqs_queue import Message, md5, md5_of
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request, Response

_PREFIX = "AmazonSQS."


class QueuesApi:
    """A part of the edge. A queue that the template does not have is moto's."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is about something else."""
        target = request.header("x-amz-target") or ""
        answers: Mapping[str, Callable[[Request, Any], Any]] = {
            "GetQueueUrl": self._url,
            "SendMessage": self._send,
            "SendMessageBatch": self._send_batch,
        }
        answer = answers.get(target.removeprefix(_PREFIX)) if target.startswith(_PREFIX) else None
        if answer is None:
            return None
        try:
            document = answer(request, json.loads(request.body or b"{}"))
        except LookupError:
            return None
        headers = [("Content-Type", "application/x-amz-json-1.0"), ("x-amzn-RequestId", str(uuid.uuid4()))]
        return Response(200, headers, json.dumps(document).encode())

    def _url(self, request: Request, given: Any) -> Any:
        name = self._queues.find(given["QueueName"]).name
        return {"QueueUrl": f"http://{request.header('host')}/{ACCOUNT}/{name}"}

    def _send(self, request: Request, given: Any) -> Any:
        return self._put(given["QueueUrl"], given)

    def _send_batch(self, request: Request, given: Any) -> Any:
        taken = [{"Id": each["Id"], **self._put(given["QueueUrl"], each)} for each in given["Entries"]]
        return {"Successful": taken, "Failed": []}

    def _put(self, url: str, given: Any) -> dict[str, str]:
        attributes = {name: _attribute(value) for name, value in (given.get("MessageAttributes") or {}).items()}
        message = Message(given["MessageBody"], attributes, given.get("MessageGroupId"))
        self._queues.send(url, message)
        told = {"MessageId": message.id, "MD5OfMessageBody": md5(message.body.encode())}
        return {**told, "MD5OfMessageAttributes": md5_of(attributes)} if attributes else told


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    binary = value.get("BinaryValue")
    return dict(value) if binary is None else {**value, "BinaryValue": base64.b64decode(binary)}
