"""The events that this domain handles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.analysis import service
from functions.analysis.ports import Deps
from functions.analysis.schemas.events import VersionPublished, WorkReady
from kernel.events import DeadLetters, Envelope, On, consume
from kernel.http import Application
from kernel.relay import Relay


def add_relay(app: Application, deps: Deps, relay: Relay) -> None:
    @app.on("relay")
    def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
        swept = service.sweep(deps) if "resources" in event else 0
        return relay.run(event) | {"swept": swept}


def add(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    def plan(message: VersionPublished, envelope: Envelope) -> None:
        service.plan(deps, envelope.caller, envelope.id, service.Published(**message.model_dump()))

    def run_shard(message: WorkReady, envelope: Envelope) -> None:
        if message.shard_id is not None:
            service.run_shard(deps, envelope.caller, message.shard_id)

    def merge(message: WorkReady, envelope: Envelope) -> None:
        service.merge(deps, envelope.caller, message.analysis_id)

    @app.on("on_version_published")
    def on_version_published(event: Mapping[str, Any]) -> dict[str, Any]:
        return consume(event, {"version.published": On(VersionPublished, plan)}, dead_letters)

    @app.on("on_work")
    def on_work(event: Mapping[str, Any]) -> dict[str, Any]:
        handlers = {"shard.ready": On(WorkReady, run_shard), "merge.ready": On(WorkReady, merge)}
        return consume(event, handlers, dead_letters)
