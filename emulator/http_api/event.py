"""The event of payload format 2.0, as an HTTP API and a function URL send it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

from emulator.template.http_model import HttpApi, HttpRoute
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request

_HOP = frozenset({
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip
_TEXT = frozenset({"application/json", "application/xml", "application/javascript"})
_BODILESS = ("HEAD", "OPTIONS")
_PERCENT = re.compile("(?:%25)+")


@dataclass(frozen=True, slots=True)
class Found:
    """The route that a request takes, and its path variables, decoded."""

    api: HttpApi
    route: HttpRoute
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Call:
    """What the gateway knows about a request besides its bytes. `time` is in seconds since 1970."""

    request_id: str
    time: float
    trace: str


def proxy_event(
    request: Request, found: Found, call: Call, authorizer: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the event of an HTTP API. Fields without a value are left out, as on AWS."""
    event = asked(request, found, call, authorizer)
    body, encoded = body_of(request, is_text)
    if body is not None:
        event["body"] = body
    return {**event, "isBase64Encoded": encoded}


def asked(request: Request, found: Found, call: Call, authorizer: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build the event without its body, which is also what an authorizer sees."""
    path, headers = raw_path(request.path), headers_of(request, call)
    headers.pop("cookie", None)
    event = {
        "version": "2.0",
        "routeKey": found.route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": cookies_of(request),
        "headers": headers,
        "queryStringParameters": query_of(request.query),
        "requestContext": _context(request, found, call, path=path, authorizer=authorizer),
        "pathParameters": dict(found.parameters),
        "stageVariables": dict(found.api.variables),
    }
    needed = ("rawQueryString", "headers")
    return {key: value for key, value in event.items() if value or key in needed}


def _context(
    request: Request, found: Found, call: Call, *, path: str, authorizer: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "apiId": found.api.name,
        **({} if authorizer is None else {"authorizer": authorizer}),
        **domain_of(request),
        "http": http_of(request, path),
        "requestId": call.request_id,
        "routeKey": found.route.key,
        "stage": found.api.stage,
        **times_of(call),
    }


def times_of(call: Call) -> dict[str, Any]:
    moment = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(call.time))
    return {"time": moment, "timeEpoch": int(call.time * 1000)}


def http_of(request: Request, path: str) -> dict[str, str]:
    return {
        "method": request.method,
        "path": path,
        "protocol": request.protocol,
        "sourceIp": request.source_ip,
        "userAgent": request.header("user-agent") or "",
    }


def domain_of(request: Request) -> dict[str, str]:
    domain = host_of(request)
    return {"domainName": domain, "domainPrefix": domain.partition(".")[0]}


def host_of(request: Request) -> str:
    """Return the Host header without its port."""
    host = request.header("host") or "localhost"
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]


def headers_of(request: Request, call: Call) -> dict[str, str]:
    """Return headers with names in lower case and repeated ones joined by commas, and those that the gateway adds."""
    found: dict[str, str] = {}
    for name, value in request.headers:
        key = name.lower()
        if key not in _HOP:
            found[key] = f"{found[key]},{value}" if key in found else value
    if "content-length" not in found and (request.body or request.method not in _BODILESS):
        found["content-length"] = str(len(request.body))
    _, _, port = (request.header("host") or "").rpartition(":")
    found["x-amzn-trace-id"] = call.trace.partition(";")[0]
    found["x-forwarded-for"] = ", ".join(filter(None, (found.get("x-forwarded-for"), request.source_ip)))
    found.setdefault("x-forwarded-port", port if port.isdigit() else "80")
    found.setdefault("x-forwarded-proto", "http")
    return found


def cookies_of(request: Request) -> list[str]:
    lines = (value for name, value in request.headers if name.lower() == "cookie")
    return [cookie for line in lines for each in line.split(";") if (cookie := each.strip())]


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Split and decode a query string; a name without `=` has an empty value."""
    given = (each.partition("=") for each in query.split("&") if each)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in given]


def query_of(query: str) -> dict[str, str]:
    """Return query values by name, repeated ones joined by commas."""
    found: dict[str, str] = {}
    for name, value in pairs_of(query):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def raw_path(path: str) -> str:
    """Decode a path as an HTTP API does: all but an encoded percent sign, which stays."""
    if "%" not in path:
        return path
    kept = [(each.start(), each.end()) for each in _PERCENT.finditer(path)]
    pieces, position = [], 0
    for start, end in kept:
        pieces += [unquote(path[position:start]), path[start:end]]
        position = end
    return "".join([*pieces, unquote(path[position:])])


def is_text(kind: str) -> bool:
    """Tell whether an HTTP API passes a body of this media type as text; a form is not."""
    return kind.startswith("text/") or kind in _TEXT


def body_of(request: Request, text: Callable[[str], bool]) -> tuple[str | None, bool]:
    """Return the body and whether it is base64: so is what has no text type, and what is not UTF-8."""
    if not request.body:
        return None, False
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if text(kind):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True
