"""Asks the routed model: one call for all places, or, of the embedded model, one small call a place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from functions.ai import prompts
from functions.ai.model import Completion, Draft, ModelFailed, Place, Prompt, Remark, Reply, ReviewReason, Route
from functions.ai.ports import Deps

T = TypeVar("T")
SMALL_PLACES = 5
SMALL_PLACES_S = 12.0  # after that no further place is begun, so that a review by the embedded model stays short
_LEAST_S = 0.05


@dataclass(frozen=True, slots=True)
class Answered:
    draft: Draft = field(default_factory=Draft)
    completions: tuple[Completion, ...] = ()
    failure: ReviewReason | None = None


def ask(deps: Deps, route: Route, places: Sequence[Place]) -> Answered:
    deadline = deps.clock() + deps.budget_s
    if route.built_in:
        return _place_by_place(deps, route, places[:SMALL_PLACES], deadline)
    draft, made = _one(deps, route, prompts.review(places), deadline, deps.answers.review)
    if isinstance(draft, ReviewReason):
        return Answered(completions=(made,), failure=draft)
    return Answered(draft, (made,))


def _place_by_place(deps: Deps, route: Route, places: Sequence[Place], deadline: float) -> Answered:
    """What was said before a failure is kept; a failure counts only if nothing was said at all."""
    remarks: list[Remark] = []
    calls: list[Completion] = []
    failure: ReviewReason | None = None
    started = deps.clock()
    for place in places:
        if calls and deps.clock() > started + SMALL_PLACES_S:
            break
        body, call = _one(deps, route, prompts.remark(place), deadline, deps.answers.remark)
        calls.append(call)
        if not isinstance(body, ReviewReason):
            remarks.append(Remark(place.path, place.line, place.end_line, body, place.severity))
        elif (failure := body) is not ReviewReason.BAD_ANSWER:
            break
    return Answered(Draft(remarks=tuple(remarks)), tuple(calls), None if remarks else failure)


def _one(
    deps: Deps, route: Route, prompt: Prompt, deadline: float, parse: Callable[[str], T]
) -> tuple[T | ReviewReason, Completion]:
    """What was parsed, or why there is nothing, and the record of the call in any case."""
    started = deps.clock()
    reply: Reply | None = None
    try:
        reply = deps.model.complete(route, prompt, budget_s=max(deadline - started, _LEAST_S))
        said: T | ReviewReason = parse(reply.text)
        attempts, outcome = reply.attempts, "ok"
    except ModelFailed as failed:
        said = failed.reason
        attempts, outcome = reply.attempts if reply else failed.attempts, failed.reason.value
    latency_ms = int((deps.clock() - started) * 1000)
    return said, _record(
        route, prompt, reply, id=deps.new_id(), outcome=outcome, attempts=attempts, latency_ms=latency_ms
    )


def _record(
    route: Route, prompt: Prompt, reply: Reply | None, *, id: str, outcome: str, attempts: int, latency_ms: int
) -> Completion:
    return Completion(
        id=id,
        provider_id=route.provider_id,
        provider=route.name,
        model=route.model,
        prompt_version=prompt.version,
        outcome=outcome,
        attempts=attempts,
        latency_ms=latency_ms,
        input_tokens=reply.input_tokens if reply else None,
        output_tokens=reply.output_tokens if reply else None,
    )
