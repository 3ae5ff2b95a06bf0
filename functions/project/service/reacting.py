"""What happened becomes durable work: who is told of it, and where. Nothing is called from here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from functions.project.ports import Deps, Work
from functions.project.postings import Completion, Posting
from functions.project.repositories import HostKind
from functions.project.webhooks import Delivery
from kernel.errors import NotFound
from kernel.identity import Caller

CONSUMER = "project-react"
FUNCTION = "project-post"


@dataclass(frozen=True, slots=True)
class Happened:
    """An event. `data` is what webhooks are told; the rest is set where an analysis has something to post."""

    event_id: str
    event: str
    project_id: str
    at: datetime
    data: Mapping[str, object]
    version_id: str | None = None
    analysis_id: str | None = None
    gate: str = "none"
    news_key: str | None = None


def react(deps: Deps, caller: Caller, happened: Happened) -> bool:
    """Record what is to be told, once for each event; whether there is anything. Wakes `FUNCTION` if so."""
    with deps.work(caller) as work:
        if not work.inbox.first(CONSUMER, happened.event_id):
            return False
        try:
            work.projects.get(happened.project_id)
        except NotFound:
            return False
        told = _tell_webhooks(deps, work, happened)
        posted = _analysed(deps, work, happened)
    if told or posted:
        deps.nudge(FUNCTION)
    return told or posted


def _tell_webhooks(deps: Deps, work: Work, happened: Happened) -> bool:
    told = {"type": happened.event, "timestamp": happened.at.isoformat(), "data": dict(happened.data)}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    queued = False
    for webhook in work.webhooks.wanting(happened.project_id, happened.event):
        delivery = Delivery(
            id=deps.new_id(),
            org_id=webhook.org_id,
            project_id=webhook.project_id,
            webhook_id=webhook.id,
            event_id=happened.event_id,
            event=happened.event,
            body=body,
            created_at=work.now,
        )
        queued |= work.deliveries.tell(delivery, host_of(webhook.url))
    return queued


def host_of(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _analysed(deps: Deps, work: Work, happened: Happened) -> bool:
    if happened.version_id is None or happened.analysis_id is None:
        return False
    if happened.news_key is not None:
        completion = Completion(
            org_id=work.caller.organisation,
            project_id=happened.project_id,
            version_id=happened.version_id,
            analysis_id=happened.analysis_id,
            news_key=happened.news_key,
            gate=happened.gate,
            completed_at=happened.at,
        )
        work.postings.complete(completion)
    else:
        work.postings.regate(happened.version_id, happened.analysis_id, happened.gate)
    return offer(deps, work, happened.project_id, happened.version_id)


def offer(deps: Deps, work: Work, project_id: str, version_id: str, number: int | None = None) -> bool:
    """Let what is known of a version be told at this pull request, or all, whose newest head it holds."""
    completion = work.postings.completion(version_id)
    repository = work.repositories.find(project_id)
    if completion is None or repository is None or repository.sealed_token is None:
        return False
    if repository.kind is HostKind.GIT:
        return False
    wanted = False
    for one in [number] if number is not None else work.postings.numbers(project_id, version_id):
        pull = work.pull_requests.find(project_id, one)
        if pull is None or not pull.is_current(version_id):
            continue
        work.pull_requests.put(replace(pull, analysis_id=completion.analysis_id))
        posting = Posting(deps.new_id(), pull.org_id, project_id, one, version_id, work.now)
        work.postings.want(posting, repository.host)
        wanted = True
    return wanted
