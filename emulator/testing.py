"""For tests: an in-process client that calls handlers directly; `running` is an emulator in a thread."""

from __future__ import annotations

import importlib
import json
import traceback
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from emulator.aws.signatures import Verify, present
from emulator.background import running
from emulator.clock import Clock
from emulator.rest.front import Front
from emulator.rest.usage import Meter
from emulator.runtime.results import UNHANDLED, Result, UnknownFunction
from emulator.template import Function, Template, load
from emulator.web.messages import Request, Response

__all__ = ["Client", "Context", "Reply", "running"]

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass(slots=True)
class Context:
    """What Lambda passes as `context`, with an hour left."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: int = 128
    function_version: str = "$LATEST"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    log_group_name: str = "/aws/lambda/test"
    log_stream_name: str = "test"
    identity: Any = None
    client_context: Any = None
    tenant_id: Any = None

    def get_remaining_time_in_millis(self) -> int:
        return 3_600_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names are in lower case, the last value of each wins."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests through the gateway to handlers in this process, without an event loop.

    `handlers` maps a template's `Handler` to a callable; what is not in it is imported by that name.
    Routes with an authorizer get the context passed as `authorizer`, or else the authorizer is called.
    `keys` are the values of the template's API keys by their logical id; `verify` finds out who signed a request.
    """

    def __init__(
        self,
        template: Template | Path,
        handlers: Mapping[str, Handler] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        verify: Verify = present,
    ) -> None:
        self.template = load(template, parameters) if isinstance(template, Path) else template
        self._handlers = dict(handlers or {})
        meter = Meter(self.template.usage)
        self.keys = {name: key.value for name, key in meter.keys.items()}
        self._front = Front(
            self.template.routes,
            self.template.apis,
            invoke=self._run,
            meter=meter,
            verify=verify,
            clock=clock,
            integration_s=None,
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        authorizer: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request. A body that is neither text nor bytes is sent as JSON."""
        path, _, given = path.partition("?")
        sent = Request(
            method=method.upper(),
            path=path,
            query=urlencode(query, doseq=True) if query else given,
            headers=[("Host", "localhost"), *_headers(headers or {}, body).items()],
            body=_bytes(body),
        )
        response = _finished(self._front.answer(sent, authorizer))
        return Reply(response.status, {name.lower(): value for name, value in response.headers}, response.body)

    def invoke(self, name: str, event: Any) -> Any:
        """Call a function of the template with an event; what its handler raises comes through."""
        function = self.template.functions[name]
        wired = json.loads(json.dumps(event))
        return json.loads(json.dumps(self._handler(function)(wired, _context(function))))

    async def _run(self, reference: str, payload: bytes, *, request_id: str, trace_id: str, origin: str) -> Result:
        if reference not in self.template.functions:
            raise UnknownFunction(reference)
        try:
            return Result(json.dumps(self.invoke(reference, json.loads(payload))).encode())
        except Exception as failed:  # noqa: BLE001 - whatever a handler raises is its result
            traceback.print_exc()
            document = {"errorMessage": str(failed), "errorType": type(failed).__name__}
            return Result(json.dumps(document).encode(), UNHANDLED)

    def _handler(self, function: Function) -> Handler:
        if function.handler not in self._handlers:
            module, _, attribute = function.handler.rpartition(".")
            self._handlers[function.handler] = getattr(importlib.import_module(module), attribute)
        return self._handlers[function.handler]


def _finished(answering: Coroutine[Any, Any, Response]) -> Response:
    """Run a coroutine that waits for nothing."""
    try:
        answering.send(None)
    except StopIteration as done:
        response: Response = done.value
        return response
    raise RuntimeError("the gateway waits for something")


def _context(function: Function) -> Context:
    return Context(function.name, function.arn, function.memory_mb)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _headers(given: Mapping[str, str], body: Any) -> dict[str, str]:
    """Add a JSON content type to a body that is sent as JSON."""
    typed = any(name.lower() == "content-type" for name in given)
    plain = body is None or isinstance(body, bytes | str)
    return dict(given) if plain or typed else {"Content-Type": "application/json", **given}
