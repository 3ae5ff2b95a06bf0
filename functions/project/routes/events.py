"""The events that this domain handles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from functions.project.ports import Deps
from functions.project.service import collecting, erasing, exporting, fetching, intake
from kernel import observe
from kernel.http import Application
from kernel.relay import Relay


def add(app: Application, deps: Deps, relay: Relay | None) -> None:
    @app.on("on_upload")
    def take_uploads(event: Mapping[str, Any]) -> dict[str, str]:
        """S3 tells that objects were created; an event without records (a schedule's) asks for the sweep."""
        if "Records" not in event:
            return _logged(intake.sweep(deps))
        keys = [unquote_plus(str(record["s3"]["object"]["key"])) for record in event["Records"]]
        return _logged([(key, intake.receive(deps, key)) for key in keys])

    @app.on("sweep")
    def sweep(event: Mapping[str, Any]) -> dict[str, int]:
        """Erase what deleted projects owned, then collect what nobody needs."""
        return {"erased": erasing.sweep(deps), "collected": collecting.sweep(deps)}

    @app.on("on_export")
    def export(event: Mapping[str, Any]) -> dict[str, int]:
        """Make the archives that were asked for."""
        return {"made": exporting.sweep(deps)}

    @app.on("fetch")
    def fetch(event: Mapping[str, Any]) -> dict[str, str]:
        """Fetch what waits from git hosts; what the event says does not matter."""
        return _attempted(fetching.run(deps))

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)


def _logged(outcomes: list[tuple[str, intake.Outcome]]) -> dict[str, str]:
    for key, outcome in outcomes:
        tell = observe.log.warning if outcome is intake.Outcome.UNKNOWN else observe.log.info
        tell("upload received", key=key[:200], outcome=str(outcome))
    return {key: str(outcome) for key, outcome in outcomes}


def _attempted(states: dict[str, str]) -> dict[str, str]:
    for fetch_id, state in states.items():
        observe.log.info("fetch attempted", fetch_id=fetch_id, state=str(state))
    return states
