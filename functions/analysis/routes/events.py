"""The events that this domain handles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.analysis import service
from functions.analysis.ports import Deps
from functions.analysis.schemas.events import (
    BaselineChosen,
    EraseReady,
    MemberChanged,
    ProjectDeleted,
    VersionPublished,
    WorkReady,
)
from functions.analysis.service import erasing, gating, membership, restarting, retention
from kernel.events import DeadLetters, Envelope, On, consume
from kernel.http import Application
from kernel.relay import Relay


def add_relay(app: Application, deps: Deps, relay: Relay) -> None:
    @app.on("relay")
    def relay_events(event: Mapping[str, Any]) -> dict[str, int]:
        swept = service.sweep(deps) + erasing.announce(deps) if "resources" in event else 0
        return relay.run(event) | {"swept": swept}


def add_retention(app: Application, deps: Deps) -> None:
    @app.on("retain")
    def retain_analyses(event: Mapping[str, Any]) -> dict[str, int]:
        return {"deleted": retention.retain(deps)}


def add(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    _add_projects(app, deps, dead_letters)
    _add_work(app, deps, dead_letters)


def _add_projects(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    def plan(message: VersionPublished, envelope: Envelope) -> None:
        service.plan(deps, envelope.caller, envelope.id, service.Published(**message.model_dump()))

    def rebase(message: BaselineChosen, envelope: Envelope) -> None:
        service.rebase(deps, envelope.caller, service.Baseline(at=envelope.time, **message.model_dump()))

    def forget(message: ProjectDeleted, envelope: Envelope) -> None:
        erasing.begin(deps, envelope.caller, message.project_id)

    def keep_member(message: MemberChanged, envelope: Envelope) -> None:
        membership.keep(
            deps,
            envelope.caller,
            project_id=message.project_id,
            user_id=message.user_id,
            role=message.role,
            at=message.changed_at,
        )

    @app.on("on_version_published")
    def on_version_published(event: Mapping[str, Any]) -> dict[str, Any]:
        handlers: dict[str, On[Any]] = {
            "version.published": On(VersionPublished, plan),
            "baseline.set": On(BaselineChosen, rebase),
            "project.deleted": On(ProjectDeleted, forget),
            "project.member_changed": On(MemberChanged, keep_member),
        }
        return consume(event, handlers, dead_letters)


def _add_work(app: Application, deps: Deps, dead_letters: DeadLetters) -> None:
    def run_shard(message: WorkReady, envelope: Envelope) -> None:
        if message.shard_id is not None:
            service.run_shard(deps, envelope.caller, message.shard_id)

    def merge(message: WorkReady, envelope: Envelope) -> None:
        service.merge(deps, envelope.caller, message.analysis_id)

    def replan(message: WorkReady, envelope: Envelope) -> None:
        restarting.replan(deps, envelope.caller, message.analysis_id)

    def decide_gate(message: WorkReady, envelope: Envelope) -> None:
        gating.decide_again(deps, envelope.caller, message.analysis_id)

    def erase(message: EraseReady, envelope: Envelope) -> None:
        erasing.erase(deps, envelope.caller, message.project_id)

    @app.on("on_work")
    def on_work(event: Mapping[str, Any]) -> dict[str, Any]:
        handlers: dict[str, On[Any]] = {
            "shard.ready": On(WorkReady, run_shard),
            "merge.ready": On(WorkReady, merge),
            "plan.ready": On(WorkReady, replan),
            "gate.ready": On(WorkReady, decide_gate),
            "erase.ready": On(EraseReady, erase),
        }
        return consume(event, handlers, dead_letters)
