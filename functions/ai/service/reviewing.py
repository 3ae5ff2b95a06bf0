"""One review of one analysis, however often its event arrives and whatever dies on the way.

The review's row is the claim: unique for an analysis, held by a lease that its worker renews. An inbox entry
made at the start would swallow the redelivery after a crash, so there is none: a delivery finds the review
ended (nothing to do), running (come back later) or abandoned (take over). Only the holder of the claim may
store a result, so two workers never leave two.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.ai.model import SENTENCES, Claim, Outcome, Place, Request, ReviewReason, Route
from functions.ai.ports import Deps
from functions.ai.service import asking, ending, judging
from kernel.errors import DomainError, Invalid, NotFound, Unavailable
from kernel.identity import Caller


def review(deps: Deps, request: Request, caller: Caller) -> None:
    """Review an analysis; a second delivery changes nothing.

    Raises:
        Invalid: the request is not about the caller's own organisation.
        Unavailable: something of ours is down, or another worker is at it: deliver again.
    """
    _require_own(request, caller)
    claim = _claim(deps, request, caller)
    if claim is None:
        return
    try:
        with deps.kept(caller, claim):
            outcome = _outcome(deps, request, claim, caller)
    except Unavailable:
        _release(deps, claim, caller)
        raise
    except Exception:
        _finish(deps, claim, ending.without_words(ReviewReason.INTERNAL), caller)
        raise
    _finish(deps, claim, outcome, caller)


def _require_own(request: Request, caller: Caller) -> None:
    if request.org_id != caller.organisation or not request.context_key.startswith(request.folder):
        raise Invalid("the analysis belongs to another organisation than its event", code="foreign_analysis")


def _claim(deps: Deps, request: Request, caller: Caller) -> Claim | None:
    with deps.work(caller) as work:
        if work.erasing.is_gone(request.project_id):
            return None
        return work.reviews.claim(
            review_id=deps.new_id(),
            analysis_id=request.analysis_id,
            project_id=request.project_id,
            holder=deps.new_id(),
        )


def _outcome(deps: Deps, request: Request, claim: Claim, caller: Caller) -> Outcome:
    if claim.hopeless:
        return ending.without_words(ReviewReason.INTERRUPTED)
    try:
        places = deps.contexts.read(request.context_key)
    except (NotFound, Invalid):
        return ending.without_words(ReviewReason.NO_CONTEXT)
    if not places:
        return ending.without_words(ReviewReason.NO_PLACES)
    route = _route(deps, caller)
    return route if isinstance(route, Outcome) else _reviewed(deps, route, places)


def _route(deps: Deps, caller: Caller) -> Route | Outcome:
    try:
        return deps.routes.review(caller)
    except Unavailable:
        raise
    except NotFound:
        return ending.without_words(ReviewReason.NO_PROVIDER)
    except DomainError as refused:
        gone = refused.code == "provider_unreachable"
        return ending.without_words(ReviewReason.PROVIDER_UNAVAILABLE if gone else ReviewReason.PROVIDER_REFUSED)


def _reviewed(deps: Deps, route: Route, places: Sequence[Place]) -> Outcome:
    answered = asking.ask(deps, route, places)
    if answered.failure is not None:
        reason = answered.failure
        return Outcome(reason=reason, summary=SENTENCES[reason], route=route, completions=answered.completions)
    judged = judging.judge(deps, route, answered.draft, places)
    return Outcome(
        summary=judged.summary,
        route=route,
        comments=judged.comments,
        completions=answered.completions,
        dropped=judged.dropped,
    )


def _release(deps: Deps, claim: Claim, caller: Caller) -> None:
    try:
        with deps.work(caller) as work:
            work.reviews.release(claim)
    except Unavailable:
        return  # then its lease ends by itself


def _finish(deps: Deps, claim: Claim, outcome: Outcome, caller: Caller) -> None:
    with deps.work(caller) as work:
        ending.end(work, claim, outcome)
