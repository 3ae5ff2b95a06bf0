"""What an invocation was about, in a few words, read from the shape of its event."""

from __future__ import annotations

import json
from typing import Any

_LONGEST_READ = 64 * 1024
_LONGEST = 120


def title_of(payload: bytes) -> str:
    """Return such as `GET /hello`, `orders-0 ×12` or `ObjectCreated:Put in/box`; empty when nothing is known."""
    if not payload or len(payload) > _LONGEST_READ:
        return ""
    try:
        event = json.loads(payload)
        return _title(event)[:_LONGEST] if isinstance(event, dict) else ""
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return ""


def status_of(answer: bytes) -> int | None:
    """Return the status code of a gateway answer, None if it is none."""
    if len(answer) > _LONGEST_READ or b"statusCode" not in answer:
        return None
    try:
        status = json.loads(answer)["statusCode"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return status if isinstance(status, int) else None


def _title(event: dict[str, Any]) -> str:
    context = event.get("requestContext") or {}
    if "methodArn" in event or "routeArn" in event:
        return f"authorize {str(event.get('methodArn') or event['routeArn']).split('/', 1)[-1]}"
    if "httpMethod" in event:
        return f"{event['httpMethod']} {event['path']}"
    if "http" in context:
        return f"{context['http']['method']} {event['rawPath']}"
    if "routeKey" in context:
        return str(context["routeKey"])
    if isinstance(event.get("records"), dict):
        return " ".join(f"{place} ×{len(records)}" for place, records in event["records"].items())
    if event.get("Records"):
        return _record(event["Records"])
    return str(event.get("detail-type") or "")


def _record(records: list[dict[str, Any]]) -> str:
    first = records[0]
    if "s3" in first:
        return f"{first['eventName']} {first['s3']['bucket']['name']}/{first['s3']['object']['key']}"
    source = str(first.get("eventSource") or first.get("EventSource") or "")
    return f"{source.removeprefix('aws:')} ×{len(records)}"
