"""What a REST API does to headers on their way to a Lambda function and back.

The table is the one under "header names" in
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

from emulator.web.messages import Pairs, Request

DROPPED = frozenset(
    {
        "connection", "content-length", "content-md5", "expect", "max-forwards", "proxy-authenticate", "server", "te",
        "trailer", "transfer-encoding", "upgrade", "www-authenticate", "x-http-method-override",
    }
)  # fmt: skip
SIGNED = DROPPED | {"authorization"}
"""What is dropped where the route asks for a signature: the function does not see it."""
_SPELLED = {"authorization": "Authorization", "host": "Host", "user-agent": "User-Agent"}
"""Names that come out in one spelling however the client wrote them; all others keep the client's."""
_ADDED = frozenset({"x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"})
_REMAPPED = frozenset(
    {
        "authorization", "connection", "content-md5", "date", "max-forwards", "server", "user-agent", "www-authenticate",
        "x-amzn-requestid", "x-amzn-trace-id",
    }
)  # fmt: skip
_LOST = frozenset(
    {"content-length", "expect", "host", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "via"}
)


def lowered(request: Request) -> dict[str, str]:
    """Return the headers by their name in lower case; the last value of each wins."""
    return {name.lower(): value for name, value in request.headers}


def received(
    request: Request, given: dict[str, str], trace: str, *, dropped: frozenset[str] = DROPPED
) -> dict[str, list[str]]:
    """Return the headers as the function gets them: some are dropped, those of the gateway are added.

    A proxy in front may say port and protocol of the client; the address is always that of the connection.

    Args:
        given: `lowered(request)`.
        dropped: Names in lower case; an authorizer is told of all headers.
    """
    found: dict[str, list[str]] = {}
    for name, value in request.headers:
        key = name.lower()
        if key in dropped or key in _ADDED:
            continue
        spelled = _SPELLED.get(key, name)
        if spelled in found:
            found[spelled].append(value)
        else:
            found[spelled] = [value]
    before = given.get("x-forwarded-for")
    found["X-Amzn-Trace-Id"] = [given.get("x-amzn-trace-id") or trace.partition(";")[0]]
    found["X-Forwarded-For"] = [f"{before}, {request.source_ip}" if before else request.source_ip]
    found["X-Forwarded-Port"] = [given.get("x-forwarded-port") or _port(given.get("host", ""))]
    found["X-Forwarded-Proto"] = [given.get("x-forwarded-proto") or "http"]
    return found


def sent(pairs: Pairs) -> Pairs:
    """Return the headers of an answer as the client gets them.

    Some names belong to the gateway: the function's value comes under `x-amzn-Remapped-NAME`, or not at all.
    """
    found = []
    for name, value in pairs:
        key = name.lower()
        if key in _REMAPPED:
            found.append((f"x-amzn-Remapped-{name}", value))
        elif key not in _LOST:
            found.append((name, value))
    return found


def _port(host: str) -> str:
    _, colon, port = host.rpartition(":")
    return port if colon and port.isdigit() else "80"
