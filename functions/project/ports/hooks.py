"""What is told to the outside, as the use cases see what is stored of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from functions.project.postings import Completion, Posting, Remark
from functions.project.webhooks import Attempt, Delivery, Webhook

POSTING, DELIVERY = "posting", "delivery"


@dataclass(frozen=True, slots=True)
class PostJob:
    """A posting or delivery that `holder` may work on until its lease is over; `attempts` include this one."""

    id: str
    kind: str
    org_id: str
    project_id: str
    host: str
    holder: str
    attempts: int


class Answered(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Talk(Protocol):
    """Requests to places that users named, under one budget of bytes and seconds."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Answered:
        """The whole answer, whatever its status.

        Raises:
            Invalid: the address may not be called.
            TooLarge, Unavailable: the host sends too much, is down, slow, or broke off.
        """
        ...

    def tell(self, url: str, headers: Mapping[str, str], content: bytes, *, most_bytes: int) -> Answered:
        """Post, and return the answer with the beginning of its body. Raises Invalid, Unavailable."""
        ...


class Web(Protocol):
    def talk(self, *, most_bytes: int, most_s: float) -> AbstractContextManager[Talk]: ...


class Webhooks(Protocol):
    def get(self, webhook_id: str) -> Webhook:
        """Raises NotFound."""
        ...

    def lock(self, webhook_id: str) -> Webhook:
        """The webhook, which nobody else changes until the unit of work ends. Raises NotFound."""
        ...

    def page(self, project_id: str, *, after: str | None, limit: int) -> list[Webhook]:
        """Up to `limit` webhooks, oldest first, beginning behind the id `after`."""
        ...

    def add(self, webhook: Webhook) -> None: ...

    def save(self, webhook: Webhook) -> None: ...

    def remove(self, webhook: Webhook) -> None:
        """Forget it with its deliveries and what waits to be sent."""
        ...

    def wanting(self, project_id: str, event: str) -> list[Webhook]:
        """The enabled webhooks that want to be told of this."""
        ...


class Deliveries(Protocol):
    def tell(self, delivery: Delivery, host: str) -> bool:
        """Store and queue a delivery; False if this webhook was told of that event. Old ones are forgotten."""
        ...

    def get(self, delivery_id: str) -> Delivery:
        """Raises NotFound."""
        ...

    def lock(self, delivery_id: str) -> Delivery:
        """Raises NotFound."""
        ...

    def save(self, delivery: Delivery) -> None: ...

    def again(self, delivery: Delivery, host: str) -> None:
        """Queue a delivery that ended, as if it were new."""
        ...

    def record(self, attempt: Attempt) -> None: ...

    def page(self, webhook_id: str, *, after: str | None, limit: int) -> list[Delivery]:
        """Up to `limit` deliveries, newest first, beginning behind the id `after`."""
        ...

    def attempts(self, deliveries: Collection[str]) -> Mapping[str, Sequence[Attempt]]:
        """The newest attempts of each delivery, oldest first."""
        ...


class Postings(Protocol):
    def complete(self, completion: Completion) -> None:
        """Keep what an analysis says, unless a newer one of the version was kept."""
        ...

    def regate(self, version_id: str, analysis_id: str, gate: str) -> None:
        """Keep another verdict on an analysis, if it is the one that is kept."""
        ...

    def completion(self, version_id: str) -> Completion | None: ...

    def numbers(self, project_id: str, version_id: str) -> list[int]:
        """The pull requests whose newest published head is in this version."""
        ...

    def want(self, posting: Posting, host: str) -> None:
        """Store and queue what is to be told; a wish that waits is told with this one."""
        ...

    def find(self, posting_id: str) -> Posting | None:
        """The posting, which nobody else changes until the unit of work ends."""
        ...

    def save(self, posting: Posting) -> None: ...

    def remarks(self, project_id: str, number: int) -> list[Remark]:
        """What was told of a pull request, by path, line and id."""
        ...

    def remember(self, remarks: Sequence[Remark]) -> None:
        """Store what was told; a finding that was told in the summary may be told at its line too."""
        ...


class PostQueue(Protocol):
    """In the transaction of a unit of work."""

    def holds(self, job: PostJob) -> bool:
        """Whether the job is still its holder's, and stays so until the unit of work ends."""
        ...

    def end(self, job: PostJob) -> None: ...

    def postpone(self, job: PostJob, *, seconds: float, counts: bool) -> None:
        """Give the job back until half to one and a half times so many seconds; `counts`: as one of its attempts."""
        ...

    def calm(self, job: PostJob, *, seconds: float) -> None:
        """Ask nothing of the job's host for its organisation's pull requests for so many seconds."""
        ...


class PostJobs(Protocol):
    """The postings and deliveries of all organisations that wait; each call is a transaction of its own."""

    def claim(self, holder: str) -> PostJob | None:
        """Begin the job that waits longest among those that may run.

        Few of an organisation and at a host run at once, so that a host that is slow holds up nobody else.
        """
        ...

    def forget(self, job: PostJob) -> None: ...
