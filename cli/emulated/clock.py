"""`coderev clock`: what time it is for the emulator, and let time pass."""

from __future__ import annotations

from typing import Any

from cli.emulated import durations
from cli.emulated.paint import json_whole
from cli.emulated.place import Edge
from cli.errors import CLEAN


def show(edge: Edge, *, as_json: bool) -> int:
    """Print the emulator's time. Raises UserError."""
    return _print(edge.get("/clock"), as_json=as_json)


def advance(edge: Edge, by: str, *, as_json: bool) -> int:
    """Let time pass at once: retries, schedules, caches and idle times fall due. Raises UserError."""
    return _print(edge.ask("POST", "/clock", {"advance_s": durations.seconds(by)}), as_json=as_json)


def _print(told: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        json_whole(told)
    else:
        ahead = told["ahead_s"]
        print(told["now"] + (f", {durations.words(ahead)} ahead" if ahead >= 1 else ""))
    return CLEAN
