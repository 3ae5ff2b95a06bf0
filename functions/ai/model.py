"""Reviews, their comments and their rules. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_ATTEMPTS = 3  # a review that was begun so often and never ended takes its worker down with it
_NUMBERED = re.compile(r"^(\d{1,9}): ", re.MULTILINE)


class ReviewState(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class ReviewSeverity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


class ReviewReason(StrEnum):
    """Why a review has no comments. The first is no failure."""

    NO_PLACES = "no_places"
    NO_CONTEXT = "no_context"
    NO_PROVIDER = "no_provider"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    PROVIDER_REFUSED = "provider_refused"
    PROVIDER_SLOW = "provider_slow"
    BAD_ANSWER = "bad_answer"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"


SENTENCES = {
    ReviewReason.NO_PLACES: "The analysis found nothing that needs a closer look, so no model was asked.",
    ReviewReason.NO_CONTEXT: "The analysis left no readable context, so no model was asked.",
    ReviewReason.NO_PROVIDER: "No model provider is configured.",
    ReviewReason.PROVIDER_UNAVAILABLE: "The model provider could not be reached, or was too busy, several times in a row.",
    ReviewReason.PROVIDER_REFUSED: "The model provider refused the request: check its URL, model and key.",
    ReviewReason.PROVIDER_SLOW: "The model provider did not answer in time.",
    ReviewReason.BAD_ANSWER: "The model's answer was not a review, so nothing of it was kept.",
    ReviewReason.INTERRUPTED: "The review was interrupted again and again, so it was given up.",
    ReviewReason.INTERNAL: "The review failed by an error of the platform; its log has the details.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """What an analysis tells of itself when it is complete."""

    analysis_id: str
    project_id: str
    org_id: str
    context_key: str

    @property
    def folder(self) -> str:
        """Where the analysis keeps its artifacts."""
        return f"artifacts/{self.org_id}/{self.analysis_id}/"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the code that the analysis found worth a look. `excerpt` has lines such as `12: code`."""

    path: str
    line: int
    end_line: int
    rule: str
    severity: ReviewSeverity
    message: str
    excerpt: str
    finding_id: str | None = None

    def finds(self, line: int, end_line: int) -> bool:
        return self.line <= line <= end_line <= self.end_line

    def shows(self, line: int, end_line: int) -> bool:
        """Whether the model has seen these lines here."""
        seen = [self.line, self.end_line, *map(int, _NUMBERED.findall(self.excerpt))]
        return min(seen) <= line <= end_line <= max(seen)


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, as `provider` decided; `address` is the checked IP address to connect to, if one was checked."""

    name: str
    kind: str
    base_url: str
    model: str
    provider_id: str | None = None
    address: str | None = None
    api_key: str | None = field(default=None, repr=False)
    built_in: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call of a model: `schema` is the JSON Schema that its answer has to meet; `example` a turn shown before."""

    version: str
    system: str
    user: str
    schema: dict[str, object]
    most_tokens: int
    example: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's words, not yet believed."""

    text: str
    attempts: int
    input_tokens: int | None = None
    output_tokens: int | None = None


class ModelFailed(Exception):
    """The model gave no answer that can be used."""

    def __init__(self, reason: ReviewReason, *, attempts: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts = attempts


@dataclass(frozen=True, slots=True)
class Remark:
    """What a model says about some lines, not yet checked against what it was shown."""

    path: str
    line: int
    end_line: int
    body: str
    severity: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A parsed answer; `malformed` remarks were no remarks at all."""

    summary: str = ""
    remarks: tuple[Remark, ...] = ()
    malformed: int = 0


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    path: str
    line: int
    end_line: int
    severity: ReviewSeverity
    body: str
    suggestion: str | None
    finding_id: str | None
    model: str


@dataclass(frozen=True, slots=True)
class Completion:
    """Where a model's words came from: one call, whether it went well or not."""

    id: str
    provider_id: str | None
    provider: str
    model: str
    prompt_version: str
    outcome: str
    attempts: int
    latency_ms: int
    input_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a review ends. Without a reason, or without places, it is completed."""

    reason: ReviewReason | None = None
    summary: str = ""
    route: Route | None = None
    comments: tuple[Comment, ...] = ()
    completions: tuple[Completion, ...] = ()
    dropped: int = 0

    @property
    def state(self) -> ReviewState:
        return ReviewState.COMPLETED if self.reason in (None, ReviewReason.NO_PLACES) else ReviewState.FAILED


@dataclass(frozen=True, slots=True)
class Review:
    """One organisation's review of one analysis: there is at most one."""

    id: str
    org_id: str
    analysis_id: str
    project_id: str
    created_at: datetime
    state: ReviewState = ReviewState.RUNNING
    reason: ReviewReason | None = None
    provider: str | None = None
    model: str | None = None
    summary: str = ""
    dropped_comments: int = 0
    attempts: int = 1
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write a review, until its lease ends; `holder` tells one attempt from the next."""

    review_id: str
    holder: str
    attempts: int

    @property
    def hopeless(self) -> bool:
        return self.attempts > MOST_ATTEMPTS


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A review that was begun and has not ended: ids alone, because the sweep sees those of all organisations."""

    org_id: str
    review_id: str


@dataclass(frozen=True, slots=True)
class ReviewCompleted:
    """Domain event: a review has ended, well or not."""

    review: Review
    comments: int
