"""Comparisons and their rules. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.errors import Invalid


class ComparisonState(StrEnum):
    DRAFT = "draft"
    DECIDED = "decided"


class Better(StrEnum):
    """The direction in which a metric improves."""

    HIGHER = "higher"
    LOWER = "lower"


class Metric(StrEnum):
    """What is measured of each review; the unit is part of the name."""

    ACCEPTED_RATIO = "accepted_ratio"  # accepted comments of all comments, 0 to 1
    DISMISSED_RATIO = "dismissed_ratio"  # dismissed comments of all comments, 0 to 1
    COMMENTS_PER_REVIEW = "comments_per_review"
    LATENCY_MS = "latency_ms"
    TOKENS_PER_REVIEW = "tokens_per_review"

    @property
    def better(self) -> Better:
        return Better.HIGHER if self in _HIGHER else Better.LOWER


_HIGHER = frozenset({Metric.ACCEPTED_RATIO, Metric.COMMENTS_PER_REVIEW})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two variants, by name, and the one metric that decides between them.

    Raises:
        Invalid: baseline and candidate are the same variant, in whatever spelling of case.
    """

    id: str
    org_id: str
    name: str
    baseline: str
    candidate: str
    metric: Metric
    created_by: str
    created_at: datetime
    state: ComparisonState = ComparisonState.DRAFT
    revision: int = 1

    def __post_init__(self) -> None:
        if self.baseline.casefold() == self.candidate.casefold():
            raise Invalid("a variant is not compared with itself", code="same_variant", variant=self.baseline)


@dataclass(frozen=True, slots=True)
class ComparisonCreated:
    """Domain event: a comparison exists."""

    comparison: Comparison
