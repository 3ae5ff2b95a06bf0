"""The HTTP surface of this domain, a module a resource, and the events it handles."""

from __future__ import annotations

from functions.project.ports import Deps
from functions.project.routes import (
    baselines,
    contents,
    diffs,
    events,
    files,
    hooks,
    members,
    projects,
    repositories,
    settings,
    uploads,
    versions,
    webhooks,
)
from kernel.events import DeadLetters
from kernel.http import Application
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None, dead_letters: DeadLetters | None = None) -> Application:
    app = Application("project")
    for resource in (
        projects,
        members,
        uploads,
        versions,
        files,
        contents,
        diffs,
        settings,
        baselines,
        repositories,
        hooks,
        webhooks,
    ):
        resource.add(app, deps)
    events.add(app, deps, relay)
    if dead_letters is not None:
        events.add_reactions(app, deps, dead_letters)
    return app
