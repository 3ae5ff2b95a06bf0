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
)
from kernel.http import Application
from kernel.relay import Relay


def build(deps: Deps, relay: Relay | None = None) -> Application:
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
    ):
        resource.add(app, deps)
    events.add(app, deps, relay)
    return app
