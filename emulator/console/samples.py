"""Sample events: what AWS would send, made by the parts of the emulator that send it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from emulator.sources.eventbridge import event_of
from emulator.sources.kafka_batch import Origin, event, record
from emulator.sources.s3_record import encoded, normalised
from emulator.sources.schedule_event import event as schedule_event
from emulator.sources.sqs_event import record_of
from emulator.template import ScheduleRule
from emulator.template.model import ACCOUNT, REGION

CLUSTER = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/local/{uuid.UUID(int=0)}-1"
BOOTSTRAP = "127.0.0.1:9092"
Headers = Iterable[tuple[str, str]]


def kafka(
    topic: str, values: Iterable[str], *, key: str | None, headers: Headers, now: float, managed: bool = False
) -> Any:
    """A batch of one partition, from a self-managed broker or, `managed`, from MSK."""
    sent = [(name, value.encode()) for name, value in headers]
    at = int(now * 1000)
    records = [
        record(topic, 0, offset, at, key=None if key is None else key.encode(), value=value.encode(), headers=sent)
        for offset, value in enumerate(values)
    ]
    return json.loads(event(records, Origin(BOOTSTRAP, CLUSTER if managed else None)))


def s3(bucket: str, key: str, *, name: str, size: int, now: float) -> Any:
    """A notification about one object; `name` is such as `ObjectCreated:Put`."""
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found = {"key": encoded(key), "size": size, "eTag": hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()}
    given = {"eventName": name, "eventTime": at, "s3": {"bucket": {"name": bucket}, "object": found}}
    return {"Records": [normalised(given)]}


def schedule(name: str, expression: str, *, scheduler: bool, now: float) -> Any:
    """A firing of a rule of EventBridge, or of EventBridge Scheduler."""
    return json.loads(schedule_event(ScheduleRule(name, "function", expression, scheduler=scheduler), now))


def eventbridge(source: str, detail_type: str, detail: Any, *, now: float) -> Any:
    return event_of({"Source": source, "DetailType": detail_type}, detail, now)


def sqs(queue: str, bodies: Iterable[str], *, now: float) -> Any:
    """A batch of messages."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"
    return {"Records": [record_of(_message(body, str(int(now * 1000))), arn) for body in bodies]}


def sns(topic: str, message: str, *, subject: str | None, now: float) -> Any:
    """A notification (docs.aws.amazon.com/lambda/latest/dg/with-sns.html)."""
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    subscription = f"{arn}:{uuid.uuid4()}"
    moment = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    host = f"https://sns.{REGION}.amazonaws.com"
    notification: dict[str, Any] = {
        "SignatureVersion": "1",
        "Timestamp": moment,
        "Signature": "EXAMPLE",
        "SigningCertUrl": f"{host}/SimpleNotificationService-local.pem",
        "MessageId": str(uuid.uuid4()),
        "Message": message,
        "MessageAttributes": {},
        "Type": "Notification",
        "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription}",
        "TopicArn": arn,
        "Subject": subject,
    }
    told = {"EventVersion": "1.0", "EventSubscriptionArn": subscription, "EventSource": "aws:sns", "Sns": notification}
    return {"Records": [told]}


def _message(body: str, moment: str) -> dict[str, Any]:
    return {
        "MessageId": str(uuid.uuid4()),
        "ReceiptHandle": uuid.uuid4().hex,
        "Body": body,
        "Attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": moment,
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": moment,
        },
        "MD5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
    }
