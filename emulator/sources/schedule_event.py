"""The event of a firing, as EventBridge and EventBridge Scheduler send it to a function.

AWS: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import UTC, datetime

from emulator.template import ScheduleRule
from emulator.template.model import ACCOUNT, REGION


def event(rule: ScheduleRule, at: float) -> bytes:
    """Return the event: the rule's input, or what is sent without one. `at` is in seconds since 1970."""
    time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if rule.input is not None:
        return (_filled(rule, time) if rule.scheduler else rule.input).encode()
    document = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler" if rule.scheduler else "aws.events",
        "account": ACCOUNT,
        "time": time,
        "region": REGION,
        "resources": [arn_of(rule)],
        "detail": "{}" if rule.scheduler else {},  # EventBridge Scheduler sends a text
    }
    return json.dumps(document).encode()


def arn_of(rule: ScheduleRule) -> str:
    if rule.scheduler:
        return f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{rule.group}/{rule.name}"
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule.name}"


def _filled(rule: ScheduleRule, time: str) -> str:
    """Return the input of a schedule with its context attributes."""
    text = rule.input or ""
    attributes = {
        "schedule-arn": arn_of(rule),
        "scheduled-time": time,
        "execution-id": secrets.token_hex(8),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
