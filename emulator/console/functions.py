"""Routes about functions: what they are, how they do, and the events saved for them."""

from __future__ import annotations

from typing import Any

from emulator.console.redaction import HIDDEN, Redactor, is_sensitive
from emulator.console.router import Asked, Refused, Route
from emulator.console.saved import BadName, SavedEvents
from emulator.console.scene import Scene
from emulator.template import ApiRoute, Function
from emulator.template.http_model import HttpRoute
from emulator.web.messages import Response, json_response


class Functions:
    """Routes under `/_emulator/functions`."""

    def __init__(self, scene: Scene, redactor: Redactor) -> None:
        self._scene, self._redactor = scene, redactor
        self._saved = SavedEvents(scene.options.data / "events")

    def routes(self) -> list[Route]:
        return [
            ("GET", "/_emulator/functions", self._list),
            ("GET", "/_emulator/functions/{name}", self._one),
            ("GET", "/_emulator/functions/{name}/policy", self._policy),
            ("GET", "/_emulator/functions/{name}/events", self._events),
            ("GET", "/_emulator/functions/{name}/events/{event}", self._event),
            ("PUT", "/_emulator/functions/{name}/events/{event}", self._save),
            ("DELETE", "/_emulator/functions/{name}/events/{event}", self._delete),
        ]

    async def _list(self, asked: Asked) -> Response:
        functions = self._scene.runtime.functions.values()
        return json_response(200, {"functions": [self._row(each) for each in sorted(functions, key=_name)]})

    async def _one(self, asked: Asked) -> Response:
        function = self._scene.function(asked.names["name"])
        told = {
            **self._row(function),
            "arn": function.arn,
            "logical_id": function.logical_id,
            "code": str(function.task_root),
            "layers": [str(each) for each in function.layers],
            "tags": dict(function.tags),
            "environment": self._environment(function),
            "retries": function.rules.max_retries,
            "routes": self._routes(function),
            "sources": self._sources(function),
            "events": self._saved.names(function.name),
        }
        return json_response(200, told)

    async def _policy(self, asked: Asked) -> Response:
        """Return what the function called of AWS, and the least policy that allows it."""
        name, calls = self._scene.function(asked.names["name"]).name, self._scene.calls
        return json_response(200, {"function": name, "calls": calls.calls(name), "policy": calls.policy(name)})

    async def _events(self, asked: Asked) -> Response:
        name = self._scene.function(asked.names["name"]).name
        return json_response(200, {"events": self._saved.names(name)})

    async def _event(self, asked: Asked) -> Response:
        name, event = self._place(asked)
        try:
            return json_response(200, {"name": event, "event": self._saved.get(name, event)})
        except KeyError as absent:
            raise _unknown(event) from absent
        except BadName as wrong:
            raise Refused(400, "bad_name", f"{wrong}.") from wrong
        except ValueError as broken:
            raise Refused(500, "broken_file", f"The saved event is not JSON: {broken}") from broken

    async def _save(self, asked: Asked) -> Response:
        """Take `{"event": …}`, which replaces what is saved under that name."""
        name, event = self._place(asked)
        body = asked.body()
        if "event" not in body:
            raise Refused(400, "bad_parameter", 'Say which event to save: {"event": …}.')
        try:
            new = self._saved.put(name, event, body["event"])
        except BadName as wrong:
            raise Refused(400, "bad_name", f"{wrong}.") from wrong
        except OverflowError as full:
            raise Refused(409, "too_many", f"{full}.") from full
        return json_response(201 if new else 200, {"name": event})

    async def _delete(self, asked: Asked) -> Response:
        name, event = self._place(asked)
        try:
            self._saved.delete(name, event)
        except KeyError as absent:
            raise _unknown(event) from absent
        except BadName as wrong:
            raise Refused(400, "bad_name", f"{wrong}.") from wrong
        return Response(204)

    def _place(self, asked: Asked) -> tuple[str, str]:
        return self._scene.function(asked.names["name"]).name, asked.names["event"]

    def _row(self, function: Function) -> dict[str, Any]:
        counts = self._scene.journal.counts(function.name)
        return {
            "name": function.name,
            "handler": function.handler,
            "runtime": function.runtime,
            "domain": function.domain,
            "timeout_s": function.timeout_s,
            "memory_mb": function.memory_mb,
            "reserved": function.reserved,
            **self._scene.runtime.status()[function.name],
            "invocations": counts.invocations,
            "errors": counts.errors,
            "cold_starts": counts.cold_starts,
            "p50_ms": _rounded(counts.percentile_ms(0.5)),
            "p99_ms": _rounded(counts.percentile_ms(0.99)),
        }

    def _environment(self, function: Function) -> dict[str, str]:
        return {
            name: HIDDEN if is_sensitive(name) and value else self._redactor.text(value)
            for name, value in sorted(function.environment.items())
        }

    def _routes(self, function: Function) -> list[dict[str, Any]]:
        template = self._scene.template
        both: list[ApiRoute | HttpRoute] = [*template.routes, *template.http.routes]
        return [
            {"method": each.method, "path": each.path, "api": each.api, "authorizer": each.authorizer}
            for each in both
            if each.function == function.name
        ]

    def _sources(self, function: Function) -> list[str]:
        template = self._scene.template
        return [
            *(f"kafka {each.topic}" for each in template.kafka if each.function == function.name),
            *(f"s3 {each.bucket}" for each in template.s3 if each.function == function.name),
            *(f"schedule {each.expression}" for each in template.schedules if each.function == function.name),
            *(f"sqs {each.queue.rpartition(':')[2]}" for each in template.sqs if each.function == function.name),
            *(f"url {each.id}" for each in template.http.urls if each.function == function.name),
            *(
                f"websocket {api.name} {each.key}"
                for api in template.sockets.values()
                for each in api.routes.values()
                if each.function == function.name
            ),
        ]


def _name(function: Function) -> str:
    return function.name


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 2)


def _unknown(event: str) -> Refused:
    return Refused(404, "unknown_event", f"There is no saved event {event}.")
