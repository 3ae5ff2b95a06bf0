"""Routes that turn the clock and look after what surrounds the functions: sources, services, warnings."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from emulator.console.router import Asked, Refused, Route
from emulator.console.scene import Scene
from emulator.console.views import Views, timestamp
from emulator.sources.schedule_event import event as schedule_event
from emulator.template import ScheduleRule
from emulator.web.messages import Response, json_response
from emulator.web.websocket import GOING_AWAY
from emulator.websocket.connection import Connection

FURTHEST_S = 366 * 24 * 3600.0


class Control:
    """Routes about time and about what sends events."""

    def __init__(self, scene: Scene, views: Views) -> None:
        self._scene, self._views = scene, views

    def routes(self) -> list[Route]:
        return [
            ("GET", "/_emulator/clock", self._clock),
            ("POST", "/_emulator/clock", self._advance),
            ("GET", "/_emulator/sources", self._sources),
            ("POST", "/_emulator/schedules/{name}/fire", self._fire),
            ("GET", "/_emulator/dead-letters", self._letters),
            ("POST", "/_emulator/dead-letters/{id}/redeliver", self._redeliver),
            ("DELETE", "/_emulator/dead-letters/{id}", self._bury),
            ("GET", "/_emulator/services", self._services),
            ("GET", "/_emulator/warnings", self._warnings),
            ("GET", "/_emulator/connections", self._connections),
            ("DELETE", "/_emulator/connections/{id}", self._disconnect),
        ]

    async def _clock(self, asked: Asked) -> Response:
        now = self._scene.options.clock.now()
        return json_response(200, {"now": timestamp(now), "ahead_s": round(now - time.time(), 3)})

    async def _advance(self, asked: Asked) -> Response:
        """Take `{"advance_s": seconds}`."""
        seconds = asked.body().get("advance_s")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= FURTHEST_S:
            raise Refused(400, "bad_parameter", "advance_s must be a number of seconds, a year at most.")
        self._scene.options.clock.advance(float(seconds))
        await asyncio.sleep(0)  # who was waked runs before the answer
        return await self._clock(asked)

    async def _sources(self, asked: Asked) -> Response:
        template, status = self._scene.template, await self._scene.sources.status()
        told = {
            **status,
            "schedules": [_schedule(rule, due) for rule, due in self._scene.sources.schedules],
            "s3": [
                {
                    "name": each.name,
                    "function": each.function,
                    "bucket": each.bucket,
                    "events": list(each.events),
                    "prefix": each.prefix,
                    "suffix": each.suffix,
                }
                for each in template.s3
            ],
            "asynchronous": self._queue(status.get("asynchronous") or {}),
        }
        return json_response(200, told)

    async def _fire(self, asked: Asked) -> Response:
        """Send the event of a schedule now; its next firing stays when it is."""
        name = asked.names["name"]
        rule = next((each for each, _ in self._scene.sources.schedules if each.name == name), None)
        if rule is None:
            raise Refused(404, "unknown_schedule", f"There is no schedule {name}.")
        now = self._scene.options.clock.now()
        queue = self._scene.sources.asynchronous
        request_id = await queue.submit(rule.function, schedule_event(rule, now), origin="schedule")
        return json_response(202, {"id": request_id, "function": rule.function})

    async def _letters(self, asked: Asked) -> Response:
        """Return a page of dead letters, newest first; `next` is the `before` of the following one."""
        limit = asked.number("limit", 20, largest=200)
        before = asked.number("before", 0, largest=1 << 62) or None
        letters = await self._scene.sources.asynchronous.dead_letters(limit, before)
        following = letters[-1]["id"] if len(letters) == limit else None
        return json_response(200, {"dead_letters": self._shown(letters), "next": following})

    async def _redeliver(self, asked: Asked) -> Response:
        count = await self._scene.sources.asynchronous.redeliver(asked.names["id"])
        return _counted("redelivered", count)

    async def _bury(self, asked: Asked) -> Response:
        count = await self._scene.sources.asynchronous.delete(asked.names["id"])
        return _counted("deleted", count)

    async def _services(self, asked: Asked) -> Response:
        beside = await asyncio.to_thread(self._scene.options.beside)
        return json_response(200, {"services": beside.get("services") or []})

    async def _warnings(self, asked: Asked) -> Response:
        return json_response(200, {"warnings": list(self._scene.template.warnings)})

    async def _connections(self, asked: Asked) -> Response:
        """Return the WebSockets of the functions' APIs."""
        return json_response(200, {"connections": [_connection(each) for each in self._scene.hub.all()]})

    async def _disconnect(self, asked: Asked) -> Response:
        found = next((each for each in self._scene.hub.all() if each.id == asked.names["id"]), None)
        if found is None or found.client is None:
            raise Refused(404, "unknown_connection", "There is no such connection.")
        found.client.end(GOING_AWAY)
        return Response(204)

    def _queue(self, queue: dict[str, Any]) -> dict[str, Any]:
        return queue | {"dead_letters": self._shown(queue.get("dead_letters") or [])}

    def _shown(self, letters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [letter | {"reason": self._views.text(str(letter.get("reason")))} for letter in letters]


def _schedule(rule: ScheduleRule, due: float | None) -> dict[str, Any]:
    return {
        "name": rule.name,
        "function": rule.function,
        "expression": rule.expression,
        "timezone": rule.timezone,
        "next": None if due is None else timestamp(due),
    }


def _connection(each: Connection) -> dict[str, Any]:
    return {
        "id": each.id,
        "api": each.api,
        "stage": each.stage,
        "source_ip": each.source_ip,
        "connected": timestamp(each.connected_at),
        "active": timestamp(each.active_at),
        "expires": timestamp(each.expires_at),
    }


def _counted(what: str, count: int) -> Response:
    if not count:
        raise Refused(404, "unknown_letter", "There is no dead letter of this request.")
    return json_response(200, {what: count})
