"""How a review ends, whoever ends it."""

from __future__ import annotations

from functions.ai.model import SENTENCES, Claim, Outcome, ReviewCompleted, ReviewReason
from functions.ai.ports import Work


def end(work: Work, claim: Claim, outcome: Outcome) -> bool:
    """Store the outcome and tell it; False, and nothing stored, if somebody took over: theirs counts."""
    ended = work.reviews.finish(claim, outcome)
    if ended is None:
        return False
    work.events.add(ReviewCompleted(ended, len(outcome.comments)))
    work.audit.add("ai.review", ended.id, state=ended.state, reason=ended.reason, comments=len(outcome.comments))
    return True


def without_words(reason: ReviewReason) -> Outcome:
    """The outcome of a review for which no model said anything."""
    return Outcome(reason=reason, summary=SENTENCES[reason])
