"""Posting back: one summary, comments on changed lines and a check, at the newest head of a pull request.

May die at any line. What was said is found again by marks that only we know before anything is said twice, and
each thing that was said is stored at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from functions.project.ports import Deps
from functions.project.ports.hooks import PostJob, Talk
from functions.project.posting import words
from functions.project.posting.github import GitHub
from functions.project.posting.gitlab import GitLab
from functions.project.posting.hosts import CodeHost, LineComment
from functions.project.posting.news import Finding, News, read
from functions.project.postings import (
    MOST_ATTEMPTS,
    MOST_INLINE,
    MOST_LISTED,
    Completion,
    Posting,
    PostingState,
    Remark,
    backoff_s,
)
from functions.project.repositories import HostKind, PullRequest, Repository
from functions.project.service.changed_lines import Changed, changed_lines
from functions.project.service.repositories import TOKEN, secret_of
from kernel.errors import DomainError, Invalid, NotFound, TooMany, Unavailable
from kernel.identity import Caller

MOST_S = 60.0
MOST_BYTES = 16 * 1024 * 1024
OURS_AGAIN_S = 60.0  # until a store of ours may be back
OLDEST = timedelta(hours=24)  # that a posting waits for a host that asks to wait


@dataclass(frozen=True, slots=True)
class _Plan:
    job: PostJob
    caller: Caller
    posting: Posting
    pull: PullRequest
    repository: Repository
    completion: Completion
    said: tuple[Remark, ...]


def attempt(deps: Deps, job: PostJob) -> str:
    """Work on one posting; the state that it then has, or `lost`. Raises NotFound if it went meanwhile."""
    caller = Caller.function(job.org_id, job.id)
    plan = _begin(deps, caller, job)
    if isinstance(plan, str):
        return plan
    try:
        return _end(deps, plan, _tell(deps, plan))
    except TooMany as asked:
        return _wait(deps, plan, asked)
    except Unavailable as down:
        return _again(deps, plan, down)
    except DomainError as refused:
        return _end(deps, plan, PostingState.FAILED, refused)


def _begin(deps: Deps, caller: Caller, job: PostJob) -> _Plan | str:
    with deps.work(caller) as work:
        if not work.posts.holds(job):
            return "lost"
        posting = work.postings.find(job.id)
        if posting is None:
            raise NotFound("no such posting")
        pull = work.pull_requests.find(posting.project_id, posting.number)
        repository = work.repositories.find(posting.project_id)
        completion = work.postings.completion(posting.version_id)
        said = tuple(work.postings.remarks(posting.project_id, posting.number))
        if pull is None or repository is None or completion is None or not pull.is_current(posting.version_id):
            work.postings.save(posting.ended(PostingState.OUTDATED, work.now))
            work.posts.end(job)
            return PostingState.OUTDATED
    return _Plan(job, caller, posting, pull, repository, completion, said)


def _tell(deps: Deps, plan: _Plan) -> PostingState:
    news = _news(deps, plan)
    changed = changed_lines(deps, plan.caller, plan.pull, [finding.path for finding in news.findings])
    token = secret_of(deps, plan.repository, TOKEN)
    if token is None:
        raise Invalid("the repository has no token", code="no_token")
    with deps.web().talk(most_bytes=MOST_BYTES, most_s=MOST_S) as talk:
        host = _host(talk, plan, token)
        if not host.is_newest(plan.pull.head_sha):
            return PostingState.OUTDATED
        said = _comment(deps, plan, host, news, changed)
        _summarise(deps, plan, host, news, said)
        check_id = host.report(words.report(plan.posting.id, plan.pull.head_sha, news))
        if check_id and check_id != plan.pull.check_id:
            _keep(deps, plan, check_id=check_id)
    return PostingState.DONE


def _news(deps: Deps, plan: _Plan) -> News:
    try:
        return read(deps.store.get(plan.completion.news_key), plan.completion.gate)
    except (ValueError, KeyError, TypeError) as bad:
        raise Invalid("the analysis' findings cannot be read", code="news_unreadable") from bad


def _host(talk: Talk, plan: _Plan, token: str) -> CodeHost:
    about = talk, plan.repository.url, token, plan.pull.number, plan.pull.head_sha
    return GitLab.of(*about) if plan.repository.kind is HostKind.GITLAB else GitHub.of(*about)


def _comment(deps: Deps, plan: _Plan, host: CodeHost, news: News, changed: dict[str, Changed]) -> frozenset[str]:
    """Comment on what is new at changed lines; the ids of all findings that are told at lines."""
    before = frozenset(remark.finding_id for remark in plan.said if remark.inline)
    chosen = _chosen(plan, news, changed, before)
    if not chosen:
        return before
    there = host.marks([one.mark for one in chosen])
    placed = host.comment([one for one in chosen if one.mark not in there])
    now_said = {one.finding_id for one in placed} | {one.finding_id for one in chosen if one.mark in there}
    _remember(deps, plan, [finding for finding in news.findings if finding.id in now_said], inline=True)
    return before | now_said


def _chosen(plan: _Plan, news: News, changed: dict[str, Changed], before: frozenset[str]) -> list[LineComment]:
    """Worst first, as many as there is room for beside those that still stand."""
    room = MOST_INLINE - len(before & news.ids)
    chosen: list[LineComment] = []
    for finding in news.findings:
        if len(chosen) >= room:
            break
        file = changed.get(finding.path)
        line = file.line_of(finding) if file is not None and finding.id not in before else None
        if file is not None and line is not None:
            mark = words.mark_of_finding(plan.posting.id, finding.id)
            body = words.comment(plan.posting.id, finding)
            chosen.append(LineComment(finding.id, finding.path, file.old_path, line, mark, body))
    return chosen


def _summarise(deps: Deps, plan: _Plan, host: CodeHost, news: News, inline: frozenset[str]) -> None:
    """Write or replace the summary; where nothing was said before, nothing is said of nothing."""
    listed = [finding for finding in news.findings if finding.id not in inline]
    resolved = [one for one in plan.said if one.finding_id not in news.ids] if news.is_whole else []
    body = words.summary(plan.posting.id, news, listed, len(inline & news.ids), resolved)
    comment_id = plan.pull.comment_id
    if comment_id is None or not host.rewrite(comment_id, body):
        found = _found(plan, host)
        if found is not None and host.rewrite(found, body):
            comment_id = found
        elif news.new_total or news.gate == "failed" or comment_id is not None:
            comment_id = host.write(body)
    if comment_id != plan.pull.comment_id:
        _keep(deps, plan, comment_id=comment_id)
    _remember(deps, plan, listed[:MOST_LISTED], inline=False)


def _found(plan: _Plan, host: CodeHost) -> str | None:
    """Our summary, also one whose making was never answered. Another comment with its mark is a copy, and later."""
    mark = words.mark_of_summary(plan.posting.id)
    others = (said for said in host.summaries() if said.id != plan.pull.comment_id)
    return next((said.id for said in others if mark in said.body), None)


def _remember(deps: Deps, plan: _Plan, findings: Sequence[Finding], *, inline: bool) -> None:
    if not findings:
        return
    pull = plan.pull
    with deps.work(plan.caller) as work:
        work.postings.remember(
            [
                Remark(pull.org_id, pull.project_id, pull.number, one.id, inline, one.severity, one.rule, one.path,
                       one.line, work.now)
                for one in findings
            ]
        )  # fmt: skip


def _keep(deps: Deps, plan: _Plan, **said: str | None) -> None:
    with deps.work(plan.caller) as work:
        pull = work.pull_requests.find(plan.pull.project_id, plan.pull.number)
        if pull is not None:
            work.pull_requests.put(replace(pull, **said))  # type: ignore[arg-type]


def _end(deps: Deps, plan: _Plan, state: PostingState, why: DomainError | None = None) -> str:
    """End what was begun; what was wished meanwhile is due at once."""
    with deps.work(plan.caller) as work:
        if not work.posts.holds(plan.job):
            return "lost"
        posting = work.postings.find(plan.posting.id)
        if posting is None or posting.wanted != plan.posting.wanted:
            work.posts.postpone(plan.job, seconds=0.0, counts=False)
            return PostingState.WAITING
        code, detail = (why.code, why.message) if why is not None else (None, None)
        work.postings.save(posting.ended(state, work.now, code, detail))
        work.posts.end(plan.job)
    return state


def _wait(deps: Deps, plan: _Plan, asked: TooMany) -> str:
    """As long as the host asks, for all of the organisation's pull requests there; this is no attempt that failed."""
    seconds = float(str(asked.details.get("retry_after_s", OURS_AGAIN_S)))
    with deps.work(plan.caller) as work:
        if work.now - plan.posting.updated_at < OLDEST:
            work.postings.save(replace(plan.posting, code=asked.code, detail=asked.message))
            work.posts.postpone(plan.job, seconds=seconds, counts=False)
            work.posts.calm(plan.job, seconds=seconds)
            return PostingState.WAITING
    return _end(deps, plan, PostingState.FAILED, asked)


def _again(deps: Deps, plan: _Plan, down: Unavailable) -> str:
    """A host has a few attempts; a store of ours as many as it takes."""
    ours = not down.code.startswith("host_")
    if not ours and plan.job.attempts >= MOST_ATTEMPTS:
        return _end(deps, plan, PostingState.FAILED, down)
    with deps.work(plan.caller) as work:
        work.postings.save(replace(plan.posting, code=down.code, detail=down.message))
        work.posts.postpone(plan.job, seconds=OURS_AGAIN_S if ours else backoff_s(plan.job.attempts), counts=not ours)
    return PostingState.WAITING
