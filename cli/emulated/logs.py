"""`coderev logs`: what functions print."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cli.emulated import follow
from cli.emulated.paint import colourful, json_line, paint
from cli.emulated.place import Edge
from cli.errors import CLEAN
from cli.words import plain

MOST = 2000
_PLATFORM = ("START ", "END ", "REPORT ", "INIT_REPORT ")


def run(edge: Edge, function: str | None, *, follows: bool, since_s: float | None, as_json: bool) -> int:
    """Print the latest lines, and those to come when it follows. Raises UserError."""
    printer = Printer(edge, function, as_json)
    printer.catch_up(since_s)
    if follows:
        for message in follow.messages(edge.url, function=function, invocations="false"):
            printer.take(message)
    return CLEAN


@dataclass(slots=True)
class Printer:
    """Prints each line once. `run` names the emulator's run, whose lines are numbered up to `last` so far."""

    edge: Edge
    function: str | None
    as_json: bool
    run: str | None = None
    last: int = 0

    def catch_up(self, since_s: float | None = None) -> None:
        """Print what is there already and younger than `since_s`."""
        query = {
            "limit": str(MOST),
            "function": self.function or "",
            **({"after": str(self.last)} if self.last else {}),
        }
        for line in self.edge.get(f"/logs?{urlencode(query)}")["lines"]:
            young = since_s is None or _seconds(line["time"]) >= time.time() - since_s
            self._print(line, shown=young)

    def take(self, message: dict[str, Any]) -> None:
        """Print a message of the live stream, at whose beginning is what came while nobody listened."""
        if message["type"] == "log" and message["number"] > self.last:
            self._print(message)
        elif message["type"] == "hello":
            self.last = self.last if self.run in (None, message["run"]) else 0
            self.run = message["run"]
            self.catch_up()
        elif message["type"] == "dropped":
            print(f"coderev: {message['count']} lines were left out, too many at once.", file=sys.stderr)

    def _print(self, line: dict[str, Any], *, shown: bool = True) -> None:
        self.last = line["number"]
        if shown:
            _print(line, as_json=self.as_json)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _print(line: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        json_line({name: line[name] for name in ("time", "function", "id", "text")})
        return
    on = colourful()
    kind = "soft" if line["text"].startswith(_PLATFORM) else ""
    text = plain(line["text"])
    head = paint(f"{line['time'][11:23]} {line['function']}", "bold", on=on)
    print(head, paint(text, kind, on=on and bool(kind)), flush=True)
