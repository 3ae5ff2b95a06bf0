"""CORS preflights, which the gateway answers itself where the API declares `Cors`."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.template import Cors
from emulator.web.messages import Pairs

BODY = b"{}\n"
"""What SAM has the mock integration of a preflight answer.

https://github.com/aws/serverless-application-model/blob/develop/tests/translator/output/api_with_cors.json
"""
_ALL = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def allowed_methods(declared: Iterable[str]) -> str:
    """Return the methods of a path as SAM lists them: sorted, with OPTIONS; all of them for ANY."""
    methods = set(declared)
    return ",".join(_ALL if "ANY" in methods else sorted(methods | {"OPTIONS"}))


def preflight_headers(cors: Cors, methods: str) -> Pairs:
    """Return the headers of a preflight's answer, a 200.

    Args:
        methods: Those of the path, told unless `Cors` names some.
    """
    headers = [("Content-Type", "application/json"), ("Access-Control-Allow-Origin", cors.origin)]
    if cors.headers:
        headers.append(("Access-Control-Allow-Headers", cors.headers))
    headers.append(("Access-Control-Allow-Methods", cors.methods or methods))
    if cors.max_age is not None:
        headers.append(("Access-Control-Max-Age", cors.max_age))
    if cors.credentials:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    return headers
