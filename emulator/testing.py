"""For tests: an in-process client that calls handlers directly; `running` is an emulator in a thread."""

from __future__ import annotations

import importlib
import json
import time
import traceback
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from emulator.background import running
from emulator.rest import authorizers, refusals
from emulator.rest.answers import Malformed, response_of
from emulator.rest.authorizers import Refused
from emulator.rest.event import Call, Match, Routes, proxy_event
from emulator.runtime.results import UNHANDLED, Result
from emulator.template import Api, Function, Template, load
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
    """Sends requests through the gateway's own functions to handlers in this process.

    `handlers` maps a template's `Handler` to a callable; what is not in it is imported by that name.
    Routes with an authorizer get the context passed as `authorizer`, or else the authorizer is called.
    """

    def __init__(
        self,
        template: Template | Path,
        handlers: Mapping[str, Handler] | None = None,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        self.template = load(template, parameters) if isinstance(template, Path) else template
        self._handlers = dict(handlers or {})
        self._routes = Routes(self.template.routes)

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
        response = self._answer(sent, authorizer)
        return Reply(response.status, {name.lower(): value for name, value in response.headers}, response.body)

    def invoke(self, name: str, event: Any) -> Any:
        """Call a function of the template with an event; what its handler raises comes through."""
        function = self.template.functions[name]
        wired = json.loads(json.dumps(event))
        return json.loads(json.dumps(self._handler(function)(wired, _context(function))))

    def _answer(self, sent: Request, authorizer: Mapping[str, str] | None) -> Response:
        found = self._routes.match(sent.method, sent.path)
        call = Call(request_id=str(uuid.uuid4()), time=time.time(), authorizer=authorizer)
        context = {"requestId": call.request_id, "path": sent.path}
        if found is None:
            api = next(iter({route.api for route in self.template.routes}), "")
            return refusals.refuse(refusals.UNKNOWN_ROUTE, self.template.apis.get(api, Api()), context)
        api_of = self.template.apis[found.route.api]
        try:
            call = self._authorized(sent, found, call)
            result = self._result(found.route.function, proxy_event(sent, found, call=call, api=api_of))
            return response_of(result, sent, api_of)
        except Refused as refused:
            return refusals.refuse(refused.refusal, api_of, context)
        except Malformed:
            return refusals.refuse(refusals.BAD_ANSWER, api_of, context)

    def _authorized(self, sent: Request, found: Match, call: Call) -> Call:
        if found.route.authorizer is None:
            return Call(call.request_id, call.time)
        if call.authorizer is not None:
            return call
        api = self.template.apis[found.route.api]
        authorizer = api.authorizers[found.route.authorizer]
        authorizers.identity_of(authorizer, sent)
        asked = authorizers.event(authorizer, sent, found, call=call, api=api)
        grant = authorizers.grant_of(self._result(authorizer.function, asked))
        authorizers.check(grant, authorizers.method_arn(api, sent))
        return Call(call.request_id, call.time, grant.context)

    def _result(self, name: str, event: dict[str, Any]) -> Result:
        try:
            return Result(json.dumps(self.invoke(name, event)).encode())
        except Exception as failed:  # noqa: BLE001 - whatever a handler raises is its result
            traceback.print_exc()
            document = {"errorMessage": str(failed), "errorType": type(failed).__name__}
            return Result(json.dumps(document).encode(), UNHANDLED)

    def _handler(self, function: Function) -> Handler:
        if function.handler not in self._handlers:
            module, _, attribute = function.handler.rpartition(".")
            self._handlers[function.handler] = getattr(importlib.import_module(module), attribute)
        return self._handlers[function.handler]


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
