"""A review whose event is gone for good (a wiped broker, a given-up record) still ends: failed, `interrupted`."""

from __future__ import annotations

from functions.ai.model import Abandoned, ReviewReason
from functions.ai.ports import Deps
from functions.ai.service import ending
from kernel.identity import Caller

GRACE_S = 300.0  # a record that still exists is delivered again within half a minute
MOST = 100


def sweep(deps: Deps, *, grace_s: float = GRACE_S) -> int:
    """End what nobody works on for longer than `grace_s` of our own watching; return how many that were."""
    with deps.work(Caller.nobody()) as work:
        found = work.reviews.abandoned(grace_s=grace_s, limit=MOST)
    return sum(_interrupt(deps, each) for each in found)


def _interrupt(deps: Deps, abandoned: Abandoned) -> bool:
    with deps.work(Caller.function(abandoned.org_id)) as work:
        claim = work.reviews.take_over(abandoned.review_id, holder=deps.new_id())
        return claim is not None and ending.end(work, claim, ending.without_words(ReviewReason.INTERRUPTED))
