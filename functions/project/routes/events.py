"""The events that this domain handles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from functions.project.ports import Deps
from functions.project.schemas.events import HookedAnalysis, HookedFindings, HookedGate, HookedVersion
from functions.project.service import collecting, erasing, exporting, fetching, intake, outgoing, reacting
from functions.project.service.reacting import Happened
from kernel import observe
from kernel.events import DeadLetters, Envelope, On, consume
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

    _add_outside(app, deps)

    if relay is not None:

        @app.on("relay")
        def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
            return relay.run(event)


def _add_outside(app: Application, deps: Deps) -> None:
    @app.on("fetch")
    def fetch(event: Mapping[str, Any]) -> dict[str, str]:
        """Fetch what waits from git hosts; what the event says does not matter."""
        return _attempted(fetching.run(deps))

    @app.on("post")
    def post(event: Mapping[str, Any]) -> dict[str, str]:
        """Tell code hosts and webhooks what waits; what the event says does not matter."""
        return outgoing.run(deps)


def add_reactions(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    def tell(message: HookedVersion | HookedFindings, envelope: Envelope) -> None:
        reacting.react(deps, envelope.caller, _happened(message, envelope))

    def analysed(message: HookedAnalysis | HookedGate, envelope: Envelope) -> None:
        happened = replace(
            _happened(message, envelope),
            version_id=message.version_id,
            analysis_id=message.analysis_id,
            gate=message.gate,
            news_key=message.news_key,
        )
        reacting.react(deps, envelope.caller, happened)

    @app.on("on_analysis_completed")
    def on_analysis_completed(event: Mapping[str, Any]) -> dict[str, Any]:
        """Record what is to be told of an analysis, its gate, findings, or a version; the function `post` tells it."""
        handlers: dict[str, On[Any]] = {
            "version.published": On(HookedVersion, tell),
            "analysis.completed": On(HookedAnalysis, analysed),
            "gate.changed": On(HookedGate, analysed),
            "finding.dismissed": On(HookedFindings, tell),
            "finding.reopened": On(HookedFindings, tell),
            "finding.fixed": On(HookedFindings, tell),
        }
        return consume(event, handlers, dead_letters)


def _happened(message: HookedAnalysis | HookedGate | HookedFindings | HookedVersion, envelope: Envelope) -> Happened:
    data = message.model_dump(mode="json", exclude={"artifacts"})
    return Happened(envelope.id, envelope.type, message.project_id, envelope.time, data)


def _logged(outcomes: list[tuple[str, intake.Outcome]]) -> dict[str, str]:
    for key, outcome in outcomes:
        tell = observe.log.warning if outcome is intake.Outcome.UNKNOWN else observe.log.info
        tell("upload received", key=key[:200], outcome=str(outcome))
    return {key: str(outcome) for key, outcome in outcomes}


def _attempted(states: dict[str, str]) -> dict[str, str]:
    for fetch_id, state in states.items():
        observe.log.info("fetch attempted", fetch_id=fetch_id, state=str(state))
    return states
