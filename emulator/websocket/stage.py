"""One stage of an API at work: asks its authorizer, calls its functions. It knows no sockets."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from emulator.clock import Clock
from emulator.rest.headers import lowered
from emulator.runtime.results import InvokeError, Result
from emulator.runtime.runtime import new_trace_id
from emulator.template.websocket_model import WebSocketApi, WebSocketRoute, WebSocketStage
from emulator.web.messages import Request, Response
from emulator.websocket import authorizer, events
from emulator.websocket.answers import BROKEN, FORBIDDEN, TIMED_OUT, Answer, Refused, answer_of, refusal, said
from emulator.websocket.connection import Connection, new_id
from emulator.websocket.routing import select

log = logging.getLogger(__name__)


class Invoke(Protocol):
    """Runs a function by name; raises `InvokeError` if it was not run."""

    async def __call__(self, reference: str, payload: bytes, *, trace_id: str, origin: str) -> Result: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that its API lets in. `subprotocol` is what the function of `$connect` chose."""

    connection: Connection
    subprotocol: str | None = None


def stages_of(
    apis: Iterable[WebSocketApi],
    *,
    invoke: Invoke,
    clock: Clock,
    domain: Callable[[Request], str],
    integration_s: float = 29.0,
) -> list[Stage]:
    """Return the stages of some APIs, ready for a hub; see `Stage` for what they need."""
    return [
        Stage(api, stage, invoke=invoke, clock=clock, domain=domain, integration_s=integration_s)
        for api in apis
        for stage in api.stages
    ]


class Stage:
    """`domain` gives the name by which functions reach the API, out of the request to connect.

    `integration_s` bounds every call of a function, whatever its route says.
    """

    def __init__(
        self,
        api: WebSocketApi,
        stage: WebSocketStage,
        *,
        invoke: Invoke,
        clock: Clock,
        domain: Callable[[Request], str],
        integration_s: float = 29.0,
    ) -> None:
        self.api, self.stage = api, stage
        self._invoke, self._clock, self._domain = invoke, clock, domain
        self._integration_s = integration_s

    @property
    def name(self) -> str:
        return f"{self.api.name}/{self.stage.name}"

    async def open(self, request: Request) -> Opened | Response:
        """Ask whether a client may connect; a response is the refusal."""
        now = self._clock.now()
        connection = Connection(
            api=self.api.name,
            stage=self.stage.name,
            domain=self._domain(request),
            source_ip=request.source_ip,
            user_agent=lowered(request).get("user-agent"),
            connected_at=now,
            active_at=now,
        )
        try:
            return await self._admit(connection, request)
        except Refused as refused:
            return refusal(refused, connection.id, new_id())

    async def message(self, connection: Connection, body: str) -> str | None:
        """Hand a message to its function; return what goes back to the client, if anything does."""
        connection.active_at = now = self._clock.now()
        route = select(self.api, body)
        key = route.key if route else "$default"
        event = events.message(connection, body, route=key, stage=self.stage, now=now)
        try:
            if route is None:
                raise Refused(403, FORBIDDEN)
            answer = await self._call(route, event, new_trace_id())
        except Refused as refused:
            return said(refused.message, connection.id, event["requestContext"]["requestId"])
        return answer.body if route.two_way and answer.body else None

    async def ended(self, connection: Connection, code: int, reason: str) -> None:
        """Tell the function of `$disconnect`; whatever it answers, the connection is gone."""
        route = self.api.routes.get("$disconnect")
        if route is None:
            return
        event = events.disconnect(connection, code, reason, stage=self.stage, now=self._clock.now())
        try:
            await self._call(route, event, new_trace_id())
        except Refused as refused:
            log.warning("$disconnect failed", extra={"connection": connection.id, "reason": refused.message})

    async def _admit(self, connection: Connection, request: Request) -> Opened | Response:
        trace = request.header("x-amzn-trace-id") or new_trace_id()
        if self.api.signed and not _signed(request):
            raise Refused(403, "Missing Authentication Token")
        await self._authorize(connection, request, trace)
        route = self.api.routes.get("$connect")
        if route is None:
            return Opened(connection)
        event = events.connect(connection, request, stage=self.stage, now=self._clock.now(), trace=trace)
        answer = await self._call(route, event, trace)
        if not 200 <= answer.status < 300:
            return _refused_by(answer)
        return Opened(connection, answer.headers.get("sec-websocket-protocol"))

    async def _authorize(self, connection: Connection, request: Request, trace: str) -> None:
        asked = self.api.authorizer
        if asked is None:
            return
        question = events.question(connection, request, stage=self.stage, now=self._clock.now(), trace=trace)
        authorizer.check_sources(asked, question, self.stage)
        began = time.perf_counter()
        result = await self._run(asked.function, question, trace, origin="authorizer", timeout_s=self._integration_s)
        context = authorizer.granted(result, request, question["methodArn"])
        connection.authorizer = {**context, "integrationLatency": int((time.perf_counter() - began) * 1000)}

    async def _call(self, route: WebSocketRoute, event: Mapping[str, Any], trace: str) -> Answer:
        if route.function is None:
            return Answer(200)
        timeout_s = min(route.timeout_s, self._integration_s)
        return answer_of(await self._run(route.function, event, trace, origin="websocket", timeout_s=timeout_s))

    async def _run(
        self, function: str, event: Mapping[str, Any], trace: str, *, origin: str, timeout_s: float
    ) -> Result:
        """Run a function.

        Raises:
            Refused: it took too long (504), or was not run (500).
        """
        payload = json.dumps(event, separators=(",", ":")).encode()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._invoke(function, payload, trace_id=trace, origin=origin)
        except TimeoutError as late:
            raise Refused(504, TIMED_OUT) from late
        except InvokeError as failed:
            raise Refused(500, BROKEN) from failed


def _signed(request: Request) -> bool:
    """Tell whether a request carries a signature; it is not verified here."""
    given = lowered(request).get("authorization", "")
    return given.startswith("AWS4-HMAC-SHA256 ") or "X-Amz-Signature=" in request.query


def _refused_by(answer: Answer) -> Response:
    kind = answer.headers.get("content-type", "application/json")
    return Response(answer.status, [("Content-Type", kind)], (answer.body or "").encode("utf-8", "surrogatepass"))
