"""Fetching: what a host has becomes a version, through the use case that publishes for everybody.

May die at any line. A job is leased on the database's clock and taken up again when its lease is over; contents are
named by what they are; and the fetch ends in the transaction that commits its version, if the lease still holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from functions.project.fetching.choosing import Asked
from functions.project.ports import Deps, Work
from functions.project.ports.git import Commit, Received, Remote
from functions.project.ports.repositories import FetchJob
from functions.project.repositories import (
    BACKOFF_S,
    MOST_ATTEMPTS,
    Fetch,
    FetchKind,
    FetchState,
    PullRequest,
    Repository,
)
from functions.project.scratch import scratch
from functions.project.service import reacting
from functions.project.service.publishing import Published
from functions.project.service.repositories import TOKEN, secret_of
from functions.project.service.snapshots import of_base, of_head, publish_commit
from kernel.errors import Conflict, DomainError, Invalid, NotFound, TooMany, Unavailable
from kernel.identity import Caller

FUNCTION = "project-fetch"
MOST_WAITING = 50  # of a project: other branches and pull requests; the same one waits once
BEGIN_S = 60.0  # of a run: what begins until then ends within the function's 300 s
OURS_AGAIN_S = 60.0  # until a store of ours may be back


@dataclass(frozen=True, slots=True)
class _Plan:
    job: FetchJob
    fetch: Fetch
    repository: Repository
    pull: PullRequest | None


class _Lost(Exception):
    """The lease went to somebody else, who ends the fetch."""


def ask(deps: Deps, work: Work, project_id: str, kind: FetchKind, ref: str) -> Fetch:
    """Queue a fetch, or return the one that waits for the same; wake `FUNCTION` when the unit of work has committed.

    Raises:
        NotFound: there is no such project.
        Conflict: it is archived, or has no repository (`no_repository`).
        TooMany: enough waits (`too_many_fetches`).
    """
    project = work.projects.get(project_id)
    project.check_open()
    repository = work.repositories.find(project.id)
    if repository is None:
        raise Conflict("the project has no repository: connect one first", code="no_repository")
    if work.fetches.waiting(project.id) >= MOST_WAITING:
        raise TooMany(f"{MOST_WAITING} fetches wait already", code="too_many_fetches", retry_after_s=60)
    wanted = Fetch(deps.new_id(), project.org_id, project.id, kind, ref, work.caller.user_id, work.now)
    asked = work.fetches.ask(wanted, repository.host)
    if asked.id == wanted.id:
        work.audit.add("project.fetch", asked.id, project_id=project.id, kind=str(kind), ref=ref)
    return asked


def run(deps: Deps) -> dict[str, str]:
    """Do what waits, one after the other, until nothing may begin; the state of each fetch by its id."""
    end, done = deps.monotonic() + BEGIN_S, {}
    while deps.monotonic() < end:
        job = deps.queue.claim(deps.new_id())
        if job is None:
            break
        done[job.fetch_id] = execute(deps, job)
    return done


def execute(deps: Deps, job: FetchJob) -> str:
    """Work on one job; the state that its fetch then has, or `gone`."""
    caller = Caller.function(job.org_id, job.fetch_id)
    try:
        plan = _begin(deps, caller, job)
        return _attempt(deps, caller, plan)
    except NotFound:
        deps.queue.forget(job)
        return "gone"
    except _Lost:
        return "lost"


def _begin(deps: Deps, caller: Caller, job: FetchJob) -> _Plan:
    """Raises NotFound if the fetch, its project or its repository went meanwhile."""
    with deps.work(caller) as work:
        if not work.fetches.holds(job):
            raise _Lost
        fetch = work.fetches.lock(job.fetch_id).begun()
        work.fetches.save(fetch)
        repository = work.repositories.get(work.projects.get(fetch.project_id).id)
        pull = work.pull_requests.find(fetch.project_id, int(fetch.ref)) if fetch.kind is FetchKind.PULL else None
    return _Plan(job, fetch, repository, pull)


def _attempt(deps: Deps, caller: Caller, plan: _Plan) -> str:
    try:
        if plan.job.attempts > MOST_ATTEMPTS:
            raise Invalid(f"gave up after {MOST_ATTEMPTS} attempts that did not end", code="gave_up")
        return _take(deps, caller, plan).state
    except Unavailable as down:
        return _again(deps, caller, plan, down).state
    except DomainError as refused:
        return _fail(deps, caller, plan, refused).state


def _take(deps: Deps, caller: Caller, plan: _Plan) -> Fetch:
    repository = plan.repository
    remote = Remote(repository.url, str(repository.kind), secret_of(deps, repository, TOKEN))
    with scratch() as folder, deps.git().fetch(remote, _asked(plan), folder) as received:
        base = _base(deps, caller, plan, received, folder)
        head = received.head
        place = of_head(received, plan.repository.default_branch, plan.pull, base)
        return publish_commit(
            deps, caller, plan.fetch, received, head, place, _conclusion(deps, plan, head, base), folder
        )


def _asked(plan: _Plan) -> Asked:
    default = plan.repository.default_branch
    if plan.fetch.kind is FetchKind.REF:
        return Asked(plan.fetch.ref, default)
    if plan.pull is None:
        raise Invalid("no such pull request was told of", code="unknown_ref")
    pull = plan.pull
    return Asked(pull.head_sha, default, target=pull.base_ref, or_target=pull.base_sha, branch=pull.branch(default))


def _base(deps: Deps, caller: Caller, plan: _Plan, received: Received, folder: Path) -> str | None:
    """The id of the version that a pull request is compared with; it is published first."""
    if received.base is None or plan.pull is None:
        return None
    place = of_base(received, received.base, plan.repository.default_branch, plan.pull)

    def conclude(work: Work, fetch: Fetch, published: Callable[[], Published]) -> str:
        return published().version.id

    return publish_commit(deps, caller, plan.fetch, received, received.base, place, conclude, folder)


def _conclusion(
    deps: Deps, plan: _Plan, head: Commit, base: str | None
) -> Callable[[Work, Fetch, Callable[[], Published]], Fetch]:
    def conclude(work: Work, noted: Fetch, published: Callable[[], Published]) -> Fetch:
        if not work.fetches.holds(plan.job):
            raise _Lost
        version = published().version
        work.fetches.lock(noted.id)
        ended = noted.done(work.now, commit=head.sha, version_id=version.id, base_version_id=base)
        work.fetches.save(ended)
        if plan.pull is not None:
            present = work.pull_requests.find(plan.pull.project_id, plan.pull.number) or plan.pull
            work.pull_requests.put(present.published(version.id, base, head.sha))
            # It may have been analysed before, as the branch's.
            reacting.offer(deps, work, present.project_id, version.id, present.number)
        return ended

    return conclude


def _again(deps: Deps, caller: Caller, plan: _Plan, down: Unavailable) -> Fetch:
    """A host has a few attempts; a store of ours as many as it takes."""
    ours = not down.code.startswith("host_")
    if not ours and plan.job.attempts >= MOST_ATTEMPTS:
        return _fail(deps, caller, plan, down)
    seconds = OURS_AGAIN_S if ours else BACKOFF_S * 2 ** (plan.job.attempts - 1)
    with deps.work(caller) as work:
        fetch = _held(work, plan).postponed(down.code, down.message)
        work.fetches.postpone(plan.job, seconds=seconds, counts=not ours)
        work.fetches.save(fetch)
    return fetch


def _fail(deps: Deps, caller: Caller, plan: _Plan, why: DomainError) -> Fetch:
    with deps.work(caller) as work:
        fetch = _held(work, plan).failed(why.code, why.message, work.now)
        work.fetches.save(fetch)
        work.audit.add("project.end_fetch", fetch.id, state=str(FetchState.FAILED), code=why.code)
    return fetch


def _held(work: Work, plan: _Plan) -> Fetch:
    if not work.fetches.holds(plan.job):
        raise _Lost
    return work.fetches.lock(plan.fetch.id)
