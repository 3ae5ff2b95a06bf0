"""One HTTP exchange done well: bounded retries of what may be repeated, and refusals as sentences."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.errors import UserError

ATTEMPTS = 6
CONNECT_ATTEMPTS = 4  # nobody listens: about two seconds, as long as a restart takes
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 8.0
LONGEST_RETRY_AFTER_S = 60.0
BUSY = frozenset({429, 503})  # the server did nothing: any request may be sent again
LOST = frozenset({502, 504})  # it may have done it: only what may be repeated is sent again
TIMEOUT = httpx.Timeout(35.0, connect=5.0)  # the gateway gives up at 29 s


class ApiError(UserError):
    """The server refused. `code` is the stable part of its answer."""

    def __init__(self, sentence: str, *, status: int, code: str, details: Mapping[str, Any]) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Call:
    """A request. `repeatable` says that sending it twice does no more than sending it once."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = field(default=None, repr=False)
    repeatable: bool = True


def send(
    client: httpx.Client,
    call: Call,
    *,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> httpx.Response:
    """Return the server's answer, whatever its status, after retries where they may help.

    Raises:
        UserError: there was no answer.
    """
    for attempt in range(1, ATTEMPTS + 1):
        response, lost = _once(client, call)
        last = attempt == (CONNECT_ATTEMPTS if isinstance(lost, httpx.ConnectError) else ATTEMPTS)
        if response is not None and (last or not _worth_repeating(call, response.status_code)):
            return response
        if lost is not None and (last or not _safe(call, lost)):
            raise UserError(_unreachable(call.url, lost)) from lost
        sleep(_pause_s(attempt, response, jitter()))
    raise AssertionError("the last attempt returns or raises")


def _once(client: httpx.Client, call: Call) -> tuple[httpx.Response | None, httpx.TransportError | None]:
    try:
        return client.request(call.method, call.url, headers=dict(call.headers), content=call.content), None
    except httpx.TransportError as lost:
        return None, lost


def _worth_repeating(call: Call, status: int) -> bool:
    return status in BUSY or (call.repeatable and status in LOST)


def _safe(call: Call, lost: httpx.TransportError) -> bool:
    """An unanswered request may have been carried out, unless it never left."""
    if isinstance(lost, httpx.UnsupportedProtocol):
        return False
    return call.repeatable or isinstance(lost, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _pause_s(attempt: int, response: httpx.Response | None, luck: float) -> float:
    """What the server asks for, else exponential with full jitter. `luck` is from 0 to 1."""
    told = response.headers.get("retry-after", "") if response is not None else ""
    if told.isdigit():
        return min(float(told), LONGEST_RETRY_AFTER_S) + luck * FIRST_PAUSE_S
    ceiling: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (attempt - 1))
    return ceiling * (0.5 + luck / 2)


def _unreachable(url: str, lost: httpx.TransportError) -> str:
    place = httpx.URL(url)
    server = f"{place.scheme}://{place.netloc.decode()}"
    if isinstance(lost, httpx.ConnectError | httpx.ConnectTimeout):
        return f"No platform answers at {server}: start it with `coderev up`, or name another one by --server."
    if isinstance(lost, httpx.TimeoutException):
        return f"{server} did not answer in time: try again, and look at `coderev status`."
    return f"The connection to {server} broke ({type(lost).__name__}): try again."


def refusal(response: httpx.Response, doing: str) -> ApiError:
    """The error that an answer of 400 or more stands for. `doing` completes "… was refused"."""
    body = _problem(response)
    code = str(body.get("code") or response.status_code)
    reason = str(body.get("detail") or _places(body) or body.get("title") or response.reason_phrase)
    sentence = f"{doing} was refused: {reason.rstrip('.')} ({code})."
    return ApiError(sentence, status=response.status_code, code=code, details=body)


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _places(body: Mapping[str, Any]) -> str:
    """What a validation error says about the first few fields."""
    found = [error for error in body.get("errors") or [] if isinstance(error, dict)][:3]
    return "; ".join(f"{'.'.join(map(str, error.get('loc', [])))}: {error.get('msg', 'invalid')}" for error in found)
