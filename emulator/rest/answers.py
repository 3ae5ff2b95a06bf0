"""From a function's answer to an HTTP response, as a REST API's proxy integration does it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from emulator.rest.event import is_binary
from emulator.rest.headers import sent
from emulator.rest.refusals import BAD_ANSWER, NOT_BASE64, Refused
from emulator.runtime.results import Result
from emulator.template import Api
from emulator.web.messages import Pairs, Response

_KNOWN = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})


class _Malformed(Exception):
    """The function's answer is not one of a proxy integration."""


def response_of(result: Result, accept: str | None, api: Api) -> Response:
    """Map what a function answered to a response.

    Args:
        accept: The header of the request; its first media type decides whether the client takes binary.

    Raises:
        Refused: 502 where the function failed or its answer is not in the proxy format, 500 where its body is
            not the base64 that it says it is.
    """
    if result.error is not None:
        raise Refused(BAD_ANSWER)
    try:
        answer = json.loads(result.payload)
        if not isinstance(answer, dict) or not answer or not answer.keys() <= _KNOWN:
            raise Refused(BAD_ANSWER)
        headers = _headers(answer.get("headers"), answer.get("multiValueHeaders"))
        return Response(_status(answer.get("statusCode")), sent(headers), _body(answer, accept, api))
    except (ValueError, _Malformed) as broken:
        raise Refused(BAD_ANSWER) from broken


def _status(given: Any) -> int:
    if given is None:
        return 200
    if isinstance(given, str) and given.isdecimal():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int) or not 100 <= given <= 599:
        raise _Malformed("statusCode is not a status")
    return given


def _headers(single: Any, multiple: Any) -> Pairs:
    """Merge both maps: `multiValueHeaders` first, the first spelling of a name wins."""
    spelled: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    for name, given in _items(multiple):
        if not isinstance(given, list):
            raise _Malformed("multiValueHeaders holds something that is not a list")
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
        raise _Malformed("headers are not a map")
    if any(not name or any(sign in name for sign in " :\r\n") for name in given):
        raise _Malformed("a header has no valid name")
    return list(given.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        text = str(value)
        if "\r" in text or "\n" in text or "\0" in text:
            raise _Malformed("a header's value has more than one line")
        return text
    raise _Malformed("a header's value is neither text nor a number")


def _body(answer: Mapping[str, Any], accept: str | None, api: Api) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise _Malformed("body is not text")
    if answer.get("isBase64Encoded", False) is True and is_binary(accept, api.binary_types):
        try:
            return base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as broken:
            raise Refused(NOT_BASE64) from broken
    return body.encode("utf-8", "surrogatepass")
