"""Asks the emulator and the gateway of this process by HTTP, as anybody else would; for worker threads."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from cli.emulated import signed
from cli.emulated.place import secret_for

TIMEOUT_S = 10.0
_PAUSE_S = 0.02
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status_of(url: str, *, timeout_s: float = TIMEOUT_S) -> int:
    """The status that `url` answers with; 0 when nobody answers."""
    try:
        with _direct.open(url, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def await_answer(url: str, *, within_s: float, stopped: Callable[[], bool]) -> bool:
    """Ask until the answer is 200; False when it is not in time, or `stopped` says that nobody wants to know."""
    deadline = time.monotonic() + within_s
    while not stopped() and time.monotonic() < deadline:
        if status_of(url) == 200:
            return True
        time.sleep(_PAUSE_S)
    return False


def invoke_later(edge: str, function: str, event: dict[str, object]) -> bool:
    """Have a function invoked asynchronously; False when the emulator did not take it."""
    return _invoke(edge, function, event, "Event", TIMEOUT_S) == 202


def invoke(edge: str, function: str, event: dict[str, object], *, timeout_s: float = 60.0) -> bool:
    """Invoke a function and wait for its end; False when it was not invoked or did not end in time."""
    return _invoke(edge, function, event, "RequestResponse", timeout_s) == 200


def _invoke(edge: str, function: str, event: dict[str, object], how: str, timeout_s: float) -> int:
    url = f"{edge}/2015-03-31/functions/{function}/invocations"
    headers = {"X-Amz-Invocation-Type": how, "Content-Type": "application/json"}
    request = signed.post(url, json.dumps(event).encode(), headers, secret_for(edge))
    try:
        with _direct.open(request, timeout=timeout_s) as answer:
            return int(answer.status)
    except OSError:
        return 0
