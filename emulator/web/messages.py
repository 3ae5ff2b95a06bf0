"""Requests and responses as the emulator passes them around."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Pairs = list[tuple[str, str]]


@dataclass(slots=True)
class Request:
    """`path` and `query` are as they came over the wire, still percent-encoded."""

    method: str
    path: str
    query: str = ""
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    source_ip: str = "127.0.0.1"
    protocol: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """Return the last value of a header, its name in lower case."""
        found = None
        for given, value in self.headers:
            if given.lower() == name:
                found = value
        return found


@dataclass(slots=True)
class Response:
    status: int
    headers: Pairs = field(default_factory=list)
    body: bytes = b""


Handler = Callable[[Request], Awaitable[Response]]


def json_response(status: int, document: Any, headers: Mapping[str, str] | None = None) -> Response:
    given = [("Content-Type", "application/json"), *(headers or {}).items()]
    return Response(status, given, json.dumps(document, separators=(",", ":")).encode())


def problem(status: int, code: str, detail: str) -> Response:
    """Answer with an RFC 9457 problem of the emulator's own."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(status, [("Content-Type", "application/problem+json")], json.dumps(document).encode())


def origin_form(target: str) -> str:
    """Return a target without scheme and host, which clients of proxies send.

    RFC 9112, 3.2.2: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
    """
    if target.startswith("/"):
        return target
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return target
    end = min((at for sign in "/?" if (at := rest.find(sign)) >= 0), default=len(rest))
    return rest[end:] if rest[end : end + 1] == "/" else "/" + rest[end:]
