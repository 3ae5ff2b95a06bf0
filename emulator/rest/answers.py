"""From a function's answer to an HTTP response, as a REST API's proxy integration does it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from emulator.rest.event import is_binary
from emulator.runtime.results import Result
from emulator.template import Api
from emulator.web.messages import Pairs, Request, Response

_KNOWN = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies"})


class Malformed(Exception):
    """The function's answer is not one of a proxy integration; the client gets a 502."""


def response_of(result: Result, request: Request, api: Api | None = None) -> Response:
    """Map what a function answered to a response.

    Raises:
        Malformed: the function failed, or its answer is not in the proxy format.
    """
    if result.error is not None:
        raise Malformed("the function failed")
    try:
        answer = json.loads(result.payload)
    except ValueError as broken:
        raise Malformed("the answer is not JSON") from broken
    if not isinstance(answer, dict) or not answer or not answer.keys() <= _KNOWN:
        raise Malformed("the answer is not a proxy integration's")
    headers = _headers(answer.get("headers"), answer.get("multiValueHeaders"))
    return Response(_status(answer.get("statusCode", 200)), headers, _body(answer, request, api or Api()))


def _status(given: Any) -> int:
    if isinstance(given, str) and given.isdigit():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 100 <= given <= 599:
        raise Malformed("statusCode is not a status")
    return given


def _headers(single: Any, multiple: Any) -> Pairs:
    """Merge both maps: `multiValueHeaders` first, the first spelling of a name wins."""
    spelled: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, given in _items(multiple):
        if not isinstance(given, list):
            raise Malformed("multiValueHeaders holds something that is not a list")
        key = name.lower()
        spelled.setdefault(key, name)
        values.setdefault(key, []).extend(_text(each) for each in given)
    for name, given in _items(single):
        key, text = name.lower(), _text(given)
        spelled.setdefault(key, name)
        if text not in values.setdefault(key, []):
            values[key].append(text)
    if "content-type" not in values:
        spelled["content-type"], values["content-type"] = "Content-Type", ["application/json"]
    return [(spelled[key], value) for key, each in values.items() for value in each]


def _items(given: Any) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise Malformed("headers are not a map")
    if any(not name or any(sign in name for sign in " :\r\n") for name in given):
        raise Malformed("a header has no valid name")
    return list(given.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value)
        if "\r" in text or "\n" in text or "\0" in text:
            raise Malformed("a header's value has more than one line")
        return text
    raise Malformed("a header's value is neither text nor a number")


def _body(answer: Mapping[str, Any], request: Request, api: Api) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Malformed("body is not text")
    encoded = answer.get("isBase64Encoded", False)
    if encoded is True and is_binary(request.header("accept"), api.binary_types):
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as broken:
            raise Malformed("body is not base64") from broken
    return body.encode("utf-8", "surrogatepass")
