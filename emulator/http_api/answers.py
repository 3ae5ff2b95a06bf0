"""From a function's answer to an HTTP response, as an HTTP API and a function URL make it.

An answer without `statusCode` is the body itself. What an HTTP API refuses (a body or header that is not text), a
function URL turns into text: recordings of both disagree with each other and with the documentation.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any

from emulator.runtime.results import Result
from emulator.web.messages import Pairs, Response

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
Text = Callable[[Any], str]


class Malformed(Exception):
    """The function failed, or its answer is in no known format."""


def response_v2(result: Result) -> Response:
    """Read an answer in format 2.0.

    Raises:
        Malformed: the client gets a 500.
    """
    answer = _answer(result)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return _inferred(answer, result)
    body = answer.get("body")
    if body is not None and not isinstance(body, str):
        raise Malformed("body is not text")
    decoded = _strictly(body) if answer.get("isBase64Encoded") is True else (body or "").encode("utf-8", "replace")
    headers = _cookies(answer.get("cookies"), _scalar) + _single(answer.get("headers"), _scalar)
    return Response(_status(answer["statusCode"]), _typed(headers, TEXT), decoded)


def response_v1(result: Result) -> Response:
    """Read an answer in format 1.0, in which nothing is inferred. Single headers join those with several values.

    Raises:
        Malformed: the client gets a 500.
    """
    answer = _answer(result)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        raise Malformed("the answer has no statusCode")
    body = answer.get("body")
    if body is not None and not isinstance(body, str):
        raise Malformed("body is not text")
    decoded = _strictly(body) if answer.get("isBase64Encoded") is True else (body or "").encode("utf-8", "replace")
    headers = _multiple(answer.get("multiValueHeaders"))
    known = {(name.lower(), value) for name, value in headers}
    headers += [pair for pair in _single(answer.get("headers"), _scalar) if (pair[0].lower(), pair[1]) not in known]
    return Response(_status(answer["statusCode"]), _typed(headers, TEXT), decoded)


def response_url(result: Result) -> Response:
    """Read an answer of a function URL.

    Raises:
        Malformed: the client gets a 502.
    """
    answer = _answer(result)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return _inferred(answer, result)
    body = answer.get("body", "")
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    decoded = _leniently(text) if answer.get("isBase64Encoded") is True else text.encode("utf-8", "replace")
    headers = _single(answer.get("headers"), _any) + _cookies(answer.get("cookies"), _any)
    return Response(_status(answer["statusCode"]), _typed(headers, JSON), decoded)


def _answer(result: Result) -> Any:
    if result.error is not None:
        raise Malformed("the function failed")
    try:
        return json.loads(result.payload)
    except ValueError:
        return None


def _inferred(answer: Any, result: Result) -> Response:
    body = answer.encode("utf-8", "replace") if isinstance(answer, str) else result.payload
    return Response(200, [("Content-Type", JSON)], body)


def _status(given: Any) -> int:
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 100 <= given <= 599:
        raise Malformed("statusCode is not a status")
    return given


def _single(given: Any, text: Text) -> Pairs:
    return [(name, _line(text(value))) for name, value in _items(given)]


def _multiple(given: Any) -> Pairs:
    found: Pairs = []
    for name, values in _items(given):
        if not isinstance(values, list):
            raise Malformed("multiValueHeaders holds something that is not a list")
        found += [(name, _line(_scalar(value))) for value in values]
    return found


def _items(given: Any) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise Malformed("headers are not a map")
    if any(not name or any(sign in name for sign in " :\r\n\0") for name in given):
        raise Malformed("a header has no valid name")
    return list(given.items())


def _cookies(given: Any, text: Text) -> Pairs:
    if given is None:
        return []
    if not isinstance(given, list):
        raise Malformed("cookies are not a list")
    return [("Set-Cookie", _line(text(each))) for each in given]


def _typed(headers: Pairs, kind: str) -> Pairs:
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return [("Content-Type", kind), *headers]


def _line(text: str) -> str:
    if any(sign in text for sign in "\r\n\0"):
        raise Malformed("a header has more than one line")
    return text


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Malformed("a header's value is neither text nor a number")


def _any(value: Any) -> str:
    """Render any value as a function URL does: `{a=true}` and `[1, 2]` for maps and lists."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_any(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_any, value)) + "]"
    return "null" if value is None else _scalar(value)


def _strictly(body: str | None) -> bytes:
    try:
        return base64.b64decode(body or "", validate=True)
    except (binascii.Error, ValueError) as broken:
        raise Malformed("body is not base64") from broken


def _leniently(body: str) -> bytes:
    """Decode base64 as a function URL does: other signs and missing padding do not matter."""
    given = body.partition("=")[0].replace("-", "+").replace("_", "/").encode()
    kept = bytes(sign for sign in given if sign in _ALPHABET)
    kept = kept[:-1] if len(kept) % 4 == 1 else kept
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))
