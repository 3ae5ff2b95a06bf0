"""Selection expressions: where an authorizer finds who calls.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.http_api.event import Call, Found, host_of, query_of, raw_path
from emulator.template.model import ACCOUNT
from emulator.web.messages import Request

_CONTEXT: dict[str, Callable[[Request, Found, Call], str]] = {
    "accountId": lambda request, found, call: ACCOUNT,
    "apiId": lambda request, found, call: found.api.name,
    "domainName": lambda request, found, call: host_of(request),
    "domainPrefix": lambda request, found, call: host_of(request).partition(".")[0],
    "extendedRequestId": lambda request, found, call: call.request_id,
    "httpMethod": lambda request, found, call: request.method,
    "identity.sourceIp": lambda request, found, call: request.source_ip,
    "identity.userAgent": lambda request, found, call: request.header("user-agent") or "",
    "path": lambda request, found, call: raw_path(request.path),
    "protocol": lambda request, found, call: request.protocol,
    "requestId": lambda request, found, call: call.request_id,
    "routeKey": lambda request, found, call: found.route.key,
    "stage": lambda request, found, call: found.api.stage,
}


def select(expression: str, request: Request, found: Found, call: Call) -> str | None:
    """Return the value that an expression such as `$request.header.Authorization` selects, None if there is none."""
    source, _, name = expression.rpartition("$request.header.")
    if not source and name != expression:
        return _header(request, name)
    if expression.startswith("$request.querystring."):
        return query_of(request.query).get(expression.removeprefix("$request.querystring."))
    if expression.startswith("$stageVariables."):
        return found.api.variables.get(expression.removeprefix("$stageVariables."))
    if (context := _CONTEXT.get(expression.removeprefix("$context."))) is not None:
        return context(request, found, call)
    return None


def _header(request: Request, name: str) -> str | None:
    wanted = name.lower()
    values = [value for given, value in request.headers if given.lower() == wanted]
    return ",".join(values) if values else None
