"""`coderev invocations` and `coderev replay`: what was invoked, and the same once more."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from cli.emulated import follow
from cli.emulated.paint import colourful, json_line, json_whole, paint, rows
from cli.emulated.place import Edge
from cli.errors import CLEAN, GATE_FAILED
from cli.words import plain

_HEAD = ("Time", "Function", "What", "Origin", "Result", "Took", "Request")


def listed(edge: Edge, function: str | None, *, errors: bool, limit: int, as_json: bool) -> int:
    """Print the latest invocations, newest first. Raises UserError."""
    query = {"limit": str(limit), "function": function or "", **({"error": "true"} if errors else {})}
    found = edge.get(f"/invocations?{urlencode(query)}")["invocations"]
    if as_json:
        json_whole(found)
    else:
        rows([_HEAD, *map(_row, found)])
    return CLEAN


def followed(edge: Edge, function: str | None, *, errors: bool, as_json: bool) -> int:
    """Print invocations as they end. Raises UserError."""
    for message in follow.messages(edge.url, function=function, logs="false"):
        if message["type"] != "ended" or (errors and not message["invocation"]["error"]):
            continue
        told = message["invocation"]
        if as_json:
            json_line(told)
        else:
            kind = "bad" if told["error"] else "good"
            print(paint("  ".join(map(plain, _row(told))), kind, on=colourful()), flush=True)
    return CLEAN


def shown(edge: Edge, request_id: str, *, as_json: bool) -> int:
    """Print one invocation with its event, answer and log. Raises UserError."""
    told = edge.get(f"/invocations/{quote(request_id, safe='')}")
    if as_json:
        json_whole(told)
        return CLEAN
    rows([_HEAD, _row(told)])
    print("\nEvent")
    json_whole(told["event"])
    print("\nError" if told["error"] else "\nAnswer")
    json_whole(told["answer"])
    print("\nLog")
    print("\n".join(plain(line["text"]) for line in told["logs"]))
    return CLEAN


def replayed(edge: Edge, request_id: str, body: dict[str, Any], *, as_json: bool) -> int:
    """Send an event again; 1 when the function failed on it. Raises UserError."""
    told = edge.ask("POST", f"/invocations/{quote(request_id, safe='')}/replay", body)
    if as_json:
        json_whole(told)
    elif "answer" in told:
        json_whole(told["answer"])
    else:
        print(told["id"])
    if not told.get("error"):
        return CLEAN
    error = told["error"]
    reason = f"{error['type'] or error['kind']}: {error['message'] or ''}"
    print(f"coderev: {plain(told['function'])} failed: {plain(reason, longest=400)}.", file=sys.stderr)
    return GATE_FAILED


def _row(told: dict[str, Any]) -> tuple[str, ...]:
    error = told["error"]
    result = str((error["type"] or error["kind"]) if error else told["status"] or "ok")
    took = f"{told['duration_ms']:.0f} ms" + (" cold" if told["cold_start"] else "")
    time = datetime.fromisoformat(told["began"]).astimezone().strftime("%H:%M:%S")
    return time, told["function"], told["title"], told["origin"], result, took, told["id"]
