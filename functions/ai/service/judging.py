"""Decides what of a model's answer may be shown: only what is about lines it was shown, made inert, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.ai.model import Comment, Draft, Place, Remark, ReviewSeverity, Route
from functions.ai.ports import Deps
from functions.ai.prose import inert, safe_code
from kernel.redaction import redact

MOST_COMMENTS = 40
LONGEST_BODY, LONGEST_SUMMARY, LONGEST_SUGGESTION = 2_000, 2_000, 4_000  # characters


@dataclass(frozen=True, slots=True)
class Judged:
    summary: str
    comments: tuple[Comment, ...]
    dropped: int


def judge(deps: Deps, route: Route, draft: Draft, places: Sequence[Place]) -> Judged:
    found = [_comment(deps, route, remark, places) for remark in draft.remarks]
    kept: dict[tuple[str, int, str], Comment] = {}
    for comment in found:
        if comment is not None:
            kept.setdefault((comment.path, comment.line, comment.body), comment)
    comments = tuple(kept.values())[:MOST_COMMENTS]
    dropped = draft.malformed + len(found) - len(comments)
    return Judged(_summary(route, draft, len(comments)), comments, dropped)


def _summary(route: Route, draft: Draft, comments: int) -> str:
    if route.built_in:
        count = "1 comment" if comments == 1 else f"{comments} comments"
        return (
            f"{count} by {route.model}, the small model that comes with coderev. It shows how a review works;"
            " do not rely on what it says. Add a provider for reviews of use."
        )
    said = inert(_without_secrets(draft.summary, route), LONGEST_SUMMARY)
    return said or f"{comments} comments by {route.model}."


def _comment(deps: Deps, route: Route, remark: Remark, places: Sequence[Place]) -> Comment | None:
    place = _place_of(remark, places)
    body = inert(_without_secrets(remark.body, route), LONGEST_BODY)
    if place is None or not body:
        return None
    return Comment(
        id=deps.new_id(),
        path=place.path,
        line=remark.line,
        end_line=remark.end_line,
        severity=_severity(remark.severity, place),
        body=body,
        suggestion=_suggestion(remark.suggestion, place, route),
        finding_id=place.finding_id,
        model=route.model,
    )


def _place_of(remark: Remark, places: Sequence[Place]) -> Place | None:
    """The place that the remark is about: first by its finding, then by the lines around it."""
    near = [place for place in places if place.path == remark.path and place.shows(remark.line, remark.end_line)]
    return next((place for place in near if place.finds(remark.line, remark.end_line)), near[0] if near else None)


def _severity(said: str | None, place: Place) -> ReviewSeverity:
    return ReviewSeverity(said) if said in set(ReviewSeverity) else place.severity


def _suggestion(said: str | None, place: Place, route: Route) -> str | None:
    """None also if it would put a secret, or the mark of a redacted one, into the code."""
    if said is None or "[redacted:" in said or _without_secrets(said, route) != said:
        return None
    return safe_code(said, place.excerpt, LONGEST_SUGGESTION)


def _without_secrets(text: str, route: Route) -> str:
    if route.api_key:
        text = text.replace(route.api_key, "[redacted: key]")
    return redact(text)
