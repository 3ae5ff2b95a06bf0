"""What the use cases need from the outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.ai.model import Abandoned, Claim, Comment, Draft, Outcome, Place, Prompt, Reply, Review, Route
from kernel.identity import Caller
from kernel.ports import Permissions, SharedWork


class Reviews(Protocol):
    def get(self, review_id: str) -> Review:
        """Raises NotFound."""
        ...

    def page(self, *, analysis_id: str | None, after: str | None, limit: int) -> list[Review]:
        """Up to `limit` reviews, oldest first, beginning behind the id `after`."""
        ...

    def comments(self, review_ids: Sequence[str]) -> Mapping[str, list[Comment]]:
        """The comments of each review, in the order in which they were made."""
        ...

    def claim(self, *, review_id: str, analysis_id: str, project_id: str, holder: str) -> Claim | None:
        """Begin the analysis' review, or take over one whose lease has ended; None if it has ended already.

        Raises:
            Unavailable: somebody else is writing it now.
        """
        ...

    def keep(self, claim: Claim) -> bool:
        """Renew the lease; False if it was lost."""
        ...

    def release(self, claim: Claim) -> None:
        """Let the next delivery begin at once."""
        ...

    def abandoned(self, *, grace_s: float, limit: int) -> Sequence[Abandoned]:
        """What all organisations began and did not end within `grace_s` seconds after an earlier call saw it first."""
        ...

    def take_over(self, review_id: str, *, holder: str) -> Claim | None:
        """Claim a review that nobody holds any more; None if somebody does or it has ended."""
        ...

    def finish(self, claim: Claim, outcome: Outcome) -> Review | None:
        """Store how it ended, with comments and completions; None, and nothing stored, if the claim was lost."""
        ...


class Erasing(Protocol):
    """Projects that were deleted; a row stays for good, so that what comes late finds it."""

    def is_gone(self, project_id: str) -> bool:
        """Whether a project was deleted; if not, nobody says so until the unit of work ends."""
        ...

    def begin(self, project_id: str) -> bool:
        """Say that a project was deleted; False if that was said before."""
        ...

    def some(self, project_id: str, *, limit: int) -> int:
        """Delete up to `limit` of its reviews with what belongs to them; return how many those were."""
        ...


class Work(SharedWork, Protocol):
    """The shared work and this domain's repositories, in one transaction."""

    @property
    def reviews(self) -> Reviews: ...
    @property
    def erasing(self) -> Erasing: ...


class Contexts(Protocol):
    def read(self, key: str) -> Sequence[Place]:
        """The places that an analysis left for its review, worst first.

        Raises:
            NotFound: there is no such artifact.
            Invalid: it is no context, or too large for one.
            Unavailable: the object store is down.
        """
        ...


class Routes(Protocol):
    def review(self, caller: Caller) -> Route:
        """Who answers for the caller's organisation.

        Raises:
            NotFound: nobody is configured.
            DomainError: the organisation's provider cannot be used.
            Unavailable: the provider domain did not answer.
        """
        ...


class Model(Protocol):
    def complete(self, route: Route, prompt: Prompt, *, budget_s: float) -> Reply:
        """Ask once, with a bounded number of retries, and give up after `budget_s` seconds. Raises ModelFailed."""
        ...


class Answers(Protocol):
    """Parsers of what models say. Both raise ModelFailed (`bad_answer`)."""

    def review(self, text: str) -> Draft: ...

    def remark(self, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Deps:
    work: Callable[[Caller], AbstractContextManager[Work]]
    permissions: Permissions
    new_id: Callable[[], str]
    ready: Callable[[], None]
    contexts: Contexts
    routes: Routes
    model: Model
    answers: Answers
    kept: Callable[[Caller, Claim], AbstractContextManager[None]]
    """Renews a claim's lease while its block runs."""
    clock: Callable[[], float]
    """Seconds of a clock that never goes back."""
    budget_s: float
    """For all model calls of one review together."""
