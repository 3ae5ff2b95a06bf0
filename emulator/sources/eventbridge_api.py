"""The part of EventBridge's API that the edge port answers itself: PutEvents.

AWS: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.clock import Clock
from emulator.sources.eventbridge import Buses, event_of
from emulator.template.eventbridge_model import bus_name
from emulator.web.messages import Request, Response

_TARGET = "AWSEvents.PutEvents"
_MAX_ENTRIES, _MAX_BYTES = 10, 262_144
_REQUIRED = ("Source", "DetailType", "Detail")
_JSON = "application/x-amz-json-1.1"


class _Refused(Exception):
    """An entry is not taken, the others are."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class EventsApi:
    """Answers PutEvents once every invoke that it sets off is stored."""

    def __init__(self, buses: Buses, clock: Clock) -> None:
        self._buses, self._clock = buses, clock

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if it is not PutEvents."""
        if request.header("x-amz-target") != _TARGET:
            return None
        try:
            entries = json.loads(request.body or b"{}").get("Entries")
        except (ValueError, AttributeError):
            return _answer(400, {"__type": "SerializationException"})
        if wrong := _wrong(entries):
            return _answer(400, {"__type": "ValidationException", "message": wrong})
        answers = list(await asyncio.gather(*(self._put(entry) for entry in entries)))
        failed = sum("ErrorCode" in answer for answer in answers)
        return _answer(200, {"FailedEntryCount": failed, "Entries": answers})

    async def _put(self, entry: Mapping[str, Any]) -> dict[str, str]:
        try:
            event = event_of(entry, _detail(entry), self._clock.now())
        except _Refused as refused:
            return {"ErrorCode": refused.code, "ErrorMessage": str(refused)}
        await self._buses.publish(event, bus_name(str(entry.get("EventBusName") or "")))
        return {"EventId": event["id"]}


def _wrong(entries: Any) -> str | None:
    """Return why a request is refused as a whole."""
    where = "at 'entries' failed to satisfy constraint: Member must"
    if entries is None:
        return f"1 validation error detected: Value null {where} not be null"
    if not isinstance(entries, list) or not entries:
        return f"1 validation error detected: Value '[]' {where} have length greater than or equal to 1"
    if len(entries) > _MAX_ENTRIES:
        shown = f"'[{len(entries)} entries]'"
        return f"1 validation error detected: Value {shown} {where} have length less than or equal to {_MAX_ENTRIES}"
    if sum(_size(entry) for entry in entries) > _MAX_BYTES:
        return "Total size of the entries in the request is over the limit."
    return None


def _size(entry: Mapping[str, Any]) -> int:
    """Return the size of an entry as EventBridge counts it, in bytes."""
    texts = [str(entry.get(name) or "") for name in _REQUIRED] + [str(each) for each in entry.get("Resources") or ()]
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") is not None else 0)


def _detail(entry: Mapping[str, Any]) -> Any:
    for name in _REQUIRED:
        if not entry.get(name):
            raise _Refused("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if str(entry["Source"]).startswith("aws."):
        raise _Refused("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except (TypeError, ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        raise _Refused("MalformedDetail", "Detail is malformed.")
    return detail


def _answer(status: int, document: Mapping[str, Any]) -> Response:
    headers = [("Content-Type", _JSON), ("x-amzn-RequestId", str(uuid.uuid4()))]
    return Response(status, headers, json.dumps(document).encode())
