"""Function URLs: `http://{id}.lambda-url.localhost:PORT/`, told apart by the Host header.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html; refusals and CORS as recorded.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from emulator.aws.signatures import Verify, present
from emulator.clock import Clock
from emulator.http_api import cors, event, iam
from emulator.http_api.answers import Malformed, response_url
from emulator.http_api.authorize import Invoke
from emulator.http_api.event import Call, Found, host_of
from emulator.runtime.results import InvokeError, Throttled
from emulator.runtime.runtime import new_trace_id
from emulator.template.http_model import DEFAULT, FunctionUrl, HttpApi, HttpRoute
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request, Response, json_response

SUFFIX = "lambda-url"
MAX_BODY_BYTES = 6 * 1024 * 1024
_MORE_TEXT = ("json", "xml", "javascript")


def address(url: FunctionUrl, port: int) -> str:
    return f"http://{url.id}.{SUFFIX}.localhost:{port}/"


class FunctionUrls:
    """Serves the URLs of one port."""

    def __init__(
        self, urls: tuple[FunctionUrl, ...], *, invoke: Invoke, clock: Clock, verify: Verify = present
    ) -> None:
        self._urls = {url.id: (url, _found(url)) for url in urls}
        self._invoke, self._clock, self._verify = invoke, clock, verify

    async def __call__(self, request: Request) -> Response | None:
        """Answer a request, or return None if its Host is not that of a function URL."""
        labels = host_of(request).lower().split(".")
        if len(labels) < 2 or labels[1] != SUFFIX:
            return None
        trace = request.header("x-amzn-trace-id") or new_trace_id()
        call = Call(str(uuid.uuid4()), self._clock.now(), trace)
        known = self._urls.get(labels[0])
        response = _refusal(403, None) if known is None else await self._serve(request, *known, call=call)
        response.headers += [("x-amzn-RequestId", call.request_id), ("X-Amzn-Trace-Id", trace)]
        return response

    async def _serve(self, request: Request, url: FunctionUrl, found: Found, *, call: Call) -> Response:
        if url.cors is not None and (preflight := cors.url_preflight(url.cors, request)) is not None:
            return preflight
        if len(request.body) > MAX_BODY_BYTES:
            return _refusal(413, "Request Entity Too Large")
        caller = None
        if url.auth == "AWS_IAM":
            caller = iam.caller(self._verify, request, "lambda")
            if caller is None:
                return _refusal(403, "Forbidden")
        response = await self._answer(request, found, call, caller)
        return cors.url_decorate(url.cors, request, response) if url.cors else response

    async def _answer(self, request: Request, found: Found, call: Call, caller: Mapping[str, Any] | None) -> Response:
        payload = json.dumps(proxy_event(request, found, call, caller)).encode()
        try:
            result = await self._invoke(
                found.route.function, payload, request_id=call.request_id, trace_id=call.trace, origin="url"
            )
            return response_url(result)
        except Throttled:
            return _refusal(429, "Too Many Requests")
        except (Malformed, InvokeError):
            return Response(502, [("Content-Type", "application/json")], b"Internal Server Error")


def proxy_event(request: Request, found: Found, call: Call, caller: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build the event of a function URL, which differs from an HTTP API's in its path, headers and account."""
    headers = event.headers_of(request, call)
    if caller is not None:
        headers.pop("authorization", None)
    body, encoded = event.body_of(request, _is_text)
    optional = {
        "cookies": event.cookies_of(request),
        "queryStringParameters": event.query_of(request.query),
        "body": body,
    }
    return {
        "version": "2.0",
        "routeKey": DEFAULT,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context(request, found, call, caller),
        "isBase64Encoded": encoded,
        **{name: value for name, value in optional.items() if value},
    }


def _context(request: Request, found: Found, call: Call, caller: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "accountId": "anonymous" if caller is None else ACCOUNT,
        "apiId": found.api.name,
        **({} if caller is None else {"authorizer": {"iam": caller}}),
        **event.domain_of(request),
        "http": event.http_of(request, unquote(request.path)),
        "requestId": call.request_id,
        "routeKey": DEFAULT,
        "stage": DEFAULT,
        **event.times_of(call),
    }


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or any(each in kind for each in _MORE_TEXT)


def _found(url: FunctionUrl) -> Found:
    return Found(HttpApi(name=url.id), HttpRoute("ANY", DEFAULT, url.function, api=url.id), {})


def _refusal(status: int, message: str | None) -> Response:
    """Answer with `Message`, which is null for a URL that there is not."""
    headers = {"x-amzn-ErrorType": "AccessDeniedException"} if status == 403 else {}
    return json_response(status, {"Message": message}, headers)
