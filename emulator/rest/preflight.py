"""CORS preflights, which the gateway answers itself where the API declares `Cors`."""

from __future__ import annotations

from emulator.template import Cors
from emulator.web.messages import Response


def preflight(cors: Cors) -> Response:
    headers = [
        ("Access-Control-Allow-Origin", cors.origin),
        ("Access-Control-Allow-Methods", cors.methods),
        ("Content-Type", "application/json"),
    ]
    if cors.headers:
        headers.append(("Access-Control-Allow-Headers", cors.headers))
    if cors.max_age:
        headers.append(("Access-Control-Max-Age", cors.max_age))
    if cors.credentials:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    return Response(200, headers)
