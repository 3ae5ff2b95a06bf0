"""CORS of an HTTP API, which answers preflights itself, and of a function URL, which adds to the function's headers.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html; a function URL as recorded: its
preflight is a 200, without any permission unless origin, method and all headers are allowed.
"""

from __future__ import annotations

from emulator.template.http_model import HttpCors
from emulator.web.messages import Pairs, Request, Response

_PREFIX = "access-control-"


def origin_of(cors: HttpCors, request: Request) -> str | None:
    """Return the value of `access-control-allow-origin` for a request, or None if its origin is not allowed."""
    origin = request.header("origin")
    if not origin:
        return None
    if "*" in cors.origins:
        return "*"
    scheme = origin.partition("://")[0] + "://*"
    return origin if origin in cors.origins or scheme in cors.origins else None


def is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and request.header("origin") is not None


def preflight(cors: HttpCors, request: Request) -> Response:
    """Answer a preflight of an HTTP API: 204, with headers if the origin is allowed."""
    return Response(204, _granted(cors, origin) + _offered(cors) if (origin := origin_of(cors, request)) else [])


def decorate(cors: HttpCors, request: Request, response: Response) -> Response:
    """Put an HTTP API's headers in the place of those that the function sent."""
    kept = [(name, value) for name, value in response.headers if not name.lower().startswith(_PREFIX)]
    origin = origin_of(cors, request)
    added = _granted(cors, origin) + _exposed(cors) if origin else []
    return Response(response.status, kept + added, response.body)


def url_preflight(cors: HttpCors, request: Request) -> Response | None:
    """Answer a preflight of a function URL, or return None if the request is none."""
    wanted = request.header("access-control-request-method")
    if not is_preflight(request) or not wanted:
        return None
    headers: Pairs = [("Content-Type", "application/json")]
    origin = origin_of(cors, request)
    if origin and _holds(cors.methods, wanted) and all(_holds(cors.headers, each) for each in _asked(request)):
        headers += _granted(cors, origin) + _offered(cors)
    return Response(200, headers)


def url_decorate(cors: HttpCors, request: Request, response: Response) -> Response:
    """Add a function URL's headers to those that the function sent; lists of exposed headers become one."""
    if (origin := origin_of(cors, request)) is None:
        return response
    name = "access-control-expose-headers"
    own = [value for given, value in response.headers if given.lower() == name]
    kept = [pair for pair in response.headers if pair[0].lower() != name]
    exposed = ",".join([*own, *cors.exposed])
    added = _granted(cors, origin) + ([(name, exposed)] if exposed else [])
    return Response(response.status, kept + added, response.body)


def _granted(cors: HttpCors, origin: str) -> Pairs:
    found = [("access-control-allow-origin", origin)]
    if origin != "*":
        found.append(("vary", "Origin"))
    if cors.credentials:
        found.append(("access-control-allow-credentials", "true"))
    return found


def _offered(cors: HttpCors) -> Pairs:
    found = {"access-control-allow-methods": cors.methods, "access-control-allow-headers": cors.headers}
    pairs = [(name, ",".join(values)) for name, values in found.items() if values]
    if cors.max_age_s is not None:
        pairs.append(("access-control-max-age", str(cors.max_age_s)))
    return pairs


def _exposed(cors: HttpCors) -> Pairs:
    return [("access-control-expose-headers", ",".join(cors.exposed))] if cors.exposed else []


def _asked(request: Request) -> list[str]:
    given = request.header("access-control-request-headers") or ""
    return [name for each in given.split(",") if (name := each.strip())]


def _holds(allowed: tuple[str, ...], wanted: str) -> bool:
    return "*" in allowed or wanted.lower() in (each.lower() for each in allowed)
