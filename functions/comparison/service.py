"""Use cases: one function each, in the order a user meets them."""

from __future__ import annotations

from functions.comparison.model import Comparison, ComparisonCreated, Metric
from functions.comparison.ports import Work


def create(work: Work, *, id: str, name: str, baseline: str, candidate: str, metric: Metric) -> Comparison:
    """Raises Invalid if both variants are one, Conflict if the name is taken."""
    comparison = Comparison(
        id=id,
        org_id=work.caller.organisation,
        name=name,
        baseline=baseline,
        candidate=candidate,
        metric=metric,
        created_by=work.caller.user_id,
        created_at=work.now,
    )
    work.comparisons.add(comparison)
    work.events.add(ComparisonCreated(comparison))
    work.audit.add("comparison.create", id, name=name)
    return comparison
