"""What the console looks at and acts on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.aws import secrets
from emulator.aws.calls import Recorder
from emulator.console.journal import Journal
from emulator.console.redaction import HIDDEN, Redactor, is_sensitive
from emulator.console.router import Refused
from emulator.options import Options
from emulator.runtime import Runtime
from emulator.runtime.results import UnknownFunction
from emulator.sources.all import Sources
from emulator.template import Function, Template
from emulator.websocket.hub import Hub


@dataclass(frozen=True, slots=True)
class Scene:
    """The parts of a running emulator. `status` describes all of it, `ready` tells whether it serves."""

    options: Options
    template: Template
    runtime: Runtime
    sources: Sources
    journal: Journal
    calls: Recorder
    hub: Hub
    status: Callable[[], Awaitable[dict[str, Any]]]
    ready: Callable[[], bool]

    def function(self, name: str) -> Function:
        """Return a function by name or ARN.

        Raises:
            Refused: it is not served here.
        """
        try:
            return self.runtime.function(name)
        except UnknownFunction as unknown:
            raise Refused(404, "unknown_function", f"There is no function {name} here.") from unknown


def redactor_of(scene: Scene) -> Redactor:
    """Return what hides the credentials that this emulator knows of, besides what looks like one."""
    return Redactor(_known(scene.options, scene.runtime.functions), secrets.redact)


def _known(options: Options, functions: Mapping[str, Function]) -> Iterator[str]:
    yield options.token
    yield from options.credentials[1:]
    if options.s3 is not None:
        yield options.s3.secret_key
    for function in functions.values():
        yield from (value for name, value in function.environment.items() if is_sensitive(name) and value != HIDDEN)
