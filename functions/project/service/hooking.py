"""Events from hosts: proved, recorded once, filtered, and answered before anything is fetched.

Who sent an event is decided before a byte of it is parsed, in the same steps for an address that exists and for one
that does not. What it leads to commits together with its record, so that a repeat finds the record and does nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from secrets import token_hex

from functions.project.hooks import github, gitlab, reading
from functions.project.hooks.notices import LARGEST_BODY, Notice, Other, Posted, Proposed, Pushed, Told
from functions.project.model import Project
from functions.project.ports import Deps, Work
from functions.project.ports.repositories import Hook, HookDelivery
from functions.project.repositories import FetchKind, HostKind, PullRequest, Repository, same_repository
from functions.project.service import fetching
from functions.project.service.repositories import SECRET
from kernel.errors import NotFound, TooLarge, TooMany, Unauthorized
from kernel.identity import NOBODY, Caller
from kernel.sealing import Seal

QUEUED, IGNORED, REPEATED = "queued", "ignored", "repeated"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_HOOK = Hook(NOBODY, NOBODY, NOBODY)
_NOWHERE = (NOBODY, NOBODY, SECRET)


def receive(deps: Deps, hook_id: str, posted: Posted) -> HookDelivery:
    """Take an event; its record says what came of it, with the state `repeated` if it came before.

    Raises:
        TooLarge: it has more than `LARGEST_BODY` bytes.
        Unauthorized: there is no such address, or the sender does not know its secret.
        Invalid: it is proved, but not of its documented form (`malformed_event`).
    """
    if len(posted.body) > LARGEST_BODY:
        raise TooLarge(f"an event has at most {LARGEST_BODY} bytes")
    hook = (deps.queue.hook(hook_id) if _UUID.fullmatch(hook_id) else deps.queue.hook(NOBODY)) or _NO_HOOK
    caller = Caller.function(hook.org_id)
    repository = _proved(deps, caller, hook, posted)
    told, notice = _read(repository, posted)
    with deps.work(caller) as work:
        delivery = _recorded(deps, work, repository, posted, told)
        if delivery.state != REPEATED:
            delivery = _acted(deps, work, repository, delivery, notice)
            work.hook_deliveries.end(delivery)
    if delivery.state == QUEUED:
        deps.nudge(fetching.FUNCTION)
    return delivery


def _proved(deps: Deps, caller: Caller, hook: Hook, posted: Posted) -> Repository:
    with deps.work(caller) as work:
        repository = work.repositories.find(hook.project_id)
        now = work.now
    sealed = repository.sealed_secret if repository is not None else None
    about = (hook.org_id, hook.project_id, SECRET) if sealed is not None else _NOWHERE
    secret = deps.seal.open(sealed or _decoy(deps.seal), *about)
    kind = repository.kind if repository is not None else HostKind.GITHUB
    if not _is_signed(kind, posted, secret, now) or repository is None or sealed is None:
        raise Unauthorized("the event is not signed with this address's secret, or there is no such address")
    return repository


@lru_cache(maxsize=1)
def _decoy(seal: Seal) -> bytes:
    """A sealed secret that nobody knows: what is not there takes as long as what is."""
    return seal.close(token_hex(32), *_NOWHERE)


def _is_signed(kind: HostKind, posted: Posted, secret: str, now: datetime) -> bool:
    match kind:
        case HostKind.GITHUB:
            return github.is_signed(posted, secret)
        case HostKind.GITLAB:
            return gitlab.is_signed(posted, secret, now)
    return False


def _read(repository: Repository, posted: Posted) -> tuple[Told, Notice]:
    payload = reading.parse(posted.body)
    host = github if repository.kind is HostKind.GITHUB else gitlab
    told = host.told(posted, payload)
    return told, host.notice(told, payload, repository.org_id, repository.project_id)


def _recorded(deps: Deps, work: Work, repository: Repository, posted: Posted, told: Told) -> HookDelivery:
    delivery = HookDelivery(
        id=deps.new_id(),
        org_id=repository.org_id,
        project_id=repository.project_id,
        delivery=told.delivery,
        body_sha256=hashlib.sha256(posted.body).hexdigest(),
        event=told.event,
        action=told.action,
        received_at=work.now,
    )
    try:
        work.projects.get(repository.project_id)
    except NotFound as gone:
        raise Unauthorized("there is no such address") from gone
    return delivery if work.hook_deliveries.first(delivery) else replace(delivery, state=REPEATED)


def _acted(deps: Deps, work: Work, repository: Repository, delivery: HookDelivery, notice: Notice) -> HookDelivery:
    if isinstance(notice, Other):
        return replace(delivery, reason=notice.reason)
    if _is_archived(work.projects.get(repository.project_id)):
        return replace(delivery, reason="archived")
    if not same_repository(notice.repository, repository.url):
        return replace(delivery, reason="other_repository")
    if isinstance(notice, Pushed):
        return _pushed(deps, work, repository, delivery, notice)
    return _proposed(deps, work, repository, replace(delivery, number=notice.pull.number), notice)


def _is_archived(project: Project) -> bool:
    return project.archived_at is not None


def _pushed(deps: Deps, work: Work, repository: Repository, delivery: HookDelivery, notice: Pushed) -> HookDelivery:
    filters = repository.filters
    why = filters.against_push(notice.branch, default_branch=repository.default_branch, by_bot=notice.by_bot)
    if why is not None:
        return replace(delivery, reason=why)
    return _queued(deps, work, delivery, FetchKind.REF, notice.branch)


def _proposed(deps: Deps, work: Work, repository: Repository, delivery: HookDelivery, notice: Proposed) -> HookDelivery:
    known, news = work.pull_requests.find(repository.project_id, notice.pull.number), notice.pull
    if known is not None and news.changed_at < known.changed_at:
        return replace(delivery, reason="outdated")
    pull = known.told(news) if known is not None else news
    work.pull_requests.put(pull)
    why = _why_not(repository, pull, asks=notice.asks, is_new=known is None or known.base_ref != pull.base_ref)
    if why is not None:
        return replace(delivery, reason=why)
    queued = _queued(deps, work, delivery, FetchKind.PULL, str(pull.number))
    if queued.fetch_id is not None:
        work.pull_requests.put(replace(pull, fetch_id=queued.fetch_id))
    return queued


def _why_not(repository: Repository, pull: PullRequest, *, asks: bool, is_new: bool) -> str | None:
    """Why a pull request is not fetched now; `is_new`: it was not told of before, or goes somewhere else now."""
    if pull.state != "open":
        return "closed"
    if not asks:
        return "action"
    published = not is_new and pull.version_sha == pull.head_sha
    return repository.filters.against(pull) or ("nothing_new" if published else None)


def _queued(deps: Deps, work: Work, delivery: HookDelivery, kind: FetchKind, ref: str) -> HookDelivery:
    try:
        fetch = fetching.ask(deps, work, delivery.project_id, kind, ref)
    except TooMany:
        return replace(delivery, reason="too_many")
    return replace(delivery, state=QUEUED, fetch_id=fetch.id)
