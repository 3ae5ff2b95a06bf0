"""The surface of this domain: the HTTP API, a module a resource, and the events it handles."""

from __future__ import annotations

from functions.analysis.ports import Deps
from functions.analysis.routes import (
    analyses,
    artifacts,
    duplicates,
    engines,
    events,
    files,
    findings,
    gates,
    graph,
    past,
    surroundings,
)
from kernel.events import DeadLetters
from kernel.http import Application
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None, dead_letters: DeadLetters | None = None) -> Application:
    app = Application("analysis")
    for resource in (analyses, findings, files, artifacts, duplicates, engines, graph, past, surroundings, gates):
        resource.add(app, deps)
    events.add_retention(app, deps)
    if dead_letters is not None:
        events.add(app, deps, dead_letters)
    if relay is not None:
        events.add_relay(app, deps, relay)
    return app
