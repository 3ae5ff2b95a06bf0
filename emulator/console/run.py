"""Runs functions for the console: with an event that somebody wrote, or one that was seen before."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from emulator.console.restoring import restored
from emulator.console.ring import Entry
from emulator.console.router import Asked, Refused, Route
from emulator.console.scene import Scene
from emulator.console.views import Views
from emulator.runtime.results import Stopping, Throttled
from emulator.web.messages import Response, json_response

Mode = Literal["RequestResponse", "Event"]
MAX_EVENT_BYTES = {"RequestResponse": 6 * 1024 * 1024, "Event": 1024 * 1024}


@dataclass(frozen=True, slots=True)
class _Order:
    function: str
    payload: bytes
    mode: Mode
    origin: str


class Runs:
    """Routes that run functions. Answers are redacted, as everything that the console shows."""

    def __init__(self, scene: Scene, views: Views) -> None:
        self._scene, self._views = scene, views

    def routes(self) -> list[Route]:
        return [
            ("POST", "/_emulator/functions/{name}/invoke", self._invoke),
            ("POST", "/_emulator/invocations/{id}/replay", self._replay),
        ]

    async def _invoke(self, asked: Asked) -> Response:
        """Take `{"event": …, "mode": "RequestResponse" | "Event"}`."""
        body = asked.body()
        name = self._scene.function(asked.names["name"]).name
        return await self._run(_Order(name, _json(body.get("event", {})), _mode(body), "console"))

    async def _replay(self, asked: Asked) -> Response:
        """Take `{"event"?: …, "function"?: …, "authorizer"?: {…}, "mode"?: …}`.

        Without an event the one of then is sent again, with everything that was hidden when it was shown. What an
        edited event still hides is put back. `authorizer` is the context that an HTTP event claims to come with.
        """
        body = asked.body()
        entry = self._scene.journal.find(asked.names["id"])
        if entry is None:
            raise Refused(404, "unknown_invocation", "This invocation is not known, or no longer.")
        name = self._scene.function(str(body.get("function") or entry.ended.function)).name
        original = _original(entry)
        if "event" in body:
            payload = _json(self._edited(body["event"], original))
        elif original is not None:
            payload = original
        else:
            raise Refused(409, "not_kept", "The event was too large to keep: send one along.")
        if body.get("authorizer") is not None:
            payload = _as_caller(payload, body["authorizer"])
        return await self._run(_Order(name, payload, _mode(body), "replay"))

    def _edited(self, event: Any, original: bytes | None) -> Any:
        return event if original is None else restored(event, self._views.payload(original), json.loads(original))

    async def _run(self, order: _Order) -> Response:
        if len(order.payload) > MAX_EVENT_BYTES[order.mode]:
            raise Refused(413, "event_too_large", f"An event has at most {MAX_EVENT_BYTES[order.mode]} bytes.")
        try:
            return await self._sent(order)
        except Throttled as throttled:
            raise Refused(429, "throttled", f"{order.function} already runs as often as it may.") from throttled
        except Stopping as stopping:
            raise Refused(503, "stopping", "The emulator stops.") from stopping

    async def _sent(self, order: _Order) -> Response:
        request_id = str(uuid.uuid4())
        if order.mode == "Event":
            await self._scene.sources.asynchronous.submit(
                order.function, order.payload, request_id, origin=order.origin
            )
            return json_response(202, {"id": request_id, "function": order.function})
        result = await self._scene.runtime.invoke(
            order.function, order.payload, request_id=request_id, origin=order.origin
        )
        told = {
            "id": request_id,
            "function": order.function,
            "error": self._views.error(result),
            "answer": self._views.payload(result.payload),
            "duration_ms": round(result.duration_ms, 2),
            "init_ms": round(result.init_ms, 2),
            "memory_mb": result.memory_mb,
        }
        return json_response(200, told)


def _mode(body: dict[str, Any]) -> Mode:
    given = body.get("mode", "RequestResponse")
    if given not in MAX_EVENT_BYTES:
        raise Refused(400, "bad_parameter", "mode must be RequestResponse or Event.")
    return "Event" if given == "Event" else "RequestResponse"


def _original(entry: Entry) -> bytes | None:
    """Return the event as it was, None if it was not kept."""
    return (entry.ended.payload or b"{}") if entry.whole else None


def _as_caller(payload: bytes, authorizer: Any) -> bytes:
    event = json.loads(payload)
    context = event.get("requestContext") if isinstance(event, dict) else None
    if not isinstance(authorizer, dict) or not isinstance(context, dict):
        raise Refused(400, "no_caller", "Only the event of an API has a caller, whose context is an object.")
    return _json(event | {"requestContext": context | {"authorizer": authorizer}})


def _json(event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()
