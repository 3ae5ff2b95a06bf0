"""Routes that ask for faults: of a function, or of what sends it events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.console.router import Asked, Refused, Route
from emulator.console.scene import Scene
from emulator.runtime.faults import Fault, Kind
from emulator.sources.kafka_faults import KafkaFaults
from emulator.sources.mappings_rules import MappingRefused
from emulator.web.messages import Response, json_response

KINDS = {"throttle": Kind.THROTTLE, "timeout": Kind.TIME_OUT, "error": Kind.FAIL, "delay": Kind.DELAY}
_NAMES = {kind: name for name, kind in KINDS.items()}
LONGEST_S, MOST_TIMES = 900.0, 1_000_000


class Faults:
    """Routes under `/_emulator/faults`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def routes(self) -> list[Route]:
        return [
            ("GET", "/_emulator/faults", self._list),
            ("PUT", "/_emulator/faults/functions/{name}", self._set),
            ("DELETE", "/_emulator/faults/functions/{name}", self._clear),
            ("PUT", "/_emulator/faults/sources/{uuid}", self._set_source),
            ("DELETE", "/_emulator/faults/sources/{uuid}", self._clear_source),
        ]

    async def _list(self, asked: Asked) -> Response:
        planned = self._scene.runtime.faults.all()
        told = {
            "functions": {name: _shown(fault) for name, fault in planned.items()},
            "sources": [
                {"uuid": each["uuid"], "mapping": each["mapping"], "faults": each["faults"]}
                for each in self._scene.sources.mappings.status()
            ],
        }
        return json_response(200, told)

    async def _set(self, asked: Asked) -> Response:
        """Take `{"kind": "throttle" | "timeout" | "error" | "delay", "times"?, "seconds"?, "error"?}`."""
        name = self._scene.function(asked.names["name"]).name
        self._scene.runtime.faults.set(name, _fault(asked.body()))
        return await self._list(asked)

    async def _clear(self, asked: Asked) -> Response:
        name = self._scene.function(asked.names["name"]).name
        self._scene.runtime.faults.set(name, None)
        return Response(204)

    async def _set_source(self, asked: Asked) -> Response:
        """Take `{"kind": "duplicate" | "reorder" | "late" | "poison" | "lose-broker", "batches"?, "seconds"?}`."""
        faults, body = self._of_source(asked), asked.body()
        seconds = number(body, "seconds", 5.0, LONGEST_S)
        batches = int(number(body, "batches", 1, 1000))
        acts: dict[object, Callable[[], None]] = {
            "duplicate": lambda: faults.duplicate(batches),
            "reorder": lambda: faults.reorder(batches),
            "late": lambda: faults.late(seconds),
            "poison": faults.poison,
            "lose-broker": lambda: faults.lose_broker(seconds),
        }
        act = acts.get(body.get("kind"))
        if act is None:
            raise Refused(400, "bad_parameter", f"kind must be one of {', '.join(map(str, acts))}.")
        act()
        return await self._list(asked)

    async def _clear_source(self, asked: Asked) -> Response:
        self._of_source(asked).clear()
        return Response(204)

    def _of_source(self, asked: Asked) -> KafkaFaults:
        try:
            return self._scene.sources.mappings.faults(asked.names["uuid"])
        except MappingRefused as unknown:
            raise Refused(404, "unknown_mapping", "There is no such mapping.") from unknown


def number(body: dict[str, Any], name: str, default: float, largest: float) -> float:
    """Return a number of a body, above zero.

    Raises:
        Refused: it is none.
    """
    given = body.get(name, default)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= largest:
        raise Refused(400, "bad_parameter", f"{name} must be a number above 0, at most {largest:g}.")
    return float(given)


def _fault(body: dict[str, Any]) -> Fault:
    kind = KINDS.get(str(body.get("kind")))
    if kind is None:
        raise Refused(400, "bad_parameter", f"kind must be one of {', '.join(KINDS)}.")
    times = None if body.get("times") is None else int(number(body, "times", 1, MOST_TIMES))
    error = str(body.get("error") or Fault(kind).error)[:200]
    return Fault(kind, number(body, "seconds", 1.0, LONGEST_S), error, times)


def _shown(fault: Fault) -> dict[str, Any]:
    return {"kind": _NAMES[fault.kind], "seconds": fault.seconds, "error": fault.error, "times": fault.times}
