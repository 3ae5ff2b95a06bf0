"""`coderev invoke`: through the Lambda API, as any AWS client would."""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from cli.emulated import signed
from cli.emulated.paint import colourful, json_whole
from cli.emulated.place import LONGEST_S, detail_of, secret_for, unreachable
from cli.errors import CLEAN, GATE_FAILED, UserError
from cli.words import lines, plain

_direct = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Lambda API says. `error` is None or Lambda's word for how the function failed."""

    status: int
    request_id: str
    error: str | None
    log: str
    payload: bytes


def run(edge: str, function: str, event: Any, *, later: bool, tail: bool, as_json: bool) -> int:
    """Invoke a function and print its answer; 1 when it failed. Raises UserError."""
    answer = invoke(edge, function, json.dumps(event).encode(), later=later)
    if as_json:
        json_whole(_told(answer))
    elif later:
        print(answer.request_id)
    else:
        _print(answer, tail=tail)
    if answer.error is None:
        return CLEAN
    print(f"coderev: {plain(function)} failed{_reason(answer.payload)}.", file=sys.stderr)
    return GATE_FAILED


def invoke(edge: str, function: str, payload: bytes, *, later: bool) -> Answer:
    """Send an event.

    Raises:
        UserError: no emulator answers, or it does not take the event.
    """
    url = f"{edge}/2015-03-31/functions/{quote(function, safe='')}/invocations"
    headers = {
        "Content-Type": "application/json",
        "X-Amz-Invocation-Type": "Event" if later else "RequestResponse",
        "X-Amz-Log-Type": "None" if later else "Tail",
    }
    try:
        with _direct.open(signed.post(url, payload, headers, secret_for(edge)), timeout=LONGEST_S) as found:
            told, body = found.headers, found.read()
            log = base64.b64decode(told.get("X-Amz-Log-Result") or "").decode("utf-8", "replace")
            request_id = told.get("x-amzn-RequestId") or ""
            return Answer(found.status, request_id, told.get("X-Amz-Function-Error"), log, body)
    except HTTPError as refused:
        raise UserError(detail_of(refused)) from refused
    except OSError as absent:
        raise unreachable(edge) from absent


def _told(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "request_id": answer.request_id,
        "error": answer.error,
        "answer": _document(answer.payload),
        "log": answer.log,
    }


def _print(answer: Answer, *, tail: bool) -> None:
    """The answer goes to stdout as the function gave it, in a pipe to the byte; the log goes to stderr."""
    if tail:
        print("\n".join(lines(answer.log)), file=sys.stderr, flush=True)
    text = answer.payload.decode("utf-8", "replace")
    document = _document(answer.payload)
    print(json.dumps(document, indent=2) if colourful() and document is not None else text)


def _document(payload: bytes) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode("utf-8", "replace") or None


def _reason(payload: bytes) -> str:
    document = _document(payload)
    if not isinstance(document, dict):
        return ""
    told = ": ".join(str(document[name]) for name in ("errorType", "errorMessage") if document.get(name))
    return f": {plain(told, longest=400)}" if told else ""
